"""Signed answers that somebody moved about: whoever signed in, nobody else comes out.

The eight classic attacks are those of Somorovsky and others, "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012).
Each takes a good response, of somebody who may sign in, and puts an assertion beside it that nobody signed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.federation.saml_examples import ASKED, NOW, PROVIDER, refusal, who
from tests.saml_provider import PROTOCOL, SAML, signed

DS = "http://www.w3.org/2000/09/xmldsig#"
VICTIM = "admin@example.com"

Element = etree._Element
Attack = Callable[[Element], Element]


def good(*sign: str) -> Element:
    return etree.fromstring(base64.b64decode(PROVIDER.response(ASKED, NOW, sign=sign)))


def sent(root: Element) -> str:
    return base64.b64encode(etree.tostring(root)).decode()


def evil(element: Element, new_id: str | None = "_evil") -> Element:
    """A copy that names the victim and has no signature of its own."""
    copy = deepcopy(element)
    for signature in list(copy.iter(f"{{{DS}}}Signature")):
        parent = signature.getparent()
        if parent is not None:
            parent.remove(signature)
    for name in copy.iter(f"{{{SAML}}}NameID"):
        name.text = VICTIM
    if new_id is not None:
        copy.set("ID", new_id)
    return copy


def assertion_of(root: Element) -> Element:
    found = root.find(f"{{{SAML}}}Assertion")
    assert found is not None
    return found


def signature_of(element: Element) -> Element:
    found = element.find(f"{{{DS}}}Signature")
    assert found is not None
    return found


def in_object(signature: Element, element: Element) -> None:
    etree.SubElement(signature, f"{{{DS}}}Object").append(element)


def extensions(root: Element, *elements: Element) -> None:
    place = etree.Element(f"{{{PROTOCOL}}}Extensions")
    place.extend(elements)
    root.insert(1, place)


# -- the response is signed ----------------------------------------------------------------------------------------------------


def xsw1(root: Element) -> Element:
    """A new response around the signature, which holds the old one."""
    new, signature = evil(root), deepcopy(signature_of(root))
    root.remove(signature_of(root))
    in_object(signature, root)
    new.insert(1, signature)
    return new


def xsw2(root: Element) -> Element:
    """The old response before the signature, both in the new one."""
    new, signature = evil(root), deepcopy(signature_of(root))
    root.remove(signature_of(root))
    new.insert(1, signature)
    new.insert(1, root)
    return new


# -- the assertion is signed ---------------------------------------------------------------------------------------------------


def xsw3(root: Element) -> Element:
    """The evil assertion before the good one."""
    root.insert(0, evil(assertion_of(root)))
    return root


def xsw4(root: Element) -> Element:
    """The evil assertion around the good one."""
    old = assertion_of(root)
    new = evil(old)
    root.replace(old, new)
    new.append(old)
    return root


def xsw5(root: Element) -> Element:
    """The signature in the evil assertion, the good one at the end without it."""
    old = assertion_of(root)
    new, signature = evil(old), signature_of(old)
    old.remove(signature)
    root.replace(old, new)
    new.insert(1, signature)
    root.append(old)
    return root


def xsw6(root: Element) -> Element:
    """The good assertion in the signature, that in the evil one."""
    old = assertion_of(root)
    new, signature = evil(old), signature_of(old)
    old.remove(signature)
    root.replace(old, new)
    new.insert(1, signature)
    in_object(signature, old)
    return root


def xsw7(root: Element) -> Element:
    """The evil assertion among extensions, whose content no schema looks at."""
    extensions(root, evil(assertion_of(root), new_id=None))
    return root


def xsw8(root: Element) -> Element:
    """The good assertion in an object of the signature of the evil one, under the same ID."""
    old = assertion_of(root)
    new, signature = evil(old, new_id=None), signature_of(old)
    old.remove(signature)
    root.replace(old, new)
    new.insert(1, signature)
    in_object(signature, old)
    return root


# -- and some more -------------------------------------------------------------------------------------------------------------


def good_one_hidden(root: Element) -> Element:
    """Only the evil assertion stands where an assertion is looked for."""
    old = assertion_of(root)
    root.replace(old, evil(old))
    extensions(root, old)
    return root


def response_of_another_id(root: Element) -> Element:
    """The signature of the assertion at the response, whose ID it now has."""
    old = assertion_of(root)
    signature = signature_of(old)
    root.set("ID", old.get("ID", ""))
    new = evil(old)
    root.replace(old, new)
    root.insert(1, signature)
    return root


def reference_to_nothing(root: Element) -> Element:
    """An empty reference is the whole document, which is then another one."""
    old = assertion_of(root)
    reference = old.find(f".//{{{DS}}}Reference")
    assert reference is not None
    reference.set("URI", "")
    root.append(evil(old))
    return root


def signature_of_the_good_one_in_the_evil_one(root: Element) -> Element:
    old = assertion_of(root)
    new = evil(old, new_id=None)
    new.insert(1, deepcopy(signature_of(old)))
    root.replace(old, new)
    return root


def assertion_in_an_attribute(root: Element) -> Element:
    old = assertion_of(root)
    value = next(old.iter(f"{{{SAML}}}AttributeValue"))
    value.append(evil(old))
    return root


def second_signature(root: Element) -> Element:
    old = assertion_of(root)
    old.insert(1, deepcopy(signature_of(old)))
    return root


def nested_responses(root: Element) -> Element:
    new = evil(root)
    extensions(new, root)
    return new


@pytest.mark.parametrize("attack", [xsw1, xsw2, nested_responses])
@pytest.mark.parametrize("sign", [("response",), ("assertion", "response")])
def test_a_signed_response_in_another_one_signs_nobody_in(attack: Attack, sign: tuple[str, ...]) -> None:
    assert refusal(sent(attack(good(*sign)))) is not None


@pytest.mark.parametrize(
    "attack",
    [
        xsw3,
        xsw4,
        xsw5,
        xsw6,
        xsw7,
        xsw8,
        good_one_hidden,
        response_of_another_id,
        reference_to_nothing,
        signature_of_the_good_one_in_the_evil_one,
        assertion_in_an_attribute,
        second_signature,
    ],
)
@pytest.mark.parametrize("sign", [("assertion",), ("assertion", "response")])
def test_a_signed_assertion_beside_another_one_signs_nobody_in(attack: Attack, sign: tuple[str, ...]) -> None:
    assert refusal(sent(attack(good(*sign)))) is not None


@pytest.mark.parametrize("attack", [xsw3, xsw4, good_one_hidden, assertion_in_an_attribute])
def test_not_even_where_the_provider_signed_all_that_around_it(attack: Attack) -> None:
    """A provider that can be made to sign a response with two assertions is none that knows who signed in."""
    document = etree.tostring(attack(good("assertion")))
    text = base64.b64encode(signed(document, PROVIDER.key, PROVIDER.certificate)).decode()
    refused = refusal(text)
    assert refused is not None
    assert "It does not have one assertion." in (refused.message or "")


@pytest.mark.parametrize(
    "inserted",
    [b"<!-- -->", b"<!---->", b"<?x y?>", b"<![CDATA[]]>", b"<b/>", b"<saml:b>.evil</saml:b>"],
)
@pytest.mark.parametrize("is_signed_after", [False, True])
def test_a_name_is_not_cut_where_something_stands_in_it(inserted: bytes, is_signed_after: bool) -> None:
    """The name is whole, or refused: a comment does not change what was signed, and ends a text for careless readers."""

    def into_the_name(document: bytes) -> bytes:
        return document.replace(b"admin@example.com.evil", b"admin@example.com%b.evil" % inserted)

    name = "admin@example.com.evil"
    when = "assertion" if is_signed_after else "document"
    text = PROVIDER.response(ASKED, NOW, name_id=name, **{when: into_the_name})
    if inserted == b"<![CDATA[]]>":
        assert who(text).subject == name  # it is text like any other, to the signature and to us
    else:
        assert refusal(text) is not None


GOOD = [
    base64.b64decode(PROVIDER.response(ASKED, NOW, sign=sign)) for sign in (("assertion",), ("response",))
]


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(GOOD),
    st.integers(0, 6_000),
    st.integers(0, 30),
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [b"<!-- -->", b"<a/>", VICTIM.encode(), b" ", b"</saml:NameID>", b'" ID="x', b"&#0;"]
        ),
    ),
)
def test_a_changed_answer_never_signs_another_one_in(
    document: bytes, place: int, gone: int, instead: bytes
) -> None:
    at = place % len(document)
    changed = base64.b64encode(document[:at] + instead + document[at + gone :]).decode()
    if refusal(changed) is None:
        person = who(changed)
        assert (person.subject, person.claims["email"]) == ("jane@example.com", "jane@example.com")


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(GOOD), st.lists(st.tuples(*[st.integers(0, 200)] * 3), min_size=1, max_size=4), st.data()
)
def test_moved_copied_and_renamed_elements_never_sign_another_one_in(
    document: bytes, moves: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    root = etree.fromstring(document)
    elements = list(root.iter(etree.Element))
    for what, where, place in moves:
        moved = elements[what % len(elements)]
        target = elements[where % len(elements)]
        kind = data.draw(st.sampled_from(["copy", "evil", "move", "text", "id"]))
        if kind in ("copy", "evil"):
            copy = (
                deepcopy(moved)
                if kind == "copy"
                else evil(moved, data.draw(st.sampled_from([None, "_evil"])))
            )
            target.insert(place % (len(target) + 1), copy)
        elif kind == "move" and target not in moved.iter() and moved is not root:
            target.insert(place % (len(target) + 1), moved)
        elif kind == "text":
            moved.text = VICTIM
        elif kind == "id":
            moved.set("ID", target.get("ID", "_x"))
    text = sent(root)
    if refusal(text) is None:
        person = who(text)
        assert (person.subject, person.claims["email"]) == ("jane@example.com", "jane@example.com")


def test_the_documents_that_are_attacked_are_good_ones() -> None:
    for sign in (("assertion",), ("response",), ("assertion", "response")):
        assert who(sent(good(*sign))).subject == "jane@example.com"
    assert VICTIM.encode() in etree.tostring(xsw3(good("assertion")))
