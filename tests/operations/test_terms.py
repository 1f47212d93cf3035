from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools import lookup
from cognomen.store import terms as stored
from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.terms import Terms
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
USE, PRIVACY = "terms-of-use", "privacy-policy"
LINKS = {"cognito:default": "https://example.com/terms", "cognito:german": "https://example.com/agb"}

Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def make_terms(cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str) -> Make:
    def make(**members: Any) -> Any:
        usual = {
            "UserPoolId": pool_id,
            "ClientId": client_id,
            "TermsName": USE,
            "TermsSource": "LINK",
            "Enforcement": "NONE",
            "Links": LINKS,
        }
        request = {name: value for name, value in (usual | members).items() if value is not None}
        return cognito.create_terms(**request)["Terms"]

    return make


def test_terms_come_back_as_they_were_given(
    cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str, client_id: str, clock: HeldClock
) -> None:
    terms = make_terms()
    assert UUID4.fullmatch(terms["TermsId"])
    moment = datetime.fromtimestamp(clock.now / 1000, UTC)
    assert terms == {
        "TermsId": terms["TermsId"],
        "UserPoolId": pool_id,
        "ClientId": client_id,
        "TermsName": USE,
        "TermsSource": "LINK",
        "Enforcement": "NONE",
        "Links": LINKS,
        "CreationDate": moment,
        "LastModifiedDate": moment,
    }
    assert cognito.describe_terms(UserPoolId=pool_id, TermsId=terms["TermsId"])["Terms"] == terms
    by_client = cognito.describe_terms_by_client(UserPoolId=pool_id, ClientId=client_id, TermsName=USE)
    assert by_client["Terms"] == terms
    summary = {
        name: terms[name]
        for name in ("TermsId", "TermsName", "Enforcement", "CreationDate", "LastModifiedDate")
    }
    answer = cognito.list_terms(UserPoolId=pool_id)
    assert (answer["Terms"], "NextToken" in answer) == ([summary], False)


def test_an_update_changes_what_it_says(
    cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str, client_id: str, clock: HeldClock
) -> None:
    terms = make_terms()
    clock.advance(1_000)
    links = {"cognito:default": "https://example.org"}
    updated = cognito.update_terms(UserPoolId=pool_id, TermsId=terms["TermsId"], Links=links)["Terms"]
    moment = datetime.fromtimestamp(clock.now / 1000, UTC)
    assert updated == terms | {"Links": links, "LastModifiedDate": moment}
    renamed = cognito.update_terms(
        UserPoolId=pool_id,
        TermsId=terms["TermsId"],
        TermsName=PRIVACY,
        TermsSource="LINK",
        Enforcement="NONE",
    )["Terms"]
    assert renamed == updated | {"TermsName": PRIVACY}
    assert cognito.describe_terms(UserPoolId=pool_id, TermsId=terms["TermsId"])["Terms"] == renamed
    with refused("ResourceNotFoundException", f"User pool client {client_id} has no terms named {USE}."):
        cognito.describe_terms_by_client(UserPoolId=pool_id, ClientId=client_id, TermsName=USE)


def test_a_client_has_each_document_once(
    cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str, client_id: str, make_client: Make
) -> None:
    use, privacy = make_terms(), make_terms(TermsName=PRIVACY)
    already = f"User pool client {client_id} already has terms named {USE}."
    with refused("TermsExistsException", already):
        make_terms()
    with refused("TermsExistsException", already):
        cognito.update_terms(UserPoolId=pool_id, TermsId=privacy["TermsId"], TermsName=USE)
    cognito.update_terms(UserPoolId=pool_id, TermsId=use["TermsId"], TermsName=USE)
    make_terms(ClientId=make_client(pool_id)["ClientId"])


