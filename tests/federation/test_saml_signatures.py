"""What documents of strangers cost: no more canonical forms than a good one, however they are made and whoever may have signed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cognomen.crypto import rsa_keys
from cognomen.federation import saml_metadata
from cognomen.federation.saml_documents import DECLARATIONS_MAX, NAMESPACES_MAX
from cognomen.federation.saml_metadata import CERTIFICATES_MAX
from cognomen.federation.saml_signatures import ELEMENTS_MAX
from tests.federation.saml_examples import NOW, PROVIDER, refusal, response, who
from tests.saml_provider import SamlProvider, certificate

INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

Written = Callable[[], int]


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Written:
    """How many canonical forms were written since it was asked last: the library notes each."""
    caplog.set_level(logging.DEBUG, "signxml.processor")

    def count() -> int:
        found = sum(str(record.msg).startswith("Canonicalized") for record in caplog.records)
        caplog.clear()
        return found

    return count


def declared(count: int) -> str:
    return "".join(f' xmlns:n{number}="u:u"' for number in range(count))


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(document: bytes) -> bytes:
        assert old.encode() in document
        return document.replace(old.encode(), new.encode(), 1)

    return change


def method_with(inner: str) -> Callable[[bytes], bytes]:
    name = "ds:CanonicalizationMethod"
    return replaced(f'<{name} Algorithm="{EXCLUSIVE}"/>', f'<{name} Algorithm="{INCLUSIVE}">{inner}</{name}>')


def transform_with(inner: str) -> Callable[[bytes], bytes]:
    name = f'ds:Transform Algorithm="{EXCLUSIVE}"'
    return replaced(f"<{name}/>", f"<{name}>{inner}</ds:Transform>")


def slow(document: bytes) -> bytes:
    """What took forty seconds, for each certificate."""
    crowded = method_with("<ds:KeyName/>" * 1_500)(document)
    return replaced("<ds:SignedInfo>", f"<ds:SignedInfo{declared(2_000)}>")(crowded)


def prefixes(count: int) -> str:
    told = " ".join(f"n{number}" for number in range(count))
    return f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{told}"/>'


@pytest.mark.parametrize(
    "change",
    [
        slow,
        replaced("<ds:SignedInfo>", f"<ds:SignedInfo{declared(NAMESPACES_MAX)}>"),
        replaced("<saml:Subject>", f"<saml:Subject{declared(NAMESPACES_MAX)}>"),
        replaced("</samlp:Status>", "<b xmlns:c='u:u'/>" * DECLARATIONS_MAX + "</samlp:Status>"),
        method_with("<ds:KeyName/>"),
        transform_with(f"{prefixes(1)}{prefixes(1)}"),
        transform_with(prefixes(NAMESPACES_MAX + 1)),
        replaced("<ds:X509Data>", "<ds:X509Data>" + "<ds:X509SKI>AAAA</ds:X509SKI>" * ELEMENTS_MAX),
    ],
)
def test_what_would_take_long_is_refused_before_any_canonical_form(
    written: Written, change: Callable[[bytes], bytes]
) -> None:
    text = response(document=change)
    written()  # what the provider wrote
    assert refusal(text) is not None
    assert written() == 0


def test_what_providers_write_is_within_what_is_read() -> None:
    """OpenSAML and Keycloak declare two namespaces for each value."""
    groups = [f"g{number}" for number in range(300)]
    assert who(response(attributes={"groups": groups})).claims["groups"] == f"[{', '.join(groups)}]"


@pytest.mark.parametrize(
    "changed", [{}, {"document": replaced("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")}]
)
def test_another_certificate_costs_a_look_at_the_signature_and_nothing_else(
    written: Written, changed: dict[str, Any]
) -> None:
    others = rsa_keys.generate()
    provider = SamlProvider(PROVIDER.entity_id, now=NOW)
    provider.extra_certificates = tuple(certificate(others, NOW) for _ in range(CERTIFICATES_MAX - 1))
    metadata = saml_metadata.parsed(provider.metadata(), NOW)
    assert len(metadata.certificates) == CERTIFICATES_MAX
    text = response(**changed)
    written()  # what the provider wrote
    told = refusal(text)
    forms = written()
    assert forms > 0
    assert str(refusal(text, metadata=metadata)) == str(told)
    assert written() == forms
