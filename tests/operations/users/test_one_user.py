"""One user: read, disabled, deleted, by an administrator or itself."""

from __future__ import annotations

import pytest

from cognomen.clock import SECOND
from tests.held_clock import HeldClock
from tests.operations.users.conftest import EMAIL, Cognito, Make, attributes, tokens, values_of
from tests.refused import refused


def test_an_administrator_reads_everything(cognito: Cognito, make_pool: Make) -> None:
    id = make_pool(Schema=[{"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}])[
        "Id"
    ]
    made = cognito.admin_create_user(
        UserPoolId=id,
        Username="ada",
        UserAttributes=attributes(dev__custom__note="x", email=EMAIL),
    )["User"]
    read = cognito.admin_get_user(UserPoolId=id, Username="ada")
    assert read["UserAttributes"] == made["Attributes"]
    assert [entry["Name"] for entry in read["UserAttributes"]] == ["sub", "dev:custom:note", "email"]
    assert read.keys() - {"ResponseMetadata"} == {
        "Username",
        "UserAttributes",
        "UserCreateDate",
        "UserLastModifiedDate",
        "Enabled",
        "UserStatus",
    }


def test_a_user_reads_what_its_client_may_read(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    sub = make_user(pool_id, "ada", email=EMAIL, nickname="A", name="Ada")
    everything = tokens(anonymous, make_client(pool_id), "ada")["AccessToken"]
    answer = anonymous.get_user(AccessToken=everything)
    assert answer["Username"] == "ada"
    assert answer["UserAttributes"][0] == {"Name": "sub", "Value": sub}
    assert values_of(answer["UserAttributes"]) == {"sub": sub, "email": EMAIL, "nickname": "A", "name": "Ada"}
    little = tokens(anonymous, make_client(pool_id, ReadAttributes=["nickname"]), "ada")["AccessToken"]
    assert values_of(anonymous.get_user(AccessToken=little)["UserAttributes"]) == {
        "sub": sub,
        "nickname": "A",
    }
    with refused("NotAuthorizedException", "Invalid Access Token"):
        anonymous.get_user(AccessToken="nonsense")


def test_the_disabled_lose_their_tokens_for_good(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> None:
    client = make_client(pool_id)
    make_user(pool_id, "ada")
    given = tokens(anonymous, client, "ada")
    for _ in range(2):
        cognito.admin_disable_user(UserPoolId=pool_id, Username="ada")
        assert not cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["Enabled"]
    with refused("NotAuthorizedException", "User is disabled."):
        anonymous.get_user(AccessToken=given["AccessToken"])
    with refused("NotAuthorizedException", "User is disabled."):
        tokens(anonymous, client, "ada")
    clock.advance(SECOND)
    for _ in range(2):
        cognito.admin_enable_user(UserPoolId=pool_id, Username="ada")
        assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["Enabled"]
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        anonymous.get_user(AccessToken=given["AccessToken"])
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        anonymous.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=client["ClientId"],
            AuthParameters={"REFRESH_TOKEN": given["RefreshToken"]},
        )
    anonymous.get_user(AccessToken=tokens(anonymous, client, "ada")["AccessToken"])


def test_a_deleted_user_is_gone_and_its_names_are_free(
    cognito: Cognito, anonymous: Cognito, alias_pool_id: str, make_client: Make, make_user: Make
) -> None:
    client = make_client(alias_pool_id)
    sub = make_user(alias_pool_id, "ada", email=EMAIL, email_verified="true")
    token = tokens(anonymous, client, "ada")["AccessToken"]
    cognito.admin_delete_user(UserPoolId=alias_pool_id, Username=EMAIL)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_delete_user(UserPoolId=alias_pool_id, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        anonymous.get_user(AccessToken=token)
    assert cognito.list_users(UserPoolId=alias_pool_id)["Users"] == []
    assert make_user(alias_pool_id, "ada", email=EMAIL, email_verified="true") != sub


def test_a_user_deletes_itself(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "ada")
    token = tokens(anonymous, make_client(pool_id), "ada")["AccessToken"]
    anonymous.delete_user(AccessToken=token)
    with refused("UserNotFoundException", "User does not exist."):
        anonymous.delete_user(AccessToken=token)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")


@pytest.mark.parametrize(
    "operation", ["admin_get_user", "admin_enable_user", "admin_disable_user", "admin_delete_user"]
)
def test_who_is_not_there(cognito: Cognito, pool_id: str, operation: str) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        getattr(cognito, operation)(UserPoolId=pool_id, Username="nobody")
    with refused("ResourceNotFoundException", "User pool us-east-1_Missing00 does not exist."):
        getattr(cognito, operation)(UserPoolId="us-east-1_Missing00", Username="nobody")
