from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools.branding_settings import DEFAULTS
from cognomen.store import app_clients, branding
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.pictures import ICO, JPEG, PNG, SVG, svg
from tests.refused import refused
from tests.server import Server

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
GREEN: dict[str, Any] = {"components": {"pageBackground": {"lightMode": {"color": "00ff00ff"}}}}
LOGO: Any = {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": PNG}
CSS = ".label-customizable { font-weight: 400 }"

Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def make_style(cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str) -> Make:
    def make(**members: Any) -> Any:
        return cognito.create_managed_login_branding(
            **{"UserPoolId": pool_id, "ClientId": client_id} | members
        )["ManagedLoginBranding"]

    return make


# -- styles of managed login -------------------------------------------------------------------------------------------


def test_a_style_comes_back_as_it_was_given(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str, client_id: str, clock: HeldClock
) -> None:
    icon = {"Category": "IDP_BUTTON_ICON", "ColorMode": "DYNAMIC", "Extension": "ICO", "Bytes": ICO}
    style = make_style(Settings=GREEN, Assets=[icon | {"ResourceId": "my idp"}, LOGO])
    assert UUID4.fullmatch(style["ManagedLoginBrandingId"])
    moment = datetime.fromtimestamp(clock.now / 1000, UTC)
    assert style == {
        "ManagedLoginBrandingId": style["ManagedLoginBrandingId"],
        "UserPoolId": pool_id,
        "UseCognitoProvidedValues": False,
        "Settings": GREEN,
        "Assets": [LOGO, icon | {"ResourceId": "my idp"}],
        "CreationDate": moment,
        "LastModifiedDate": moment,
    }
    by_id = cognito.describe_managed_login_branding(
        UserPoolId=pool_id, ManagedLoginBrandingId=style["ManagedLoginBrandingId"]
    )
    by_client = cognito.describe_managed_login_branding_by_client(UserPoolId=pool_id, ClientId=client_id)
    assert by_id["ManagedLoginBranding"] == by_client["ManagedLoginBranding"] == style


def test_a_style_of_provided_values_has_nothing_of_its_own(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str, client_id: str
) -> None:
    style = make_style(UseCognitoProvidedValues=True)
    assert (style["UseCognitoProvidedValues"], style["Settings"], style["Assets"]) == (True, {}, [])
    merged = cognito.describe_managed_login_branding_by_client(
        UserPoolId=pool_id, ClientId=client_id, ReturnMergedResources=True
    )["ManagedLoginBranding"]
    assert (merged["Settings"], merged["Assets"]) == (DEFAULTS, [])


def test_asked_for_it_a_style_is_told_with_the_defaults_below_it(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str
) -> None:
    style = make_style(Settings=GREEN, Assets=[LOGO])
    merged: Any = cognito.describe_managed_login_branding(
        UserPoolId=pool_id,
        ManagedLoginBrandingId=style["ManagedLoginBrandingId"],
        ReturnMergedResources=True,
    )["ManagedLoginBranding"]
    background = merged["Settings"]["components"]["pageBackground"]
    assert background["lightMode"]["color"] == "00ff00ff"
    assert background["darkMode"] == DEFAULTS["components"]["pageBackground"]["darkMode"]
    assert merged["Settings"]["categories"] == DEFAULTS["categories"]
    assert merged["Assets"] == [LOGO]


def test_an_update_is_laid_upon_what_is_there(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str, client_id: str, clock: HeldClock
) -> None:
    style = make_style(Settings=GREEN, Assets=[LOGO])
    style_id = style["ManagedLoginBrandingId"]
    clock.advance(1_000)
    dark = {"components": {"pageBackground": {"darkMode": {"color": "112233ff"}}}}
    header: Any = {"Category": "PAGE_HEADER_LOGO", "ColorMode": "DARK", "Extension": "JPEG", "Bytes": JPEG}
    other_logo = LOGO | {"Extension": "SVG", "Bytes": SVG}
    updated = cognito.update_managed_login_branding(
        UserPoolId=pool_id, ManagedLoginBrandingId=style_id, Settings=dark, Assets=[header, other_logo]
    )["ManagedLoginBranding"]
    assert updated["Settings"] == {
        "components": {
            "pageBackground": {"lightMode": {"color": "00ff00ff"}, "darkMode": {"color": "112233ff"}}
        }
    }
    assert updated["Assets"] == [other_logo, header]
    assert updated["CreationDate"] == style["CreationDate"]
    assert (updated["LastModifiedDate"] - style["CreationDate"]).total_seconds() == 1
    kept: Any = [{name: value for name, value in other_logo.items() if name != "Bytes"}]
    again = cognito.update_managed_login_branding(
        UserPoolId=pool_id, ManagedLoginBrandingId=style_id, Assets=kept
    )["ManagedLoginBranding"]
    assert again == updated
    described = cognito.describe_managed_login_branding_by_client(UserPoolId=pool_id, ClientId=client_id)
    assert described["ManagedLoginBranding"] == updated


def test_a_style_returns_to_provided_values_and_leaves_them_again(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str
) -> None:
    style_id = make_style(Settings=GREEN, Assets=[LOGO])["ManagedLoginBrandingId"]

    def update(**members: Any) -> Any:
        style: Any = cognito.update_managed_login_branding(
            UserPoolId=pool_id, ManagedLoginBrandingId=style_id, **members
        )["ManagedLoginBranding"]
        return style["UseCognitoProvidedValues"], style["Settings"], style["Assets"]

    assert update(UseCognitoProvidedValues=True) == (True, {}, [])
    assert update() == (True, {}, [])
    assert update(Settings=GREEN) == (False, GREEN, [])
    assert update() == (False, GREEN, [])
    update(UseCognitoProvidedValues=True)
    assert update(UseCognitoProvidedValues=False) == (False, {}, [])


def test_a_deleted_style_is_gone_and_makes_room_for_another(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str
) -> None:
    style_id = make_style(Assets=[LOGO])["ManagedLoginBrandingId"]
    cognito.delete_managed_login_branding(UserPoolId=pool_id, ManagedLoginBrandingId=style_id)
    not_found = f"Managed login branding {style_id} does not exist."
    for call in (
        cognito.describe_managed_login_branding,
        cognito.update_managed_login_branding,
        cognito.delete_managed_login_branding,
    ):
        with refused("ResourceNotFoundException", not_found):
            call(UserPoolId=pool_id, ManagedLoginBrandingId=style_id)
    assert make_style()["Assets"] == []


def test_what_a_style_is_asked_of_must_exist(
    cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str, make_pool: Make, make_style: Make
) -> None:
    with refused("ResourceNotFoundException", f"User pool client {client_id} has no managed login branding."):
        cognito.describe_managed_login_branding_by_client(UserPoolId=pool_id, ClientId=client_id)
    for ask in (
        cognito.describe_managed_login_branding_by_client,
        cognito.create_managed_login_branding,
    ):
        with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
            ask(UserPoolId=pool_id, ClientId="unknown")
    style_id = make_style()["ManagedLoginBrandingId"]
    with refused("ResourceNotFoundException", f"Managed login branding {style_id} does not exist."):
        cognito.describe_managed_login_branding(UserPoolId=make_pool()["Id"], ManagedLoginBrandingId=style_id)
    with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
        cognito.describe_managed_login_branding(
            UserPoolId="us-east-1_nobody", ManagedLoginBrandingId=style_id
        )


def test_a_client_has_one_style(make_style: Make, client_id: str) -> None:
    make_style()
    with refused(
        "ManagedLoginBrandingExistsException",
        f"User pool client {client_id} already has a managed login branding.",
    ):
        make_style()


def test_a_pool_has_twenty_styles(
    cognito: CognitoIdentityProviderClient, pool_id: str, make_client: Make
) -> None:
    clients = [make_client(pool_id)["ClientId"] for _ in range(21)]
    for client_id in clients[:20]:
        cognito.create_managed_login_branding(UserPoolId=pool_id, ClientId=client_id)
    with refused("LimitExceededException", "Managed login branding limit exceeded: at most 20."):
        cognito.create_managed_login_branding(UserPoolId=pool_id, ClientId=clients[20])
    with refused("ResourceNotFoundException"):
        cognito.describe_managed_login_branding_by_client(UserPoolId=pool_id, ClientId=clients[20])
    with refused("ManagedLoginBrandingExistsException"):
        cognito.create_managed_login_branding(UserPoolId=pool_id, ClientId=clients[0])


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"UseCognitoProvidedValues": True, "Settings": {}},
            "Settings and Assets cannot be specified when UseCognitoProvidedValues is true.",
        ),
        (
            {"UseCognitoProvidedValues": True, "Assets": []},
            "Settings and Assets cannot be specified when UseCognitoProvidedValues is true.",
        ),
        ({"Settings": {"color": "red"}}, "Invalid Settings: $.color is unknown."),
        ({"Settings": []}, "Invalid Settings: $ must be an object."),
        ({"Settings": ["red"]}, "Invalid Settings: $ must be an object."),
        ({"Assets": [LOGO, LOGO]}, "The asset FORM_LOGO LIGHT was given more than once."),
        ({"Assets": [LOGO | {"Bytes": b""}]}, "The asset FORM_LOGO LIGHT has no Bytes."),
        (
            {"Assets": [LOGO | {"Category": "FAVICON_ICO"}]},
            "An asset of category FAVICON_ICO cannot have the extension PNG.",
        ),
        ({"Assets": [LOGO | {"Bytes": JPEG}]}, "The Bytes of the asset FORM_LOGO LIGHT are no PNG image."),
        (
            {"Assets": [LOGO | {"Extension": "SVG", "Bytes": svg("", 'onload="alert(1)"')}]},
            "The SVG image of the asset FORM_LOGO LIGHT has an attribute onload that is not allowed.",
        ),
    ],
)
def test_a_faulty_style_is_refused_and_leaves_what_there_was(
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    client_id: str,
    make_style: Make,
    members: dict[str, Any],
    message: str,
) -> None:
    with refused("InvalidParameterException", message):
        make_style(**members)
    style = make_style(Settings=GREEN)
    with refused("InvalidParameterException", message):
        cognito.update_managed_login_branding(
            UserPoolId=pool_id, ManagedLoginBrandingId=style["ManagedLoginBrandingId"], **members
        )
    described = cognito.describe_managed_login_branding_by_client(UserPoolId=pool_id, ClientId=client_id)
    assert described["ManagedLoginBranding"] == style


