from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.pools import hosted_ui
from tests.pictures import ICO, JPEG, PNG, SVG

TEMPLATE = """
/* every class there is */
.background-customizable { background-color: #fff; }
.banner-customizable { padding: 25px 0px 25px 0px; background-color: lightgray; }
.errorMessage-customizable { padding: 5px; font-size: 14px; width: 100%; background: #F5F5F5;
  border: 2px solid #D64958; color: rgba(214, 73, 88, .9); box-sizing: border-box; margin: 0 }
.idpButton-customizable { height: 40px; width: 100%; text-align: center; margin-bottom: 15px; color: #fff;
  background-color: #5bc0de; border-color: #46b8da; }
.idpButton-customizable:hover { color: #fff; background-color: #31b0d5; }
.idpDescription-customizable, .textDescription-customizable {
  padding-top: 10px; padding-bottom: 10px; display: block; font-size: 16px; }
.inputField-customizable { width: calc(100% - 4px); height: 34px; color: #555; background-color: #fff;
  border: 1px solid #ccc; }
.inputField-customizable:focus { border-color: #66afe9; outline: 0; }
.label-customizable { font-weight: 400; }
.legalText-customizable { color: #747474; font-size: 11px; }
.logo-customizable { max-width: 60%; max-height: 30%; }
.passwordCheck-notValid-customizable { color: #DF3312; }
.passwordCheck-valid-customizable { color: #19BF00; }
.redirect-customizable { text-align: center; }
.socialButton-customizable { border-radius: 2px; height: 40px; margin-bottom: 15px; padding: 1px;
  text-align: left; width: 100%; }
.submitButton-customizable { FONT-SIZE: 14px; font-weight: bold; margin: 20px 0px 10px 0px; height: 40px;
  width: 100%; color: #fff !important; background-color: #337ab7; }
.submitButton-customizable:hover { color: #fff; background-color: #286090; }
"""


@pytest.mark.parametrize("css", [TEMPLATE, "", "  ", "/* nothing */", ".label-customizable {}"])
def test_a_style_sheet_of_known_classes_and_properties_is_taken(css: str) -> None:
    hosted_ui.check_css(css)


@pytest.mark.parametrize(
    ("css", "message"),
    [
        (".button { color: red }", "CSS contains invalid class .button"),
        ("body { color: red }", "CSS contains invalid class body"),
        (".label-customizable .x { color: red }", "CSS contains invalid class .label-customizable .x"),
        (".label-customizable, * { font-weight: 400 }", "CSS contains invalid class *"),
        (
            ".label-customizable:hover { font-weight: 1 }",
            "CSS contains invalid class .label-customizable:hover",
        ),
        ("{ color: red }", "CSS contains invalid class "),
        (".label-customizable { color: red }", "CSS contains invalid property color of .label-customizable"),
        (
            ".background-customizable { background-color: url(https://example.com) }",
            "CSS contains invalid value url(https://example.com) of background-color",
        ),
        (
            ".legalText-customizable { color: expression(alert()) }",
            "CSS contains invalid value expression(alert()) of color",
        ),
        (".legalText-customizable { color: attr(x) }", "CSS contains invalid value attr(x) of color"),
        (r".legalText-customizable { color: \72 ed }", r"CSS contains invalid value \72 ed of color"),
        (".legalText-customizable { color: 'red' }", "CSS contains invalid value 'red' of color"),
        (".legalText-customizable { color: }", "CSS contains invalid value  of color"),
        ("@import 'a.css';", "CSS contains invalid at-rule @import"),
        ("@media print { .label-customizable {} }", "CSS contains invalid at-rule @media"),
        (".label-customizable { font-weight }", "CSS contains invalid syntax: font-weight"),
        (
            ".label-customizable { font-weight: 400",
            "CSS contains invalid syntax: .label-customizable { font-weight: 400",
        ),
        (".label-customizable {} }", "CSS contains invalid syntax: }"),
        ("/* open", "CSS contains invalid syntax: /* open"),
        ("/* </style><script> */", "CSS contains invalid syntax: <"),
        (".a" * 1600, "The CSS is larger than 3072 bytes."),
    ],
)
def test_anything_else_in_a_style_sheet_is_refused(css: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        hosted_ui.check_css(css)
    assert (caught.value.type, caught.value.message) == ("InvalidParameterException", message)


def test_three_kilobytes_are_the_longest_style_sheet() -> None:
    hosted_ui.check_css("/*" + "x" * (hosted_ui.CSS_MAX - 4) + "*/")
    with pytest.raises(Refusal, match="larger"):
        hosted_ui.check_css("/*" + "\u00e4" * (hosted_ui.CSS_MAX // 2 - 1) + "*/")


@given(st.text(st.sampled_from(".labeCust-omiz{}:;@<\\/*'\"()url#1 \n"), max_size=80))
def test_what_is_taken_can_neither_load_nor_run_anything(text: str) -> None:
    css = ".legalText-customizable { color: " + text + " }"
    try:
        hosted_ui.check_css(css)
    except Refusal:
        return
    bare = hosted_ui._COMMENT.sub("", css)
    assert not set("@<\\'\"") & set(bare)
    assert "url(" not in bare


@pytest.mark.parametrize(("image", "format"), [(PNG, "PNG"), (JPEG, "JPEG")])
def test_a_logo_is_a_png_or_jpeg(image: bytes, format: str) -> None:  # noqa: A002  the noun
    assert hosted_ui.format_of_logo(image) == format


@pytest.mark.parametrize("image", [SVG, ICO, b"x"])
def test_no_other_logo_is_taken(image: bytes) -> None:
    with pytest.raises(Refusal, match="The image file is neither a PNG nor a JPEG image"):
        hosted_ui.format_of_logo(image)


def test_a_logo_has_at_most_a_hundred_kilobytes() -> None:
    hosted_ui.format_of_logo(PNG + bytes(102_400 - len(PNG)))
    with pytest.raises(Refusal, match="The image file is larger than 102400 bytes"):
        hosted_ui.format_of_logo(PNG + bytes(102_401 - len(PNG)))


def test_a_pool_without_a_domain_has_no_pages() -> None:
    hosted_ui.check_domain(has_domain=True)
    with pytest.raises(Refusal, match="There has to be an existing domain associated with this user pool"):
        hosted_ui.check_domain(has_domain=False)
