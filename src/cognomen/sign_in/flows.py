"""The flows of the API: which operation may ask for them, what a client must allow, what they need, what comes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cognomen import errors
from cognomen.challenge_names import PASSWORD, PASSWORD_VERIFIER, SELECT_CHALLENGE
from cognomen.errors import Sentence
from cognomen.pools import app_clients
from cognomen.store.app_clients import AppClient

REFRESH = "REFRESH_TOKEN_AUTH"
CUSTOM = "CUSTOM_AUTH"
CHOICE = "USER_AUTH"
"""The flow whose users choose what they prove first."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow: `allowed_by` is the client's setting, `required` are its parameters in the order they are missed.

    `first_factor` is the challenge that comes first; None for a refresh, and where the pool's functions say it (CUSTOM_AUTH).
    """

    name: str
    allowed_by: str
    offered: Literal["public", "admin", "both"]
    required: tuple[str, ...]
    not_enabled: Sentence = errors.FLOW_NOT_ENABLED
    first_factor: str | None = None


_REFRESH = Flow(REFRESH, "ALLOW_REFRESH_TOKEN_AUTH", "both", ("REFRESH_TOKEN",))
_CUSTOM = Flow(
    CUSTOM,
    "ALLOW_CUSTOM_AUTH",
    "both",
    ("USERNAME",),
    not_enabled=errors.SRP_OR_CUSTOM_NOT_ENABLED,
)
_ADMIN_PASSWORD = Flow(
    "ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "admin",
    ("USERNAME", "PASSWORD"),
    first_factor=PASSWORD,
)

FLOWS: Mapping[str, Flow] = {
    "USER_PASSWORD_AUTH": Flow(
        "USER_PASSWORD_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "public",
        ("USERNAME", "PASSWORD"),
        first_factor=PASSWORD,
    ),
    "ADMIN_USER_PASSWORD_AUTH": _ADMIN_PASSWORD,
    "ADMIN_NO_SRP_AUTH": _ADMIN_PASSWORD,
    "REFRESH_TOKEN_AUTH": _REFRESH,
    "REFRESH_TOKEN": _REFRESH,
    "USER_SRP_AUTH": Flow(
        "USER_SRP_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "both",
        ("USERNAME", "SRP_A"),
        not_enabled=errors.SRP_OR_CUSTOM_NOT_ENABLED,
        first_factor=PASSWORD_VERIFIER,
    ),
    "CUSTOM_AUTH": _CUSTOM,
    CHOICE: Flow(CHOICE, "ALLOW_USER_AUTH", "both", ("USERNAME",), first_factor=SELECT_CHALLENGE),
}


def allowed(name: str, client: AppClient, *, admin: bool) -> Flow:
    """The flow by this name, old or new; raises what the API answers where the client may not use it here."""
    flow = FLOWS[name]
    if flow.offered == ("public" if admin else "admin"):
        raise errors.FLOW_NOT_SUPPORTED()
    if flow is _REFRESH and app_clients.rotates(client):
        raise errors.REFRESH_ROTATES()
    if flow.allowed_by not in app_clients.flows_of(client):
        raise errors.ADMIN_FLOW_NOT_ENABLED() if admin else flow.not_enabled(flow=flow.name)
    return flow
