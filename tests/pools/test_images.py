from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.pools import images
from tests.pictures import ICO, JPEG, PNG, SVG, WEBP, svg


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (PNG, "PNG"),
        (JPEG, "JPEG"),
        (WEBP, "WEBP"),
        (ICO, "ICO"),
        (SVG, "SVG"),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"RIFF....AVI ", None),
        (b"\0\0\1\0\0\0" + bytes(40), None),
        (b"\0\0\1\0\2\0" + bytes(32), None),
        (b"GIF89a", None),
        (b"<html></html>", None),
        (b"", None),
    ],
)
def test_a_format_is_told_by_the_content(content: bytes, format: str | None) -> None:  # noqa: A002  the noun
    assert images.format_of(content) == format


@given(st.binary(max_size=64))
def test_any_bytes_have_at_most_one_format(content: bytes) -> None:
    assert images.format_of(content) in {None, "PNG", "JPEG", "WEBP", "ICO", "SVG"}


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b'<?xml version="1.0" encoding="utf-8"?><!-- a mark -->' + SVG,
        svg(
            '<defs><linearGradient id="g_1.a"><stop offset="1" stop-color="#fff"/></linearGradient>'
            '<clipPath id="c"><rect width="8" height="8" fill="white"/></clipPath></defs>'
            "<g clip-path=\"url( '#c' )\" style=\"fill: url(#g_1.a)\"><path d='M0 0H8V8z'/></g>",
            'xml:space="preserve" width="8" height="8"',
        ),
        svg(
            "<style>.a{fill:#f00;stroke:url(#g)}</style><text class='a' font-family=\"'A', serif\">Ada</text>"
        ),
        svg('<image href="data:image/png;base64,iVBORw0KGgo=" width="8" height="8"/>'),
        svg('<path id="p" d="M0 0"/><text><textPath xlink:href="#p">on a path</textPath></text>'),
        svg('<filter id="f"><feGaussianBlur stdDeviation="2"/></filter><title>onload is a word here</title>'),
    ],
)
def test_a_picture_may_be_shown(content: bytes) -> None:
    assert images.fault_of_svg(content) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (svg("<script>alert(1)</script>"), "has an element script that is not allowed there"),
        (svg("<foreignObject/>"), "has an element foreignObject that is not allowed there"),
        (svg('<use href="#a"/>'), "has an element use that is not allowed there"),
        (svg('<animate attributeName="href"/>'), "has an element animate that is not allowed there"),
        (svg('<a href="#x"/>'), "has an element a that is not allowed there"),
        (svg("<svg/>"), "has an element svg that is not allowed there"),
        (svg('<b xmlns="http://www.w3.org/1999/xhtml"/>'), "has an element b that is not allowed there"),
        (
            svg('<x:script xmlns:x="http://www.w3.org/2000/svg"/>'),
            "has an element script that is not allowed there",
        ),
        (b"<svg/>", "has an element svg that is not allowed there"),
        (b"<g><svg xmlns='http://www.w3.org/2000/svg'/></g>", "has an element g that is not allowed there"),
        (svg("", 'onload="alert(1)"'), "has an attribute onload that is not allowed"),
        (svg('<g OnClick="x"/>'), "has an attribute OnClick that is not allowed"),
        (svg('<image href="https://example.com/a.png"/>'), "has an attribute href that is not allowed"),
        (svg('<image xlink:href=" javascript:x"/>'), "has an attribute href that is not allowed"),
        (
            svg('<image href="data:image/svg+xml;base64,PHN2Zz4="/>'),
            "has an attribute href that is not allowed",
        ),
        (svg('<g fill="url(https://example.com/#a)"/>'), "has an attribute fill that is not allowed"),
        (svg('<g style="fill: URL (//example.com)"/>'), "has an attribute style that is not allowed"),
        (svg(r'<g style="fill: u\72l(//example.com)"/>'), "has an attribute style that is not allowed"),
        (svg('<g xml:base="https://example.com/"/>'), "has an attribute base that is not allowed"),
        (svg('<g xmlns:x="urn:x" x:y="z"/>'), "has an attribute y that is not allowed"),
        (svg("<style>@import 'a.css'</style>"), "has a style that refers outside of the image"),
        (svg("<style>g{fill:ur<!-- -->l(a)}</style>"), "has a style that refers outside of the image"),
        (svg("<style><![CDATA[g{fill:url(a)}]]></style>"), "has a style that refers outside of the image"),
        (svg("<style>&#64;import 'a'</style>"), "has a style that refers outside of the image"),
        (b'<?xml-stylesheet href="a.css"?>' + SVG, "has a processing instruction"),
        (b"<!DOCTYPE svg>" + SVG, "has a document type"),
        (b'<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>' + SVG, "has a document type"),
        (b'<?xml version="1.0" encoding="UTF-7"?>' + SVG, "is not encoded in UTF-8"),
        (SVG.decode().encode("utf-16"), "is not encoded in UTF-8"),
        (SVG[:-1], "is no well-formed XML"),
        (b"\xff" + SVG, "is not encoded in UTF-8"),
        (b"", "is no well-formed XML"),
    ],
)
def test_what_is_more_than_a_picture_may_not_be_shown(content: bytes, reason: str) -> None:
    assert images.fault_of_svg(content) == reason


@given(st.text(st.sampled_from("<>/=\"'&;# svgonlad:()@!-[]"), max_size=60))
def test_a_script_is_found_in_whatever_stands_around_it(around: str) -> None:
    assert images.fault_of_svg(svg(around + "<script/>")) is not None
    assert images.fault_of_svg(svg(f"<g>{around}</g><script/>")) is not None


@given(st.sampled_from(("onload", "onbegin", "ONclick", "href", "style", "filter")), st.text(max_size=20))
def test_no_attribute_refers_outside(name: str, text: str) -> None:
    value = "".join(each for each in text if each.isalnum())
    assert images.fault_of_svg(svg(f'<g {name}="url(https:{value})"/>')) is not None
