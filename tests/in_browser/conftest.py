"""Chromium at the pages of a server in this process: the second suite, `./dev test --browser`.

A Sitting is one browser in one look and size; whatever page it comes to is looked at: nothing in it may break its own policy,
be wider than the screen, or keep people with a keyboard or a screen reader out (axe). With COGNOMEN_SCREENSHOTS=FOLDER each is
pictured.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.oauth.conftest import at_domain, make_app  # noqa: F401  its fixtures
from tests.oauth_app import App
from tests.server import Server

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).parents[1] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}

PHONE = (390, 844)
SETTINGS = {
    "light": ("LIGHT", (1024, 900)),
    "dark-phone": ("DARK", PHONE),
    "classic": (None, (1024, 900)),
}
"""The colours of managed login, or None for the classic pages, and the size of the screen."""


@pytest.fixture(scope="session", params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """One database will do: what pages ask of it is tested without a browser."""
    return str(request.param)


@pytest.fixture(scope="session")
def chromium(server: Server) -> Iterator[Browser]:
    """After the server: from then on this thread has an event loop, and the server's start needs one of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


class _App(BaseHTTPRequestHandler):
    """What stands at the redirect URL, and next to it at the sign-out URL."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        said = b"Goodbye" if self.path.startswith("/bye") else b"Signed in"
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>App</title><p>" + said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def callback() -> Iterator[str]:
    """The redirect URL of an app that a browser can reach."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _App) as app:
        threading.Thread(target=app.serve_forever).start()
        yield f"http://localhost:{app.server_port}/callback"
        app.shutdown()


@dataclass
class Sitting:
    """`page` is the browser's; `complaints` is what it wrote to its console."""

    page: Page
    host: str
    callback: str
    look: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        def heard(message: ConsoleMessage) -> None:
            if message.type == "error" and "status of 400" not in message.text:
                self.complaints.append(message.text)

        self.page.on("console", heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def ask(self, path: str, app: App, **more: str) -> None:
        """Come with the authorization request of an app."""
        self.open(path, **app.asks(redirect_uri=self.callback) | more)

    def open(self, path: str, **query: str) -> None:
        self.page.goto(f"{self.host}{path}?{urlencode(query)}")

    def see(self, heading: str, name: str) -> None:
        """The page with this heading is there, and is as every page must be."""
        assert self.page.locator("h1").inner_text() == heading, self.page.content()
        if folder := os.environ.get("COGNOMEN_SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{self.look}-{name}.png")
        own = self.page.viewport_size
        self.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE[0], f"{name} is {width} pixels wide on a phone"
        if own is not None:
            self.page.set_viewport_size(own)
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run()")["violations"]
        faults = [
            (fault["id"], [node["html"] for node in fault["nodes"]])
            for fault in found
            if fault["impact"] in SERIOUS
        ]
        assert not faults
        assert not self.complaints

    def type(self, **typed: str) -> None:
        for name, text in typed.items():
            self.page.locator(f"[name='{name}']").fill(text)

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()

    def follow(self, label: str) -> None:
        self.page.get_by_role("link", name=label, exact=True).click()

    @property
    def kept_name(self) -> str:
        """What the browser keeps a password of the page's form under."""
        return self.page.locator("form [autocomplete=username]").input_value()

    @property
    def notice(self) -> str:
        return self.page.locator("#notice").inner_text()

    @property
    def is_back_at_the_app(self) -> bool:
        return self.page.url.startswith(f"{self.callback}?code=")


@pytest.fixture(params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def sit(
    chromium: Browser, server: Server, cognito: Cognito, callback: str, setting: str
) -> Iterator[Callable[..., Sitting]]:
    """A browser at the pages of an app's pool, in the look of `setting`."""
    contexts = []

    def begin(app: App, *, scripts: bool = True, **settings: Any) -> Sitting:
        colours, (width, height) = SETTINGS[setting]
        dress(cognito, app, colours, settings)
        context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts, locale="en-US"
        )
        contexts.append(context)
        port = server.endpoint.rpartition(":")[2]
        host = f"http://{app.prefix}.auth.us-east-1.localhost:{port}"
        return Sitting(context.new_page(), host, callback, setting)

    yield begin
    for context in contexts:
        context.close()


def dress(cognito: Cognito, app: App, colours: str | None, settings: dict[str, Any]) -> None:
    """Give the pool's pages a look."""
    version = 1 if colours is None else 2
    cognito.update_user_pool_domain(UserPoolId=app.pool_id, Domain=app.prefix, ManagedLoginVersion=version)
    if colours is not None:
        cognito.create_managed_login_branding(
            UserPoolId=app.pool_id,
            ClientId=app.client_id,
            Settings={"categories": {"global": {"colorSchemeMode": colours}}} | settings,
        )
