from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from cognomen import clock
from cognomen.clock import DAY, HOUR, MINUTE, SECOND
from cognomen.crypto import rsa_keys
from cognomen.federation import saml_metadata
from cognomen.federation.asserted import SamlSession
from cognomen.federation.saml_responses import RESPONSE_MAX, SKEW
from tests import providers
from tests.federation.saml_examples import (
    ASKED,
    NOW,
    PROVIDER,
    UNASKED,
    answered,
    refusal,
    response,
    who,
)
from tests.saml_provider import SamlProvider, signed

FIRST = "Error in SAML response processing: Invalid saml response received: "
SIGNATURE = "Error in SAML response processing: SAML Assertion signature is invalid."


@pytest.mark.parametrize("sign", [("assertion",), ("response",), ("assertion", "response")])
def test_a_signed_answer_tells_who_signed_in(sign: tuple[str, ...]) -> None:
    person, assertion_id, end = answered(response(sign=sign))
    assert person.subject == "jane@example.com"
    assert person.issuer == "https://idp.example.com"
    assert person.claims == {"email": "jane@example.com", "given_name": "Jane"}
    assert person.told == {"samlResponse": person.claims}
    assert person.saml_session == SamlSession(
        "jane@example.com", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "_session-1"
    )
    assert assertion_id.startswith("_")
    assert end == NOW + 5 * MINUTE + SKEW


def test_an_answer_that_nobody_asked_for_is_taken_when_it_is_fresh() -> None:
    unasked = PROVIDER.response(UNASKED, NOW, not_on_or_after=HOUR, confirmed_until=HOUR)
    assert who(unasked, asked=UNASKED, now=NOW + 6 * MINUTE - 1).subject == "jane@example.com"
    assert answered(unasked, asked=UNASKED)[2] == NOW + 6 * MINUTE
    late = refusal(unasked, asked=UNASKED, now=NOW + 6 * MINUTE)
    assert late is not None
    assert late.message == f"{FIRST}Nobody asked for it, and it was not issued within the last six minutes."


def test_attributes_are_told_as_a_mapping_reads_them() -> None:
    attributes = {
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": ["jane@example.com"],
        "groups": ["Sales & more", "a.b-c*d_e", "Zoë~1"],
        "empty": [""],
        "none": [],
        "markup": ["<b>&amp;"],
    }
    claims = who(response(attributes=attributes)).claims
    assert claims == {
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "jane@example.com",
        "groups": "[Sales+%26+more, a.b-c*d_e, Zo%C3%AB%7E1]",
        "empty": "",
        "markup": "<b>&amp;",
    }


def test_two_statements_on_one_attribute_are_its_values() -> None:
    more = (
        '<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>j@example.com'
        "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
    )
    assert who(response(more=more)).claims["email"] == "[jane%40example.com, j%40example.com]"


def test_a_name_without_a_format_and_a_session_without_an_index_are_taken() -> None:
    person = who(response(name_id=" jane ", name_id_format=None, session_index=None, session_until=None))
    assert person.saml_session == SamlSession("jane", None, None)


def test_the_first_of_two_sessions_counts() -> None:
    more = f'<saml:AuthnStatement AuthnInstant="{"2030-01-01T00:00:00Z"}" SessionIndex="_session-2"/>'
    session = who(response(more=more)).saml_session
    assert session is not None
    assert session.session_index == "_session-1"


def test_of_two_bearer_confirmations_one_must_hold() -> None:
    def with_another(assertion: bytes) -> bytes:
        other = (
            b'<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            b'<saml:SubjectConfirmationData Recipient="https://elsewhere.example.com"/></saml:SubjectConfirmation>'
        )
        return assertion.replace(b"</saml:Subject>", other + b"</saml:Subject>")

    assert who(response(assertion=with_another)).subject == "jane@example.com"


@pytest.mark.parametrize(
    "confirmed",
    [
        {"until": -SKEW + SECOND, "then": 5 * MINUTE},
        {"until": 5 * MINUTE, "then": -SKEW + SECOND},
        {"until": MINUTE, "then": 5 * MINUTE, "elsewhere": "https://other.example.com/saml2/idpresponse"},
    ],
)
def test_an_assertion_ends_when_none_of_its_confirmations_can_hold_any_more(
    confirmed: dict[str, Any],
) -> None:
    """Until then it is remembered that it counted."""

    def with_another(assertion: bytes) -> bytes:
        recipient, until = confirmed.get("elsewhere", ASKED.acs_url), clock.written(NOW + confirmed["then"])
        other = (
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
            f'InResponseTo="{ASKED.id}" Recipient="{recipient}" NotOnOrAfter="{until}"/></saml:SubjectConfirmation>'
        )
        return assertion.replace(b"</saml:Subject>", other.encode() + b"</saml:Subject>")

    text = response(assertion=with_another, confirmed_until=confirmed["until"])
    assert answered(text)[2] == NOW + 5 * MINUTE + SKEW


