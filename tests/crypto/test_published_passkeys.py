"""Passkeys that others have published, so that not only our own reading of the standard is tested: see published/README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from OpenSSL.crypto import X509Store

from cognomen.crypto import base64url, passkeys
from cognomen.crypto.passkeys import Asked, Fault, Unfit

PUBLISHED = Path(__file__).parent / "published"
VECTORS: dict[str, dict[str, dict[str, str]]] = json.loads((PUBLISHED / "webauthn_level_3.json").read_text())
DEVICES: dict[str, dict[str, Any]] = json.loads((PUBLISHED / "devices.json").read_text())

# Whether the user was verified: by the registration, and by the proof.
ACCEPTED = {
    "none-es256": (False, False),
    "none-es256-long-credential-id": (False, True),
    "packed-self-es256": (True, False),
    "packed-es256": (True, True),
    "packed-rs256": (True, False),
}
REFUSED = {
    "none-es256-crossOrigin": Fault.ORIGIN,
    "none-es256-topOrigin": Fault.ORIGIN,
    "packed-es384": Fault.SUPPORT,
    "packed-es512": Fault.SUPPORT,
    "packed-eddsa": Fault.SUPPORT,
    "packed-ed448": Fault.SUPPORT,
}
# Right but for who attests it: the section's own root is none of the manufacturers', and a U2F key does not tell its model.
ATTESTED_BY_NOBODY = {
    "tpm-es256": "Unrecognized TPM Manufacturer",
    "android-key-es256": "x5c was empty",
    "apple-es256": "Certificate chain could not be validated",
    "fido-u2f-es256": "AAGUID .* was not expected",
}
# When each device's certificates were good, where their chain is looked at.
THEN = {"apple": datetime(2021, 9, 1, tzinfo=UTC), "android-key": datetime(2025, 1, 8, tzinfo=UTC)}


def asked(challenge: str, relying_party: str = "example.org", *, verifies_user: bool = False) -> Asked:
    return Asked(base64url.decode(challenge), relying_party, verifies_user)


def registration(name: str) -> dict[str, Any]:
    given = VECTORS[name]["registration"]
    return {
        "id": given["credential_id"],
        "rawId": given["credential_id"],
        "type": "public-key",
        "response": {each: given[each] for each in ("clientDataJSON", "attestationObject")},
    }


def proof(name: str, **instead: str) -> str:
    id, given = VECTORS[name]["registration"]["credential_id"], VECTORS[name]["authentication"] | instead
    response = {each: given[each] for each in ("clientDataJSON", "authenticatorData", "signature")}
    return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": response})


def register(name: str, *, verifies_user: bool = False) -> passkeys.NewPasskey:
    challenge = VECTORS[name]["registration"]["challenge"]
    return passkeys.register(registration(name), asked(challenge, verifies_user=verifies_user))


@contextmanager
def taken_if(is_verified: bool) -> Iterator[None]:
    """The block asks that the user is verified, and must be refused where he is not."""
    if is_verified:
        yield
        return
    with pytest.raises(Unfit) as caught:
        yield
    assert caught.value.fault is Fault.SUPPORT


def test_every_vector_is_of_known_outcome() -> None:
    assert ACCEPTED.keys() | REFUSED.keys() | ATTESTED_BY_NOBODY.keys() == VECTORS.keys()


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_vector_is_registered_and_then_proven(name: str) -> None:
    at_registration, at_proof = ACCEPTED[name]
    made = register(name)
    assert made.id == VECTORS[name]["registration"]["credential_id"]
    challenge = VECTORS[name]["authentication"]["challenge"]
    assert passkeys.verify(proof(name), asked(challenge), made.public_key, 0, b"") == 0
    with taken_if(at_registration):
        assert register(name, verifies_user=True) == made
    with taken_if(at_proof):
        passkeys.verify(proof(name), asked(challenge, verifies_user=True), made.public_key, 0, b"")


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_vector_proves_neither_another_credential_nor_with_another_signature(name: str) -> None:
    another = next(each for each in ACCEPTED if each != name)
    challenge = asked(VECTORS[name]["authentication"]["challenge"])
    mixed = proof(name, signature=VECTORS[another]["authentication"]["signature"])
    for given, key in ((proof(name), register(another).public_key), (mixed, register(name).public_key)):
        with pytest.raises(Unfit) as caught:
            passkeys.verify(given, challenge, key, 0, b"")
        assert caught.value.fault is Fault.PROOF


@pytest.mark.parametrize("name", REFUSED)
def test_a_vector_that_is_not_taken_is_refused(name: str) -> None:
    with pytest.raises(Unfit) as caught:
        register(name)
    assert caught.value.fault is REFUSED[name]


@pytest.mark.parametrize("name", ATTESTED_BY_NOBODY)
def test_a_vector_that_no_manufacturer_attests_is_refused_for_that(name: str) -> None:
    with pytest.raises(Unfit) as caught:
        register(name)
    assert caught.value.fault is Fault.MALFORMED
    assert re.search(ATTESTED_BY_NOBODY[name], str(caught.value.__cause__))


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """One of each form, while its certificates are good."""
    store = X509Store()
    store.set_time(THEN.get(request.param, max(THEN.values())))
    chain = import_module("webauthn.helpers.validate_certificate_chain")
    monkeypatch.setattr(chain, "_generate_new_cert_store", lambda: store)
    return DEVICES[request.param]


def test_a_device_of_each_form_of_attestation_is_registered(device: dict[str, Any]) -> None:
    made = passkeys.register(device["answer"], asked(device["challenge"], device["relying_party"]))
    assert made.id == device["answer"]["id"]


def test_an_attestation_is_of_what_the_browser_has_said(device: dict[str, Any]) -> None:
    response = device["answer"]["response"]
    spaced = b" " + base64url.decode(response["clientDataJSON"])
    changed = device["answer"] | {"response": response | {"clientDataJSON": base64url.encode(spaced)}}
    with pytest.raises(Unfit) as caught:
        passkeys.register(changed, asked(device["challenge"], device["relying_party"]))
    assert caught.value.fault is Fault.MALFORMED


@pytest.mark.parametrize("form", THEN)
def test_a_chain_of_certificates_that_are_no_longer_good_is_refused(form: str) -> None:
    device = DEVICES[form]
    with pytest.raises(Unfit) as caught:
        passkeys.register(device["answer"], asked(device["challenge"], device["relying_party"]))
    assert caught.value.fault is Fault.MALFORMED
