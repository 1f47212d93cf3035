"""The device of a person whose sign-in comes through a backend, which tells of it in the request.

An administrator's word counts (ContextData); of the public operations that of an app client whose owner has said so
(UserContextData and EnablePropagateAdditionalUserContextData, which needs a secret).

All of it is read here, at the door: nothing that a request tells of its device can stop what comes later, least of all the count of
a wrong answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognomen import errors
from cognomen.call import Call
from cognomen.risk import context as contexts
from cognomen.risk import exceptions, history


def follow(call: Call, request: Mapping[str, Any]) -> None:
    """Take the device that the request tells of for the one that it comes from, and what an app has collected of it.

    Raises ADDRESS_INVALID: what is no address lies in no blocked range, and would pass where its owner is refused.
    """
    context = request.get("ContextData")
    if context is not None:
        call.client_ip = _address(context["IpAddress"])
        headers = {entry.get("headerName", "").lower(): entry for entry in context["HttpHeaders"]}
        call.user_agent = headers.get("user-agent", {}).get("headerValue", "")
        _collect(call, context.get("EncodedData", ""))
        return
    context = request.get("UserContextData")
    if context is None:
        return
    _collect(call, context.get("EncodedData", ""))
    if call.client.settings.enable_propagate_additional_user_context_data and "IpAddress" in context:
        call.client_ip = _address(context["IpAddress"])


def _address(text: str) -> str:
    address = exceptions.read(text)
    if address is None:
        raise errors.ADDRESS_INVALID()
    return str(address)


def _collect(call: Call, encoded: str) -> None:
    if encoded and history.is_kept(call.pool):
        call.collected = contexts.collected(encoded, call.pool.id, call.client_id or "")
