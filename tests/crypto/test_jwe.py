from __future__ import annotations

import json
import re

import joserfc.jwe
import joserfc.jwk
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import base64url, jwe

RAW = bytes(range(32))
KEY = AESGCM(RAW)
KID = "630dcd29"


@given(st.binary(max_size=300), st.text(st.characters(codec="utf-8"), max_size=44))
def test_what_is_encrypted_is_decrypted(plaintext: bytes, kid: str) -> None:
    token = jwe.encrypt(KEY, kid, plaintext)
    assert jwe.parse(token).kid == kid
    assert jwe.decrypt(KEY, jwe.parse(token)) == plaintext


def test_the_token_looks_like_cognito_s() -> None:
    token = jwe.encrypt(KEY, KID, b"plaintext")
    header, encrypted_key, *_ = token.split(".")
    assert token.count(".") == 4
    assert token.startswith("eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoi")
    assert base64url.decode(header) == f'{{"cty":"JWT","enc":"A256GCM","alg":"dir","kid":"{KID}"}}'.encode()
    assert encrypted_key == ""
    assert re.fullmatch(r"[A-Za-z0-9\-_=.]+", token)


def test_two_tokens_are_never_the_same() -> None:
    assert len({jwe.encrypt(KEY, KID, b"plaintext") for _ in range(20)}) == 20


def test_joserfc_reads_our_token() -> None:
    read = joserfc.jwe.decrypt_compact(
        jwe.encrypt(KEY, KID, b"plaintext"), joserfc.jwk.OctKey.import_key(RAW), ["dir", "A256GCM"]
    )
    assert read.plaintext == b"plaintext"
    assert read.protected == {"cty": "JWT", "enc": "A256GCM", "alg": "dir", "kid": KID}


def test_we_read_the_token_joserfc_makes() -> None:
    protected = {"cty": "JWT", "enc": "A256GCM", "alg": "dir", "kid": KID}
    token = joserfc.jwe.encrypt_compact(
        protected, b"plaintext", joserfc.jwk.OctKey.import_key(RAW), ["dir", "A256GCM"]
    )
    assert jwe.parse(token).kid == KID
    assert jwe.decrypt(KEY, jwe.parse(token)) == b"plaintext"


@given(st.data())
def test_a_changed_character_is_refused(data: st.DataObject) -> None:
    token = jwe.encrypt(KEY, KID, b"plaintext")
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda one: one != token[place]))
    with pytest.raises(ValueError):  # noqa: PT011  callers tell no faults apart
        jwe.decrypt(KEY, jwe.parse(token[:place] + character + token[place + 1 :]))


def test_another_key_is_refused() -> None:
    with pytest.raises(ValueError, match="another key"):
        jwe.decrypt(AESGCM(bytes(32)), jwe.parse(jwe.encrypt(KEY, KID, b"plaintext")))


@given(
    st.text(st.characters(), max_size=120)
    | st.from_regex(r"[\w-]*\.\.[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)
)
def test_garbage_is_refused(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  callers tell no faults apart
        jwe.parse(token)


GOOD = {"cty": "JWT", "enc": "A256GCM", "alg": "dir", "kid": KID}


def token_of(
    header: object, *, encrypted_key: str = "", nonce: int = 12, tag: int = 16, compact: bool = True
) -> str:
    encoded = json.dumps(header, separators=(",", ":") if compact else None).encode()
    return f"{base64url.encode(encoded)}.{encrypted_key}.{base64url.encode(bytes(nonce))}..{base64url.encode(bytes(tag))}"


def test_the_refused_tokens_below_would_be_read_without_their_fault() -> None:
    assert jwe.parse(token_of(GOOD)).kid == KID


@pytest.mark.parametrize(
    "token",
    [
        token_of({**GOOD, "alg": "RSA-OAEP"}),
        token_of({**GOOD, "enc": "A128GCM"}),
        token_of({**GOOD, "zip": "DEF"}),
        token_of({**GOOD, "crit": ["exp"]}),
        token_of({**GOOD, "kid": 5}),
        token_of({member: GOOD[member] for member in ("cty", "enc", "alg")}),
        token_of({member: GOOD[member] for member in ("kid", "cty", "enc", "alg")}),
        token_of(GOOD, compact=False),
        token_of([GOOD]),
        token_of(GOOD, encrypted_key="AAAA"),
        token_of(GOOD, nonce=16),
        token_of(GOOD, nonce=0),
        token_of(GOOD, tag=15),
        token_of(GOOD, tag=0),
        token_of(GOOD) + ".",
        token_of(GOOD).rpartition(".")[0],
        token_of(GOOD) + "=",
        token_of({**GOOD, "kid": "x" * 16_384}),
        "",
        "....",
    ],
    ids=range(20),
)
def test_a_token_of_another_form_is_refused(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  callers tell no faults apart
        jwe.parse(token)


def test_a_header_that_no_key_of_ours_has_is_not_kept() -> None:
    """What strangers send must not fill the memory of a worker."""
    header = base64url.encode(b'{"cty":"JWT","enc":"A256GCM","alg":"dir","kid":"%s"}' % (b"k" * 5_000))
    with pytest.raises(ValueError, match="header too long"):
        jwe.parse(f"{header}..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA")
    assert (jwe._kid_of.cache_info().maxsize or 0) * jwe._LONGEST_HEADER < 100_000
