"""Where an app sends a browser: what is validated, who is told what is wrong, and when nobody is asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE, SECOND
from tests.browser import Browser
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, App
from tests.server import Server

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.fixture
def in_signed_mode(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after the first access key, which could not be taken back from the tests that follow."""
    monkeypatch.setattr(server.node.configurations, "_open", False)


def test_a_browser_without_a_session_is_led_to_the_page_with_all_it_brought(
    browser: Browser, app: App
) -> None:
    asked = app.asks(scope="openid email", nonce="n", login_hint="ada@example.com", lang="de")
    answer = browser.get("/oauth2/authorize", **asked)
    assert answer.status == 302
    assert answer.location == f"http://{browser.host}/login?{urlencode(asked)}"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["x-amz-cognito-request-id"]


def test_whoever_has_signed_in_is_led_back_with_a_code_and_the_state(browser: Browser, app: App) -> None:
    finished = browser.sign_in(app.sub, **app.asks())
    assert finished.location.startswith(f"{CALLBACK}?code=")
    answer = browser.get("/oauth2/authorize", **app.asks(state="später & = +"))
    assert answer.location.startswith(CALLBACK)
    assert answer.told["state"] == "später & = +"
    assert answer.told["code"] != finished.location.partition("code=")[2][:36]


def test_a_redirect_url_with_a_query_keeps_it(browser: Browser, make_app: Callable[..., App]) -> None:
    app = make_app(CallbackURLs=["myapp://back?from=here"])
    finished = browser.sign_in(app.sub, **app.asks(redirect_uri="myapp://back?from=here"))
    assert finished.location.startswith("myapp://back?from=here&code=")


