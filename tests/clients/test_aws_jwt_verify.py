"""aws-jwt-verify (npm), with which APIs verify the tokens they are sent: under either issuer, over HTTPS."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.conftest import PASSWORD, connect
from tests.processes import self_signed, serving


@pytest.mark.parametrize("issuer", ["aws", "server"])
def test_an_api_verifies_tokens(tmp_path: Path, run_script: Callable[..., Any], issuer: str) -> None:
    certificate, key = self_signed(tmp_path)
    options = ("--tls-cert", str(certificate), "--tls-key", str(key))
    with serving(tmp_path / "data", *options, environment={"COGNOMEN_ISSUER": issuer}) as running:
        cognito = connect(running.endpoint, verify=str(certificate))
        pool_id = cognito.create_user_pool(PoolName="api")["UserPool"]["Id"]
        client_id = cognito.create_user_pool_client(
            UserPoolId=pool_id, ClientName="api", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        cognito.admin_create_user(UserPoolId=pool_id, Username="anna", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username="anna", Password=PASSWORD, Permanent=True
        )
        tokens = cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
        )["AuthenticationResult"]
        own = f"{running.endpoint}/{pool_id}"
        told = run_script(
            "verify.js",
            authority=certificate,
            issuer=own,
            jwks=fetched(f"{own}/.well-known/jwks.json", certificate) if issuer == "aws" else None,
            pool=pool_id,
            client=client_id,
            access=tokens["AccessToken"],
            id=tokens["IdToken"],
        )
    assert told["access"]["username"] == told["id"]["cognito:username"] == "anna"
    assert (told["access"]["token_use"], told["id"]["token_use"]) == ("access", "id")
    assert (told["access"]["iss"] == own) is (issuer == "server")
    assert told["altered"] == "JwtInvalidSignatureError: Invalid signature"


def fetched(url: str, certificate: Path) -> Any:
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=certificate)) as answer:
        return msgspec.json.decode(answer.read())
