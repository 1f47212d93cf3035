"""What a resource server and its scopes must satisfy, and what the scopes are called.

    SERVERS_MAX                 how many a pool has at most
    check_identifier, check     faults of an identifier, of scopes
    scope_names(servers)        the full names of all their scopes

A scope that goes away stays with the clients that have it, where it is inactive; it counts again when it comes back
(developer guide, "Scopes, M2M, and resource servers").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cognomen import errors
from cognomen.store.resource_servers import ResourceServer, Scope

SERVERS_MAX = 25

# Scopes below it mean something to the service itself: aws.cognito.signin.user.admin, aws.cognito/dcr/register.
_RESERVED = "aws.cognito"


def check_identifier(identifier: str) -> None:
    """Raises RESERVED_IDENTIFIER: nobody may give out a scope that the service itself obeys."""
    if identifier == _RESERVED or identifier.startswith((f"{_RESERVED}.", f"{_RESERVED}/")):
        raise errors.RESERVED_IDENTIFIER(identifier=identifier)


def check(scopes: Sequence[Scope]) -> None:
    """Raises DUPLICATE_SCOPE."""
    names = [scope.scope_name for scope in scopes]
    for name in names:
        if names.count(name) > 1:
            raise errors.DUPLICATE_SCOPE(name=name)


def scope_names(servers: Iterable[ResourceServer]) -> frozenset[str]:
    return frozenset(
        f"{server.identifier}/{scope.scope_name}" for server in servers for scope in server.scopes
    )
