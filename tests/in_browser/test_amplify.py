"""AWS Amplify's signInWithRedirect in an application of its own, at a server that speaks HTTPS, since Amplify asks nothing else.

The server is a process with real time, as Amplify looks at the machine's.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests import oidc_provider
from tests.clients.conftest import run_script  # noqa: F401  its fixture
from tests.conftest import PASSWORD, connect
from tests.federated_app import add_provider
from tests.in_browser.conftest import Sitting
from tests.oauth_app import USUAL, App, new_domain
from tests.processes import Running, self_signed, serving

Run = Callable[..., Any]

PAGE = """<!doctype html><html lang=en><link rel=icon href=data:,><title>App</title><h1>App</h1>
<script type=application/json id=configuration>{configuration}</script>
<script type=module src=/script.js></script>"""


@dataclass(frozen=True)
class Secured:
    """A server that speaks HTTPS, the certificate that it shows, and a client of its API."""

    running: Running
    certificate: Path
    cognito: Cognito


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    certificate, key = self_signed(folder)
    with serving(folder / "data", "--tls-cert", str(certificate), "--tls-key", str(key)) as running:
        yield Secured(running, certificate, connect(running.endpoint, verify=str(certificate)))


@dataclass
class Application:
    """A web application. `configuration` is what it gives Amplify.configure."""

    url: str
    configuration: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def application(run_script: Run) -> Iterator[Application]:  # noqa: F811  the fixture
    script = run_script("bundle.js", entry="redirect.js")

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/script.js"
            page = PAGE.format(configuration=json.dumps(served.configuration))
            self.send_response(200)
            self.send_header("content-type", "text/javascript" if is_script else "text/html")
            self.end_headers()
            self.wfile.write((script if is_script else page).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        served = Application(f"http://localhost:{server.server_port}")
        threading.Thread(target=server.serve_forever).start()
        yield served
        server.shutdown()


@dataclass
class Person:
    """Somebody with a browser at the application; `sub` is the user."""

    sitting: Sitting
    home: str
    pool_id: str
    client_id: str
    sub: str

    def come(self) -> None:
        self.sitting.page.goto(self.home)

    def does(self, what: str, **options: Any) -> Any:
        """What a function of the application answers."""
        return self.sitting.page.evaluate(f"options => app.{what}(options)", options)

    def asks_to_sign_in(self, **options: Any) -> None:
        """The page that the application sends the browser to is there."""
        with self.sitting.page.expect_navigation(url=lambda url: not url.startswith(self.home)):
            self.sitting.page.evaluate("options => void app.signInWithRedirect(options)", options)
        self.sitting.page.wait_for_load_state()

    def signs_in(self) -> None:
        self.sitting.see("Sign in", "amplify")
        self.sitting.type(username="ada", password=PASSWORD)
        self.sitting.press("Sign in")

    def hears(self, event: str) -> Any:
        """What Amplify tells with an event, once it does."""
        find = f"heard.find(told => told.event === '{event}')"
        self.sitting.page.wait_for_function(f"() => window.heard && {find}")
        return self.sitting.page.evaluate(find).get("data")

    def signs_out(self, **options: Any) -> None:
        with self.sitting.page.expect_navigation(url=f"{self.home}bye"):
            self.sitting.page.evaluate("options => void app.signOut(options)", options)


@pytest.fixture
def bring(secured: Secured, application: Application, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Somebody at the application, which a client of a new pool is for; `at` is where it finds the pages."""
    cognito, contexts = secured.cognito, []

    def begin(at: str = "PREFIX.auth.us-east-1.localhost") -> Person:
        home, goodbye = f"{application.url}/", f"{application.url}/bye"
        pool_id = cognito.create_user_pool(PoolName="web")["UserPool"]["Id"]
        prefix = new_domain(cognito, pool_id)
        cognito.update_user_pool_domain(UserPoolId=pool_id, Domain=prefix, ManagedLoginVersion=2)
        settings: Any = USUAL | {"CallbackURLs": [home], "LogoutURLs": [goodbye]}
        client_id = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web", **settings)[
            "UserPoolClient"
        ]["ClientId"]
        cognito.create_managed_login_branding(
            UserPoolId=pool_id, ClientId=client_id, UseCognitoProvidedValues=True
        )
        user = cognito.admin_create_user(
            UserPoolId=pool_id,
            Username="ada",
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": "ada@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )["User"]
        cognito.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
        domain = f"{at.replace('PREFIX', prefix)}:{secured.running.port}"
        oauth = {
            "domain": domain,
            "scopes": settings["AllowedOAuthScopes"],
            "redirectSignIn": [home],
            "redirectSignOut": [goodbye],
            "responseType": "code",
        }
        application.configuration = {
            "Auth": {
                "Cognito": {
                    "userPoolId": pool_id,
                    "userPoolClientId": client_id,
                    "userPoolEndpoint": secured.running.endpoint,
                    "loginWith": {"oauth": oauth},
                }
            }
        }
        # The certificate is nobody's that a browser knows.
        context = chromium.new_context(ignore_https_errors=True, locale="en-US")
        contexts.append(context)
        sub = next(found["Value"] for found in user["Attributes"] if found["Name"] == "sub")
        sitting = Sitting(context.new_page(), f"https://{domain}", home, "light")
        person = Person(sitting, home, pool_id, client_id, sub)
        person.come()
        return person

    yield begin
    for context in contexts:
        context.close()


