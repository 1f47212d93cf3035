"""BlockedIPRangeList: whoever comes from there gets in by no road, and an administrator by every one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from tests.adaptive import BY_MAIL, CHROME, HOME, Adaptive, in_mode
from tests.browser import Browser
from tests.codes import newest_code
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, USUAL, App, claims, code_for, exchange, new_domain, refresh
from tests.refused import refused
from tests.second_factors import OWN_SENDER
from tests.server import Server

Make = Callable[..., Any]

BLOCKED = ("NotAuthorizedException", "Request not allowed due to security reasons.")
HERE = {"BlockedIPRangeList": ["127.0.0.0/8"]}
"""Where these tests come from."""


@pytest.fixture
def pool(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Adaptive:
    pool_id = make_pool(
        **in_mode("ENFORCED"),
        EmailConfiguration=OWN_SENDER,
        AccountRecoverySetting=BY_MAIL,
        AutoVerifiedAttributes=["email"],
    )["Id"]
    flows = ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"]
    client = make_client(pool_id, ExplicitAuthFlows=[f"ALLOW_{flow}" for flow in flows], **USUAL)
    make_user(pool_id, "ada", email="ada@example.com", email_verified="true")
    return Adaptive(cognito, anonymous, pool_id, client["ClientId"], clock)


def test_nobody_gets_in_from_a_blocked_address_by_any_operation(pool: Adaptive, server: Server) -> None:
    client, tokens = pool.client_id, pool.tokens("ada")
    pool.anonymous.forgot_password(ClientId=client, Username="ada")
    code = newest_code(server, pool.pool_id)
    pool.protect("ENFORCED", RiskExceptionConfiguration=HERE)
    told = len(pool.told("ada"))
    by_code: Any = {"ClientId": client, "Username": "ada", "ConfirmationCode": code}
    public, access = pool.anonymous, tokens["AccessToken"]
    roads: list[Callable[[], Any]] = [
        lambda: pool.sign_in("ada"),
        lambda: pool.sign_in("ada", "wrong"),
        lambda: pool.sign_in("nobody"),
        lambda: public.initiate_auth(
            ClientId=client, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": "ada"}
        ),
        lambda: public.initiate_auth(
            ClientId=client,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        ),
        lambda: public.respond_to_auth_challenge(
            ClientId=client,
            ChallengeName="SMS_MFA",
            Session="x" * 20,
            ChallengeResponses={"USERNAME": "ada", "SMS_MFA_CODE": "123456"},
        ),
        lambda: public.sign_up(ClientId=client, Username="eve", Password=PASSWORD),
        lambda: public.confirm_sign_up(**by_code),
        lambda: public.resend_confirmation_code(ClientId=client, Username="ada"),
        lambda: public.forgot_password(ClientId=client, Username="ada"),
        lambda: public.confirm_forgot_password(**by_code, Password="Another1!"),
        lambda: public.change_password(
            AccessToken=access, PreviousPassword=PASSWORD, ProposedPassword="Another1!"
        ),
        lambda: public.get_user(AccessToken=access),
    ]
    for road in roads:
        with refused(*BLOCKED):
            road()
    assert len(pool.told("ada")) == told, "who has proven nothing is not in anybody's history"
    pool.cognito.admin_get_user(UserPoolId=pool.pool_id, Username="ada")
    assert "AuthenticationResult" in pool.come("ada", HOME), (
        "of an administrator's request the address that it tells of"
    )
    public.global_sign_out(AccessToken=access)
    public.revoke_token(ClientId=client, Token=tokens["RefreshToken"])


def test_nor_by_the_endpoints_of_oauth(pool: Adaptive, server: Server) -> None:
    access = pool.tokens("ada")["AccessToken"]
    prefix = new_domain(pool.cognito, pool.pool_id)
    app = App(pool.pool_id, prefix, pool.client_id, None, claims(access)["sub"])
    browser = Browser(server, f"{prefix}.localhost")
    tokens = exchange(browser, app, code_for(browser, app)).document
    code = code_for(browser, app)
    pool.protect("ENFORCED", RiskExceptionConfiguration=HERE)
    pool.clock.advance(SECOND)
    for answer in (exchange(browser, app, code), refresh(browser, app, tokens["refresh_token"])):
        assert (answer.status, answer.document) == (400, {"error": "access_denied"})
    for path in ("/oauth2/authorize", "/login", "/signup", "/forgotPassword"):
        answer = browser.get(path, **app.asks())
        assert answer.location.startswith(f"{CALLBACK}?"), path
        assert answer.told["error"] == "access_denied", path
    pool.protect("AUDIT", RiskExceptionConfiguration=HERE)
    assert exchange(browser, app, code).status == 200


def test_what_is_no_address_is_refused(pool: Adaptive) -> None:
    for address in ("192.0.2.7:443", "192.0.2.7, 10.0.0.1", " 192.0.2.7", "[2001:db8::1]", "unknown", ""):
        with refused("InvalidParameterException", "Invalid IP address in the context data."):
            pool.come("ada", (address, CHROME))


def test_an_address_counts_in_whatever_form_it_is_told(pool: Adaptive) -> None:
    pool.protect("ENFORCED", RiskExceptionConfiguration={"BlockedIPRangeList": ["192.0.2.0/24"]})
    for address in ("192.0.2.7", "::ffff:192.0.2.7", "64:ff9b::c000:207"):
        with refused(*BLOCKED):
            pool.come("ada", (address, CHROME))
    assert "AuthenticationResult" in pool.come("ada", ("64:ff9b::c000:307", CHROME))


def test_an_address_is_read_where_it_would_count(pool: Adaptive, make_client: Make) -> None:
    """Another client's word is passed over."""
    members: Any = {"Username": "nobody", "UserContextData": {"IpAddress": "192.0.2.7:443"}}
    with refused("UserNotFoundException"):
        pool.anonymous.resend_confirmation_code(ClientId=pool.client_id, **members)
    client = make_client(pool.pool_id, GenerateSecret=True, EnablePropagateAdditionalUserContextData=True)
    with refused("InvalidParameterException", "Invalid IP address in the context data."):
        pool.anonymous.resend_confirmation_code(ClientId=client["ClientId"], **members)