def test_an_update_must_name_pool_and_style(cognito: CognitoIdentityProviderClient) -> None:
    with refused(
        "InvalidParameterException",
        "2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be "
        "null; Value null at 'managedLoginBrandingId' failed to satisfy constraint: Member must not be null",
    ):
        cognito.update_managed_login_branding()


def test_an_image_may_be_new_or_stand_for_the_one_that_is_there(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str
) -> None:
    style_id = make_style()["ManagedLoginBrandingId"]
    named: Any = {name: value for name, value in LOGO.items() if name != "Bytes"}
    with refused("InvalidParameterException", "The asset FORM_LOGO LIGHT has no Bytes."):
        cognito.update_managed_login_branding(
            UserPoolId=pool_id, ManagedLoginBrandingId=style_id, Assets=[named]
        )


def test_images_of_two_megabytes_fit_one_request_and_forty_a_style(
    cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str, client_id: str
) -> None:
    large = PNG + bytes(1_000_000 - len(PNG))
    style_id = make_style(Assets=[LOGO | {"Bytes": large}, LOGO | {"ColorMode": "DARK", "Bytes": large}])[
        "ManagedLoginBrandingId"
    ]
    icons: Any = [
        {
            "Category": "IDP_BUTTON_ICON",
            "ColorMode": "LIGHT",
            "Extension": "ICO",
            "Bytes": ICO,
            "ResourceId": str(n),
        }
        for n in range(39)
    ]
    cognito.update_managed_login_branding(
        UserPoolId=pool_id, ManagedLoginBrandingId=style_id, Assets=icons[:38]
    )
    with refused("InvalidParameterException", "A style can have at most 40 assets."):
        cognito.update_managed_login_branding(
            UserPoolId=pool_id, ManagedLoginBrandingId=style_id, Assets=icons[38:]
        )
    style = cognito.describe_managed_login_branding_by_client(UserPoolId=pool_id, ClientId=client_id)
    assert len(style["ManagedLoginBranding"]["Assets"]) == 40


