"""Rates at the OAuth endpoints, on a node that limits them: no time passes here, so a second's worth is all there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.browser import Answer, Browser
from tests.conftest import connect, empty_database
from tests.federated_app import CORP, add_provider, leave, lost, post_back, query_of, told, way_back
from tests.held_clock import HeldClock
from tests.oauth_app import App, code_for, exchange
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("limited")
    with (
        empty_database("sqlite", data) as url,
        running(str(data), url, held_clock, rate_limits=True) as served,
    ):
        yield served


@pytest.fixture(scope="module")
def cognito(server: Server) -> Cognito:
    return connect(server.endpoint)


def is_refused(answer: Answer) -> bool:
    if answer.status != 429:
        return False
    assert answer.document["error"] == "temporarily_unavailable"
    return True


def test_codes_are_exchanged_at_the_rate_of_sign_ins(browser: Browser, app: App) -> None:
    code = code_for(browser, app)
    came = [exchange(browser, app, "no code") for _ in range(120)]
    assert not any(map(is_refused, came))
    assert is_refused(exchange(browser, app, code))
    browser.server.clock.advance(1_000)
    assert exchange(browser, app, code).status == 200, "and what was refused has cost the code nothing"


def test_an_address_registers_one_app_after_another(browser: Browser, app: App, cognito: Cognito) -> None:
    cognito.update_user_pool(UserPoolId=app.pool_id, DcrConfiguration={"OpenDcrEnabled": True})  # type: ignore[call-arg]
    at_domain = Browser(browser.server, f"{app.prefix}.localhost:{browser.port}")

    def register() -> Answer:
        body = b'{"redirect_uris": ["https://new.example.com/"]}'
        return at_domain.send("POST", "/oauth2/register", {"content-type": "application/json"}, body)

    assert register().status == 201
    assert is_refused(register())
    browser.server.clock.advance(6_000)
    assert register().status == 201


def test_a_client_and_an_address_have_their_rates(browser: Browser, app: App) -> None:
    at_domain = Browser(browser.server, f"{app.prefix}.localhost:{browser.port}")
    for _ in range(300):
        assert at_domain.get("/oauth2/userInfo").status == 400
    assert is_refused(at_domain.get("/oauth2/userInfo"))
    assert at_domain.get("/oauth2/authorize", **app.asks()).status == 429
    for _ in range(300):
        assert browser.get("/oauth2/authorize", **app.asks()).told.get("error") is None
    assert browser.get("/oauth2/authorize", **app.asks()).told["error"] == "temporarily_unavailable"


def test_discovery_counts_once_and_is_refused_beyond_the_rate(browser: Browser, app: App) -> None:
    at_domain = Browser(browser.server, f"{app.prefix}.localhost:{browser.port}")
    browser.server.clock.advance(1_000)
    of_domain, of_pool = (f"{place}/.well-known/openid-configuration" for place in ("", f"/{app.pool_id}"))
    for _ in range(150):
        assert at_domain.get(of_domain).document["token_endpoint"].startswith(f"http://{at_domain.host}/")
        assert at_domain.get(of_pool).document["token_endpoint"].startswith(f"http://{at_domain.host}/")
    for path in (of_domain, of_pool):
        answer = at_domain.get(path)
        assert is_refused(answer)
        assert "no-store" in str(answer.headers["cache-control"])


def test_answers_of_identity_providers_have_a_rate_of_their_own(
    browser: Browser, app: App, cognito: Cognito
) -> None:
    add_provider(cognito, app, "Corp", "OIDC", CORP)
    states = [query_of(leave(browser, app, "Corp"))["state"] for _ in range(27)]

    def come_back(state: str) -> str:
        return told(browser.get(way_back(app), state=state, error="access_denied"))[0]

    assert {come_back(state) for state in states[:25]} == {"access_denied"}
    assert come_back(states[25]) == "temporarily_unavailable"
    assert (
        told(post_back(browser, way_back(app), state=states[26], error="x"))[0] == "temporarily_unavailable"
    )
    stranger = Browser(browser.server, browser.host)
    assert lost(stranger.get(way_back(app), state=states[26], error="x")) == "Something went wrong"
    form = {"SAMLResponse": "PHg+", "RelayState": states[26]}
    assert told(post_back(browser, "/saml2/idpresponse", **form))[0] == "temporarily_unavailable"
    browser.server.clock.advance(1_000)
    assert [come_back(state) for state in states[25:]] == ["access_denied"] * 2, (
        "what was refused has cost nothing"
    )
