"""Where a request comes from, as far as it is known: its address, and the device, by its User-Agent or by what an app collected.

    of_call         the context of a request
    collected       what the vendor's library has found out of a device, in EncodedData

Apps may send along what that library collects (`AmazonCognitoAdvancedSecurityData` on the web, its kin in the SDKs for phones;
aws-amplify, packages/react-native, writes the same): base64 of a JSON document of three texts,

    payload         JSON again: contextData, username, userPoolId, timestamp
    signature       base64 of HMAC-SHA256 over version and payload, its key the app client's id
    version         JS20171115, ANDROID20171114, IOS20171114

The key is no secret, so the signature proves nothing but that the data was not damaged, and is of this client. Whatever is
malformed, or signed otherwise, is passed over as if it were not there. What a device says of itself makes a sign-in more or less
suspicious, and is never believed for more: whoever has stolen a password can as well have copied what the device says.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from cognomen.call import Call
from cognomen.crypto import hashes
from cognomen.store.auth_events import Context
from cognomen.tokens import user_agents

LONGEST_READ = 16 * 1024
"""Characters of EncodedData; the library sends less than two thousand."""

LONGEST_KEPT = 128
"""Characters of a text that is kept in an event."""


class _Envelope(msgspec.Struct):
    payload: str
    signature: str
    version: str


class Collected(msgspec.Struct, frozen=True, rename="pascal"):
    """The members that count; the libraries have others, each its own."""

    user_agent: str = ""
    device_id: str = ""
    device_fingerprint: str = ""
    device_name: str = ""
    platform: str = ""
    device_os_release_version: str = ""
    client_timezone: str = ""


class _Payload(msgspec.Struct, rename="camel"):
    context_data: Collected
    user_pool_id: str = ""


_envelope = msgspec.json.Decoder(_Envelope)
_payload = msgspec.json.Decoder(_Payload)


def of_call(call: Call) -> Context:
    """Nobody here knows where an address is: city and country are not known."""
    agent = user_agents.browser_and_system(call.user_agent)
    found = call.collected
    if found is None:
        return Context(ip_address=call.client_ip, device_name=agent)
    return Context(
        ip_address=call.client_ip,
        device_name=_name_of(found) or agent,
        timezone=found.client_timezone[:LONGEST_KEPT] or None,
        fingerprint=_fingerprint_of(found),
    )


def collected(encoded: str, pool_id: str, client_id: str) -> Collected | None:
    """What the library collected for this client, if the text is whole; it may leave the pool open, as the vendor's pages do."""
    if len(encoded) > LONGEST_READ:
        return None
    try:
        envelope = _envelope.decode(base64.b64decode(encoded, validate=True))
        payload = _payload.decode(envelope.payload)
        signature = signature_of(envelope.version, envelope.payload, client_id)
    except (ValueError, RecursionError, msgspec.MsgspecError):  # what nests deeply is RecursionError's
        return None
    if not hashes.matches(signature, envelope.signature):
        return None
    return payload.context_data if payload.user_pool_id in ("", pool_id) else None


def signature_of(version: str, payload: str, client_id: str) -> str:
    signed = hmac.digest(client_id.encode(), f"{version}{payload}".encode(), hashlib.sha256)
    return base64.b64encode(signed).decode()


def _name_of(found: Collected) -> str:
    """A browser's as of others; a phone tells its own: `Pixel 7, ANDROID 14`."""
    if found.user_agent:
        return user_agents.browser_and_system(found.user_agent)
    system = f"{found.platform} {found.device_os_release_version}".strip()
    return ", ".join(part for part in (found.device_name, system) if part)[:LONGEST_KEPT]


def _fingerprint_of(found: Collected) -> str | None:
    """The id that the library gave the device and keeps there, else what the device is like: only their digest is kept."""
    told = found.device_id or found.device_fingerprint
    return hashes.digest(told) if told else None