@pytest.mark.parametrize("space", ["\u00a0", "\u0085", "\u2003", "\u3000"])
def test_a_name_is_cut_of_no_space_that_is_none_to_xml(space: str) -> None:
    for name in (f"kim{space}", f"{space}kim"):
        person = who(response(name_id=f" {name}\n", attributes={"email": [name]}))
        assert (person.subject, person.claims["email"]) == (name, name)
    refused = refusal(response(issuer=f"{PROVIDER.entity_id}{space}"))
    assert refused is not None
    assert refused.message == f"{FIRST}The assertion's Issuer is another."


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (SignatureMethod.RSA_SHA384, DigestAlgorithm.SHA384),
        (SignatureMethod.RSA_SHA512, DigestAlgorithm.SHA512),
        (SignatureMethod.SHA256_RSA_MGF1, DigestAlgorithm.SHA256),
    ],
)
def test_other_good_algorithms_sign_too(method: SignatureMethod, digest: DigestAlgorithm) -> None:
    assert who(response(signature_method=method, digest=digest)).subject == "jane@example.com"


def test_a_provider_may_sign_with_an_elliptic_curve() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a provider")])
    begins = datetime.fromtimestamp(NOW // SECOND, UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=1))
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )
    text = base64.b64encode(certificate).decode()

    def with_the_curve(assertion: bytes) -> bytes:
        return signed(assertion, key, text, SignatureMethod.ECDSA_SHA256)

    metadata = saml_metadata.parsed(providers.metadata(PROVIDER.entity_id, PROVIDER.certificate, text), NOW)
    answer = response(assertion=with_the_curve, sign=())
    assert who(answer, metadata=metadata).subject == "jane@example.com"
    assert str(refusal(answer)).endswith(SIGNATURE)


def test_any_certificate_of_the_metadata_may_have_signed() -> None:
    other = SamlProvider(PROVIDER.entity_id, rsa_keys.generate(), now=NOW)
    assert str(refusal(other.response(ASKED, NOW))).endswith(SIGNATURE)
    other.extra_certificates = (PROVIDER.certificate,)
    both = saml_metadata.parsed(other.metadata(), NOW)
    for provider in (PROVIDER, other):
        assert who(provider.response(ASKED, NOW), metadata=both).subject == "jane@example.com"


def test_a_certificate_that_has_expired_since_it_was_configured_goes_on_counting() -> None:
    later = NOW + 4_000 * DAY
    assert who(PROVIDER.response(ASKED, later), now=later).subject == "jane@example.com"


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(document: bytes) -> bytes:
        assert old.encode() in document
        return document.replace(old.encode(), new.encode(), 1)

    return change


