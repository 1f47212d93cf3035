"""Standard clients of OpenID Connect, which know nothing of Cognito, from discovery on: Authlib, openid-client, oidc-client-ts.

They look at the machine's clock, so the server's is not held while they do. A person's part, the sign-in, is done before: they
are handed the cookie of a browser with a session.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from cognomen import clock as machine
from tests.browser import Browser
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, SIGNED_OUT, USUAL, App, new_domain
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    former = machine.hold(lambda: time.time_ns() // 1_000_000)
    with empty_database("sqlite", Path(data)) as url, running(str(data), url, HeldClock()) as served:
        yield served
    machine.hold(former)


@dataclass(frozen=True)
class Standing:
    """An app, the browser of a person who has signed in to it, and a machine's client of the same pool."""

    app: App
    browser: Browser
    machine: dict[str, str]

    @property
    def issuer(self) -> str:
        return f"{self.browser.server.settings.own_url}/{self.app.pool_id}"

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())


@pytest.fixture
def make_standing(server: Server) -> Callable[..., Standing]:
    def make(**settings: Any) -> Standing:
        cognito = connect(server.endpoint)
        pool_id = cognito.create_user_pool(PoolName="a pool")["UserPool"]["Id"]
        scopes: Any = [{"ScopeName": "read", "ScopeDescription": "read"}]
        cognito.create_resource_server(UserPoolId=pool_id, Identifier="api", Name="api", Scopes=scopes)
        of_app: dict[str, Any] = USUAL | settings
        client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app", **of_app)[
            "UserPoolClient"
        ]
        other = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="machine",
            GenerateSecret=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=["api/read"],
            AllowedOAuthFlowsUserPoolClient=True,
        )["UserPoolClient"]
        user = cognito.admin_create_user(
            UserPoolId=pool_id,
            Username="ada",
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": "ada@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )["User"]
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username="ada", Password="Passw0rd!", Permanent=True
        )
        sub = next(found["Value"] for found in user["Attributes"] if found["Name"] == "sub")
        app = App(pool_id, new_domain(cognito, pool_id), client["ClientId"], client.get("ClientSecret"), sub)
        browser = Browser(server, server.settings.own_url.partition("://")[2])
        browser.sign_in(app.sub, **app.asks())
        named = {"id": other["ClientId"], "secret": other["ClientSecret"], "scope": "api/read"}
        return Standing(app, browser, named)

    return make


@pytest.mark.parametrize("secret", [True, False])
def test_openid_client_signs_in_refreshes_and_revokes(
    make_standing: Callable[..., Standing], run_script: Callable[..., Any], secret: bool
) -> None:
    standing = make_standing(GenerateSecret=secret)
    app = standing.app
    told = run_script(
        "openid_client.js",
        issuer=standing.issuer,
        id=app.client_id,
        secret=app.secret,
        cookie=standing.cookie,
        redirect=CALLBACK,
        scope="openid email",
        machine=standing.machine,
    )
    assert told["claims"]["sub"] == told["refreshed"]["sub"] == told["info"]["sub"] == app.sub
    assert told["claims"]["iss"] == standing.issuer
    assert told["claims"]["email"] == told["info"]["email"] == "ada@example.com"
    assert (told["expires"], told["own"]) == (3600, "bearer")
    assert told["afterwards"] == {"error": "invalid_grant", "status": 400}
    assert told["tooMuch"] == {"error": "invalid_scope", "status": 400}


def test_oidc_client_ts_signs_in_silently_too_and_out(
    make_standing: Callable[..., Standing], run_script: Callable[..., Any]
) -> None:
    standing = make_standing()
    told = run_script(
        "oidc_client.js",
        issuer=standing.issuer,
        id=standing.app.client_id,
        cookie=standing.cookie,
        redirect=CALLBACK,
        scope="openid email",
        signedOut=SIGNED_OUT,
    )
    assert told["profile"]["sub"] == standing.app.sub
    assert told["profile"]["email"] == "ada@example.com"
    assert told["state"] == {"page": 7}
    assert told["withoutSession"] == {"error": "login_required"}
    assert told["refreshed"]
    assert told["leadsTo"] == SIGNED_OUT
    assert "/login?" in told["again"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_signs_in_refreshes_and_revokes(make_standing: Callable[..., Standing], method: str) -> None:
    standing = make_standing(GenerateSecret=True)
    app = standing.app
    with OAuth2Session(
        app.client_id,
        app.secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope="openid email",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    ) as session:
        known = session.get(f"{standing.issuer}/.well-known/openid-configuration", withhold_token=True).json()
        verifier, nonce = generate_token(48), generate_token(20)
        url, _ = session.create_authorization_url(
            known["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        led = session.get(
            url, withhold_token=True, headers={"cookie": standing.cookie}, allow_redirects=False
        )
        tokens = session.fetch_token(
            known["token_endpoint"], authorization_response=led.headers["location"], code_verifier=verifier
        )
        keys = KeySet.import_key_set(session.get(known["jwks_uri"], withhold_token=True).json())
        claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
        expected: Any = {
            "iss": {"essential": True, "value": standing.issuer},
            "aud": {"essential": True, "value": app.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        jwt.JWTClaimsRegistry(**expected).validate(claims)
        assert claims["sub"] == app.sub
        assert session.get(known["userinfo_endpoint"]).json()["email"] == "ada@example.com"
        refreshed = session.refresh_token(known["token_endpoint"])
        assert refreshed["access_token"] != tokens["access_token"]
        assert session.revoke_token(known["revocation_endpoint"], tokens["refresh_token"]).status_code == 200
        assert session.get(known["userinfo_endpoint"], withhold_token=False).status_code == 401