def test_an_image_over_a_megabyte_is_refused(make_style: Make) -> None:
    with refused("InvalidParameterException"):
        make_style(Assets=[LOGO | {"Bytes": PNG + bytes(1_000_001 - len(PNG))}])


async def test_of_two_styles_made_at_once_for_a_client_one_is_kept(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str
) -> None:
    style = branding.Style(pool_id, client_id, UNKNOWN_ID, {}, True, 1, 1)
    create = asyncio.to_thread(cognito.create_managed_login_branding, UserPoolId=pool_id, ClientId=client_id)

    def first(db: Any) -> None:
        assert branding.add(db, style)

    with refused("ManagedLoginBrandingExistsException"):
        await overtaken(server.store, first, create)


# -- the classic pages -------------------------------------------------------------------------------------------------


@pytest.fixture
def domain(cognito: CognitoIdentityProviderClient, pool_id: str) -> str:
    """A domain of the pool: without one it has no classic pages."""
    name = f"look-{uuid.uuid4().hex}"
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=name)
    return name


def test_a_pool_without_a_domain_has_no_classic_pages(
    cognito: CognitoIdentityProviderClient, pool_id: str
) -> None:
    with refused(
        "InvalidParameterException", "There has to be an existing domain associated with this user pool"
    ):
        cognito.set_ui_customization(UserPoolId=pool_id, CSS=CSS)