@pytest.mark.parametrize("at", ["PREFIX.auth.us-east-1.localhost", "localhost"])
def test_somebody_signs_in_stays_and_signs_out(
    bring: Callable[..., Person],
    secured: Secured,
    run_script: Run,  # noqa: F811  the fixture
    at: str,
) -> None:
    ada = bring(at)
    page = ada.sitting.page
    assert ada.does("tokens") is None

    ada.asks_to_sign_in(customState="page 7, ü")
    assert page.url.startswith(f"{ada.sitting.host}/login?")
    ada.signs_in()
    assert ada.hears("customOAuthState") == "page 7, ü"
    assert ada.hears("signedIn")["userId"] == ada.sub
    assert page.url == ada.home
    tokens = ada.does("tokens")
    claims = run_script(
        "verify.js",
        authority=secured.certificate,
        issuer=f"{secured.running.endpoint}/{ada.pool_id}",
        client=ada.client_id,
        **tokens,
    )
    assert claims["access"]["sub"] == claims["id"]["sub"] == ada.sub
    assert claims["id"]["aud"] == claims["access"]["client_id"] == ada.client_id
    assert ada.does("user") == {
        "username": "ada",
        "userId": ada.sub,
        "attributes": {"sub": ada.sub, "email": "ada@example.com", "email_verified": "true"},
    }

    refreshed = ada.does("tokens", forceRefresh=True)
    assert refreshed["access"] != tokens["access"]
    ada.come()
    assert ada.does("tokens") == refreshed

    # Who is signed in in this browser is not asked again, not even by an application that has forgotten it.
    page.evaluate("localStorage.clear()")
    ada.come()
    assert ada.does("tokens") is None
    page.evaluate("void app.signInWithRedirect()")
    ada.hears("signedIn")
    ada.asks_to_sign_in(options={"prompt": "LOGIN"})
    ada.signs_in()
    ada.hears("signedIn")
    again = ada.does("tokens")

    ada.signs_out()
    assert ada.does("tokens") is None
    with pytest.raises(secured.cognito.exceptions.NotAuthorizedException, match="revoked"):
        secured.cognito.get_user(AccessToken=again["access"])
    ada.come()
    ada.asks_to_sign_in()
    ada.signs_in()
    ada.hears("signedIn")
    ada.signs_out(**{"global": True})
    assert not ada.sitting.complaints


def test_an_authenticator_app_is_set_up_and_asked_for(bring: Callable[..., Person], secured: Secured) -> None:
    ada = bring()
    secured.cognito.set_user_pool_mfa_config(
        UserPoolId=ada.pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    ada.asks_to_sign_in()
    ada.signs_in()
    ada.sitting.see("Set up an authenticator app", "amplify-set-up")
    app = pyotp.TOTP(ada.sitting.page.locator(".key").inner_text().replace(" ", ""))
    ada.sitting.type(code=app.now())
    ada.sitting.press("Confirm")
    ada.hears("signedIn")
    assert ada.does("fetchMFAPreference")["enabled"] is None, "the pool asks for it, whatever is preferred"
    ada.signs_out()

    ada.come()
    ada.asks_to_sign_in()
    ada.signs_in()
    ada.sitting.see("Confirm it is you", "amplify-code")
    ada.sitting.type(code=app.at(int(time.time()) + 30))  # each code counts once
    ada.sitting.press("Confirm")
    assert ada.hears("signedIn")["userId"] == ada.sub


def test_people_of_an_identity_provider_come_by_its_name(
    bring: Callable[..., Person], secured: Secured
) -> None:
    ada = bring()
    with oidc_provider.serving() as provider:
        provider.person = {"sub": "1234", "email": "ann@example.com"}
        seconds = int(time.time())  # the provider's own clock may be held still
        provider.claims = {"iat": seconds, "exp": seconds + 300}
        app = App(ada.pool_id, "", ada.client_id, None, ada.sub)
        add_provider(secured.cognito, app, "Contoso", "OIDC", provider.details())
        ada.sitting.page.evaluate("void app.signInWithRedirect({ provider: { custom: 'Contoso' } })")
        assert ada.hears("signedIn")["username"] == "Contoso_1234"
        attributes = ada.does("user")["attributes"]
        assert attributes["email"] == "ann@example.com"
        assert json.loads(attributes["identities"])[0]["providerName"] == "Contoso"
        ada.signs_out()
        ada.come()
        provider.denied = {"error": "access_denied", "error_description": "Not today"}
        ada.sitting.page.evaluate("void app.signInWithRedirect({ provider: { custom: 'Contoso' } })")
        assert ada.hears("signInWithRedirect_failure") == "OAuthSignInException: Not today"


def test_what_comes_to_nothing_is_told_to_the_application(bring: Callable[..., Person]) -> None:
    ada = bring()
    page = ada.sitting.page
    page.evaluate("void app.signInWithRedirect({ options: { prompt: 'NONE' } })")
    assert ada.hears("signInWithRedirect_failure") == "OAuthSignInException: login_required"

    ada.come()
    ada.asks_to_sign_in(options={"lang": "de", "loginHint": "ada"})
    assert page.locator("h1").inner_text() == "Anmelden"
    assert page.locator("[name=username]").input_value() == "ada"
    page.go_back()
    told = ada.hears("signInWithRedirect_failure")
    assert told == "OAuthSignInException: User cancelled OAuth flow."

    ada.asks_to_sign_in(options={"lang": "en"})
    ada.signs_in()
    ada.hears("signedIn")
