"""What a pool has besides users, part by part: the operations that make, change and remove it, and what names it.

The members of an entry are those of the operation that makes it. How a part is read is in reading.py, which the table
names; what a request leaves open is filled in by the rules of the operation themselves (`complete`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cognomen.declarative import completing, reading
from cognomen.declarative.caller import Caller
from cognomen.wire import model

Entry = dict[str, Any]
Read = Callable[[Caller, str], Awaitable[list[Entry]]]
Complete = Callable[[Entry, Entry | None], Entry]


@dataclass(frozen=True, slots=True)
class Part:
    """`key` are the members that tell an entry from others; a part without any is a single one.

    `complete(wanted, former)` is the entry as the server would tell it once it is as wanted.
    `fixed` are members that only `create` takes. `id_member` is the id an entry is made under.
    """

    name: str
    create: str
    update: str
    read: Read
    key: tuple[str, ...] = ()
    delete: str | None = None
    complete: Complete = completing.as_it_is
    fixed: frozenset[str] = frozenset()
    id_member: str | None = None

    @property
    def is_single(self) -> bool:
        return not self.key

    @property
    def members(self) -> dict[str, model.Shape | None]:
        """What an entry may have, with its shape."""
        taken: dict[str, model.Shape | None] = {
            name: shape
            for name, shape in model.load().operations[self.create].input.members.items()
            if name != "UserPoolId"
        }
        if self.id_member:
            taken[self.id_member] = None
        return taken

    @property
    def required(self) -> list[str]:
        needed = model.load().operations[self.create].input.required - {"UserPoolId"}
        return sorted(needed | ({self.id_member} if self.id_member else set()))

    def key_of(self, entry: Entry) -> tuple[Any, ...]:
        return tuple(entry.get(member) for member in self.key)


POOL = Part(
    "UserPool",
    "CreateUserPool",
    "UpdateUserPool",
    reading.user_pool,
    complete=completing.user_pool,
    fixed=frozenset({"AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "Schema"}),
    id_member="Id",
)

PARTS = (
    POOL,
    Part(
        "MfaConfig",
        "SetUserPoolMfaConfig",
        "SetUserPoolMfaConfig",
        reading.mfa_config,
        complete=completing.mfa_config,
    ),
    Part(
        "SessionConfiguration",
        "SetUserPoolSessionConfiguration",
        "SetUserPoolSessionConfiguration",
        reading.session_configuration,
    ),
    Part(
        "ResourceServers",
        "CreateResourceServer",
        "UpdateResourceServer",
        reading.resource_servers,
        ("Identifier",),
        "DeleteResourceServer",
        complete=completing.resource_server,
    ),
    Part(
        "IdentityProviders",
        "CreateIdentityProvider",
        "UpdateIdentityProvider",
        reading.identity_providers,
        ("ProviderName",),
        "DeleteIdentityProvider",
        complete=completing.identity_provider,
        fixed=frozenset({"ProviderType"}),
    ),
    Part(
        "Clients",
        "CreateUserPoolClient",
        "UpdateUserPoolClient",
        reading.clients,
        ("ClientId",),
        "DeleteUserPoolClient",
        complete=completing.client,
        fixed=frozenset({"GenerateSecret", "ClientSecret"}),
        id_member="ClientId",
    ),
    Part(
        "ClientSessions",
        "SetUserPoolClientSessionConfiguration",
        "SetUserPoolClientSessionConfiguration",
        reading.client_sessions,
        ("ClientId",),
    ),
    Part("Groups", "CreateGroup", "UpdateGroup", reading.groups, ("GroupName",), "DeleteGroup"),
    Part(
        "Domains",
        "CreateUserPoolDomain",
        "UpdateUserPoolDomain",
        reading.domains,
        ("Domain",),
        "DeleteUserPoolDomain",
    ),
    Part(
        "Branding",
        "CreateManagedLoginBranding",
        "UpdateManagedLoginBranding",
        reading.branding,
        ("ClientId",),
        "DeleteManagedLoginBranding",
        complete=completing.branding,
    ),
    Part(
        "UICustomizations",
        "SetUICustomization",
        "SetUICustomization",
        reading.ui_customizations,
        ("ClientId",),
        "SetUICustomization",
        complete=completing.replaced("CSS", "ImageFile"),
    ),
    Part("Terms", "CreateTerms", "UpdateTerms", reading.terms, ("ClientId", "TermsName"), "DeleteTerms"),
    Part(
        "RiskConfigurations",
        "SetRiskConfiguration",
        "SetRiskConfiguration",
        reading.risk_configurations,
        ("ClientId",),
        "SetRiskConfiguration",
        complete=completing.risk_configuration,
    ),
    Part("LogDelivery", "SetLogDeliveryConfiguration", "SetLogDeliveryConfiguration", reading.log_delivery),
)
"""In the order in which entries are made: what names another comes after it."""
