from __future__ import annotations

import json
from typing import Any

import joserfc.jwk
import joserfc.jws
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognomen.crypto import base64url, jws, rsa_keys

KID = rsa_keys.kid(bytes(range(32)))
CLAIMS: dict[str, Any] = {
    "sub": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "cognito:groups": ["admins", "Ärzte"],
    "token_use": "access",
    "exp": 4_102_444_800,
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8"), max_size=10),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), values, max_size=3)
    ),
    max_leaves=8,
)
# The key is only read, so examples may share it.
shared_key = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)


@shared_key
@given(claims=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), json_values, max_size=5))
def test_what_is_signed_verifies_and_says_the_same(rsa_key: RSAPrivateKey, claims: dict[str, Any]) -> None:
    parsed = jws.parse(jws.sign(rsa_key, KID, claims))
    assert jws.verify(rsa_key.public_key(), parsed)
    assert parsed.claims == claims
    assert parsed.header == {"kid": KID, "alg": "RS256"}


def test_the_header_is_cognito_s_byte_for_byte(rsa_key: RSAPrivateKey) -> None:
    header, payload, _ = jws.sign(rsa_key, KID, {"sub": "ä", "exp": 1}).split(".")
    assert base64url.decode(header) == f'{{"kid":"{KID}","alg":"RS256"}}'.encode()
    assert base64url.decode(payload) == '{"sub":"ä","exp":1}'.encode()


def test_claims_may_come_encoded(rsa_key: RSAPrivateKey) -> None:
    assert jws.sign(rsa_key, KID, msgspec.json.encode(CLAIMS)) == jws.sign(rsa_key, KID, CLAIMS)


def test_other_libraries_believe_the_token(rsa_key: RSAPrivateKey) -> None:
    token = jws.sign(rsa_key, KID, CLAIMS)
    jwk = rsa_keys.public_jwk(rsa_key, KID)

    assert jwt.decode(token, jwt.PyJWK(jwk), algorithms=["RS256"]) == CLAIMS
    assert jwt.get_unverified_header(token) == {"kid": KID, "alg": "RS256"}

    key = joserfc.jwk.RSAKey.import_key(dict(jwk))
    assert json.loads(joserfc.jws.deserialize_compact(token, key, ["RS256"]).payload or b"") == CLAIMS


def test_a_token_of_another_library_is_read(rsa_key: RSAPrivateKey) -> None:
    parsed = jws.parse(jwt.encode(CLAIMS, rsa_key, algorithm="RS256", headers={"kid": KID}))
    assert parsed.claims == CLAIMS
    assert jws.verify(rsa_key.public_key(), parsed)


def test_another_key_does_not_verify(rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey) -> None:
    assert not jws.verify(other_rsa_key.public_key(), jws.parse(jws.sign(rsa_key, KID, CLAIMS)))


@shared_key
@given(data=st.data())
def test_a_changed_character_is_refused_or_does_not_verify(
    rsa_key: RSAPrivateKey, data: st.DataObject
) -> None:
    token = jws.sign(rsa_key, KID, CLAIMS)
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda one: one != token[place]))
    assert not believed(rsa_key, token[:place] + character + token[place + 1 :])


@shared_key
@given(
    token=st.text(st.characters(), max_size=100) | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)
)
def test_garbage_is_not_believed(rsa_key: RSAPrivateKey, token: str) -> None:
    assert not believed(rsa_key, token)


def believed(key: RSAPrivateKey, token: str) -> bool:
    try:
        return jws.verify(key.public_key(), jws.parse(token))
    except ValueError:
        return False


def unsigned(header: Any, payload: bytes = b"{}") -> str:
    return f"{base64url.encode(json.dumps(header).encode())}.{base64url.encode(payload)}.AAAA"


GOOD = {"kid": KID, "alg": "RS256"}


def test_the_refused_tokens_below_would_be_read_without_their_fault() -> None:
    assert jws.parse(unsigned(GOOD)).claims == {}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        unsigned(GOOD).rpartition(".")[0],
        unsigned(GOOD) + ".",
        unsigned(GOOD) + "=",
        unsigned(GOOD) + "\n",
        " " + unsigned(GOOD),
        unsigned({"kid": KID, "alg": "none"}),
        unsigned({"kid": KID, "alg": "HS256"}),
        unsigned({"kid": KID, "alg": "rs256"}),
        unsigned({"kid": KID, "alg": ["RS256"]}),
        unsigned({"alg": "RS256"}),
        unsigned({"kid": None, "alg": "RS256"}),
        unsigned({**GOOD, "crit": ["exp"], "exp": 1}),
        unsigned([GOOD]),
        unsigned("RS256"),
        unsigned(GOOD, b""),
        unsigned(GOOD, b"[]"),
        unsigned(GOOD, b"{} "[:1]),
        unsigned(GOOD, b'{"a":NaN}'),
        unsigned(GOOD, b'{"a":"\xff"}'),
        unsigned(GOOD, b'{"a":' + b"[" * 11_000),
        unsigned(GOOD, b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
        unsigned(GOOD, b'{"a":"' + b"x" * 16_384 + b'"}'),
    ],
    ids=range(24),
)
def test_a_malformed_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  callers tell no faults apart
        jws.parse(token)


@pytest.mark.parametrize("signature", ["", "AAAA", "A" * 342, "A" * 684])
def test_a_signature_of_any_length_only_fails(rsa_key: RSAPrivateKey, signature: str) -> None:
    token = jws.sign(rsa_key, KID, CLAIMS).rpartition(".")[0] + "." + signature
    assert not jws.verify(rsa_key.public_key(), jws.parse(token))
