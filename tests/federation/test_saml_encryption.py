from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cognomen import clock
from cognomen.crypto import rsa_keys
from cognomen.errors import Refusal
from cognomen.federation import saml_reading
from cognomen.federation.configuration import Configuration, EncryptionKey
from cognomen.federation.saml_reading import REFUSED_AFTER
from cognomen.threads import Threads
from tests import providers
from tests.federation.saml_examples import ASKED, METADATA, NOW, refusal, who
from tests.saml_provider import OAEP_OF_2001, XMLENC, XMLENC11, Encryption, SamlProvider, certificate

OURS = rsa_keys.generate()
CERTIFICATE = certificate(OURS, NOW)
KEY = EncryptionKey(rsa_keys.to_der(OURS), CERTIFICATE)
PROVIDER = SamlProvider("https://idp.example.com", now=NOW, encrypts_for=CERTIFICATE)
CBC = Encryption()
GCM = Encryption(f"{XMLENC11}aes256-gcm", f"{XMLENC11}rsa-oaep", f"{XMLENC}sha256", f"{XMLENC11}mgf1sha256")

FIRST = "Error in SAML response processing: Invalid saml response received: "
SIGNATURE = "Error in SAML response processing: SAML Assertion signature is invalid."


def response(encryption: Encryption, **changed: Any) -> str:
    return PROVIDER.response(ASKED, NOW, encryption=encryption, **changed)


def reason(text: str, **how: Any) -> str | None:
    refused = refusal(text, **({"key": KEY, "EncryptedResponses": "true"} | how))
    return refused.message if refused else None


@pytest.mark.parametrize("sign", [("assertion",), ("response",), ("assertion", "response")])
@pytest.mark.parametrize(
    "how",
    [
        CBC,
        GCM,
        Encryption(f"{XMLENC}aes128-cbc", OAEP_OF_2001, f"{XMLENC}sha256"),
        Encryption(f"{XMLENC11}aes128-gcm", f"{XMLENC11}rsa-oaep", f"{XMLENC}sha256"),
    ],
)
def test_an_encrypted_assertion_is_opened_and_verified(how: Encryption, sign: tuple[str, ...]) -> None:
    person = who(response(how, sign=sign), key=KEY, EncryptedResponses="true")
    assert person.subject == "jane@example.com"


def test_one_that_is_not_encrypted_is_refused_where_encryption_is_wanted() -> None:
    assert reason(PROVIDER.response(ASKED, NOW)) == f"{FIRST}The assertion is not encrypted."


def test_one_that_is_encrypted_all_the_same_is_opened_where_there_is_a_key() -> None:
    assert reason(response(CBC), EncryptedResponses="false") is None
    no_key = reason(response(CBC), EncryptedResponses="false", key=None)
    assert no_key == f"{FIRST}The assertion is encrypted, and there is no key for it."


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (
            replace(CBC, transport=f"{XMLENC}rsa-1_5"),
            f"The key transport algorithm {XMLENC}rsa-1_5 is not supported.",
        ),
        (
            replace(CBC, content=f"{XMLENC}aes192-cbc"),
            f"The encryption algorithm {XMLENC}aes192-cbc is not supported.",
        ),
        (
            replace(CBC, content=f"{XMLENC}tripledes-cbc"),
            f"The encryption algorithm {XMLENC}tripledes-cbc is not supported.",
        ),
        (replace(GCM, digest="x"), "The digest of the key transport is not supported."),
        (replace(GCM, mask="x"), "The digest of the key transport is not supported."),
    ],
)
def test_weak_and_unknown_algorithms_are_refused(how: Encryption, message: str) -> None:
    assert reason(response(how)) == FIRST + message


def test_a_signature_of_nobody_is_refused_inside_too() -> None:
    assert reason(response(CBC, sign=())) == SIGNATURE
    other = SamlProvider(PROVIDER.entity_id, rsa_keys.generate(), now=NOW, encrypts_for=CERTIFICATE)
    assert reason(other.response(ASKED, NOW, encryption=CBC)) == SIGNATURE


def test_what_was_encrypted_for_another_is_refused_like_a_wrong_signature() -> None:
    others = replace(PROVIDER, encrypts_for=certificate(providers.KEY, NOW))
    assert reason(others.response(ASKED, NOW, encryption=CBC)) == SIGNATURE
    assert reason(others.response(ASKED, NOW, encryption=GCM)) == SIGNATURE


