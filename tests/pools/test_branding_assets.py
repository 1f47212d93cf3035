from __future__ import annotations

from typing import Any

import pytest

from cognomen.errors import Refusal
from cognomen.pools.branding_assets import assets_of, check_together, slot_of
from tests.pictures import ICO, JPEG, PNG, SVG, WEBP, svg

CONTENT = {"PNG": PNG, "JPEG": JPEG, "WEBP": WEBP, "ICO": ICO, "SVG": SVG}
GRAPHICS = [
    "EMAIL_GRAPHIC",
    "SMS_GRAPHIC",
    "AUTH_APP_GRAPHIC",
    "PASSWORD_GRAPHIC",
    "PASSKEY_GRAPHIC",
    "PAGE_HEADER_LOGO",
    "PAGE_HEADER_BACKGROUND",
    "PAGE_FOOTER_LOGO",
    "PAGE_FOOTER_BACKGROUND",
    "PAGE_BACKGROUND",
    "FORM_BACKGROUND",
    "FORM_LOGO",
]
ALLOWED = {category: {"PNG", "SVG", "JPEG", "WEBP"} for category in GRAPHICS} | {
    "FAVICON_ICO": {"ICO"},
    "FAVICON_SVG": {"SVG"},
    "IDP_BUTTON_ICON": {"ICO", "SVG"},
}


def an_asset(category: str = "FORM_LOGO", extension: str = "PNG", **members: Any) -> dict[str, Any]:
    usual = {"ColorMode": "LIGHT", "Bytes": CONTENT[extension]}
    return {"Category": category, "Extension": extension} | usual | members


@pytest.mark.parametrize("category", ALLOWED)
@pytest.mark.parametrize("extension", CONTENT)
def test_a_category_takes_its_formats(category: str, extension: str) -> None:
    if extension in ALLOWED[category]:
        (asset,) = assets_of([an_asset(category, extension)])
        assert (asset.category, asset.extension, asset.content) == (category, extension, CONTENT[extension])
    else:
        with pytest.raises(Refusal, match=f"{category} cannot have the extension {extension}"):
            assets_of([an_asset(category, extension)])


@pytest.mark.parametrize("extension", ["PNG", "JPEG", "WEBP", "SVG"])
@pytest.mark.parametrize("content", CONTENT)
def test_an_extension_that_is_not_that_of_the_content_is_refused(extension: str, content: str) -> None:
    if extension != content:
        with pytest.raises(Refusal, match=f"The Bytes of the asset FORM_LOGO LIGHT are no {extension} image"):
            assets_of([an_asset("FORM_LOGO", extension, Bytes=CONTENT[content])])


def test_an_svg_with_a_script_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        assets_of([an_asset("FORM_LOGO", "SVG", Bytes=svg("<script/>"))])
    assert (
        caught.value.message
        == "The SVG image of the asset FORM_LOGO LIGHT has an element script that is not "
        "allowed there."
    )


def test_an_image_given_twice_is_refused_unless_its_place_is_another() -> None:
    icons = [an_asset("IDP_BUTTON_ICON", "ICO", ResourceId=name) for name in ("Google", "Okta")]
    assert [slot_of(asset)[2] for asset in assets_of(icons)] == ["Google", "Okta"]
    assets_of([an_asset(), an_asset(ColorMode="DARK")])
    with pytest.raises(Refusal, match="The asset FORM_LOGO LIGHT was given more than once"):
        assets_of([an_asset(ResourceId="a"), an_asset("FORM_LOGO", "SVG", ResourceId="b")])


def test_an_image_without_bytes_stands_for_the_one_that_is_there() -> None:
    there = assets_of([an_asset()])
    slots = {slot_of(asset): asset.extension for asset in there}
    check_together(slots, assets_of([an_asset(Bytes=b"")]))
    for other in (an_asset("FORM_LOGO", "SVG", Bytes=b""), an_asset(ColorMode="DARK", Bytes=b"")):
        with pytest.raises(Refusal, match="has no Bytes"):
            check_together(slots, assets_of([other]))


def test_a_style_holds_forty_images() -> None:
    given = assets_of([an_asset("IDP_BUTTON_ICON", "ICO", ResourceId=str(number)) for number in range(41)])
    slots = {slot_of(asset): asset.extension for asset in given}
    check_together({}, given[:40])
    check_together(dict(list(slots.items())[:40]), given[:40])
    with pytest.raises(Refusal, match="A style can have at most 40 assets"):
        check_together(dict(list(slots.items())[:40]), given[40:])
