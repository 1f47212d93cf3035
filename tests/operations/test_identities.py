"""Linking users to identities of other providers through boto3, and the end of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import jwt
import msgspec
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import clock as machine
from cognomen.store import identities as stored
from cognomen.store import users
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import identities, rows, status
from cognomen.users.identities import SUBJECT, Identity
from tests import providers
from tests.calls import call_of
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

MERGING = (
    "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"
)
GOOGLE = {"client_id": "id", "client_secret": "s3cret", "authorize_scopes": "openid"}
ENTITY = "https://idp.example.com"


@pytest.fixture
def pool_id(make_pool: Make, cognito: Cognito, clock: HeldClock) -> str:
    """A pool with a social and a SAML provider, which sends an e-mail address."""
    found: str = make_pool()["Id"]
    cognito.create_identity_provider(
        UserPoolId=found, ProviderName="Google", ProviderType="Google", ProviderDetails=GOOGLE
    )
    cognito.create_identity_provider(
        UserPoolId=found,
        ProviderName="corp",
        ProviderType="SAML",
        ProviderDetails={"MetadataFile": providers.metadata(ENTITY, providers.certificate(clock.now))},
        AttributeMapping={"email": "mail"},
    )
    return found


@pytest.fixture
def link(cognito: Cognito, pool_id: str) -> Make:
    """Link an identity, of Google unless said otherwise, to a user, a local one unless said otherwise."""

    def ask(
        user: str, value: str, name: str = "Google", attribute: str = SUBJECT, of: str = "Cognito"
    ) -> None:
        cognito.admin_link_provider_for_user(
            UserPoolId=pool_id,
            DestinationUser={"ProviderName": of, "ProviderAttributeValue": user},
            SourceUser={
                "ProviderName": name,
                "ProviderAttributeName": attribute,
                "ProviderAttributeValue": value,
            },
        )

    return ask


@pytest.fixture
def disable(cognito: Cognito, pool_id: str) -> Make:
    def ask(value: str, name: str = "Google", attribute: str = SUBJECT) -> None:
        cognito.admin_disable_provider_for_user(
            UserPoolId=pool_id,
            User={
                "ProviderName": name,
                "ProviderAttributeName": attribute,
                "ProviderAttributeValue": value,
            },
        )

    return ask


@pytest.fixture
def identities_of(cognito: Cognito, pool_id: str) -> Make:
    """The attribute of a user; an empty list where it has none."""

    def ask(username: str) -> Any:
        found = cognito.admin_get_user(UserPoolId=pool_id, Username=username)["UserAttributes"]
        texts = [each["Value"] for each in found if each["Name"] == "identities"]
        return json.loads(texts[0]) if texts else []

    return ask


@pytest.fixture
def federated(server: Server, pool_id: str) -> Make:
    """A user who came from a provider, as a federated sign-in makes one."""

    def make(provider: str, subject: str) -> str:
        own = Identity(subject, provider, "Google", None, True, machine.now())
        user = User(
            pool_id=pool_id,
            sub=machine.uuid4(),
            username=f"{provider}_{subject}",
            status=status.EXTERNAL_PROVIDER,
            enabled=True,
            attributes={"identities": msgspec.json.encode([own]).decode()},
            salt=None,
            sealed_verifier=None,
            password_set_at=0,
            credential_version=1,
            signed_out_at=0,
            created_at=machine.now(),
            modified_at=machine.now(),
            version=1,
        )

        async def write() -> None:
            pool = (await call_of(server.node, pool_id)).pool

            def add(db: Db) -> None:
                rows.add(db, pool, user)
                stored.add(db, pool_id, identities.key_of(pool, provider, SUBJECT, subject), user.sub)

            await server.store.write(add)

        server.run(write())
        return user.username

    return make


# -- linking ----------------------------------------------------------------------------------------------------------


def test_a_linked_identity_stands_with_the_user(
    link: Make, make_user: Make, identities_of: Make, pool_id: str, clock: HeldClock
) -> None:
    make_user(pool_id, "ada")
    link("ada", "1234")
    link("ada", "ada@idp", name="corp")
    google, corp = identities_of("ada")
    assert google == {
        "userId": "1234",
        "providerName": "Google",
        "providerType": "Google",
        "issuer": None,
        "primary": False,
        "dateCreated": clock.now,
    }
    assert (corp["providerType"], corp["issuer"]) == ("SAML", ENTITY)


def test_a_link_is_found_by_one_row(link: Make, make_user: Make, server: Server, pool_id: str) -> None:
    sub = make_user(pool_id, "ada")
    link("ada", "1234")
    link("ada", "ada@example.com", name="corp", attribute="email")
    for key in (("Google", SUBJECT, "1234"), ("corp", "email", "ada@example.com")):
        found = server.run(server.store.read(stored.owner_of, pool_id, stored.IdentityKey(*key)))
        assert found == sub


def test_tokens_and_get_user_tell_the_identities(
    cognito: Cognito,
    anonymous: Cognito,
    link: Make,
    make_user: Make,
    make_client: Make,
    pool_id: str,
    clock: HeldClock,
) -> None:
    make_user(pool_id, "ada", email="ada@example.com")
    link("ada", "1234")
    client_id = make_client(pool_id, ReadAttributes=["email"])["ClientId"]
    tokens = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    claims = jwt.decode(tokens["IdToken"], options={"verify_signature": False})
    (identity,) = claims["identities"]
    assert (identity["userId"], identity["primary"], identity["dateCreated"]) == (
        "1234",
        "false",
        str(clock.now),
    )
    shown = anonymous.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    assert {"sub", "email", "identities"} == {each["Name"] for each in shown}


def test_nobody_writes_identities_as_an_attribute(cognito: Cognito, make_user: Make, pool_id: str) -> None:
    make_user(pool_id, "ada")
    with refused("InvalidParameterException"):
        cognito.admin_update_user_attributes(
            UserPoolId=pool_id, Username="ada", UserAttributes=[{"Name": "identities", "Value": "[]"}]
        )


def test_the_same_link_again_is_told(link: Make, make_user: Make, pool_id: str) -> None:
    make_user(pool_id, "ada")
    link("ada", "1234")
    with refused("InvalidParameterException", "SourceUser is already linked to DestinationUser"):
        link("ada", "1234")


def test_an_identity_is_one_users_only(link: Make, make_user: Make, federated: Make, pool_id: str) -> None:
    for name in ("ada", "bob"):
        make_user(pool_id, name)
    link("ada", "1234")
    federated("Google", "5678")
    with refused("AliasExistsException", "SourceUser is already linked to another user."):
        link("bob", "1234")
    with refused("InvalidParameterException", MERGING):
        link("bob", "5678")


def test_a_federated_user_is_linked_by_its_subject(link: Make, federated: Make, identities_of: Make) -> None:
    username = federated("Google", "5678")
    link("5678", "ada@idp", name="corp", of="Google")
    assert [each["primary"] for each in identities_of(username)] == [True, False]
    with refused("InvalidParameterException", MERGING):
        link("5678", "5678", of="Google")
    with refused("UserNotFoundException", "User does not exist."):
        link("ada@idp", "0000", of="corp")


def test_five_identities_are_linked_at_most(link: Make, federated: Make, identities_of: Make) -> None:
    username = federated("Google", "5678")
    for number in range(5):
        link("5678", str(number), of="Google")
    with refused("LimitExceededException"):
        link("5678", "one more", of="Google")
    assert len(identities_of(username)) == 6


@pytest.mark.parametrize("case_sensitive", [True, False])
def test_subjects_are_told_apart_letter_for_letter(
    cognito: Cognito, make_pool: Make, make_user: Make, case_sensitive: bool
) -> None:
    pool_id = make_pool(UsernameConfiguration={"CaseSensitive": case_sensitive})["Id"]
    cognito.create_identity_provider(
        UserPoolId=pool_id, ProviderName="Google", ProviderType="Google", ProviderDetails=GOOGLE
    )
    make_user(pool_id, "ada")

    def ask(subject: str) -> None:
        cognito.admin_link_provider_for_user(
            UserPoolId=pool_id,
            DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
            SourceUser={
                "ProviderName": "Google",
                "ProviderAttributeName": SUBJECT,
                "ProviderAttributeValue": subject,
            },
        )

    ask("aBc")
    ask("abc")
    with refused("InvalidParameterException", "SourceUser is already linked to DestinationUser"):
        ask("aBc")


SOCIAL_SUBJECT = "ProviderAttributeName must be Cognito_Subject for the provider Google."
MAPPED = "ProviderAttributeName must be Cognito_Subject or an attribute that is mapped for the provider corp."


@pytest.mark.parametrize(
    ("destination", "source", "error", "message"),
    [
        ({}, {}, "InvalidParameterException", "Missing required parameter DestinationUser.ProviderName"),
        (
            {"ProviderName": "Cognito"},
            {},
            "InvalidParameterException",
            "Missing required parameter DestinationUser.ProviderAttributeValue",
        ),
        (
            {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
            {"ProviderName": "Google", "ProviderAttributeName": SUBJECT},
            "InvalidParameterException",
            "Missing required parameter SourceUser.ProviderAttributeValue",
        ),
        (
            {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
            {"ProviderName": "Cognito", "ProviderAttributeName": SUBJECT, "ProviderAttributeValue": "bob"},
            "InvalidParameterException",
            "SourceUser must be a user of an external identity provider.",
        ),
        (
            {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
            {"ProviderName": "none", "ProviderAttributeName": SUBJECT, "ProviderAttributeValue": "1"},
            "ResourceNotFoundException",
            "Identity provider none does not exist.",
        ),
        (
            {"ProviderName": "none", "ProviderAttributeValue": "ada"},
            {"ProviderName": "Google", "ProviderAttributeName": SUBJECT, "ProviderAttributeValue": "1"},
            "ResourceNotFoundException",
            "Identity provider none does not exist.",
        ),
        (
            {"ProviderName": "Cognito", "ProviderAttributeValue": "nobody"},
            {"ProviderName": "Google", "ProviderAttributeName": SUBJECT, "ProviderAttributeValue": "1"},
            "UserNotFoundException",
            "User does not exist.",
        ),
        (
            {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
            {"ProviderName": "Google", "ProviderAttributeName": "email", "ProviderAttributeValue": "1"},
            "InvalidParameterException",
            SOCIAL_SUBJECT,
        ),
        (
            {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
            {"ProviderName": "corp", "ProviderAttributeName": "name", "ProviderAttributeValue": "1"},
            "InvalidParameterException",
            MAPPED,
        ),
        (
            {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
            {"ProviderName": "corp", "ProviderAttributeValue": "1"},
            "InvalidParameterException",
            MAPPED,
        ),
        *(
            (
                {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
                {"ProviderName": "Google", "ProviderAttributeName": SUBJECT, "ProviderAttributeValue": value},
                "InvalidParameterException",
                "ProviderAttributeValue must have between 1 and 2048 characters.",
            )
            for value in ("", "x" * 2_049)
        ),
    ],
)
def test_a_link_between_what_is_not_there_or_cannot_be_is_refused(
    cognito: Cognito,
    make_user: Make,
    identities_of: Make,
    pool_id: str,
    destination: Any,
    source: Any,
    error: str,
    message: str,
) -> None:
    make_user(pool_id, "ada")
    with refused(error, message):
        cognito.admin_link_provider_for_user(
            UserPoolId=pool_id, DestinationUser=destination, SourceUser=source
        )
    assert identities_of("ada") == []


def test_a_deleted_user_leaves_its_identities_to_others(
    cognito: Cognito, link: Make, make_user: Make, pool_id: str
) -> None:
    for name in ("ada", "bob"):
        make_user(pool_id, name)
    link("ada", "1234")
    cognito.admin_delete_user(UserPoolId=pool_id, Username="ada")
    link("bob", "1234")


def test_of_two_who_are_linked_to_the_same_identity_one_is_told(
    link: Make, make_user: Make, identities_of: Make, server: Server, pool_id: str
) -> None:
    make_user(pool_id, "ada")
    bob = make_user(pool_id, "bob")
    key = stored.IdentityKey("Google", SUBJECT, "1234")

    async def race() -> None:
        await overtaken(
            server.store,
            lambda db: stored.add(db, pool_id, key, bob),
            asyncio.to_thread(link, "ada", "1234"),
        )

    with refused("AliasExistsException"):
        server.run(race())
    assert identities_of("ada") == []


def test_of_links_that_come_together_five_are_made(
    link: Make, make_user: Make, identities_of: Make, server: Server, pool_id: str
) -> None:
    make_user(pool_id, "ada")

    async def all_at_once() -> list[Any]:
        links = (asyncio.to_thread(link, "ada", str(number)) for number in range(8))
        return list(await asyncio.gather(*links, return_exceptions=True))

    assert sum(outcome is None for outcome in server.run(all_at_once())) == 5
    assert len(identities_of("ada")) == 5


# -- the end of a link ------------------------------------------------------------------------------------------------


def test_an_unlinked_identity_is_nobody_and_may_be_linked_anew(
    link: Make, disable: Make, make_user: Make, identities_of: Make, pool_id: str
) -> None:
    for name in ("ada", "bob"):
        make_user(pool_id, name)
    link("ada", "1234")
    link("ada", "ada@example.com", name="corp", attribute="email")
    disable("1234")
    assert [each["providerName"] for each in identities_of("ada")] == ["corp"]
    disable("ada@example.com", name="corp", attribute="email")
    assert identities_of("ada") == []
    link("bob", "1234")


def test_an_identity_is_unlinked_by_what_it_was_linked_by(
    link: Make, disable: Make, make_user: Make, identities_of: Make, pool_id: str
) -> None:
    make_user(pool_id, "ada")
    link("ada", "ada@example.com", name="corp", attribute="email")
    with refused("UserNotFoundException", "User does not exist."):
        disable("ada@example.com", name="corp")
    assert len(identities_of("ada")) == 1


def test_a_link_ends_though_its_provider_is_gone(
    cognito: Cognito, link: Make, disable: Make, make_user: Make, identities_of: Make, pool_id: str
) -> None:
    make_user(pool_id, "ada")
    link("ada", "1234")
    cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="Google")
    disable("1234")
    assert identities_of("ada") == []
    with refused("ResourceNotFoundException", "Identity provider Google does not exist."):
        disable("1234")


def test_the_identity_that_a_user_was_made_by_is_no_link(
    federated: Make, disable: Make, identities_of: Make
) -> None:
    username = federated("Google", "5678")
    with refused(
        "InvalidParameterException", "The identity is not linked to another user: its user was made by it."
    ):
        disable("5678")
    assert len(identities_of(username)) == 1


def test_a_local_user_loses_its_password(
    cognito: Cognito, anonymous: Cognito, disable: Make, make_user: Make, make_client: Make, pool_id: str
) -> None:
    make_user(pool_id, "ada")
    client_id = make_client(pool_id)["ClientId"]

    def sign_in() -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )

    assert sign_in()["AuthenticationResult"]
    disable("ada", name="Cognito")
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in()
    disable("ada", name="Cognito")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    assert sign_in()["AuthenticationResult"]


def test_a_local_user_is_disabled_by_its_name_alone(disable: Make, make_user: Make, pool_id: str) -> None:
    make_user(pool_id, "ada")
    with refused(
        "InvalidParameterException", "ProviderAttributeName must be Cognito_Subject for the provider Cognito."
    ):
        disable("ada", name="Cognito", attribute="email")
    with refused("UserNotFoundException", "User does not exist."):
        disable("nobody", name="Cognito")


def test_an_end_that_another_made_first_is_no_second_one(
    link: Make, disable: Make, make_user: Make, identities_of: Make, server: Server, pool_id: str
) -> None:
    sub = make_user(pool_id, "ada")
    link("ada", "1234")
    link("ada", "5678")

    async def race() -> None:
        pool = (await call_of(server.node, pool_id)).pool
        key = identities.key_of(pool, "Google", SUBJECT, "1234")
        await overtaken(
            server.store,
            lambda db: identities.unlink(db, pool, key, "1234", machine.now()),
            asyncio.to_thread(disable, "1234"),
        )

    with refused("UserNotFoundException"):
        server.run(race())
    assert [each["userId"] for each in identities_of("ada")] == ["5678"]
    kept = server.run(server.store.read(users.by_sub, pool_id, sub))
    assert kept is not None
