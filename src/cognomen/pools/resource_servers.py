"""What a resource server and its scopes must satisfy, and what the scopes are called.

    SERVERS_MAX                 how many a pool has at most
    check_identifier, check     faults of an identifier, of scopes
    scope_names(servers)        the full names of all their scopes
    scopes_of(pool, servers)    the same, with the one that is the service's own
    managed(pool)               the server of that one, which nobody makes

A scope that goes away stays with the clients that have it, where it is inactive; it counts again when it comes back
(developer guide, "Scopes, M2M, and resource servers").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cognomen import errors
from cognomen.pools import turned_on
from cognomen.store.resource_servers import ResourceServer, Scope
from cognomen.store.user_pools import UserPool

SERVERS_MAX = 25

# Scopes below it mean something to the service itself: aws.cognito.signin.user.admin, aws.cognito/dcr/register.
_RESERVED = "aws.cognito"

MANAGED = f"{_RESERVED}/dcr"
REGISTER = f"{MANAGED}/register"
"""The scope of an access token with which an app registers itself."""


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


def managed(pool: UserPool) -> ResourceServer | None:
    """The server that is there by itself, where apps may register themselves."""
    if not turned_on.registers_clients(pool.settings):
        return None
    scope = Scope(scope_name="register", scope_description="Register app clients")
    return ResourceServer(pool.id, MANAGED, "Dynamic client registration", (scope,))


def scopes_of(pool: UserPool, servers: Iterable[ResourceServer]) -> frozenset[str]:
    """What the clients of the pool may be given besides the standard scopes."""
    own = managed(pool)
    return scope_names([*servers, own] if own else servers)


def scope_names(servers: Iterable[ResourceServer]) -> frozenset[str]:
    return frozenset(
        f"{server.identifier}/{scope.scope_name}" for server in servers for scope in server.scopes
    )
