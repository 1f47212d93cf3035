"""An entry of a document as the server would tell it, so that the two can be compared member by member.

Each takes the wanted entry and the one that is there (None when there is none). What the operation keeps when it is not
sent, and nothing can clear, is left out and so not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from cognomen.operations import user_pools
from cognomen.pools import app_clients, branding_assets, identity_providers, schema, threat_protection
from cognomen.pools import settings as pool_settings

Entry = dict[str, Any]


def as_it_is(wanted: Entry, _former: Entry | None) -> Entry:
    return wanted


def replaced(*members: str) -> Callable[[Entry, Entry | None], Entry]:
    """For operations that replace all: a member that is not sent is not there afterwards."""

    def complete(wanted: Entry, _former: Entry | None) -> Entry:
        return dict.fromkeys(members) | wanted

    return complete


def user_pool(wanted: Entry, _former: Entry | None) -> Entry:
    request = {name: value for name, value in wanted.items() if name not in ("Id", "Schema")}
    told = user_pools.told(pool_settings.settings_of(request))
    if "Schema" in wanted:
        told["Schema"] = schema_entries(msgspec.to_builtins(schema.merged(wanted["Schema"])))
    for twice_said in (*(legacy for legacy, _ in pool_settings.VERIFICATION_TEXTS), "MfaConfiguration"):
        del told[twice_said]
    return told | {"Id": wanted["Id"], "PoolName": wanted["PoolName"]}


def schema_entries(attributes: list[Entry]) -> list[Entry]:
    """What a schema has beyond the standard one, as CreateUserPool takes it."""
    standard = msgspec.to_builtins(schema.standard_schema())
    return [
        found | {"Name": found["Name"].removeprefix(schema.DEVELOPER_ONLY).removeprefix(schema.CUSTOM)}
        for attribute in attributes
        if (found := _present(attribute)) not in [_present(each) for each in standard]
    ]


def mfa_config(wanted: Entry, _former: Entry | None) -> Entry:
    complete = {
        "MfaConfiguration": "OFF",
        "SoftwareTokenMfaConfiguration": None,
        "EmailMfaConfiguration": None,
    }
    complete |= wanted
    if passkeys := wanted.get("WebAuthnConfiguration"):
        complete["WebAuthnConfiguration"] = {"UserVerification": "preferred"} | passkeys
    return complete


def resource_server(wanted: Entry, _former: Entry | None) -> Entry:
    return {"Scopes": []} | wanted


def identity_provider(wanted: Entry, former: Entry | None) -> Entry:
    """Details that the server added or found out by itself stay; only what is named is compared."""
    complete = dict(wanted)
    complete["ProviderDetails"] = (former or {}).get("ProviderDetails", {}) | wanted["ProviderDetails"]
    if "AttributeMapping" in wanted:
        mapping = identity_providers.mapping_of(wanted["ProviderType"], wanted["AttributeMapping"])
        complete["AttributeMapping"] = mapping
    return complete


def client(wanted: Entry, former: Entry | None) -> Entry:
    """A secret that is generated is whichever there is."""
    complete: Entry = msgspec.to_builtins(app_clients.settings_of(wanted))
    del complete["ClientType"]  # nobody asks for one
    complete |= {"ClientId": wanted["ClientId"], "ClientName": wanted["ClientName"]}
    if former is not None and wanted.get("GenerateSecret") and "ClientSecret" in former:
        complete["ClientSecret"] = former["ClientSecret"]
    else:
        complete["ClientSecret"] = wanted.get("ClientSecret") or (
            "generated" if wanted.get("GenerateSecret") else None
        )
    return complete


def branding(wanted: Entry, former: Entry | None) -> Entry:
    """A style is laid upon the one that is there."""
    complete = dict(wanted)
    if former and "Settings" in wanted:
        complete["Settings"] = _laid(former.get("Settings", {}), wanted["Settings"])
    if former and "Assets" in wanted:
        slots = {
            branding_assets.slot_of_entry(asset): asset
            for asset in [*former.get("Assets", ()), *wanted["Assets"]]
        }
        complete["Assets"] = list(slots.values())
    return complete


def risk_configuration(wanted: Entry, _former: Entry | None) -> Entry:
    parts = dict.fromkeys(threat_protection.PARTS) | wanted
    compromised = parts[threat_protection.COMPROMISED]
    if compromised and not compromised.get("EventFilter"):
        parts[threat_protection.COMPROMISED] = compromised | {"EventFilter": threat_protection.EVENTS}
    return parts


def _laid(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {name: _laid(below.get(name), value) for name, value in above.items()}
    return above


def _present(attribute: Entry) -> Entry:
    return {name: value for name, value in attribute.items() if value is not None}