def failed(times: int) -> Callable[[bytes], bytes]:
    first, second = (
        f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{name}"/>'
        for name in ("Responder", "AuthnFailed")
    )
    good = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
    return replaced(good, first + second * times)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"}, "Its status is Responder."),
        ({"status": "&lt;script>"}, "Its status is not known."),
        ({"document": failed(300)}, "Its status is Responder, AuthnFailed."),
        ({"version": "1.1"}, "It is not a Response of SAML 2.0."),
        ({"destination": "https://elsewhere.example.com"}, "Its Destination is another."),
        ({"in_response_to": None}, "It is not the response to this request."),
        ({"in_response_to": "_request-2"}, "It is not the response to this request."),
        ({"confirmed_in_response_to": None}, "The assertion is not the response to this request."),
        ({"confirmed_in_response_to": "_request-2"}, "The assertion is not the response to this request."),
        ({"response_issuer": "https://other.example.com"}, "Its Issuer is another."),
        ({"issuer": "https://other.example.com"}, "The assertion's Issuer is another."),
        ({"issuer": None, "response_issuer": None}, "The assertion does not have one Issuer."),
        ({"audience": "urn:amazon:cognito:sp:us-east-1_Other"}, "The assertion's Audience is another."),
        ({"audience": None}, "The assertion's Audience is another."),
        ({"recipient": "https://elsewhere.example.com"}, "The assertion's Recipient is another."),
        ({"recipient": None}, "The assertion's Recipient is another."),
        (
            {"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"},
            "The assertion has no confirmation for its bearer.",
        ),
        ({"confirmed_until": None}, "The assertion's confirmation has no end."),
        ({"confirmed_until": -SKEW}, "The assertion has expired."),
        ({"not_on_or_after": -SKEW}, "The assertion has expired."),
        ({"not_before": SKEW + SECOND}, "The assertion is not valid yet."),
        ({"session_until": -SKEW}, "The session at the provider has ended."),
        ({"issued": SKEW + SECOND}, "The assertion has no IssueInstant, or one in the future."),
        ({"name_id": None}, "The assertion does not have one NameID."),
        ({"name_id": " "}, "The assertion's NameID is empty."),
        ({"name_id": "jane😀"}, "The assertion has a character of four bytes."),
        ({"attributes": {"name": ["😀"]}}, "The assertion has a character of four bytes."),
        ({"conditions": "<saml:Condition/>"}, "The assertion has a condition that is not known."),
        (
            {
                "conditions": "<saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction>"
            },
            "The assertion's Audience is another.",
        ),
        (
            {"assertion": replaced('Version="2.0"', 'Version="2.1"')},
            "The assertion has no ID, or is not of SAML 2.0.",
        ),
        (
            {"assertion": replaced(" ID=", " Other="), "sign": ("response",)},
            "The assertion has no ID, or is not of SAML 2.0.",
        ),
        (
            {"assertion": replaced("IssueInstant", "Other")},
            "The assertion has no IssueInstant, or one in the future.",
        ),
        (
            {"assertion": lambda text: text.replace(b"saml:AuthnStatement", b"saml:Statement")},
            "The assertion does not say that anybody signed in.",
        ),
        ({"more": "<saml:Subject/>"}, "The assertion does not have one Subject."),
        ({"more": "<saml:Conditions/>"}, "The assertion does not have one Conditions."),
        ({"more": "<saml:Advice><saml:Assertion/></saml:Advice>"}, "It does not have one assertion."),
        ({"more": "<saml:Issuer>x</saml:Issuer>"}, "The assertion does not have one Issuer."),
    ],
)
def test_an_answer_that_is_not_for_us_here_and_now_is_refused(changed: dict[str, Any], reason: str) -> None:
    refused = refusal(response(**changed))
    assert refused is not None
    assert (refused.type, refused.message) == ("server_error", FIRST + reason)


@pytest.mark.parametrize(
    "changed",
    [
        {"confirmed_until": -SKEW + 1},
        {"not_on_or_after": -SKEW + 1},
        {"not_before": SKEW},
        {"session_until": -SKEW + 1},
        {"issued": SKEW},
        {"destination": None},
        {"response_issuer": None},
        {"not_before": None, "not_on_or_after": None},
        {"conditions": "<saml:OneTimeUse/><saml:ProxyRestriction/>"},
    ],
)
def test_what_a_clock_may_be_wrong_by_and_may_be_left_out_is_taken(changed: dict[str, Any]) -> None:
    assert refusal(response(**changed)) is None


def test_an_answer_to_a_request_is_none_that_nobody_asked_for() -> None:
    refused = refusal(response(), asked=UNASKED)
    assert refused is not None
    assert refused.message == f"{FIRST}It is not the response to this request."
    refused = refusal(response(in_response_to=None), asked=UNASKED)
    assert refused is not None
    assert refused.message == f"{FIRST}The assertion is not the response to this request."


@pytest.mark.parametrize(
    "text",
    ["2030-03-17T17:46:40", "2030-03-17T17:46:40.1234567Z", "2030-03-17T19:46:40+02:00"],
)
def test_moments_are_read_as_providers_write_them(text: str) -> None:
    change = replaced('IssueInstant="2030-03-17T17:46:40.000Z"', f'IssueInstant="{text}"')
    assert refusal(response(assertion=change)) is None