# -- what the person is told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "redirect_uri",
    [
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK.upper(),
        "https://app.example.com",
        "https://app.example.com.evil.example/callback",
        "https://evil.example/?" + CALLBACK,
        "//evil.example",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_url_that_is_not_registered_leads_nowhere(
    browser: Browser, app: App, redirect_uri: str
) -> None:
    answer = browser.get("/oauth2/authorize", **app.asks(redirect_uri=redirect_uri))
    assert answer.status == 302
    beginning = f"http://{browser.host}/error?error=redirect_mismatch&client_id={app.client_id}&request_id="
    assert answer.location.startswith(beginning)
    page = browser.get("/error", **answer.told)
    assert page.status == 400
    shown = unescape(page.body.decode())
    assert "redirect_mismatch" in shown
    assert (
        f"came with redirect_uri={redirect_uri}, and client {app.client_id} has {CALLBACK} in Callb" in shown
    )
    assert answer.headers["x-amz-cognito-request-id"] in shown


def test_what_came_in_a_urls_place_is_shown_as_one(browser: Browser, app: App) -> None:
    for sent, shown in ((CALLBACK + " ", CALLBACK + "%20,"), ("Call 555\u00a0now", "=Call%20555%C2%A0now,")):
        told = browser.get("/oauth2/authorize", **app.asks(redirect_uri=sent)).told
        assert shown in unescape(browser.get("/error", **told).body.decode())


def test_what_to_do_is_for_the_log_alone_once_there_is_an_access_key(
    browser: Browser, app: App, in_signed_mode: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="cognomen.oauth"):
        answer = browser.get(
            "/oauth2/authorize", **app.asks(redirect_uri="https://u:p@a.example/x?code=S3cret")
        )
    assert set(answer.told) == {"error", "client_id", "request_id"}
    page = browser.get("/error", **answer.told)
    assert answer.told["request_id"] in page.body.decode()
    assert CALLBACK not in unescape(page.body.decode())
    (line,) = [each for each in caplog.records if each.name == "cognomen.oauth.front"]
    said = line.getMessage()
    assert (
        f"redirect_uri=https://a.example/x, and client {app.client_id} has {CALLBACK} in CallbackURLs" in said
    )
    assert "S3cret" not in said
    assert line.__dict__["request_id"] == answer.told["request_id"]
    assert (line.__dict__["pool_id"], line.__dict__["client_id"]) == (app.pool_id, app.client_id)


def test_a_reason_of_open_mode_is_not_shown_outside_it_nor_for_another_request(
    browser: Browser, app: App, request: pytest.FixtureRequest
) -> None:
    told = browser.get("/oauth2/authorize", **app.asks(redirect_uri="https://evil.example")).told
    other = browser.get("/oauth2/authorize", **app.asks(redirect_uri="https://evil.example")).told[
        "request_id"
    ]
    for altered in (
        told | {"request_id": other},
        told | {"why": told["why"][:-4]},
        told | {"why": "Call 555"},
    ):
        page = browser.get("/error", **altered).body
        assert b"evil" not in page
        assert b"555" not in page
    assert b"evil.example" in browser.get("/error", **told).body
    request.getfixturevalue("in_signed_mode")
    assert b"evil.example" not in browser.get("/error", **told).body


def test_the_error_page_shows_no_text_of_a_strangers(browser: Browser) -> None:
    page = browser.get("/error", error="<script>", error_description="call 555-1234")
    assert page.status == 400
    assert b"<script" not in page.body
    assert b"555" not in page.body
    assert page.headers["content-type"].startswith("text/html")


def told_to_the_person(browser: Browser, asked: dict[str, str]) -> dict[str, str]:
    answer = browser.get("/oauth2/authorize", **asked)
    assert answer.status == 302
    assert answer.location.startswith(f"http://{browser.host}/error?")
    return answer.told


def test_an_unknown_client_is_told_to_the_person(browser: Browser, app: App) -> None:
    told = told_to_the_person(browser, app.asks(client_id="nobody"))
    assert (told["error"], told["error_description"]) == ("invalid_request", "Client nobody does not exist.")
    asked = app.asks()
    del asked["client_id"]
    assert told_to_the_person(browser, asked)["error"] == "invalid_request"


def test_a_client_that_may_not_use_oauth_or_has_no_provider_is_told_to_the_person(
    browser: Browser, make_app: Callable[..., App]
) -> None:
    unable: tuple[dict[str, Any], ...] = (
        {"AllowedOAuthFlowsUserPoolClient": False},
        {"SupportedIdentityProviders": []},
    )
    for settings in unable:
        app = make_app(**settings)
        assert told_to_the_person(browser, app.asks())["error"] == "unauthorized_client"


def test_a_client_of_another_pool_is_unknown_at_a_pools_domain(
    at_domain: Callable[[App], Browser], make_app: Callable[..., App]
) -> None:
    one, other = make_app(), make_app()
    browser = at_domain(one)
    assert browser.get("/oauth2/authorize", **one.asks()).location.startswith(f"http://{browser.host}/login?")
    told = told_to_the_person(browser, other.asks())
    assert told["error_description"] == f"Client {other.client_id} does not exist."


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_who_names_two_clients_or_addresses_names_none(browser: Browser, app: App, name: str) -> None:
    query = urlencode([*app.asks().items(), (name, app.asks()[name])])
    answer = browser.send("GET", f"/oauth2/authorize?{query}")
    assert answer.told["error_description"] == f"The parameter {name} was sent more than once."
    assert answer.location.startswith(f"http://{browser.host}/error?")


@pytest.mark.parametrize("query", ["state=%ff", "a&" * 200, "state=" + "x" * 17_000])
def test_a_query_that_cannot_be_read_is_told_to_the_person(browser: Browser, app: App, query: str) -> None:
    answer = browser.send("GET", f"/oauth2/authorize?{urlencode(app.asks())}&{query}")
    assert answer.location.startswith(f"http://{browser.host}/error?")
    assert answer.told["error"] == "invalid_request"


def test_the_redirect_url_may_be_left_out_where_it_is_clear(
    browser: Browser, make_app: Callable[..., App]
) -> None:
    def location(**settings: Any) -> str:
        app = make_app(**settings)
        asked = app.asks(prompt="none")
        del asked["redirect_uri"]
        return browser.get("/oauth2/authorize", **asked).location

    several = {"CallbackURLs": [CALLBACK, "https://other.example"]}
    assert location().startswith(CALLBACK)
    assert location(**several, DefaultRedirectURI="https://other.example").startswith(
        "https://other.example?"
    )
    assert "redirect_uri" in location(**several)


# -- what the app is told -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "error", "description"),
    [
        (
            {"response_type": ""},
            "invalid_request",
            "Required String parameter 'response_type' is not present",
        ),
        ({"response_type": "id_token"}, "unsupported_response_type", None),
        ({"response_type": "code token"}, "unsupported_response_type", None),
        ({"scope": "openid phone"}, "invalid_request", "invalid_scope"),
        ({"scope": "offline_access"}, "invalid_request", "invalid_scope"),
        ({"scope": "openid  email"}, "invalid_request", "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request", ...),
        ({"code_challenge_method": "S256"}, "invalid_request", ...),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request", ...),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request", ...),
        ({"prompt": "none login"}, "invalid_request", ...),
        ({"prompt": "create"}, "invalid_request", ...),
        ({"prompt": "none"}, "login_required", None),
        ({"max_age": "-1"}, "invalid_request", ...),
        ({"max_age": "soon"}, "invalid_request", ...),
        ({"resource": "http://api.example.com"}, "invalid_target", ...),
        ({"resource": "https://api.example.com/#part"}, "invalid_target", ...),
        ({"resource": "api"}, "invalid_target", ...),
        ({"identity_provider": "Nobody"}, "invalid_request", ...),
        ({"idp_identifier": "nobody.example"}, "invalid_request", ...),
    ],
)
def test_what_is_wrong_with_a_request_is_told_to_the_app(
    browser: Browser, app: App, changed: dict[str, str], error: str, description: object
) -> None:
    answer = browser.get("/oauth2/authorize", **app.asks(**changed))
    assert answer.location.startswith(f"{CALLBACK}?")
    told = answer.told
    assert (told["error"], told["state"]) == (error, "the state")
    if description is not ...:
        assert told.get("error_description") == description


