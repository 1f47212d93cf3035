from __future__ import annotations

import re
from typing import Any

import pytest

from cognomen.pages import static
from cognomen.pages.style_sheet import of_document
from cognomen.pools.branding_settings import DEFAULTS, merged

USED = set(re.findall(r"var\((--[\w-]+)", static.files()["managed.css"].content.decode()))
SHEETS_OWN = {"--gap", "--page-image", "--form-image", "--page-header-image", "--page-footer-image"}


def defined(sheet: str) -> set[str]:
    return set(re.findall(r"^ +(--[\w-]+):", sheet, re.MULTILINE))


def with_mode(mode: str) -> dict[str, Any]:
    return merged(DEFAULTS, {"categories": {"global": {"colorSchemeMode": mode}}})


@pytest.mark.parametrize("mode", ["LIGHT", "DARK", "DYNAMIC"])
def test_whatever_the_pages_use_the_document_defines(mode: str) -> None:
    assert USED - SHEETS_OWN - defined(of_document(with_mode(mode), {})) == set()


def test_a_member_of_the_document_is_a_property_with_its_path_as_name() -> None:
    sheet = of_document(DEFAULTS, {})

    assert "--primary-button-defaults-background-color: #2450b2ff;" in sheet
    assert "--buttons-border-radius: 6px;" in sheet
    assert "--page-header-background-color: #f7f8faff;" in sheet


def test_each_mode_has_its_own_colours() -> None:
    assert "--page-text-heading-color: #1c2430ff;" in of_document(with_mode("LIGHT"), {})
    assert "--page-text-heading-color: #eef1f5ff;" in of_document(with_mode("DARK"), {})


def test_where_the_browser_chooses_both_modes_are_there() -> None:
    light, media, dark = of_document(with_mode("DYNAMIC"), {}).partition(
        "@media (prefers-color-scheme: dark)"
    )

    assert media
    assert "--page-text-heading-color: #1c2430ff;" in light
    assert "--page-text-heading-color: #eef1f5ff;" in dark


def test_a_fixed_mode_asks_no_browser() -> None:
    assert "@media" not in of_document(with_mode("LIGHT"), {})


def test_background_images_are_properties_of_their_mode() -> None:
    sheet = of_document(with_mode("DYNAMIC"), {"LIGHT": {"page": "/a?v=1"}, "DARK": {"page": "/b?v=1"}})
    light, _, dark = sheet.partition("@media")

    assert '--page-image: url("/a?v=1");' in light
    assert '--page-image: url("/b?v=1");' in dark


def test_the_button_of_one_provider_has_colours_of_its_own() -> None:
    own = {
        "components": {"idpButton": {"custom": {"Corp": {"lightMode": {"hover": {"textColor": "010203ff"}}}}}}
    }
    sheet = of_document(merged(DEFAULTS, own), {})

    assert re.search(
        r'\.idp-button\[data-provider="Corp"\] \{\n  --idp-button-standard-hover-text-color: #010203ff;\n\}',
        sheet,
    )


def test_a_providers_name_cannot_leave_its_quotes() -> None:
    own = {
        "components": {
            "idpButton": {"custom": {'a"] { } </style>': {"lightMode": {"active": {"textColor": "0" * 8}}}}}
        }
    }
    sheet = of_document(merged(DEFAULTS, own), {})

    assert '"a\\22 ] { } \\3c /style>"' in sheet
