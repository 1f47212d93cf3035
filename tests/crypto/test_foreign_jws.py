"""Tokens that others sign: what verifies them, and what never does."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import base64url, foreign_jws, jws
from cognomen.crypto.foreign_jws import PublicKey
from tests.oidc_provider import EC_KEYS, RSA_KEY

LIMIT = 10_000
PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

# RFC 7515, appendix A.1 and A.3
MAC_TOKEN = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
MAC_SECRET = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
EC_TOKEN = (
    f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
EC_JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RSA_JWK: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)
SMALL = rsa.generate_private_key(65537, 1_024)  # noqa: S505  it is refused

KEYS = [
    PublicKey(RSA_KEY.public_key(), None),
    *(PublicKey(key.public_key(), None) for key in EC_KEYS.values()),
]
SIGNED = jwt.encode({"sub": "1"}, RSA_KEY, "RS256", {"kid": "k"})


def keys(*published: object) -> dict[str, tuple[PublicKey, ...]]:
    return foreign_jws.public_keys(json.dumps({"keys": published}).encode())


def is_verified(token: str, key: PublicKey) -> bool:
    return foreign_jws.verify(key, jws.taken_apart(token, LIMIT))


def test_the_published_example_of_an_elliptic_curve_is_verified() -> None:
    ((key,),) = keys(EC_JWK | {"kid": "k", "alg": "ES256", "use": "sig"}).values()
    assert is_verified(EC_TOKEN, key)
    assert not is_verified(MAC_TOKEN, key)


def test_the_published_example_of_a_secret_is_verified() -> None:
    parsed, secret = jws.taken_apart(MAC_TOKEN, LIMIT), base64url.decode(MAC_SECRET)
    assert foreign_jws.verify_mac(secret, parsed)
    assert not foreign_jws.verify_mac(secret[:-1] + b"x", parsed)
    assert not foreign_jws.verify_mac(secret, jws.taken_apart(EC_TOKEN, LIMIT))


def test_what_we_sign_ourselves_is_what_others_verify() -> None:
    token = foreign_jws.sign_es256(EC_KEYS["ES256"], "kid", {"iss": "team"})
    assert jwt.decode(token, EC_KEYS["ES256"].public_key(), ["ES256"]) == {"iss": "team"}
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": "kid"}


def test_a_key_serves_no_algorithm_but_the_one_it_is_published_for() -> None:
    assert is_verified(SIGNED, PublicKey(RSA_KEY.public_key(), "RS256"))
    assert not is_verified(SIGNED, PublicKey(RSA_KEY.public_key(), "RS512"))


def test_two_keys_of_one_name_are_both_known() -> None:
    found = keys(RSA_JWK | {"kid": "same"}, EC_JWK | {"kid": "same"})
    assert len(found["same"]) == 2


@pytest.mark.parametrize(
    "jwk",
    [
        RSA_JWK,
        RSA_JWK | {"kid": 7},
        RSA_JWK | {"kid": "k", "use": "enc"},
        RSA_JWK | {"kid": "k", "kty": "rsa"},
        RSA_JWK | {"kid": "k", "n": 7},
        RSA_JWK | {"kid": "k", "n": ""},
        RSA_JWK | {"kid": "k", "n": "not base64url"},
        RSA_JWK | {"kid": "k", "e": "Ag"},
        jwt.algorithms.RSAAlgorithm.to_jwk(SMALL.public_key(), as_dict=True) | {"kid": "k"},
        RSA_JWK | {"kid": "k", "n": base64url.encode(b"\xff" * 2_000)},
        EC_JWK | {"kid": "k", "y": EC_JWK["x"]},
        EC_JWK | {"kid": "k", "crv": "P-384"},
        EC_JWK | {"kid": "k", "crv": "secp256k1"},
        EC_JWK | {"kid": "k", "crv": ["P-256"]},
        {"kid": "k", "kty": "oct", "k": MAC_SECRET},
        {"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {"kid": "k"},
    ],
)
def test_a_key_that_verifies_nothing_here_is_passed_over(jwk: dict[str, Any]) -> None:
    assert keys(jwk, EC_JWK | {"kid": "good"}).keys() == {"good"}


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [7]}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_set_of_keys_is_told(document: bytes) -> None:
    with pytest.raises(ValueError, match="not a set of keys"):
        foreign_jws.public_keys(document)


def test_a_long_set_is_not_read_to_its_end() -> None:
    assert "last" not in keys(*[EC_JWK | {"kid": "k"}] * foreign_jws.KEYS_MAX, EC_JWK | {"kid": "last"})


@pytest.mark.parametrize("algorithm", EC_KEYS)
def test_the_signature_of_one_curve_is_none_of_another(algorithm: str) -> None:
    token = jwt.encode({}, EC_KEYS[algorithm], algorithm)
    verified = [is_verified(token, key) for key in KEYS]
    assert verified.count(True) == 1


def test_a_signature_is_written_in_one_way_only() -> None:
    ((key,),) = keys(EC_JWK | {"kid": "k"}).values()
    signing_input, _, signature = EC_TOKEN.rpartition(".")
    raw = base64url.decode(signature)
    for other in (raw[:32] + b"\0" + raw[32:], b"\0" + raw, raw + b"\0", raw[:-1]):
        assert not is_verified(f"{signing_input}.{base64url.encode(other)}", key)


def test_a_signature_of_zeros_is_none() -> None:
    key: ec.EllipticCurvePublicKey = EC_KEYS["ES256"].public_key()
    token = f"{EC_TOKEN.rpartition('.')[0]}.{base64url.encode(bytes(64))}"
    assert not is_verified(token, PublicKey(key, None))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_algorithms = st.sampled_from(
    ["none", "None", "RS256", "PS512", "ES256", "ES384", "ES512", "HS256", "HS512", "EdDSA", ""]
)


@given(st.fixed_dictionaries({"alg": _json | _algorithms}, optional={"kid": _json}), st.binary(max_size=300))
def test_a_signature_that_nobody_made_is_never_believed(header: dict[str, Any], signature: bytes) -> None:
    parts = (json.dumps(header).encode(), b'{"sub": "admin"}', signature)
    parsed = jws.taken_apart(".".join(map(base64url.encode, parts)), LIMIT)
    assert not any(foreign_jws.verify(key, parsed) for key in KEYS)
    assert not foreign_jws.verify_mac(b"k" * 64, parsed)


@given(st.integers(0, len(SIGNED) - 1), st.sampled_from("ABab01-_.= \u00e9"))
def test_a_token_with_one_character_changed_is_another(place: int, character: str) -> None:
    changed = SIGNED[:place] + character + SIGNED[place + 1 :]
    try:
        parsed = jws.taken_apart(changed, LIMIT)
    except ValueError:
        return
    assert any(foreign_jws.verify(key, parsed) for key in KEYS) == (changed == SIGNED)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([".", "e30", "e", "eyJhIjox", "="]), max_size=8).map("".join)
)
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        parsed = jws.taken_apart(text, 50)
    except ValueError:
        return
    assert len(text) <= 50
    assert "crit" not in parsed.header


@given(_json)
def test_any_document_is_a_set_of_keys_or_refused(document: object) -> None:
    with suppress(ValueError):
        assert isinstance(foreign_jws.public_keys(json.dumps(document).encode()), dict)