@pytest.mark.usefixtures("domain")
def test_a_customization_comes_back_as_it_was_given(
    server: Server,
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    client_id: str,
    clock: HeldClock,
) -> None:
    given = cognito.set_ui_customization(UserPoolId=pool_id, ClientId=client_id, CSS=CSS, ImageFile=PNG)
    moment = datetime.fromtimestamp(clock.now / 1000, UTC)
    version = moment.strftime("%Y%m%d%H%M%S")
    address = f"{server.settings.own_url}/{pool_id}/{client_id}/{version}/assets/images/image.png"
    assert given["UICustomization"] == {
        "UserPoolId": pool_id,
        "ClientId": client_id,
        "CSS": CSS,
        "CSSVersion": version,
        "ImageUrl": address,
        "CreationDate": moment,
        "LastModifiedDate": moment,
    }
    assert (
        cognito.get_ui_customization(UserPoolId=pool_id, ClientId=client_id)["UICustomization"]
        == given["UICustomization"]
    )
    assert server.run(server.store.read(branding.image_of, pool_id, client_id)) == PNG


@pytest.mark.usefixtures("domain")
def test_a_customization_is_replaced_as_a_whole(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, clock: HeldClock
) -> None:
    first = cognito.set_ui_customization(UserPoolId=pool_id, CSS=CSS)["UICustomization"]
    assert (first["ClientId"], "ImageUrl" in first) == ("ALL", False)
    clock.advance(1_000)
    second = cognito.set_ui_customization(UserPoolId=pool_id, ClientId="ALL", ImageFile=JPEG)[
        "UICustomization"
    ]
    assert "CSS" not in second
    assert second["ImageUrl"].endswith(f"/{pool_id}/ALL/{second['CSSVersion']}/assets/images/image.jpg")
    assert second["CSSVersion"] != first["CSSVersion"]
    assert second["CreationDate"] == first["CreationDate"] != second["LastModifiedDate"]
    assert cognito.get_ui_customization(UserPoolId=pool_id)["UICustomization"] == second
    assert cognito.set_ui_customization(UserPoolId=pool_id, CSS="", ImageFile=b"")["UICustomization"] == {}
    assert cognito.get_ui_customization(UserPoolId=pool_id)["UICustomization"] == {}
    assert server.run(server.store.read(branding.image_of, pool_id, "ALL")) is None


