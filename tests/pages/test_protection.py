"""What a page lets a browser do, and which forms count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from cognomen.oauth import forms
from cognomen.oauth.places import Visit
from cognomen.pages import protection
from tests.conftest import PASSWORD
from tests.oauth_app import App
from tests.person import Person

if TYPE_CHECKING:
    from cognomen.call import Call

At = Callable[..., Person]
PATHS = ["/login", "/signup", "/forgotPassword"]
POSTED = [*PATHS, "/confirm", "/resendcode", "/confirmforgotPassword"]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_runs_and_loads_only_what_is_ours(at: At, app: App, path: str) -> None:
    headers = at(app).open(path, **app.asks()).answer.headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))

    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("redirect_uri", "sources"),
    [
        ("https://app.example.com/callback?x=1", "'self' https: https://app.example.com"),
        ("http://localhost:3000/", "'self' https: http://localhost:3000"),
        ("myapp://callback", "'self' https: myapp:"),
        ("", "'self' https:"),
        ("https://a;sandbox/cb", "'self' https:"),
    ],
)
def test_a_form_may_lead_where_the_app_is(redirect_uri: str, sources: str) -> None:
    assert (
        f"form-action {sources};"
        in protection.headers(redirect_uri, is_secure=True)["content-security-policy"]
    )


def test_a_form_of_a_page_without_tls_may_lead_to_providers_and_apps_without_tls(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks())
    for page in (person, person.send(username="ada", password="a wrong one"), person.open("/error")):
        assert "form-action 'self' https: http:" in page.answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("token", ["", "A" * 43, "ü"])
def test_a_form_without_the_browsers_token_does_nothing(at: At, app: App, path: str, token: str) -> None:
    person = at(app).open("/login", **app.asks())
    form = person.forms[0]
    action = form.action.replace("/login", path)
    typed = {"username": "ada", "password": PASSWORD, "_csrf": token}
    answer = person.browser.post(action, None, **form.fields | typed)
    assert answer.status == 403
    assert "This form is no longer valid. Try again." in answer.body.decode()


def test_a_form_shown_to_another_browser_does_nothing(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks())
    form = person.forms[0]
    person.browser.cookies.clear()
    answer = person.browser.post(form.action, None, **form.fields | {"username": "ada", "password": PASSWORD})
    assert answer.status == 403


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 302)])
def test_a_form_sent_from_another_site_does_nothing(at: At, app: App, site: str, status: int) -> None:
    person = at(app).open("/login", **app.asks())
    form = person.forms[0]
    typed = {"username": "ada", "password": PASSWORD}
    answer = person.browser.post(form.action, {"sec-fetch-site": site}, **form.fields | typed)
    assert answer.status == status


def test_a_form_sent_from_another_origin_does_nothing(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks())
    form, host = person.forms[0], person.browser.host
    typed = {"username": "ada", "password": PASSWORD}
    for origin in ("null", "https://evil.example.com", f"http://{host}.evil.test", f"http://x.{host}", ""):
        answer = person.browser.post(form.action, {"origin": origin}, **form.fields | typed)
        assert answer.status == 403, origin
    for origin in (f"http://{host}", f"https://{host}"):  # a proxy may not say that it speaks HTTPS
        answer = person.browser.post(form.action, {"origin": origin}, **form.fields | typed)
        assert answer.status == 302, origin


def test_the_token_is_the_browsers_own_and_for_nobody_elses_scripts(at: At, app: App) -> None:
    first = at(app).open("/login", **app.asks())
    cookie = next(
        header for header in first.answer.headers.get_all("set-cookie") or [] if "XSRF-TOKEN" in header
    )
    assert "HttpOnly; SameSite=Lax" in cookie
    token = first.forms[0].fields["_csrf"]
    assert first.open("/signup", **app.asks()).forms[0].fields["_csrf"] == token
    first.browser.cookies.clear()
    assert first.open("/login", **app.asks()).forms[0].fields["_csrf"] != token


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"username=%FF"),
        ("application/x-www-form-urlencoded", b"username=\xff"),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * forms.BODY_MAX),
        ("application/x-www-form-urlencoded", b"&".join(b"a=b" for _ in range(101))),
    ],
)
def test_what_is_no_form_of_ours_is_told_on_the_page_of_errors(
    at: At, app: App, kind: str, body: bytes
) -> None:
    person = at(app).open("/login", **app.asks())
    answer = person.browser.send("POST", person.forms[0].action, {"content-type": kind}, body)
    assert answer.status == 302
    assert answer.told["error"] == "invalid_request"


def test_a_script_that_sends_what_the_service_takes_signs_in(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks())
    answer = person.browser.post(
        person.forms[0].action,
        _csrf=person.browser.cookies["XSRF-TOKEN"],
        username="ada",
        password=PASSWORD,
        cognitoAsfData="",
        signInSubmitButton="Sign in",
    )
    assert answer.status == 302
    assert "code" in answer.told


def test_no_page_is_shown_for_a_redirect_url_that_is_not_registered(at: At, app: App) -> None:
    person = at(app)
    for path in PATHS:
        answer = person.open(path, **app.asks(redirect_uri="https://evil.example/")).answer
        assert answer.status == 302
        assert answer.location.startswith(f"http://{person.browser.host}/error?error=redirect_mismatch")


def test_nothing_that_was_typed_stands_in_an_address(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks()).send(username="ada", password="a wrong one")
    for form in person.forms:
        assert "ada" not in form.action
        assert "wrong" not in form.action


def test_behind_tls_the_token_is_bound_to_its_host() -> None:
    visit = Visit(
        call=cast("Call", None),
        base_url="https://login.example.com",
        domain=None,
        is_ours=True,
        client_ip=None,
        cookies={},
    )
    cookie = protection.cookie(visit, protection.token(visit))
    assert cookie.startswith("__Host-XSRF-TOKEN=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
