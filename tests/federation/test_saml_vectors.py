"""What other implementations signed and encrypted is verified and opened: saml_vectors/README.md says who made it."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path

import pytest

from cognomen import errors
from cognomen.clock import SECOND
from cognomen.federation import saml_metadata
from cognomen.federation.configuration import EncryptionKey
from tests.federation.saml_examples import refusal, who

VECTORS = Path(__file__).with_name("saml_vectors")
MOMENT = int(datetime.fromisoformat("2026-11-27T13:40:20Z").timestamp()) * SECOND
METADATA = saml_metadata.parsed((VECTORS / "metadata.xml").read_bytes(), MOMENT)
KEY = EncryptionKey(base64.b64decode((VECTORS / "encryption-key.b64").read_text()), "")

ATTRIBUTES = {
    "urn:oid:0.9.2342.19200300.100.1.3": "jane@example.com",
    "urn:oid:2.5.4.42": "Jane",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "[staff, member]",
}
OPENSAML = {"urn:oid:0.9.2342.19200300.100.1.3": "jane@example.com"}
MICROSOFT = {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "jane@example.com"}


def encoded(name: str, old: str = "", new: str = "") -> str:
    document = (VECTORS / f"{name}.xml").read_text()
    assert old in document
    return base64.b64encode(document.replace(old, new).encode()).decode()


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("pysaml2-assertion", ATTRIBUTES),
        ("pysaml2-response", ATTRIBUTES),
        ("pysaml2-both", ATTRIBUTES),
        ("xmlsec-aes256-cbc", ATTRIBUTES),
        ("xmlsec-aes128-gcm", ATTRIBUTES),
        ("xmlsec-default-namespaces", MICROSOFT),
        ("xmlsec-inclusive", MICROSOFT),
        ("xmlsec-prefix-list", OPENSAML),
        ("xmlsec-prefix-list-both", OPENSAML),
    ],
)
def test_what_another_implementation_made_signs_somebody_in(name: str, claims: dict[str, str]) -> None:
    person = who(encoded(name), now=MOMENT, metadata=METADATA, key=KEY)
    assert (person.subject, person.issuer) == ("jane-0815", "https://idp.example.com/metadata")
    assert person.claims == claims


def test_whom_a_name_is_for_is_remembered_for_the_way_out() -> None:
    session = who(encoded("xmlsec-prefix-list"), now=MOMENT, metadata=METADATA).saml_session
    assert session is not None
    assert session.name_qualifier == METADATA.entity_id
    assert session.sp_name_qualifier == "urn:amazon:cognito:sp:us-east-1_AbCdEfGhI"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pysaml2-assertion", "jane-0815", "john-0815"),
        ("pysaml2-response", "jane-0815", "john-0815"),
        ("xmlsec-prefix-list", "jane@", "john@"),
        ("xmlsec-prefix-list-both", 'PrefixList="xsd"', 'PrefixList="xs"'),
        ("xmlsec-default-namespaces", "Version=", 'xmlns:x="y" x:Version='),
        ("xmlsec-inclusive", 'xmlns:samlp="', 'xmlns:x="y" xmlns:samlp="'),
    ],
)
def test_and_nobody_when_it_was_changed(name: str, old: str, new: str) -> None:
    assert refusal(encoded(name, old, new), now=MOMENT, metadata=METADATA, key=KEY) is not None


def test_triple_des_is_refused_by_its_name() -> None:
    refused = refusal(encoded("pysaml2-triple-des"), now=MOMENT, metadata=METADATA, key=KEY)
    assert refused is not None
    assert "xmlenc#tripledes-cbc is not supported" in (refused.message or "")


def test_a_true_signature_over_a_whole_document_is_refused() -> None:
    """It says what it covers by the place where it stands, which is what attackers change."""
    refused = refusal(encoded("xmlsec-whole-document"), now=MOMENT, metadata=METADATA)
    assert refused is not None
    assert refused.is_(errors.SAML_SIGNATURE)
