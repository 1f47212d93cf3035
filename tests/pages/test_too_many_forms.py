"""The forms of the pages have a limit of their own, once a server is no longer in open mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from cognomen.clock import SECOND
from cognomen.pages.front import routes
from cognomen.store import access_keys
from cognomen.store.access_keys import AccessKey
from tests.browser import Browser
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.oauth_app import USUAL, App, new_domain
from tests.person import Person
from tests.server import Server, running

PER_MINUTE = 3
PROXY = {"x-forwarded-for": "203.0.113.7"}


def new_app(server: Server) -> App:
    cognito = connect(server.endpoint)
    pool_id = cognito.create_user_pool(PoolName="a pool")["UserPool"]["Id"]
    usual: Any = USUAL
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app", **usual)["UserPoolClient"]
    prefix = new_domain(cognito, pool_id)
    cognito.update_user_pool_domain(UserPoolId=pool_id, Domain=prefix, ManagedLoginVersion=2)
    cognito.create_managed_login_branding(
        UserPoolId=pool_id, ClientId=client["ClientId"], UseCognitoProvidedValues=True
    )
    return App(pool_id, prefix, client["ClientId"], None, "")


def person(server: Server, app: App, **forwarded: str) -> Person:
    host = f"{app.prefix}.auth.us-east-1.localhost:{Browser(server).port}"
    browser = Browser(server, host, forwarded=PROXY | {k.replace("_", "-"): v for k, v in forwarded.items()})
    return Person(browser).open("/login", **app.asks(lang="de"))


def tries(someone: Person, count: int) -> list[int]:
    """The status of each of so many wrong passwords, from one page."""
    page, found = someone.answer, []
    for _ in range(count):
        someone.answer = page
        found.append(someone.send(username="nobody", password="wrong").answer.status)
    return found


def end_open_mode(server: Server) -> None:
    made = AccessKey("AKIAFIRST", "tester", b"sealed", "{}", 1, None)
    server.run(server.store.write(access_keys.add, made))


def test_who_sends_too_many_forms_waits_and_nobody_else_does(
    engine: str, tmp_path: Path, clock: HeldClock
) -> None:
    given: dict[str, Any] = {"forms_per_minute": PER_MINUTE, "trusted_proxies": ("127.0.0.1",)}
    with (
        empty_database(engine, tmp_path) as url,
        running(str(tmp_path), url, clock, **given) as server,
    ):
        shop, school = new_app(server), new_app(server)
        assert tries(person(server, shop), 2 * PER_MINUTE) == [400] * 2 * PER_MINUTE, "open mode"
        end_open_mode(server)

        someone = person(server, shop)
        assert tries(someone, PER_MINUTE + 1) == [400] * PER_MINUTE + [429]
        assert someone.answer.headers["retry-after"] == "20"
        assert someone.heading == "Etwas ist schiefgegangen"
        assert "Zu viele Versuche." in someone.page
        assert someone.answer.headers["content-security-policy"].startswith("default-src 'none'")
        forms = [
            route.path
            for route in routes(server.node)
            if isinstance(route, Route) and "POST" in (route.methods or ())
        ]
        assert {"/login", "/signup", "/consent", "/passkeys/add"} < set(forms)
        for path in forms:
            assert someone.browser.post(path).status == 429, path
        assert someone.browser.post("/oauth2/token").status == 400, "no form"
        assert someone.open("/login", **shop.asks()).answer.status == 200

        assert tries(person(server, shop, x_forwarded_for="203.0.113.8"), 1) == [400]
        assert tries(person(server, school), 1) == [400]
        clock.advance(20 * SECOND)
        assert tries(someone, 2) == [400, 429]


@pytest.mark.parametrize(
    ("given", "last"),
    [({"forms_per_minute": 1, "rate_limits": True}, 429), ({"forms_per_minute": 1}, 400)],
    ids=["asked for", "not asked for"],
)
def test_in_open_mode_it_holds_where_rates_are_limited(
    given: dict[str, Any], last: int, tmp_path: Path, clock: HeldClock
) -> None:
    with (
        empty_database("sqlite", tmp_path) as url,
        running(str(tmp_path), url, clock, **given) as server,
    ):
        assert tries(person(server, new_app(server)), 2) == [400, last]


def test_a_proxy_that_nobody_named_is_told_of_in_the_log(
    tmp_path: Path, clock: HeldClock, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        empty_database("sqlite", tmp_path) as url,
        running(str(tmp_path), url, clock, forms_per_minute=1) as server,
    ):
        app = new_app(server)
        end_open_mode(server)
        one, other = person(server, app), person(server, app, x_forwarded_for="203.0.113.8")

        assert tries(one, 1) + tries(other, 2) == [400, 429, 429], "both are the proxy"
        assert one.browser.post("/signup").status == 429, "another page"
        told = [record.getMessage() for record in caplog.records if "trusted_proxies" in record.getMessage()]
        assert len(told) == 1
        assert told[0].startswith("127.0.0.1 has sent too many forms")


def test_it_can_be_turned_off(tmp_path: Path, clock: HeldClock) -> None:
    with (
        empty_database("sqlite", tmp_path) as url,
        running(str(tmp_path), url, clock, forms_per_minute=0) as server,
    ):
        someone = person(server, new_app(server))
        end_open_mode(server)
        assert tries(someone, 2) == [400, 400]