@pytest.mark.usefixtures("domain")
def test_a_client_without_customization_has_that_of_the_pool(
    cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str
) -> None:
    def css_of_client() -> tuple[str | None, str | None]:
        found = cognito.get_ui_customization(UserPoolId=pool_id, ClientId=client_id)["UICustomization"]
        return found.get("ClientId"), found.get("CSS")

    assert css_of_client() == (None, None)
    cognito.set_ui_customization(UserPoolId=pool_id, ClientId="ALL", CSS=CSS)
    assert css_of_client() == ("ALL", CSS)
    own = ".logo-customizable { max-width: 50% }"
    cognito.set_ui_customization(UserPoolId=pool_id, ClientId=client_id, CSS=own)
    assert css_of_client() == (client_id, own)
    assert cognito.get_ui_customization(UserPoolId=pool_id)["UICustomization"]["CSS"] == CSS
    cognito.set_ui_customization(UserPoolId=pool_id, ClientId=client_id)
    assert css_of_client() == ("ALL", CSS)


@pytest.mark.usefixtures("domain")
def test_a_faulty_customization_is_refused(
    cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str
) -> None:
    with refused("InvalidParameterException", "CSS contains invalid class .button"):
        cognito.set_ui_customization(UserPoolId=pool_id, CSS=".button { color: red }")
    with refused("InvalidParameterException", "The image file is neither a PNG nor a JPEG image."):
        cognito.set_ui_customization(UserPoolId=pool_id, ClientId=client_id, CSS=CSS, ImageFile=SVG)
    for ask in (cognito.set_ui_customization, cognito.get_ui_customization):
        with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
            ask(UserPoolId=pool_id, ClientId="unknown")
        with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
            ask(UserPoolId="us-east-1_nobody")
    assert cognito.get_ui_customization(UserPoolId=pool_id, ClientId=client_id)["UICustomization"] == {}


# -- with the client ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("domain")
def test_with_a_client_goes_how_its_pages_look(
    server: Server, cognito: CognitoIdentityProviderClient, make_style: Make, pool_id: str, client_id: str
) -> None:
    style_id = make_style(Assets=[LOGO])["ManagedLoginBrandingId"]
    cognito.set_ui_customization(UserPoolId=pool_id, ClientId=client_id, CSS=CSS, ImageFile=PNG)
    cognito.set_ui_customization(UserPoolId=pool_id, CSS=CSS)
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    with refused("ResourceNotFoundException", f"Managed login branding {style_id} does not exist."):
        cognito.describe_managed_login_branding(UserPoolId=pool_id, ManagedLoginBrandingId=style_id)
    style = branding.Style(pool_id, client_id, style_id, {}, False, 1, 1)
    assert server.run(server.store.read(branding.slots_of, style)) == {}
    found = server.run(server.store.read(branding.customization_of, pool_id, client_id))
    assert found is not None
    assert found.client_id == "ALL"
    assert server.run(server.store.read(branding.image_of, pool_id, client_id)) is None


async def test_a_client_that_is_deleted_meanwhile_gets_no_style(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, client_id: str
) -> None:
    await call_of(server.node, pool_id, client_id)  # the server knows the client before it goes
    create = asyncio.to_thread(cognito.create_managed_login_branding, UserPoolId=pool_id, ClientId=client_id)
    with refused("ResourceNotFoundException", f"User pool client {client_id} does not exist."):
        await overtaken(server.store, lambda db: app_clients.remove(db, pool_id, client_id), create)
