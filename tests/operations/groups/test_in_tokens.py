"""What tokens tell of groups."""

from __future__ import annotations

from typing import Any

import pytest

from cognomen.store import users
from cognomen.tokens import minting
from tests.calls import call_of
from tests.operations.groups.conftest import ADMIN, STAFF, Cognito, Make, claims_of, of_groups
from tests.server import Server
from tests.watched_store import WatchedStore


@pytest.fixture
def refresh(anonymous: Cognito, client_id: str) -> Make:
    def refresh(tokens: Any) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=client_id,
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )["AuthenticationResult"]

    return refresh


def test_without_groups_tokens_say_nothing_of_them(create: Make, sign_in: Make) -> None:
    create("staff", RoleArn=STAFF)
    tokens = sign_in()
    assert of_groups(tokens["IdToken"]) == {}
    assert of_groups(tokens["AccessToken"]) == {}


def test_tokens_tell_of_groups_best_first(create: Make, join: Make, sign_in: Make) -> None:
    create("readers")
    create("staff", Precedence=5, RoleArn=STAFF)
    create("admins", Precedence=0, RoleArn=ADMIN)
    for name in ("readers", "staff", "admins"):
        join(name)
    tokens = sign_in()
    told = ["admins", "staff", "readers"]
    assert of_groups(tokens["AccessToken"]) == {"cognito:groups": told}
    assert of_groups(tokens["IdToken"]) == {
        "cognito:groups": told,
        "cognito:roles": [ADMIN, STAFF],
        "cognito:preferred_role": ADMIN,
    }


def test_groups_equally_good_with_different_roles_give_no_preferred_role(
    create: Make, update: Make, join: Make, sign_in: Make
) -> None:
    create("staff", Precedence=1, RoleArn=STAFF)
    create("admins", Precedence=1, RoleArn=ADMIN)
    join("staff")
    join("admins")
    told = of_groups(sign_in()["IdToken"])
    assert told == {"cognito:groups": ["admins", "staff"], "cognito:roles": [ADMIN, STAFF]}
    update("admins", RoleArn=STAFF)
    told = of_groups(sign_in()["IdToken"])
    assert told == {
        "cognito:groups": ["admins", "staff"],
        "cognito:roles": [STAFF],
        "cognito:preferred_role": STAFF,
    }


def test_a_refresh_tells_of_the_groups_as_they_are_then(
    cognito: Cognito, pool_id: str, create: Make, update: Make, join: Make, sign_in: Make, refresh: Make
) -> None:
    create("staff", Precedence=2, RoleArn=STAFF)
    create("admins", Precedence=1)
    join("staff")
    tokens = sign_in()
    assert of_groups(tokens["AccessToken"]) == {"cognito:groups": ["staff"]}
    join("admins")
    refreshed = refresh(tokens)
    assert of_groups(refreshed["AccessToken"]) == {"cognito:groups": ["admins", "staff"]}
    update("staff", Precedence=0)
    assert of_groups(refresh(tokens)["IdToken"])["cognito:groups"] == ["staff", "admins"]
    cognito.admin_remove_user_from_group(UserPoolId=pool_id, Username="anna", GroupName="admins")
    assert of_groups(refresh(tokens)["IdToken"])["cognito:groups"] == ["staff"]
    cognito.delete_group(UserPoolId=pool_id, GroupName="staff")
    create("staff", RoleArn=STAFF)
    refreshed = refresh(tokens)
    assert of_groups(refreshed["IdToken"]) == {}
    assert of_groups(refreshed["AccessToken"]) == {}


def test_the_groups_of_a_new_password_are_told_too(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    create: Make,
    join: Make,
    make_user: Make,
) -> None:
    make_user(pool_id, "carl", permanent=False)
    create("staff")
    join("staff", "carl")
    asked = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "carl", "PASSWORD": "Passw0rd!"},
    )
    answered = anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "carl", "NEW_PASSWORD": "N3w-Passw0rd!"},
    )
    token = answered["AuthenticationResult"]["AccessToken"]
    assert of_groups(token) == {"cognito:groups": ["staff"]}


def test_minting_reads_the_groups_in_one_statement(
    server: Server, cognito: Cognito, pool_id: str, client_id: str, create: Make, join: Make
) -> None:
    for number in range(3):
        create(f"group{number}", RoleArn=ADMIN)
        join(f"group{number}")
    call = server.run(call_of(server.node, pool_id, client_id))
    watched = WatchedStore(server.store)
    call.store = watched
    sub = next(
        found["Value"]
        for found in cognito.admin_get_user(UserPoolId=pool_id, Username="anna")["UserAttributes"]
        if found["Name"] == "sub"
    )
    user = server.run(server.store.read(users.by_sub, pool_id, sub))
    assert user is not None
    tokens = server.run(minting.after_sign_in(call, user))
    assert claims_of(tokens.access)["cognito:groups"] == ["group0", "group1", "group2"]
    assert watched.transactions == ["read"]
    assert len(watched.ran) == 2