@pytest.mark.parametrize("text", ["", "now", "2030-03-17", "2030-W11-7T17:46:40Z", "2030-13-17T17:46:40Z"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    change = replaced('IssueInstant="2030-03-17T17:46:40.000Z"', f'IssueInstant="{text}"')
    refused = refusal(response(assertion=change))
    assert refused is not None
    assert refused.message == f"{FIRST}The assertion's IssueInstant cannot be read."


MORE = "It holds more than elements and text, or too many of them."
ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "It is not an XML document."),
        ("!!!", "It is not in base64."),
        ("abc", "It is not in base64."),
        ("YWJj_w==", "It is not in base64."),
        ("é", "It is not in base64."),
        ("A" * (RESPONSE_MAX + 1), f"It has more than {RESPONSE_MAX} characters."),
        (b"not XML", "It is not an XML document."),
        (b"<a>", "It is not an XML document."),
        (b"<a>&b;</a>", "It is not an XML document."),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "It is not an XML document."),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "It is not a Response of SAML 2.0."),
        (
            b"<?xml version='1.0' encoding='UTF-7'?>+ADw-!DOCTYPE x+AD4-<a/>",
            "It is not an XML document.",
        ),
        (b"<html/>", "It is not a Response of SAML 2.0."),
        (f"{ENTITY}<x>&a;</x>".encode(), "It has a document type or a comment."),
        (f"{XXE}<x>&a;</x>".encode(), "It has a document type or a comment."),
        (b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/'><x/>", "It has a document type or a comment."),
        (b"<a><!-- comment --></a>", "It has a document type or a comment."),
        (b"<a><?run it?></a>", MORE),
        (b"<a>" * 51 + b"</a>" * 51, MORE),
        (b"<a>" + b"<b/>" * 3_000 + b"</a>", MORE),
        (b"<a %b/>" % b" ".join(b"b%d='c'" % number for number in range(51)), MORE),
        (b"<a>" * 10_000, "It is not an XML document."),
        (b"<a ID='x'><b Id='x'/></a>", "It has an ID twice."),
        (
            b'<a xml:id="x"><b id="x"/></a>',
            "It has an ID twice.",
        ),
    ],
)
def test_what_is_no_plain_document_is_refused_before_anything_is_believed(
    text: str | bytes, reason: str
) -> None:
    refused = refusal(text if isinstance(text, str) else base64.b64encode(text).decode())
    assert refused is not None
    assert refused.message == FIRST + reason


def test_base64_may_be_broken_into_lines() -> None:
    text = response()
    assert refusal("\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"sign": ()},
        {"signature_method": SignatureMethod.RSA_SHA1},
        {"digest": DigestAlgorithm.SHA1},
        {"sign": ("response",), "digest": DigestAlgorithm.SHA1},
        {"document": replaced(">jane@example.com</saml:NameID>", ">john@example.com</saml:NameID>")},
        {"document": replaced("<saml:AttributeValue", '<saml:AttributeValue a="b"')},
        {"document": replaced("#rsa-sha256", "#rsa-sha1")},
        {"document": replaced("#rsa-sha256", "#hmac-sha256")},
        {"document": replaced("#enveloped-signature", "#base64")},
        {"document": replaced("#sha256", "#sha1")},
        {"document": replaced('URI="#', 'URI="#x')},
        {"document": lambda document: re.sub(rb'URI="#_\w+"', b'URI=""', document)},
        {"document": replaced("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object/>")},
        {"document": replaced("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")},
        {"document": replaced("<ds:SignatureValue>", "<ds:SignatureValue/><ds:SignatureValue>")},
        {"document": replaced("<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>")},
    ],
)
def test_what_nobody_signed_as_it_stands_is_refused(changed: dict[str, Any]) -> None:
    refused = refusal(response(**changed))
    assert refused is not None
    assert (refused.type, refused.message) == ("server_error", SIGNATURE)


@pytest.mark.parametrize(
    ("canonical", "message"),
    [
        (CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0, None),
        (CanonicalizationMethod.CANONICAL_XML_1_0, SIGNATURE),
    ],
)
def test_a_true_signature_of_another_canonical_form_is_refused(
    canonical: CanonicalizationMethod, message: str | None
) -> None:
    def sign(document: bytes) -> bytes:
        certificate = x509.load_der_x509_certificate(base64.b64decode(PROVIDER.certificate))
        signer = XMLSigner(c14n_algorithm=canonical)
        return etree.tostring(signer.sign(etree.fromstring(document), key=PROVIDER.key, cert=[certificate]))

    refused = refusal(response(document=sign, sign=()))
    assert (refused.message if refused else None) == message


def test_a_server_without_saml_providers_does_not_load_the_libraries() -> None:
    program = (
        "import sys; from cognomen import app; from cognomen.federation import saml_refresh, saml_requests, saml_responses;"
        "sys.exit(bool({'lxml', 'signxml'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
