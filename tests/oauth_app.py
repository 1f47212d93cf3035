"""A pool with a domain and a client that may use OAuth, and what its app does at the endpoints."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import Any

from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.crypto import jws
from tests.browser import Answer, Browser

CALLBACK = "https://app.example.com/callback"
SIGNED_OUT = "https://app.example.com/bye"


@dataclass(frozen=True)
class App:
    """A user pool with a prefix domain, one of its clients, and one of its users."""

    pool_id: str
    prefix: str
    client_id: str
    secret: str | None
    sub: str

    def asks(self, **more: str) -> dict[str, str]:
        """The parameters of a plain authorization request."""
        return {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "state": "the state",
        } | more


USUAL = {
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": [CALLBACK],
    "LogoutURLs": [SIGNED_OUT],
}


def new_domain(cognito: Cognito, pool_id: str) -> str:
    prefix = f"p{uuid.uuid4().hex[:12]}"
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=prefix)
    return prefix


def code_for(browser: Browser, app: App, **more: str) -> str:
    """A code, as the app finds it at its redirect URL."""
    finished = browser.sign_in(app.sub, **app.asks(**more))
    return finished.location.partition("code=")[2].partition("&")[0]


def basic(app: App, secret: str | None = None) -> dict[str, str]:
    text = f"{app.client_id}:{secret or app.secret}"
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def proof(app: App) -> dict[str, str]:
    """Whoever has no secret names itself in the body."""
    return {"client_id": app.client_id} | ({"client_secret": app.secret} if app.secret else {})


def exchange(browser: Browser, app: App, code: str, **more: str) -> Answer:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return browser.post("/oauth2/token", **form | proof(app) | more)


def refresh(browser: Browser, app: App, token: str) -> Answer:
    return browser.post("/oauth2/token", grant_type="refresh_token", refresh_token=token, **proof(app))


def tokens_of(browser: Browser, app: App, **more: str) -> dict[str, str]:
    document: dict[str, str] = exchange(browser, app, code_for(browser, app, **more)).document
    return document


def claims(token: str) -> dict[str, Any]:
    return jws.parse(token).claims


def refused(answer: Answer) -> tuple[int, str, str | None]:
    document = answer.document
    assert document.get("error_message") == document.get("error_description")
    return answer.status, document["error"], document.get("error_description")
