"""XML that comes from outside, before anything is believed of it.

from_base64(text)       bytes, of standard base64 that may be broken into lines
parsed(document)        the root element of a document that holds nothing but elements and text
"""

from __future__ import annotations

import base64
import binascii

from lxml import etree

from cognomen import errors

DEPTH = 50
ELEMENTS_MAX = 3_000
ATTRIBUTES_MAX = 50
"""Of one element: to parse many takes time that grows with their square."""
NAMESPACES_MAX = 30
"""That are in force at one place: a canonical form takes time that grows with their square, at each element."""
DECLARATIONS_MAX = 1_000
"""Of namespaces, in a document. Some providers declare two for each value of an attribute."""


def from_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise errors.SAML_RESPONSE(reason="It is not in base64.") from None


def parsed(document: bytes) -> etree._Element:
    """The root of a document in UTF-8. Raises SAML_RESPONSE for anything but elements, text and attributes.

    Comments and instructions are refused with document types: signatures do not cover them, and they split texts.
    """
    try:
        # Also where a document says that it is something else: what is looked for here is then what the parser sees.
        text = document.decode("utf-8-sig")
        if "<!" in text.replace("<![CDATA[", ""):
            raise errors.SAML_RESPONSE(reason="It has a document type or a comment.")
        root = etree.fromstring(text.encode(), parser())
    except (UnicodeDecodeError, etree.XMLSyntaxError, ValueError):
        raise errors.SAML_RESPONSE(reason="It is not an XML document.") from None
    if not _is_plain(root):
        raise errors.SAML_RESPONSE(reason="It holds more than elements and text, or too many of them.")
    if not _has_ids_of_its_own(root):
        raise errors.SAML_RESPONSE(reason="It has an ID twice.")
    return root


def parser() -> etree.XMLParser:
    """A parser is not shared between threads that would wait for each other."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        collect_ids=False,
    )


def _is_plain(root: etree._Element) -> bool:
    """Whether it holds nothing but elements and text, and no more of them than a provider has to say."""
    depth = elements = in_force = declarations = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "start-ns", "end-ns", "pi", "comment")):
        if event == "start":
            depth += 1
            elements += 1
        elif event == "end":
            depth -= 1
        elif event == "start-ns":
            in_force += 1
            declarations += 1
        elif event == "end-ns":
            in_force -= 1
        else:
            return False
        if depth > DEPTH or elements > ELEMENTS_MAX:
            return False
        if in_force > NAMESPACES_MAX or declarations > DECLARATIONS_MAX:
            return False
        if len(getattr(node, "attrib", ())) > ATTRIBUTES_MAX:
            return False
    return True


def _has_ids_of_its_own(root: etree._Element) -> bool:
    """Whether no two elements have the same ID, whichever way it is written."""
    ids = [
        value
        for node in root.iter()
        for name, value in node.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    ]
    return len(ids) == len(set(ids))
