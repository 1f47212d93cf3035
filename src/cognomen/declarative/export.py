"""A pool as a document: what is as it would be anyway is left out."""

from __future__ import annotations

from typing import Any

from cognomen.declarative.caller import Caller
from cognomen.declarative.parts import PARTS, POOL, Entry, Part
from cognomen.declarative.plan import SECRET_DETAILS, comparable, pruned

_ALWAYS = {"UserPool": ("Id", "PoolName"), "Clients": ("ClientId", "ClientName")}
_UNSET: dict[str, Entry] = {
    "MfaConfig": {"MfaConfiguration": "OFF"},
    "SessionConfiguration": {"UserSessionTracking": "DISABLED"},
    "LogDelivery": {"LogConfigurations": []},
}
"""How single parts begin; one that is so is left out."""


async def export(caller: Caller, pool_id: str, *, secrets: bool = False) -> dict[str, Any]:
    """The document of a pool; with the secrets of clients and identity providers only where asked. Raises Refusal."""
    document: dict[str, Any] = {}
    for part in PARTS:
        found = await entries(caller, part, pool_id, secrets=secrets)
        if found:
            document[part.name] = found[0] if part.is_single else found
    return document


async def entries(caller: Caller, part: Part, pool_id: str, *, secrets: bool = False) -> list[Entry]:
    """What a document says of one part; nothing where it is as it would be anyway. Raises Refusal."""
    found = [_written(part, entry, secrets=secrets) for entry in await part.read(caller, pool_id)]
    if part.is_single and part is not POOL and _is_unset(found[0], _UNSET.get(part.name, {})):
        return []
    return found


def _is_unset(entry: Entry, unset: Entry) -> bool:
    if entry.get("UserSessionTracking") == "DISABLED":
        return True  # how many sessions it would have counts for nothing
    return bool(comparable(entry) == comparable(unset))


def _written(part: Part, entry: Entry, *, secrets: bool) -> Entry:
    written = {name: value for name, value in entry.items() if name in part.members}
    if part.name in _ALWAYS:
        least = {name: entry[name] for name in _ALWAYS[part.name]}
        usual = part.complete(least, None)
        written = {
            name: value
            for name, value in written.items()
            if name in least or comparable(value) != comparable(usual.get(name))
        }
    if not secrets:
        written = _without_secrets(part, written)
    # {} is how an account recovery of old is said, so it stays where it is not the default.
    kept: Entry = {"AccountRecoverySetting": {}} if written.get("AccountRecoverySetting") == {} else {}
    present: Entry = pruned(written)
    return present | kept


def _without_secrets(part: Part, entry: Entry) -> Entry:
    if "ClientSecret" in entry and part.name == "Clients":
        return {name: value for name, value in entry.items() if name != "ClientSecret"} | {
            "GenerateSecret": True
        }
    if "ProviderDetails" in entry:
        details = entry["ProviderDetails"]
        return entry | {"ProviderDetails": {k: v for k, v in details.items() if k not in SECRET_DETAILS}}
    return entry
