"""What verifiers read, and that independent ones (PyJWT) believe our tokens by it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import jwt
import pytest
from jwt.types import Options
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from tests.server import Server

Make = Callable[..., Any]


def fetch(url: str, method: str = "GET") -> tuple[int, Message, bytes]:
    try:
        with urlopen(Request(url, method=method)) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


def test_the_keys_are_two_in_the_form_that_verifiers_know(server: Server, pool_id: str) -> None:
    status, headers, body = fetch(f"{server.endpoint}/{pool_id}/.well-known/jwks.json")
    keys = json.loads(body)["keys"]
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "public, max-age=300"
    assert len({key["kid"] for key in keys}) == len(keys) == 2
    for key in keys:
        assert list(key) == ["alg", "e", "kid", "kty", "n", "use"]
        assert (key["alg"], key["e"], key["kty"], key["use"]) == ("RS256", "AQAB", "RSA", "sig")
        assert len(base64.b64decode(key["kid"])) == 32


def test_the_discovery_document_leads_to_the_keys(server: Server, pool_id: str) -> None:
    status, headers, body = fetch(f"{server.endpoint}/{pool_id}/.well-known/openid-configuration")
    document = json.loads(body)
    assert status == 200
    assert headers["access-control-allow-origin"] == "*"
    assert list(document) == sorted(document)
    assert document["issuer"] == f"{server.settings.own_url}/{pool_id}"
    assert document["jwks_uri"] == f"{server.settings.own_url}/{pool_id}/.well-known/jwks.json"
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert fetch(document["jwks_uri"])[0] == 200


@pytest.mark.parametrize("document", ["jwks.json", "openid-configuration"])
def test_the_head_alone_may_be_asked_for(server: Server, pool_id: str, document: str) -> None:
    status, headers, body = fetch(f"{server.endpoint}/{pool_id}/.well-known/{document}", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 100


@pytest.mark.parametrize("pool_id", ["us-east-1_Nothing", "nothing", "%00", "us-east-1_%E2%98%83"])
def test_a_pool_that_does_not_exist(server: Server, pool_id: str) -> None:
    status, headers, body = fetch(f"{server.endpoint}/{pool_id}/.well-known/jwks.json")
    assert status == 404
    assert headers["content-type"] == "application/json"
    assert "does not exist" in json.loads(body)["message"]


def test_nothing_else_is_there(server: Server, pool_id: str) -> None:
    status, _, body = fetch(f"{server.endpoint}/{pool_id}/.well-known/other")
    assert status == 404
    assert json.loads(body) == {"message": "There is nothing at this address."}


def test_an_independent_verifier_believes_both_tokens(
    server: Server,
    anonymous: CognitoIdentityProviderClient,
    pool_id: str,
    make_client: Make,
    make_user: Make,
) -> None:
    client_id = make_client(pool_id)["ClientId"]
    sub = make_user(pool_id, "anna")
    tokens = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "anna", "PASSWORD": "Passw0rd!"},
    )["AuthenticationResult"]
    _, _, body = fetch(f"{server.endpoint}/{pool_id}/.well-known/openid-configuration")
    document = json.loads(body)
    keys = jwt.PyJWKClient(document["jwks_uri"])
    # The tests' clock may be ahead of the machine's, on which PyJWT looks.
    unhurried: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}

    def believe(token: str, **options: Any) -> dict[str, Any]:
        key = keys.get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token, key, ["RS256"], issuer=document["issuer"], options=unhurried, **options
        )
        return claims

    identity, access = believe(tokens["IdToken"], audience=client_id), believe(tokens["AccessToken"])
    assert identity["sub"] == access["sub"] == sub
    assert "aud" not in access
    used = {jwt.get_unverified_header(tokens[name])["kid"] for name in ("IdToken", "AccessToken")}
    assert len(used) == 2
