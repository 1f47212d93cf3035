"""What authenticators answer: right, and wrong in one way at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import base64url, passkeys
from cognomen.crypto.passkeys import Asked, Fault, Unfit
from tests.authenticator import ES256, PRESENT, RS256, VERIFIED, Authenticator, cose_key, new_key

PARTY = "example.com"
ORIGIN = "https://login.example.com"
CHALLENGE = bytes(range(32))
ASKED = Asked(CHALLENGE, PARTY, verifies_user=False)
STRICT = Asked(CHALLENGE, PARTY, verifies_user=True)
HANDLE = b"6f5d3c2a-0000-4000-8000-000000000000"
CREATE: dict[str, Any] = {
    "challenge": base64url.encode(CHALLENGE),
    "rp": {"id": PARTY},
    "user": {"id": base64url.encode(HANDLE)},
}


@contextmanager
def unfit(fault: Fault) -> Any:
    with pytest.raises(Unfit) as caught:
        yield
    assert caught.value.fault is fault


def get(*ids: str) -> dict[str, Any]:
    return {
        "challenge": base64url.encode(CHALLENGE),
        "rpId": PARTY,
        "allowCredentials": [{"type": "public-key", "id": id} for id in ids],
    }


def registered(authenticator: Authenticator) -> passkeys.NewPasskey:
    return passkeys.register(authenticator.create(CREATE, ORIGIN), ASKED)


def proven(authenticator: Authenticator, asked: Asked = ASKED, **instead: Any) -> int:
    made = registered(authenticator)
    proof = authenticator.get(get(made.id), instead.pop("origin", ORIGIN), **instead)
    return passkeys.verify(proof, asked, made.public_key, made.counter, HANDLE)


# -- registration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [ES256, RS256])
@pytest.mark.parametrize("form", ["none", "packed"])
def test_a_credential_is_registered(algorithm: int, form: str) -> None:
    authenticator = Authenticator(algorithm, aaguid=bytes(range(16)))
    answer = authenticator.create(CREATE, ORIGIN, form=form)
    assert passkeys.challenge_of(answer) == CHALLENGE
    made = passkeys.register(answer, STRICT)
    assert made.id == answer["id"]
    assert cbor2.loads(made.public_key) == cose_key(authenticator.keys[made.id])
    assert made.counter == 0
    assert made.aaguid == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert (made.attachment, made.transports) == ("platform", ("internal", "hybrid"))


def p384() -> dict[int, Any]:
    return cose_key(ec.generate_private_key(ec.SECP384R1()))


def ed() -> dict[int, Any]:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return {1: 1, 3: -8, -1: 6, -2: raw}


def rsa_of(bits: int) -> dict[int, Any]:
    return cose_key(rsa.generate_private_key(65537, bits))


P256 = cose_key(new_key())
WRONG_REGISTRATIONS: dict[str, tuple[dict[str, Any], Fault]] = {
    "a proof": ({"kind": "webauthn.get"}, Fault.MALFORMED),
    "another challenge": ({"challenge": base64url.encode(bytes(32))}, Fault.CHALLENGE),
    "no challenge": ({"challenge": ""}, Fault.CHALLENGE),
    "a challenge that is no base64url": ({"challenge": "+/"}, Fault.MALFORMED),
    "a page in a frame of another site": ({"cross_origin": True}, Fault.ORIGIN),
    "another relying party": ({"relying_party": "example.org"}, Fault.RELYING_PARTY),
    "a relying party above": ({"relying_party": "com"}, Fault.RELYING_PARTY),
    "nobody there": ({"flags": VERIFIED}, Fault.MALFORMED),
    "backed up though it cannot be": ({"flags": PRESENT | VERIFIED | 0x10}, Fault.MALFORMED),
    "two ids": ({"raw_id": "AAAA"}, Fault.MALFORMED),
    "an unknown form": ({"form": "compound"}, Fault.SUPPORT),
    "a form that is no text": ({"form": 7}, Fault.SUPPORT),
    "a statement of a form that has none": ({"statement": {"sig": b"x"}}, Fault.MALFORMED),
    "a signature of nobody": ({"form": "packed", "statement": {"alg": ES256, "sig": b"x"}}, Fault.MALFORMED),
    "no signature": ({"form": "packed", "statement": {}}, Fault.MALFORMED),
    "another curve": ({"cose": cbor2.dumps(p384())}, Fault.SUPPORT),
    "an algorithm that was not asked for": ({"cose": cbor2.dumps(ed())}, Fault.SUPPORT),
    "a key of another algorithm": ({"cose": cbor2.dumps(rsa_of(2048) | {3: ES256})}, Fault.SUPPORT),
    "a short key": ({"cose": cbor2.dumps(rsa_of(1024))}, Fault.SUPPORT),
    "a point beside the curve": ({"cose": cbor2.dumps(P256 | {-3: P256[-2]})}, Fault.MALFORMED),
    "a key without its point": ({"cose": cbor2.dumps({1: 2, 3: ES256, -1: 1})}, Fault.MALFORMED),
    "a key that is no map": ({"cose": cbor2.dumps([1])}, Fault.MALFORMED),
    "no attestation object": ({"attestation": b""}, Fault.MALFORMED),
    "an attestation that is no map": ({"attestation": cbor2.dumps(1)}, Fault.MALFORMED),
    "an attestation without data": ({"attestation": cbor2.dumps({"fmt": "none"})}, Fault.MALFORMED),
    "short data": ({"attestation": cbor2.dumps({"fmt": "none", "authData": b"x"})}, Fault.MALFORMED),
    "nested without end": ({"attestation": b"\x81" * 100_000}, Fault.MALFORMED),
}


@pytest.mark.parametrize("way", WRONG_REGISTRATIONS)
def test_a_registration_that_is_wrong_in_one_way_is_unfit(way: str) -> None:
    instead, fault = WRONG_REGISTRATIONS[way]
    answer = Authenticator().create(CREATE, ORIGIN, **instead)
    with unfit(fault):
        passkeys.register(answer, ASKED)


def test_a_registration_without_a_credential_is_unfit() -> None:
    answer = Authenticator().create(CREATE, ORIGIN)
    object_ = cbor2.loads(base64url.decode(answer["response"]["attestationObject"]))
    data = bytearray(object_["authData"][:37])
    data[32] = PRESENT
    answer["response"]["attestationObject"] = base64url.encode(
        cbor2.dumps(object_ | {"authData": bytes(data)})
    )
    with unfit(Fault.MALFORMED):
        passkeys.register(answer, ASKED)


def test_the_user_must_be_verified_where_that_is_required() -> None:
    authenticator = Authenticator(verifies=False)
    passkeys.register(authenticator.create(CREATE, ORIGIN), ASKED)
    with unfit(Fault.SUPPORT):
        passkeys.register(authenticator.create(CREATE, ORIGIN), STRICT)
    with unfit(Fault.SUPPORT):
        proven(authenticator, STRICT)
    assert proven(authenticator)
    assert proven(Authenticator(), STRICT)


@pytest.mark.parametrize("member", ["id", "rawId", "type", "response"])
def test_an_answer_without_a_member_is_unfit(member: str) -> None:
    authenticator = Authenticator()
    answer = authenticator.create(CREATE, ORIGIN)
    proof = json.loads(authenticator.get(get(answer["id"]), ORIGIN))
    del answer[member], proof[member]
    with unfit(Fault.MALFORMED):
        passkeys.challenge_of(answer)
    with unfit(Fault.MALFORMED):
        passkeys.id_of(json.dumps(proof))


def test_what_a_client_says_of_an_authenticator_is_taken_as_far_as_it_is_known() -> None:
    answer = Authenticator().create(CREATE, ORIGIN)
    answer["response"]["transports"] = ["usb", "carrier pigeon", "usb"]
    answer["authenticatorAttachment"] = None
    made = passkeys.register(answer, ASKED)
    assert (made.attachment, made.transports) == (None, ("usb",))
    del answer["response"]["transports"], answer["authenticatorAttachment"]
    assert passkeys.register(answer, ASKED).transports == ()


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary().map(base64url.encode),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(documents, documents, st.binary())
def test_whatever_comes_is_unfit_and_nothing_worse(one: Any, other: Any, raw: bytes) -> None:
    answer = Authenticator().create(CREATE, ORIGIN)
    for wrong in (
        one,
        answer | {"response": one},
        answer | {"response": answer["response"] | {"clientDataJSON": one}},
        answer | {"response": answer["response"] | {"attestationObject": base64url.encode(raw)}},
        answer | {"response": answer["response"] | {"attestationObject": other}},
    ):
        with pytest.raises(Unfit):
            passkeys.register(wrong, ASKED)
        with pytest.raises(Unfit):
            passkeys.verify(json.dumps(wrong), ASKED, b"", 0, HANDLE)


def test_a_server_without_passkeys_does_without_the_library() -> None:
    program = "import cognomen.app, sys; print({'webauthn', 'cbor2', 'OpenSSL'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "set()\n"


# -- proof ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [ES256, RS256])
def test_a_credential_is_proven(algorithm: int) -> None:
    authenticator = Authenticator(algorithm)
    assert proven(authenticator) == 1
    made = registered(authenticator)
    proof = authenticator.get(get(made.id), ORIGIN, user_handle=None)
    assert passkeys.id_of(proof) == made.id
    assert passkeys.verify(proof, ASKED, made.public_key, 1, HANDLE) == 2


WRONG_PROOFS: dict[str, tuple[dict[str, Any], Fault]] = {
    "a registration": ({"kind": "webauthn.create"}, Fault.MALFORMED),
    "another challenge": ({"challenge": base64url.encode(bytes(32))}, Fault.CHALLENGE),
    "another site": ({"origin": "https://example.org"}, Fault.ORIGIN),
    "a page in a frame of another site": ({"cross_origin": True}, Fault.ORIGIN),
    "another relying party": ({"relying_party": "example.org"}, Fault.RELYING_PARTY),
    "nobody there": ({"flags": VERIFIED}, Fault.MALFORMED),
    "two ids": ({"raw_id": "AAAA"}, Fault.MALFORMED),
    "another user's": ({"user_handle": base64url.encode(b"somebody")}, Fault.MALFORMED),
    "another key": ({"key": new_key()}, Fault.PROOF),
    "a key of another algorithm": ({"key": new_key(RS256)}, Fault.PROOF),
}


@pytest.mark.parametrize("way", WRONG_PROOFS)
def test_a_proof_that_is_wrong_in_one_way_is_unfit(way: str) -> None:
    instead, fault = WRONG_PROOFS[way]
    with unfit(fault):
        proven(Authenticator(), **instead)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_proof_is_of_every_byte(part: str) -> None:
    authenticator = Authenticator()
    made = registered(authenticator)
    proof = json.loads(authenticator.get(get(made.id), ORIGIN))
    raw = bytearray(base64url.decode(proof["response"][part]))
    for at in range(len(raw)):
        changed = bytes(raw[:at]) + bytes([raw[at] ^ 1]) + bytes(raw[at + 1 :])
        proof["response"][part] = base64url.encode(changed)
        with pytest.raises(Unfit):
            passkeys.verify(json.dumps(proof), ASKED, made.public_key, made.counter, HANDLE)


@pytest.mark.parametrize(
    ("known", "now", "is_right"),
    [(0, 0, True), (0, 1, True), (5, 6, True), (5, 5, False), (5, 4, False), (5, 0, False)],
)
def test_a_counter_moves_where_there_is_one(known: int, now: int, is_right: bool) -> None:
    authenticator = Authenticator()
    made = registered(authenticator)
    proof = authenticator.get(get(made.id), ORIGIN, counter=now)
    if is_right:
        assert passkeys.verify(proof, ASKED, made.public_key, known, HANDLE) == now
    else:
        with unfit(Fault.PROOF):
            passkeys.verify(proof, ASKED, made.public_key, known, HANDLE)


def test_the_key_of_nobody_is_a_point_that_was_looked_for() -> None:
    """The first from the digest of a text upwards, so that nobody can have chosen it for its private half."""
    key = cbor2.loads(passkeys.NOBODYS_KEY)
    wanted = int.from_bytes(sha256(b"a passkey of nobody").digest())
    assert {name: key[name] for name in (1, 3, -1)} == {1: 2, 3: ES256, -1: 1}
    x, y = int.from_bytes(key[-2]), int.from_bytes(key[-3])
    assert 0 <= x - wanted < 10
    ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    authenticator = Authenticator()
    made = registered(authenticator)
    proof = authenticator.get(get(made.id), ORIGIN)
    with unfit(Fault.PROOF):
        passkeys.verify(proof, ASKED, passkeys.NOBODYS_KEY, 0, HANDLE)


# -- origins ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "relying_party"),
    [
        ("https://example.com", "example.com"),
        ("https://example.com:8443", "example.com"),
        ("https://login.example.com", "example.com"),
        ("https://a.b.example.com", "example.com"),
        ("http://localhost:3000", "localhost"),
        ("https://localhost", "localhost"),
        ("http://app.localhost:3000", "localhost"),
        ("http://app.localhost", "app.localhost"),
        ("android:apk-key-hash:" + "a" * 43, "example.com"),
    ],
)
def test_an_origin_is_of_its_relying_party(origin: str, relying_party: str) -> None:
    assert passkeys.is_of(origin, relying_party)


@pytest.mark.parametrize(
    ("origin", "relying_party"),
    [
        ("http://example.com", "example.com"),
        ("https://example.com", "login.example.com"),
        ("https://badexample.com", "example.com"),
        ("https://example.com.evil.org", "example.com"),
        ("https://example.com@evil.org", "example.com"),
        ("https://evil.org/.example.com", "example.com"),
        ("https://evil.org#.example.com", "example.com"),
        ("https://evil.org\n.example.com", "example.com"),
        ("https://example.com\n", "example.com"),
        ("https://EXAMPLE.com", "example.com"),
        ("https://example.com.", "example.com"),
        ("http://localhost.example.com", "example.com"),
        ("http://notlocalhost", "notlocalhost"),
        ("ftp://example.com", "example.com"),
        ("example.com", "example.com"),
        ("https://", ""),
        ("https://.", ""),
        ("null", "null"),
        ("", ""),
        ("android:apk-key-hash:short", "example.com"),
        ("android:apk-key-hash:" + "a" * 44, "example.com"),
        ("ios:bundle-id:com.example", "example.com"),
    ],
)
def test_an_origin_of_others_is_not(origin: str, relying_party: str) -> None:
    assert not passkeys.is_of(origin, relying_party)
