"""What is read of a SAML provider's metadata, and what is refused, whoever wrote it."""

from __future__ import annotations

import base64
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognomen import clock, errors
from cognomen.clock import DAY
from cognomen.errors import Refusal
from cognomen.federation import saml_metadata
from cognomen.federation.saml_metadata import SamlMetadata
from tests import providers
from tests.providers import POST, REDIRECT

ID = "https://idp.example.com/saml"
NOW = clock.now()
CERTIFICATE = providers.certificate(NOW)
OLD = providers.certificate(NOW - 4_000 * DAY)
GOOD = providers.metadata(ID, CERTIFICATE, slo=providers.single_logout(f"{ID}/slo"))

DOCTYPE = '<!DOCTYPE x [<!ENTITY a "{entity}">]>'
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x.dtd"> %a;]>'
EXTERNAL = '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)


def refused(document: bytes | str) -> str | None:
    with pytest.raises(Refusal) as caught:
        saml_metadata.parsed(document, NOW)
    assert caught.value.type == "InvalidParameterException"
    return caught.value.message


def with_doctype(doctype: str) -> str:
    head, body = GOOD.split("\n", 1)
    return f"{head}\n{doctype}{body.replace(ID, '&a;', 1)}"


def test_a_provider_is_what_its_metadata_says() -> None:
    assert saml_metadata.parsed(GOOD, NOW) == SamlMetadata(ID, f"{ID}/sso", f"{ID}/slo", (CERTIFICATE,))


def test_prefixes_and_the_encoding_are_the_writers_own() -> None:
    default = GOOD.replace("xmlns:md=", "xmlns=").replace("md:", "")
    wide = GOOD.replace("UTF-8", "UTF-16").encode("utf-16")
    for document in (default, GOOD.encode(), wide, GOOD.replace("UTF-8", "UTF-16")):
        assert saml_metadata.parsed(document, NOW).entity_id == ID


def test_all_certificates_that_sign_and_have_not_expired_are_kept() -> None:
    other = providers.certificate(NOW + DAY)
    unnamed = providers._key_descriptor(other).replace(' use="signing"', "")
    encrypting = providers._key_descriptor(providers.certificate(NOW + 2 * DAY), use="encryption")
    document = providers.metadata(ID, CERTIFICATE, CERTIFICATE, OLD, more=unnamed + encrypting)
    assert saml_metadata.parsed(document, NOW).certificates == (CERTIFICATE, other)


def test_the_key_that_signed_the_document_is_not_one_of_the_provider() -> None:
    """Whoever signs metadata, a federation for one, does not sign what its members say."""
    foreign = providers._key_descriptor(CERTIFICATE).replace("md:KeyDescriptor", "ds:Signature")
    foreign = f'<ds:x xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{foreign}</ds:x>'
    assert "no certificate" in (refused(providers.metadata(ID, more=foreign)) or "")


def test_the_one_provider_among_others_is_found() -> None:
    service = GOOD.split("\n", 1)[1].replace("IDPSSODescriptor", "SPSSODescriptor")
    both = (
        f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        f"{service}{GOOD.split(chr(10), 1)[1]}</md:EntitiesDescriptor>"
    )
    assert saml_metadata.parsed(both, NOW).entity_id == ID
    twice = both.replace("SPSSODescriptor", "IDPSSODescriptor")
    assert refused(twice) == "The metadata describes more than one identity provider."


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (GOOD.replace("IDPSSODescriptor", "SPSSODescriptor"), "The metadata describes no identity provider."),
        (
            GOOD.replace("SAML:2.0:protocol", "SAML:1.1:protocol"),
            "The metadata describes no identity provider.",
        ),
        ("<html><body>Sign in</body></html>", "The metadata describes no identity provider."),
        (GOOD.replace(f'entityID="{ID}"', ""), "The metadata has no entity ID."),
        (
            GOOD.replace(REDIRECT, POST),
            "No SingleSignOn Http redirect binding location found in metadata.",
        ),
        (GOOD.replace(f"{ID}/sso", "javascript:alert(1)"), "The metadata has a location that is not a URL."),
        (GOOD.replace(f"{ID}/slo", "javascript:alert(1)"), "The metadata has a location that is not a URL."),
        (
            providers.metadata(ID),
            "The metadata has no certificate to verify signatures with that has not expired.",
        ),
        (
            providers.metadata(ID, OLD),
            "The metadata has no certificate to verify signatures with that has not expired.",
        ),
        (providers.metadata(ID, "!!!"), "The metadata has a certificate that cannot be read."),
        (
            providers.metadata(ID, base64.b64encode(b"no certificate").decode()),
            "The metadata has a certificate that cannot be read.",
        ),
        (
            providers.metadata(ID, *(providers.certificate(NOW) for _ in range(21))),
            "The metadata has more than 20 certificates to verify signatures with.",
        ),
        (
            providers.metadata(ID, "A" * 4_097),
            "The metadata has a certificate of more than 4096 characters.",
        ),
        ("", "Unable to unmarshall metadata"),
        ("not XML", "Unable to unmarshall metadata"),
        (GOOD[:-5], "Unable to unmarshall metadata"),
        (GOOD + "<x/>", "Unable to unmarshall metadata"),
        (GOOD.encode()[:-200] + b"\xff\xfe", "Unable to unmarshall metadata"),
        (GOOD.replace("UTF-8", "no-such").encode(), "Unable to unmarshall metadata"),
        ("<x>" * 100_000, "Unable to unmarshall metadata"),
        ("<x>" * 51 + "</x>" * 51, "Unable to unmarshall metadata"),
        (with_doctype(DOCTYPE.format(entity=ID)), "Unable to unmarshall metadata"),
        (with_doctype(XXE), "Unable to unmarshall metadata"),
        (with_doctype(PARAMETER), "Unable to unmarshall metadata"),
        (with_doctype(EXTERNAL), "Unable to unmarshall metadata"),
    ],
)
def test_what_is_no_metadata_of_a_provider_is_refused(document: bytes | str, message: str) -> None:
    assert refused(document) == message


def test_a_billion_laughs_are_not_laughed() -> None:
    began = time.process_time()
    assert refused(with_doctype(LAUGHS).replace("&a;", "&a11;")) == errors.METADATA_UNREADABLE.text
    assert time.process_time() - began < 0.5


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60), st.integers(0, len(GOOD)), st.integers(0, 40))
def test_a_spoiled_document_is_read_or_refused(noise: bytes, place: int, gone: int) -> None:
    document = GOOD.encode()
    spoiled = document[:place] + noise + document[place + gone :]
    with suppress(Refusal):
        assert saml_metadata.parsed(spoiled, NOW).certificates
