"""An authorization request as a text that a form carries."""

from __future__ import annotations

from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import clock as machine
from cognomen.call import Call, begin
from cognomen.clock import MINUTE
from cognomen.errors import Refusal
from cognomen.oauth import authorization
from cognomen.oauth.authorization import AuthorizationRequest
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, USUAL, App
from tests.server import Server


def new_call(server: Server) -> Call:
    return begin(server.node, "/login", machine.uuid4())


@pytest.fixture
def sealed(server: Server, app: App) -> tuple[AuthorizationRequest, str]:
    call = new_call(server)
    query = f"client_id={app.client_id}&response_type=code&redirect_uri={CALLBACK}&state=%C3%A4&max_age=5&prompt=login"
    request = server.run(authorization.read(call, query))
    return request, authorization.seal(call, request)


def opened(server: Server, text: str) -> AuthorizationRequest:
    call = new_call(server)
    request = server.run(authorization.unseal(call, text))
    assert (call.pool.id, call.client.id) == (request.pool_id, request.client_id)
    return request


def is_expired(server: Server, text: str) -> bool:
    with pytest.raises(Refusal, match="Something went wrong"):
        opened(server, text)
    return True


def test_it_opens_as_it_was_for_five_minutes(
    server: Server, sealed: tuple[AuthorizationRequest, str], clock: HeldClock
) -> None:
    request, text = sealed
    assert opened(server, text) == request
    assert (request.state, request.max_age, request.prompt) == ("ä", 5, ("login",))
    assert repr(request) == f"AuthorizationRequest({request.client_id})"
    clock.advance(5 * MINUTE)
    assert opened(server, text) == request
    clock.advance(1)
    assert is_expired(server, text)


def test_any_other_text_does_not_open(server: Server, sealed: tuple[AuthorizationRequest, str]) -> None:
    _, text = sealed
    for other in ("", "x", "é", text[:-4] + "AAAA", text[:-1]):
        assert is_expired(server, other)


@pytest.mark.parametrize(
    "change",
    [
        {"CallbackURLs": ["https://other.example.com"]},
        {"AllowedOAuthFlowsUserPoolClient": False},
        {"AllowedOAuthFlows": ["implicit"]},
    ],
)
def test_what_would_not_be_read_any_more_does_not_open(
    server: Server,
    app: App,
    cognito: Cognito,
    sealed: tuple[AuthorizationRequest, str],
    change: dict[str, Any],
) -> None:
    settings: Any = USUAL | change
    cognito.update_user_pool_client(UserPoolId=app.pool_id, ClientId=app.client_id, **settings)
    assert is_expired(server, sealed[1])


def test_that_of_a_deleted_client_does_not_open(
    server: Server, app: App, cognito: Cognito, sealed: tuple[AuthorizationRequest, str]
) -> None:
    cognito.delete_user_pool_client(UserPoolId=app.pool_id, ClientId=app.client_id)
    assert is_expired(server, sealed[1])
