from __future__ import annotations

from typing import Any

import pytest

from cognomen.pages import looks
from cognomen.pages.looks import Picture
from cognomen.pools import branding_settings
from cognomen.pools.branding_assets import Slot
from cognomen.store.branding import Customization, Style

CLIENT = "client1"


def style(settings: dict[str, Any] | None = None, mode: str = "LIGHT") -> Style:
    given = {"categories": {"global": {"colorSchemeMode": mode}}} | (settings or {})
    return Style("pool", CLIENT, "id", given, is_provided=False, created_at=1, modified_at=7)


def url(category: str, mode: str) -> str:
    return f"/_pages/assets/{CLIENT}/{category}/{mode}?v=7"


def graphics(mode: str, *present: str) -> Picture | None:
    slots: dict[Slot, str] = {("EMAIL_GRAPHIC", each, ""): "PNG" for each in present}
    return looks.managed(style(mode=mode), slots).graphics.get("EMAIL_GRAPHIC")


@pytest.mark.parametrize(
    ("mode", "present", "shown"),
    [
        ("LIGHT", ("LIGHT", "DARK"), Picture(url("EMAIL_GRAPHIC", "LIGHT"))),
        ("DARK", ("LIGHT", "DARK"), Picture(url("EMAIL_GRAPHIC", "DARK"))),
        ("LIGHT", ("DARK",), None),
        ("DARK", ("DYNAMIC",), Picture(url("EMAIL_GRAPHIC", "DYNAMIC"))),
        ("DYNAMIC", ("DYNAMIC",), Picture(url("EMAIL_GRAPHIC", "DYNAMIC"))),
        (
            "DYNAMIC",
            ("LIGHT", "DARK"),
            Picture(url("EMAIL_GRAPHIC", "LIGHT"), url("EMAIL_GRAPHIC", "DARK")),
        ),
        (
            "DYNAMIC",
            ("DYNAMIC", "DARK"),
            Picture(url("EMAIL_GRAPHIC", "DYNAMIC"), url("EMAIL_GRAPHIC", "DARK")),
        ),
        ("DYNAMIC", ("DARK",), Picture(url("EMAIL_GRAPHIC", "DARK"))),
        ("DYNAMIC", (), None),
    ],
)
def test_an_image_is_shown_in_its_mode(mode: str, present: tuple[str, ...], shown: Picture | None) -> None:
    assert graphics(mode, *present) == shown


@pytest.mark.parametrize(
    ("mode", "scheme"), [("LIGHT", "light"), ("DARK", "dark"), ("DYNAMIC", "light dark")]
)
def test_the_browser_is_told_the_mode(mode: str, scheme: str) -> None:
    assert looks.managed(style(mode=mode), {}).scheme == scheme


def test_a_logo_is_shown_where_it_is_switched_on() -> None:
    slots: dict[Slot, str] = {("FORM_LOGO", "LIGHT", ""): "SVG"}
    settings = {
        "components": {"form": {"logo": {"enabled": True, "location": "END", "formInclusion": "OUT"}}}
    }

    assert looks.managed(style(), slots).form_logo is None
    shown = looks.managed(style(settings), slots).form_logo
    assert shown is not None
    assert (shown.picture.url, shown.place, shown.is_inside, shown.is_on_top) == (
        url("FORM_LOGO", "LIGHT"),
        "at-end",
        False,
        True,
    )


def test_header_and_footer_are_there_where_they_are_switched_on() -> None:
    slots: dict[Slot, str] = {("PAGE_HEADER_LOGO", "DYNAMIC", ""): "PNG"}
    document = style().settings | {"components": {"pageHeader": {"logo": {"enabled": True}}}}
    document["categories"] = {"global": {"pageHeader": {"enabled": True}}}
    look = looks.managed(style(document), slots)

    assert look.header == looks.Bar("at-start", Picture(url("PAGE_HEADER_LOGO", "DYNAMIC")))
    assert look.footer is None


def test_favicons_are_those_of_the_types_that_are_switched_on() -> None:
    slots: dict[Slot, str] = {("FAVICON_ICO", "LIGHT", ""): "ICO", ("FAVICON_SVG", "LIGHT", ""): "SVG"}
    only_svg = {"components": {"favicon": {"enabledTypes": ["SVG"]}}}

    assert [icon.type for icon in looks.managed(style(), slots).favicons] == ["image/x-icon", "image/svg+xml"]
    assert [icon.type for icon in looks.managed(style(only_svg), slots).favicons] == ["image/svg+xml"]


def test_a_background_counts_where_it_is_switched_on() -> None:
    slots: dict[Slot, str] = {
        ("PAGE_BACKGROUND", "DARK", ""): "JPEG",
        ("FORM_BACKGROUND", "DYNAMIC", ""): "JPEG",
    }
    on = {"components": {"pageBackground": {"image": {"enabled": True}}}}

    assert looks.backgrounds(style(), slots) == {"LIGHT": {}, "DARK": {}}
    assert looks.backgrounds(style(on), slots) == {
        "LIGHT": {},
        "DARK": {"page": url("PAGE_BACKGROUND", "DARK")},
    }


def test_the_place_and_the_density_of_the_form_are_classes() -> None:
    settings = {
        "categories": {
            "form": {"location": {"horizontal": "END", "vertical": "START"}},
            "global": {"spacingDensity": "COMPACT"},
        }
    }

    assert looks.managed(style(settings), {}).placement == "across-end down-start density-compact"


@pytest.mark.parametrize(
    ("order", "federated_first"),
    [
        ([], True),
        ([[{"display": "BUTTON", "type": "FEDERATED"}]], True),
        (
            [
                [{"display": "INPUT", "type": "USERNAME_PASSWORD"}],
                [{"display": "BUTTON", "type": "FEDERATED"}],
            ],
            False,
        ),
    ],
)
def test_the_order_of_methods_is_the_documents(order: list[Any], federated_first: bool) -> None:
    settings = {"categories": {"auth": {"authMethodOrder": order}}}

    assert looks.managed(style(settings), {}).federated_first is federated_first


def test_the_classic_look_has_what_was_customized() -> None:
    found = Customization("us-east-1_a", "ALL", ".label-customizable {}", "JPEG", "20260101120000", 1, 1)
    look = looks.classic(CLIENT, found)

    assert not look.is_managed
    assert look.style_sheets[-1] == f"/_pages/style/{CLIENT}/classic.css?v=20260101120000"
    assert look.logo_url == "/us-east-1_a/ALL/20260101120000/assets/images/image.jpg"


def test_the_classic_look_needs_no_customization() -> None:
    look = looks.classic(CLIENT, None)

    assert len(look.style_sheets) == 1
    assert look.logo_url == ""


def test_the_address_of_a_style_sheet_changes_with_the_release() -> None:
    style = looks.provided("a pool", "a client")
    now = looks.release(branding_settings.DEFAULTS)
    assert looks.managed(style, {}).style_sheets[0].endswith(f"managed.css?v=0-{now}")
    other = branding_settings.merged(
        branding_settings.DEFAULTS, {"components": {"form": {"borderRadius": 3}}}
    )
    assert looks.release(other) != now