def test_errors_stand_in_the_order_that_the_service_has(browser: Browser, app: App) -> None:
    answer = browser.get("/oauth2/authorize", **app.asks(scope="nothing", state="s"))
    assert answer.location == f"{CALLBACK}?error_description=invalid_scope&state=s&error=invalid_request"


def test_the_implicit_grant_is_told_in_the_fragment(browser: Browser, make_app: Callable[..., App]) -> None:
    app = make_app(AllowedOAuthFlows=["implicit"])
    answer = browser.get("/oauth2/authorize", **app.asks(response_type="token", scope="nothing"))
    assert answer.location.startswith(f"{CALLBACK}#error_description=invalid_scope&")
    answer = browser.get("/oauth2/authorize", **app.asks())
    assert answer.told["error"] == "unauthorized_client"


def test_a_repeated_parameter_is_told_to_the_app(browser: Browser, app: App) -> None:
    answer = browser.send("GET", f"/oauth2/authorize?{urlencode(app.asks())}&scope=openid&scope=email")
    assert answer.location.startswith(CALLBACK)
    assert answer.told["error"] == "invalid_request"


# -- the browser's session ----------------------------------------------------------------------------------------------


def is_asked(browser: Browser, app: App, **more: str) -> bool:
    location = browser.get("/oauth2/authorize", **app.asks(**more)).location
    assert location.startswith((CALLBACK, f"http://{browser.host}/login?"))
    return "/login?" in location


def test_the_cookie_is_for_this_host_and_for_no_script(browser: Browser, app: App) -> None:
    (cookie,) = browser.sign_in(app.sub, **app.asks()).cookies
    name, _, attributes = cookie.partition(";")
    assert name.startswith(f"cognito-{app.pool_id}=")
    assert attributes == " Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"


def test_the_cookie_of_a_pools_own_domain_has_the_documented_name(
    at_domain: Callable[[App], Browser], app: App
) -> None:
    browser = at_domain(app)
    browser.sign_in(app.sub, **app.asks())
    assert list(browser.cookies) == ["cognito"]
    assert not is_asked(browser, app)


def test_a_session_lasts_an_hour_from_the_sign_in_on_however_it_is_used(
    browser: Browser, app: App, clock: HeldClock
) -> None:
    browser.sign_in(app.sub, **app.asks())
    clock.advance(59 * MINUTE)
    assert not is_asked(browser, app)
    assert not is_asked(browser, app, prompt="none")
    clock.advance(MINUTE)
    assert is_asked(browser, app)
    assert browser.get("/oauth2/authorize", **app.asks(prompt="none")).told["error"] == "login_required"


