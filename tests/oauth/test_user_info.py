"""What an access token may read of its user."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR
from tests.browser import Answer, Browser
from tests.held_clock import HeldClock
from tests.oauth_app import App, tokens_of
from tests.server import Server
from tests.vouching import Vouching

TOKEN_REFUSED = "Access token is expired, disabled, or deleted, or the user has globally signed out."


def ask(browser: Browser, token: str, method: str = "GET") -> Answer:
    return browser.send(method, "/oauth2/userInfo", {"authorization": f"Bearer {token}"})


def test_it_tells_the_attributes_of_the_scopes_as_texts(browser: Browser, app: App, cognito: Cognito) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=app.pool_id, Username="ada", UserAttributes=[{"Name": "given_name", "Value": "Ada"}]
    )
    everything = {
        "sub": app.sub,
        "email": "ada@example.com",
        "email_verified": "true",
        "given_name": "Ada",
        "username": "ada",
    }

    def told(scope: str) -> object:
        return ask(browser, tokens_of(browser, app, scope=scope)["access_token"]).document

    assert told("openid") == everything
    assert told("openid email") == {name: everything[name] for name in everything if name != "given_name"}
    assert told("openid profile") == {"sub": app.sub, "given_name": "Ada", "username": "ada"}


def test_identities_are_told_as_a_text(browser: Browser, app: App, cognito: Cognito, server: Server) -> None:
    vouching = Vouching(server, cognito, app.pool_id, app.client_id)
    vouching.provider()
    vouching.link("ada", "1234")
    told = ask(browser, tokens_of(browser, app, scope="openid email")["access_token"]).document
    (identity,) = json.loads(told["identities"])
    assert (identity["userId"], identity["primary"]) == ("1234", False)


def test_get_and_post_are_the_same_and_for_any_web_page(browser: Browser, app: App) -> None:
    token = tokens_of(browser, app)["access_token"]
    for method in ("GET", "POST"):
        answer = ask(browser, token, method)
        assert (answer.status, answer.document["sub"]) == (200, app.sub)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "no-store" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer"}, {"authorization": "Basic eA=="}])
def test_a_request_without_a_token_is_bad(browser: Browser, header: dict[str, str]) -> None:
    answer = browser.send("GET", "/oauth2/userInfo", header)
    assert answer.status == 400
    assert answer.headers["www-authenticate"] == (
        'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'
    )


def is_refused(answer: Answer, description: str = TOKEN_REFUSED) -> bool:
    said = f'error="invalid_token", error_description="{description}"'
    assert answer.document == {"error": "invalid_token", "error_description": description}
    return answer.status == 401 and answer.headers["www-authenticate"] == said


def test_a_token_without_openid_is_refused(browser: Browser, app: App) -> None:
    token = tokens_of(browser, app, scope="aws.cognito.signin.user.admin")["access_token"]
    assert is_refused(ask(browser, token), "Access token does not contain openid scope")


def test_what_is_no_access_token_that_counts_is_refused(
    browser: Browser, app: App, cognito: Cognito, clock: HeldClock
) -> None:
    tokens = tokens_of(browser, app)
    altered = tokens["access_token"][:-4] + "AAAA"
    for text in ("x", tokens["id_token"], tokens["refresh_token"], altered, 'x"y\\'):
        assert is_refused(ask(browser, text))
    clock.advance(HOUR)
    assert is_refused(ask(browser, tokens["access_token"]))
    fresh = tokens_of(browser, app)["access_token"]
    cognito.admin_user_global_sign_out(UserPoolId=app.pool_id, Username="ada")
    assert is_refused(ask(browser, fresh))


def test_a_pools_domain_knows_its_own_tokens_only(
    browser: Browser, make_app: Callable[..., App], at_domain: Callable[[App], Browser]
) -> None:
    one, other = make_app(), make_app()
    token = tokens_of(browser, one)["access_token"]
    assert ask(at_domain(one), token).status == 200
    assert is_refused(ask(at_domain(other), token))
