"""Images that strangers will see on a sign-in page: of which format they are, and whether an SVG is only a picture.

    format_of(content)      PNG, JPEG, WEBP, ICO or SVG, by the content alone
    fault_of_svg(content)   why an SVG may not be shown; None when it may

An SVG is a document that may run scripts and load things. Only shapes, text, gradients and filters are let in (developer
guide, "Branding designer"), nothing that refers outside of the file, and no document type, whose entities can grow without end.
"""

from __future__ import annotations

import re
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "http://www.w3.org/1999/xlink href"
_XML_ATTRIBUTES = frozenset(f"http://www.w3.org/XML/1998/namespace {name}" for name in ("lang", "space"))

_ELEMENTS = frozenset(
    {
        "svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line",
        "polyline", "polygon", "text", "tspan", "textPath", "linearGradient", "radialGradient",
        "stop", "pattern", "clipPath", "mask", "marker", "image", "style", "filter", "feBlend",
        "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix",
        "feDiffuseLighting", "feDisplacementMap", "feDistantLight", "feDropShadow", "feFlood",
        "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feMerge", "feMergeNode",
        "feMorphology", "feOffset", "fePointLight", "feSpecularLighting", "feSpotLight", "feTile",
        "feTurbulence",
    }
)  # fmt: skip
_EMBEDDED = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*")
_OWN_REFERENCE = re.compile(r"url\(\s*(['\"]?)#[\w.-]+\1\s*\)")
# What a style could load something with, or hide such a thing behind.
_ACTIVE = re.compile(
    r"(?:url|src|image|image-set|cross-fade|element|expression)\s*\(|javascript:|[@\\]", re.IGNORECASE
)

_ICO_HEAD, _ICO_ENTRY = 6, 16
_LONGEST_SHOWN = 40
_OTHER_ENCODING = "is not encoded in UTF-8"


def format_of(content: bytes) -> str | None:
    """The format in the API's name for it; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content.startswith(b"\0\0\1\0"):
        count = int.from_bytes(content[4:6], "little")
        return "ICO" if count and len(content) > _ICO_HEAD + count * _ICO_ENTRY else None
    return "SVG" if b"<svg" in content else None


def fault_of_svg(content: bytes) -> str | None:
    """What is wrong with an SVG, as the end of a sentence about it; None when it may be shown."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return _OTHER_ENCODING  # a parser goes by what it finds, and a browser may find something else
    parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
    reader = _Reader()
    parser.XmlDeclHandler = reader.declaration
    parser.StartDoctypeDeclHandler = reader.document_type
    parser.ProcessingInstructionHandler = reader.instruction
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except _Fault as fault:
        return str(fault)
    except expat.ExpatError:
        return "is no well-formed XML"
    return None


class _Fault(Exception):  # noqa: N818  a fault of the picture, not of ours
    """Carries the end of a sentence about the picture."""


class _Reader:
    """Raises _Fault at the first thing that is no picture. Texts of `style` come in pieces, and are judged whole."""

    def __init__(self) -> None:
        self._depth = 0
        self._style: list[str] | None = None

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.upper() != "UTF-8":
            raise _Fault(_OTHER_ENCODING)

    def document_type(self, *_: object) -> None:
        raise _Fault("has a document type")

    def instruction(self, *_: object) -> None:
        raise _Fault("has a processing instruction")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, element = name.rpartition(" ")
        if namespace != _SVG or element not in _ELEMENTS or (self._depth == 0) is not (element == "svg"):
            raise _Fault(f"has an element {_shown(element)} that is not allowed there")
        for attribute, value in attributes.items():
            _check_attribute(attribute, value)
        self._depth += 1
        if element == "style":
            self._style = []

    def end(self, _name: str) -> None:
        self._depth -= 1
        if self._style is not None:
            if _is_active("".join(self._style)):
                raise _Fault("has a style that refers outside of the image")
            self._style = None

    def text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)


def _check_attribute(name: str, value: str) -> None:
    if name in {"href", _XLINK_HREF}:
        is_allowed = value.startswith("#") or _EMBEDDED.fullmatch(value.strip()) is not None
    elif " " in name:
        is_allowed = name in _XML_ATTRIBUTES
    else:
        is_allowed = not name.lower().startswith("on") and not _is_active(value)
    if not is_allowed:
        raise _Fault(f"has an attribute {_shown(name.rpartition(' ')[2])} that is not allowed")


def _is_active(style: str) -> bool:
    return _ACTIVE.search(_OWN_REFERENCE.sub("", style)) is not None


def _shown(name: str) -> str:
    return name[:_LONGEST_SHOWN]