def test_who_asks_for_a_sign_in_gets_one_and_the_session_stays(browser: Browser, app: App) -> None:
    browser.sign_in(app.sub, **app.asks())
    assert is_asked(browser, app, prompt="login")
    assert not is_asked(browser, app, prompt="select_account consent")


def test_a_session_that_is_too_old_for_the_app_does_not_do(
    browser: Browser, app: App, clock: HeldClock
) -> None:
    browser.sign_in(app.sub, **app.asks())
    clock.advance(30 * SECOND)
    assert not is_asked(browser, app, max_age="30")
    assert is_asked(browser, app, max_age="29")
    assert is_asked(browser, app, max_age="0")


def test_a_session_is_of_the_provider_that_vouched(browser: Browser, app: App) -> None:
    browser.sign_in(app.sub, **app.asks())
    assert not is_asked(browser, app, identity_provider="COGNITO")


def test_another_sign_in_takes_the_place_of_the_session(browser: Browser, app: App) -> None:
    browser.sign_in(app.sub, **app.asks())
    former = dict(browser.cookies)
    browser.sign_in(app.sub, **app.asks())
    assert browser.cookies != former
    assert not is_asked(browser, app)
    browser.cookies = former
    assert is_asked(browser, app)


def test_a_cookie_that_was_made_up_opens_nothing(browser: Browser, app: App) -> None:
    browser.cookies[f"cognito-{app.pool_id}"] = "AAAA"
    assert is_asked(browser, app)


def test_a_session_of_one_pool_is_none_of_another(browser: Browser, make_app: Callable[..., App]) -> None:
    one, other = make_app(), make_app()
    browser.sign_in(one.sub, **one.asks())
    browser.cookies[f"cognito-{other.pool_id}"] = browser.cookies[f"cognito-{one.pool_id}"]
    assert is_asked(browser, other)
    assert not is_asked(browser, one)


def test_all_clients_of_the_pool_share_the_session(
    browser: Browser, app: App, make_client: Callable[..., Any]
) -> None:
    other = make_client(
        app.pool_id,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        AllowedOAuthFlowsUserPoolClient=True,
        SupportedIdentityProviders=["COGNITO"],
        CallbackURLs=[CALLBACK],
    )["ClientId"]
    browser.sign_in(app.sub, **app.asks())
    assert not is_asked(browser, app, client_id=other)


@pytest.mark.parametrize("ended", ["signed out", "disabled", "password", "deleted"])
def test_a_session_ends_with_what_it_rests_on(
    browser: Browser, app: App, cognito: Cognito, ended: str
) -> None:
    browser.sign_in(app.sub, **app.asks())
    user = {"UserPoolId": app.pool_id, "Username": "ada"}
    if ended == "signed out":
        cognito.admin_user_global_sign_out(**user)
    elif ended == "disabled":
        cognito.admin_disable_user(**user)
        cognito.admin_enable_user(**user)
    elif ended == "password":
        cognito.admin_set_user_password(**user, Password="An0ther!Password", Permanent=True)
    else:
        cognito.admin_delete_user(**user)
    assert is_asked(browser, app)
    if ended == "signed out":
        browser.sign_in(app.sub, **app.asks())
        assert not is_asked(browser, app), "a new sign-in counts at once"


def test_a_client_says_how_long_sessions_do_where_the_pool_tracks_them(
    browser: Browser, app: App, cognito: Any, clock: HeldClock
) -> None:
    cognito.set_user_pool_session_configuration(
        UserPoolId=app.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )

    def lasts(minutes: int) -> None:
        cognito.set_user_pool_client_session_configuration(
            UserPoolId=app.pool_id, ClientId=app.client_id, SSOSession={"MaxValidityMinutes": minutes}
        )

    lasts(120)
    (cookie,) = browser.sign_in(app.sub, **app.asks()).cookies
    assert "Max-Age=7200;" in cookie
    clock.advance(119 * MINUTE)
    assert not is_asked(browser, app)
    lasts(60)
    assert is_asked(browser, app)
    lasts(0)
    browser.sign_in(app.sub, **app.asks())
    assert is_asked(browser, app)