def cut(at: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the ciphertext of the key (0) or of the content (1) of a response."""

    def changed(document: bytes) -> bytes:
        root = etree.fromstring(document)
        value = list(root.iter(f"{{{XMLENC}}}CipherValue"))[at]
        value.text = base64.b64encode(change(base64.b64decode(value.text or ""))).decode()
        return etree.tostring(root)

    return changed


@settings(deadline=None, max_examples=80)
@given(st.sampled_from([CBC, GCM]), st.integers(0, 1), st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_ciphertext_tells_what_was_wrong_with_it(
    how: Encryption, at: int, place: int, bits: int
) -> None:
    """Of a key, a padding, a document or a signature that is wrong, all look the same."""

    def flip(data: bytes) -> bytes:
        index = place % len(data)
        return data[:index] + bytes([data[index] ^ bits]) + data[index + 1 :]

    told = reason(response(how, document=cut(at, flip)))
    # The last block but one of CBC decides on the padding alone, all but the length of which is random: it may still be right.
    may_be_right = how is CBC and at == 1
    assert told == SIGNATURE or (may_be_right and told is None)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 31, 32, 48])
@pytest.mark.parametrize("how", [CBC, GCM])
@pytest.mark.parametrize("at", [0, 1])
def test_a_ciphertext_that_was_cut_off_tells_nothing(how: Encryption, at: int, length: int) -> None:
    assert reason(response(how, document=cut(at, lambda data: data[:length]))) == SIGNATURE


async def test_nor_does_the_time_that_a_refusal_takes() -> None:
    threads = Threads("saml", 1, 10)

    async def refused_after(text: str) -> float:
        began = clock.elapsed()
        with pytest.raises(Refusal) as refused:
            await saml_reading.asserted(
                threads,
                Configuration({}, saml=METADATA, encryption_key=KEY),
                text,
                acs_url=ASKED.acs_url,
                audience=ASKED.audience,
                in_response_to=ASKED.id,
                now=NOW,
            )
        assert str(refused.value).endswith(SIGNATURE)
        return clock.elapsed() - began

    texts = [
        response(CBC, sign=()),
        response(CBC, document=cut(0, lambda data: data[:-1] + b"x")),
        response(CBC, document=cut(1, lambda data: data[:-16] + b"x" * 16)),
        response(CBC, assertion=lambda _: b"<a/>", sign=()),
    ]
    took = await asyncio.gather(*map(refused_after, texts))
    threads.close()
    assert min(took) >= REFUSED_AFTER


def test_a_key_of_another_length_tells_nothing() -> None:
    def for_128_bits(document: bytes) -> bytes:
        return document.replace(b"aes256-cbc", b"aes128-cbc")

    assert reason(response(CBC, document=for_128_bits)) == SIGNATURE


@pytest.mark.parametrize("plain", [b"", b"text", b"<a/>", b"<!-- x --><a/>", b"<a><b>", b"<a/><b/>", b"\xff"])
def test_what_is_no_assertion_when_it_is_opened_is_refused_like_a_wrong_signature(plain: bytes) -> None:
    def instead(_: bytes) -> bytes:
        return plain

    assert reason(response(CBC, assertion=instead, sign=())) == SIGNATURE


def test_two_assertions_are_not_smuggled_in_by_encryption() -> None:
    def twice(assertion: bytes) -> bytes:
        return assertion.replace(
            b"</saml:Assertion>", b"<saml:Advice><saml:Assertion/></saml:Advice></saml:Assertion>"
        )

    assert reason(response(CBC, assertion=twice)) == f"{FIRST}It does not have one assertion."
    doubled = response(
        CBC, document=lambda d: d.replace(b"</samlp:Response>", b"<saml:Assertion/></samlp:Response>")
    )
    assert reason(doubled) == f"{FIRST}It does not have one assertion."


def test_prefixes_that_only_the_response_explains_are_found_there() -> None:
    """As of providers that encrypt a piece of text of their document."""

    def without_its_own(assertion: bytes) -> bytes:
        return assertion.replace(b' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"', b"", 1)

    text = response(CBC, assertion=without_its_own, sign=("response",))
    assert who(text, key=KEY).subject == "jane@example.com"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("EncryptedData", "The encrypted assertion is not encrypted with one key."),
        ("EncryptedKey", "The encrypted assertion is not encrypted with one key."),
        ("CipherValue", "The encrypted assertion has no content."),
    ],
)
def test_other_forms_of_encryption_are_refused(name: str, message: str) -> None:
    def renamed(document: bytes) -> bytes:
        return document.replace(f"xenc:{name}".encode(), b"xenc:Other")

    assert reason(response(CBC, document=renamed)) == FIRST + message
