"""What the pool's function is told of tokens that leave by the OAuth endpoints, and what is told of its refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.browser import Browser
from tests.functions import Event, Failure, Functions
from tests.oauth_app import (
    CALLBACK,
    USUAL,
    App,
    claims,
    code_for,
    exchange,
    new_domain,
    refresh,
    refused,
    tokens_of,
)
from tests.server import Server

TOLD = "PreTokenGeneration failed with error not today. "


def add_tier(event: Event) -> object:
    return event | {"response": {"claimsOverrideDetails": {"claimsToAddOrOverride": {"tier": "gold"}}}}


def fail(_event: Event) -> object:
    raise Failure("not today")


def test_a_sign_in_is_told_as_one_of_the_pages_and_a_refresh_as_one(
    server: Server,
    cognito: Cognito,
    make_pool: Callable[..., Any],
    make_client: Callable[..., Any],
    make_user: Callable[..., str],
    functions: Functions,
    set_triggers: Callable[..., None],
) -> None:
    pool_id = make_pool()["Id"]
    client = make_client(pool_id, **USUAL | {"AllowedOAuthFlows": ["code", "implicit"]})
    app = App(pool_id, new_domain(cognito, pool_id), client["ClientId"], None, make_user(pool_id, "ada"))
    set_triggers(pool_id, "PreTokenGeneration")
    functions.does["PreTokenGeneration"] = add_tier
    browser = Browser(server)
    tokens = tokens_of(browser, app)
    assert claims(tokens["id_token"])["tier"] == "gold"
    refresh(browser, app, tokens["refresh_token"])
    sources = [event["triggerSource"] for event in functions.events]
    assert sources == ["TokenGeneration_HostedAuth", "TokenGeneration_RefreshTokens"]
    functions.does["PreTokenGeneration"] = fail
    assert refused(exchange(browser, app, code_for(browser, app))) == (400, "invalid_request", TOLD)
    assert refused(refresh(browser, app, tokens["refresh_token"])) == (400, "invalid_request", TOLD)
    answer = browser.get("/oauth2/authorize", **app.asks(response_type="token"))
    assert answer.location.startswith(f"{CALLBACK}#")
    assert answer.told == {"error": "invalid_request", "error_description": TOLD, "state": "the state"}
