"""Passkeys as a browser makes and uses them: Chromium, with the authenticator that it has for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.refused import refused

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGE = "http://localhost:1234/"
PASSWORD = "Passw0rd!"

CREATE = """async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({ publicKey })).toJSON();
}"""
GET = """async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
}"""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no browser")


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page of an application, in a browser that has an authenticator which verifies its user."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page()
        page.route(PAGE, lambda route: route.fulfill(content_type="text/html", body="<p>An application"))
        page.goto(PAGE)
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
        browser.close()


def test_a_browser_registers_a_passkey_and_signs_in_with_it(cognito: Cognito, page: Page) -> None:
    pool_id = cognito.create_user_pool(
        PoolName="a pool",
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
    )["UserPool"]["Id"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        WebAuthnConfiguration={"RelyingPartyId": "localhost", "UserVerification": "required"},
    )
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="a client", ExplicitAuthFlows=["ALLOW_USER_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="anna", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password=PASSWORD, Permanent=True)

    def begin(**parameters: str) -> Any:
        return cognito.initiate_auth(
            AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": "anna", **parameters}
        )

    done = begin(PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    token = done["AuthenticationResult"]["AccessToken"]
    options = cognito.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    made = page.evaluate(CREATE, options)
    cognito.complete_web_authn_registration(AccessToken=token, Credential=made)
    (known,) = cognito.list_web_authn_credentials(AccessToken=token)["Credentials"]
    assert known["CredentialId"] == made["id"]
    assert known["AuthenticatorTransports"] == ["internal"]

    for _ in range(2):
        asked = begin(PREFERRED_CHALLENGE="WEB_AUTHN")
        proof = page.evaluate(GET, asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        assert json.loads(proof)["id"] == made["id"]
        answer: dict[str, Any] = {
            "ChallengeName": "WEB_AUTHN",
            "ClientId": client_id,
            "Session": asked["Session"],
            "ChallengeResponses": {"USERNAME": "anna", "CREDENTIAL": proof},
        }
        assert cognito.respond_to_auth_challenge(**answer)["AuthenticationResult"]
        with refused("NotAuthorizedException"):
            cognito.respond_to_auth_challenge(**answer)

    again = cognito.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    assert "InvalidStateError" in page.evaluate(f"(options) => ({CREATE})(options).catch(String)", again)
