"""What users who came from an identity provider may and may not do by the API, and what administrators may do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests import srp_client
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server
from tests.vouching import Vouching, claims_of

Make = Callable[..., Any]

NAME = "corp_1234"
CLAIMS = {"email": "ada@example.com", "email_verified": "true"}
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
CANNOT_RESET = ("NotAuthorizedException", "User password cannot be reset in the current state.")


@dataclass
class Ada(Vouching):
    """The pool of a user who came from a provider, with a verified address; `token` is of her first sign-in."""

    anonymous: Cognito | None = None

    def by_password(self, name: str = NAME) -> Any:
        assert self.anonymous is not None
        return self.anonymous.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )

    def by_provider(self) -> str:
        """An access token of another sign-in at the provider."""
        return self.tokens(self.comes("1234", CLAIMS)).access

    @property
    def status(self) -> str:
        return self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=NAME)["UserStatus"]

    def set_password(self, *, permanent: bool = True) -> None:
        self.cognito.admin_set_user_password(
            UserPoolId=self.pool_id, Username=NAME, Password=PASSWORD, Permanent=permanent
        )


@pytest.fixture
def ada(server: Server, cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make) -> Ada:
    pool_id = make_pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])["Id"]
    flows = [f"ALLOW_{each}_AUTH" for each in ("USER_PASSWORD", "USER_SRP", "REFRESH_TOKEN")]
    client_id = make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"]
    made = Ada(server, cognito, pool_id, client_id, anonymous=anonymous)
    made.provider(mapping={"email": "email", "email_verified": "email_verified"})
    made.comes("1234", CLAIMS)
    return made


def test_administrators_find_and_read_them(ada: Ada, clock: HeldClock) -> None:
    found = ada.cognito.admin_get_user(UserPoolId=ada.pool_id, Username=NAME)
    assert found["Username"] == NAME
    assert "UserMFASettingList" not in found.keys()  # noqa: SIM118  its type says that it is always there
    for wanted in (
        'cognito:user_status = "EXTERNAL_PROVIDER"',
        'email = "ada@example.com"',
        'username ^= "corp_"',
    ):
        (listed,) = ada.cognito.list_users(UserPoolId=ada.pool_id, Filter=wanted)["Users"]
        assert (listed["Username"], listed["UserStatus"]) == (NAME, "EXTERNAL_PROVIDER")
    with refused("UserNotFoundException"):
        ada.cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada@example.com")


def test_they_read_and_change_themselves(ada: Ada, anonymous: Cognito) -> None:
    token = ada.by_provider()
    assert anonymous.get_user(AccessToken=token)["Username"] == NAME
    anonymous.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "nickname", "Value": "Countess"}]
    )
    ada.by_provider()
    assert ada.attributes(NAME)["nickname"] == "Countess"
    anonymous.delete_user(AccessToken=token)
    with refused("UserNotFoundException"):
        ada.cognito.admin_get_user(UserPoolId=ada.pool_id, Username=NAME)


def test_no_password_lets_them_in(ada: Ada, anonymous: Cognito, clock: HeldClock) -> None:
    with refused(*INCORRECT):
        ada.by_password()
    asked = anonymous.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": NAME, "SRP_A": srp_client.SRP_A},
    )
    responses = srp_client.answer_to(asked["ChallengeParameters"], ada.pool_id, PASSWORD, clock.now)
    with refused(*INCORRECT):
        anonymous.respond_to_auth_challenge(
            ClientId=ada.client_id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses
        )


def test_they_have_no_password_to_forget_change_or_confirm(ada: Ada, anonymous: Cognito) -> None:
    with refused(*CANNOT_RESET):
        anonymous.forgot_password(ClientId=ada.client_id, Username=NAME)
    with refused(*CANNOT_RESET):
        ada.cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username=NAME)
    token = ada.by_provider()
    for previous in ({}, {"PreviousPassword": PASSWORD}):
        with refused(*INCORRECT):
            anonymous.change_password(AccessToken=token, ProposedPassword=PASSWORD, **previous)
    with refused("NotAuthorizedException", "User cannot be confirmed. Current status is EXTERNAL_PROVIDER"):
        ada.cognito.admin_confirm_sign_up(UserPoolId=ada.pool_id, Username=NAME)


def test_with_a_password_they_sign_in_both_ways(ada: Ada, anonymous: Cognito) -> None:
    ada.set_password()
    assert ada.status == "CONFIRMED"
    for name in (NAME, "ada@example.com"):
        token = ada.by_password(name)["AuthenticationResult"]["AccessToken"]
        assert claims_of(token)["username"] == claims_of(ada.by_provider())["username"] == NAME
    ada.set_password(permanent=False)
    assert ada.by_password()["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    ada.by_provider()
    ada.set_password()
    ada.cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username=NAME)
    with refused("PasswordResetRequiredException"):
        ada.by_password()
    ada.by_provider()
    assert ada.status == "RESET_REQUIRED"


def test_a_password_makes_their_address_a_name_that_a_provider_cannot_take_from_another(
    ada: Ada, make_user: Make
) -> None:
    ada.set_password()
    make_user(ada.pool_id, "bob", email="bob@example.com", email_verified="true")
    assert ada.refused("1234", CLAIMS | {"email": "bob@example.com"}) == (
        "invalid_request",
        "An account with the given email already exists.",
    )
    assert ada.attributes("ada@example.com")["email_verified"] == "true"


def test_nobody_signs_up_under_their_name(ada: Ada, anonymous: Cognito) -> None:
    with refused("UsernameExistsException"):
        anonymous.sign_up(ClientId=ada.client_id, Username=NAME, Password=PASSWORD)
    with refused("UsernameExistsException"):
        ada.cognito.admin_create_user(UserPoolId=ada.pool_id, Username=NAME)


def test_who_is_signed_out_everywhere_comes_again(ada: Ada, anonymous: Cognito) -> None:
    token = ada.by_provider()
    ada.cognito.admin_user_global_sign_out(UserPoolId=ada.pool_id, Username=NAME)
    with refused("NotAuthorizedException"):
        anonymous.get_user(AccessToken=token)
    anonymous.get_user(AccessToken=ada.by_provider())


def test_who_is_disabled_stays_out_until_enabled(ada: Ada, anonymous: Cognito) -> None:
    token = ada.by_provider()
    ada.cognito.admin_disable_user(UserPoolId=ada.pool_id, Username=NAME)
    with refused("NotAuthorizedException"):
        anonymous.get_user(AccessToken=token)
    assert ada.refused("1234", CLAIMS) == ("invalid_request", "User is not enabled")


def test_their_own_identity_is_no_link_to_end(ada: Ada) -> None:
    with refused("InvalidParameterException"):
        ada.unlink("1234")
    ada.by_provider()


def test_who_leaves_the_providers_group_stays_out_of_it(ada: Ada) -> None:
    group = f"{ada.pool_id}_corp"
    ada.cognito.admin_remove_user_from_group(UserPoolId=ada.pool_id, GroupName=group, Username=NAME)
    assert "cognito:groups" not in claims_of(ada.by_provider())


def test_who_is_linked_to_one_of_them_is_that_user(ada: Ada) -> None:
    ada.cognito.admin_link_provider_for_user(
        UserPoolId=ada.pool_id,
        DestinationUser={"ProviderName": "corp", "ProviderAttributeValue": "1234"},
        SourceUser={
            "ProviderName": "corp",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "5678",
        },
    )
    said = claims_of(ada.tokens(ada.comes("5678", CLAIMS)).id)
    assert said["cognito:username"] == NAME
    assert [each["primary"] for each in said["identities"]] == ["true", "false"]


def test_where_users_are_called_by_their_address_those_of_providers_are_not(
    server: Server, cognito: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    corp = Vouching(server, cognito, pool_id, make_client(pool_id)["ClientId"])
    corp.provider()
    sub = make_user(pool_id, "bob@example.com")
    assert corp.comes("bob@example.com", {"email": "bob@example.com"}).user.username == "corp_bob@example.com"
    assert corp.attributes("corp_bob@example.com")["sub"] != sub
    assert corp.attributes("bob@example.com")["sub"] == sub
    corp.link("bob@example.com", "5678")
    assert corp.comes("5678", {"email": "rob@example.com"}).user.sub == sub
    assert corp.attributes("rob@example.com")["sub"] == sub