def test_a_pool_has_forty_documents_which_are_listed_page_by_page(
    cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str, make_client: Make
) -> None:
    clients = [make_client(pool_id)["ClientId"] for _ in range(20)]
    made = [
        make_terms(ClientId=client, TermsName=name)["TermsId"]
        for client in clients
        for name in (USE, PRIVACY)
    ]
    with refused("LimitExceededException", "Terms limit exceeded: at most 40."):
        make_terms()
    pages = []
    token: dict[str, Any] = {}
    while token is not None:
        page = cognito.list_terms(UserPoolId=pool_id, MaxResults=15, **token)
        pages.append([terms["TermsId"] for terms in page["Terms"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [len(page) for page in pages] == [15, 15, 10]
    assert sorted(made) == [terms_id for page in pages for terms_id in page]
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_terms(UserPoolId=pool_id, NextToken="made up")


@pytest.mark.parametrize(
    ("links", "message"),
    [
        (None, "Links are required."),
        ({"cognito:german": "https://example.com"}, "Links must have an entry for cognito:default."),
        ({"cognito:default": "javascript:alert(1)"}, "javascript:alert(1) is not a valid URL."),
    ],
)
def test_faulty_links_are_refused(make_terms: Make, links: dict[str, str] | None, message: str) -> None:
    with refused("InvalidParameterException", message):
        make_terms(Links=links)


def test_faulty_links_of_an_update_are_refused_and_change_nothing(
    cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str
) -> None:
    terms_id = make_terms()["TermsId"]
    with refused("InvalidParameterException", "Links must have an entry for cognito:default."):
        cognito.update_terms(
            UserPoolId=pool_id, TermsId=terms_id, Links={"cognito:german": "https://example.com"}
        )
    assert cognito.describe_terms(UserPoolId=pool_id, TermsId=terms_id)["Terms"]["Links"] == LINKS


def test_what_terms_are_asked_of_must_exist(
    cognito: CognitoIdentityProviderClient, make_terms: Make, make_pool: Make, pool_id: str, client_id: str
) -> None:
    for call in (cognito.describe_terms, cognito.update_terms, cognito.delete_terms):
        with refused("ResourceNotFoundException", f"Terms {UNKNOWN_ID} do not exist."):
            call(UserPoolId=pool_id, TermsId=UNKNOWN_ID)
    with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
        make_terms(ClientId="unknown")
    with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
        cognito.describe_terms_by_client(UserPoolId=pool_id, ClientId="unknown", TermsName=USE)
    with refused("ResourceNotFoundException", f"User pool client {client_id} has no terms named {USE}."):
        cognito.describe_terms_by_client(UserPoolId=pool_id, ClientId=client_id, TermsName=USE)
    terms_id = make_terms()["TermsId"]
    with refused("ResourceNotFoundException", f"Terms {terms_id} do not exist."):
        cognito.describe_terms(UserPoolId=make_pool()["Id"], TermsId=terms_id)
    with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
        cognito.list_terms(UserPoolId="us-east-1_nobody")


def test_deleted_terms_are_gone(
    cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str
) -> None:
    terms_id = make_terms()["TermsId"]
    cognito.delete_terms(UserPoolId=pool_id, TermsId=terms_id)
    assert cognito.list_terms(UserPoolId=pool_id)["Terms"] == []
    make_terms()


def test_with_a_client_go_its_terms(
    cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str, client_id: str
) -> None:
    make_terms()
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    assert cognito.list_terms(UserPoolId=pool_id)["Terms"] == []


async def test_of_two_documents_of_a_name_made_at_once_one_is_kept(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str
) -> None:
    document = Terms(pool_id, UNKNOWN_ID, client_id, USE, "LINK", "NONE", LINKS, 1, 1)

    def first(db: Db) -> None:
        lookup.locked_client(db, pool_id, client_id)
        stored.add(db, document)

    create = asyncio.to_thread(
        cognito.create_terms,
        UserPoolId=pool_id,
        ClientId=client_id,
        TermsName=USE,
        TermsSource="LINK",
        Enforcement="NONE",
        Links=LINKS,
    )
    with refused("TermsExistsException"):
        await overtaken(server.store, first, create)
    listed = cognito.list_terms(UserPoolId=pool_id)["Terms"]
    assert [each["TermsId"] for each in listed] == [UNKNOWN_ID]


async def test_terms_that_go_while_they_are_changed_are_told_to_be_gone(
    server: Server, cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str
) -> None:
    """Whoever removes them holds the pool, or has removed them with their client."""
    terms_id = make_terms()["TermsId"]
    update = asyncio.to_thread(cognito.update_terms, UserPoolId=pool_id, TermsId=terms_id, Links=LINKS)
    with refused("ResourceNotFoundException"):
        await overtaken(server.store, lambda db: stored.remove(db, pool_id, terms_id), update)


async def test_nothing_is_deleted_of_a_pool_that_goes(
    server: Server, cognito: CognitoIdentityProviderClient, make_terms: Make, pool_id: str
) -> None:
    terms_id = make_terms()["TermsId"]

    def first(db: Db) -> None:
        assert user_pools.remove(db, lookup.locked(db, pool_id), 1)

    delete = asyncio.to_thread(cognito.delete_terms, UserPoolId=pool_id, TermsId=terms_id)
    with refused("ResourceNotFoundException"):
        await overtaken(server.store, first, delete)
