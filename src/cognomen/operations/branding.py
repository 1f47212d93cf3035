"""How the sign-in pages look: the styles of managed login, and the CSS and logo of the classic pages.

CreateManagedLoginBranding, DescribeManagedLoginBranding, DescribeManagedLoginBrandingByClient, UpdateManagedLoginBranding,
DeleteManagedLoginBranding, GetUICustomization, SetUICustomization. What may be in a style, a style sheet and an image is in
pools/; pages/looks.py shows it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import branding_assets, branding_settings, hosted_ui, lookup
from cognomen.store import branding, domains
from cognomen.store.app_client_settings import ALL_CLIENTS
from cognomen.store.branding import Asset, Customization, Style
from cognomen.store.database import Db
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CreateManagedLoginBrandingRequestTypeDef,
        DeleteManagedLoginBrandingRequestTypeDef,
        DescribeManagedLoginBrandingByClientRequestTypeDef,
        DescribeManagedLoginBrandingRequestTypeDef,
        GetUICustomizationRequestTypeDef,
        SetUICustomizationRequestTypeDef,
        UpdateManagedLoginBrandingRequestTypeDef,
    )

STYLES_MAX = 20


@operation("CreateManagedLoginBranding")
async def create_managed_login_branding(
    call: Call, request: CreateManagedLoginBrandingRequestTypeDef
) -> dict[str, Any]:
    is_provided, settings, assets = await _given(request)
    branding_assets.check_together({}, assets)
    style = Style(
        pool_id=call.pool.id,
        client_id=call.client.id,
        id=clock.uuid4(),
        settings=settings or {},
        is_provided=bool(is_provided),
        created_at=call.now,
        modified_at=call.now,
    )

    def add(db: Db) -> None:
        pool, client = lookup.locked_client(db, style.pool_id, style.client_id)
        styles = branding.count(db, pool.id)
        if not branding.add(db, style):
            raise errors.STYLE_EXISTS(id=client.id)
        if styles >= STYLES_MAX:
            raise errors.TOO_MANY(what="Managed login branding", limit=STYLES_MAX)
        for asset in assets:
            branding.put_asset(db, style, asset)

    await call.store.write(add)
    return {"ManagedLoginBranding": _described(style, assets)}


@operation("DescribeManagedLoginBranding")
async def describe_managed_login_branding(
    call: Call, request: DescribeManagedLoginBrandingRequestTypeDef
) -> dict[str, Any]:
    style_id = request["ManagedLoginBrandingId"]
    found = await call.store.read(branding.with_assets_by_id, call.pool.id, style_id)
    if found is None:
        raise errors.STYLE_NOT_FOUND(id=style_id)
    merged = request.get("ReturnMergedResources", False)
    return {"ManagedLoginBranding": _described(*found, with_defaults=merged)}


@operation("DescribeManagedLoginBrandingByClient")
async def describe_managed_login_branding_by_client(
    call: Call, request: DescribeManagedLoginBrandingByClientRequestTypeDef
) -> dict[str, Any]:
    found = await call.store.read(branding.with_assets_of_client, call.pool.id, call.client.id)
    if found is None:
        raise errors.STYLE_OF_CLIENT_NOT_FOUND(id=call.client.id)
    merged = request.get("ReturnMergedResources", False)
    return {"ManagedLoginBranding": _described(*found, with_defaults=merged)}


@operation("UpdateManagedLoginBranding")
async def update_managed_login_branding(
    call: Call, request: UpdateManagedLoginBrandingRequestTypeDef
) -> dict[str, Any]:
    """What is given is laid upon what is there, so that more than fits one request can be sent in several."""
    is_provided, settings, assets = await _given(request)

    def change(db: Db) -> tuple[Style, list[Asset]]:
        style = _locked(db, call.pool.id, request["ManagedLoginBrandingId"])
        if is_provided:
            branding.remove_assets(db, style)
            changed = replace(style, settings={}, is_provided=True)
        else:
            branding_assets.check_together(branding.slots_of(db, style), assets)
            for asset in assets:
                if asset.content:
                    branding.put_asset(db, style, asset)
            is_own = is_provided is False or settings is not None or bool(assets)
            laid = branding_settings.merged(style.settings, settings or {})
            branding_settings.check_together(laid)
            changed = replace(style, settings=laid, is_provided=style.is_provided and not is_own)
        branding.change(db, replace(changed, modified_at=call.now))
        found = branding.with_assets_by_id(db, style.pool_id, style.id)
        if found is None:
            raise AssertionError("the style was written in this transaction")
        return found

    return {"ManagedLoginBranding": _described(*await call.store.write(change))}


@operation("DeleteManagedLoginBranding")
async def delete_managed_login_branding(
    call: Call, request: DeleteManagedLoginBrandingRequestTypeDef
) -> None:
    def remove(db: Db) -> None:
        branding.remove(db, _locked(db, call.pool.id, request["ManagedLoginBrandingId"]))

    await call.store.write(remove)


@operation("GetUICustomization", finds_client=False)
async def get_ui_customization(call: Call, request: GetUICustomizationRequestTypeDef) -> dict[str, Any]:
    """The client's own, otherwise the pool's, otherwise an empty object (API reference)."""
    client_id = await _client_or_all(call, request)
    found = await call.store.read(branding.customization_of, call.pool.id, client_id)
    return {"UICustomization": _customized(call, found)}


@operation("SetUICustomization", finds_client=False)
async def set_ui_customization(call: Call, request: SetUICustomizationRequestTypeDef) -> dict[str, Any]:
    """Full replacement: without CSS and image, nothing of it is left."""
    client_id = await _client_or_all(call, request)
    css, image = request.get("CSS") or None, _image(request)
    hosted_ui.check_css(css or "")
    image_format = None if image is None else hosted_ui.format_of_logo(image)

    def put(db: Db) -> Customization | None:
        if client_id == ALL_CLIENTS:
            pool = lookup.locked(db, call.pool.id)
        else:
            pool, _ = lookup.locked_client(db, call.pool.id, client_id)
        hosted_ui.check_domain(has_domain=bool(domains.all_of_pool(db, pool.id)))
        if css is None and image is None:
            branding.remove_customization(db, pool.id, client_id)
            return None
        customization = Customization(
            pool_id=pool.id,
            client_id=client_id,
            css=css,
            image_format=image_format,
            version=clock.digits(call.now),
            created_at=call.now,
            modified_at=call.now,
        )
        return branding.put_customization(db, customization, image)

    return {"UICustomization": _customized(call, await call.store.write(put))}


async def _given(
    request: CreateManagedLoginBrandingRequestTypeDef | UpdateManagedLoginBrandingRequestTypeDef,
) -> tuple[bool | None, dict[str, Any] | None, list[Asset]]:
    """What a request says of a style; None where it says nothing. The images are checked where nobody waits for it."""
    is_provided, settings = request.get("UseCognitoProvidedValues"), request.get("Settings")
    if is_provided and ("Settings" in request or "Assets" in request):
        raise errors.PROVIDED_VALUES_ALONE()
    if settings is not None:
        branding_settings.check(settings)
    assets = await asyncio.to_thread(branding_assets.assets_of, request.get("Assets", ()))
    return is_provided, settings, assets  # type: ignore[return-value]  # a Mapping to the type checker, a dict from the wire


def _locked(db: Db, pool_id: str, style_id: str) -> Style:
    """The style as it is now; its pool is held."""
    lookup.locked(db, pool_id)
    style = branding.by_id(db, pool_id, style_id)
    if style is None:
        raise errors.STYLE_NOT_FOUND(id=style_id)
    return style


def _described(style: Style, assets: list[Asset], *, with_defaults: bool = False) -> dict[str, Any]:
    """A style: what is its own, or with the defaults below it. The defaults have no images."""
    settings = (
        branding_settings.merged(branding_settings.DEFAULTS, style.settings)
        if with_defaults
        else style.settings
    )
    return {
        "ManagedLoginBrandingId": style.id,
        "UserPoolId": style.pool_id,
        "UseCognitoProvidedValues": style.is_provided,
        "Settings": settings,
        "Assets": [
            {
                "Category": asset.category,
                "ColorMode": asset.color_mode,
                "Extension": asset.extension,
                "Bytes": asset.content,
                "ResourceId": asset.resource_id,
            }
            for asset in assets
        ],
        "CreationDate": seconds(style.created_at),
        "LastModifiedDate": seconds(style.modified_at),
    }


async def _client_or_all(
    call: Call, request: GetUICustomizationRequestTypeDef | SetUICustomizationRequestTypeDef
) -> str:
    """The client the request is about; ALL for the whole pool, which is meant where it names none."""
    client_id = request.get("ClientId", ALL_CLIENTS)
    if client_id != ALL_CLIENTS and await call.configurations.client(call.configuration, client_id) is None:
        raise errors.APP_CLIENT_NOT_FOUND(id=client_id)
    return client_id


def _image(request: SetUICustomizationRequestTypeDef) -> bytes | None:
    image = request.get("ImageFile")
    return bytes(image) or None if isinstance(image, bytes) else None


def _customized(call: Call, found: Customization | None) -> dict[str, Any]:
    if found is None:
        return {}
    path = hosted_ui.path_of_logo(found)
    return {
        "UserPoolId": found.pool_id,
        "ClientId": found.client_id,
        "ImageUrl": f"{call.settings.own_url}/{path}" if path else None,
        "CSS": found.css,
        "CSSVersion": found.version,
        "CreationDate": seconds(found.created_at),
        "LastModifiedDate": seconds(found.modified_at),
    }
