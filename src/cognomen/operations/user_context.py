"""The device of a person whose sign-in comes through a backend, which tells of it in the request.

An administrator's word counts (ContextData); of the public operations that of an app client whose owner has said so
(UserContextData and EnablePropagateAdditionalUserContextData, which needs a secret).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognomen.call import Call

LONGEST_ADDRESS = 128
"""Characters, as in the answers that tell of it; the backend may send what it likes."""


def follow(call: Call, request: Mapping[str, Any]) -> None:
    """Take the device that the request tells of for the one that it comes from, and what an app has collected of it."""
    context = request.get("ContextData")
    if context is not None:
        call.client_ip = context["IpAddress"][:LONGEST_ADDRESS]
        headers = {entry.get("headerName", "").lower(): entry for entry in context["HttpHeaders"]}
        call.user_agent = headers.get("user-agent", {}).get("headerValue", "")
        call.encoded_data = context.get("EncodedData", "")
        return
    context = request.get("UserContextData")
    if context is None:
        return
    call.encoded_data = context.get("EncodedData", "")
    if call.client.settings.enable_propagate_additional_user_context_data and "IpAddress" in context:
        call.client_ip = context["IpAddress"][:LONGEST_ADDRESS]
