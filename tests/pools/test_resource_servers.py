"""What identifiers and scopes must satisfy, and what scopes are called."""

from __future__ import annotations

import pytest

from cognomen.errors import Refusal
from cognomen.pools import resource_servers
from cognomen.store.resource_servers import ResourceServer, Scope


def scopes(*names: str) -> tuple[Scope, ...]:
    return tuple(Scope(scope_name=name, scope_description="d") for name in names)


def test_a_scope_is_called_by_its_server_and_its_name() -> None:
    servers = [
        ResourceServer("pool", "https://a.example/v1", "A", scopes("read", "write")),
        ResourceServer("pool", "b", "B", scopes("read")),
        ResourceServer("pool", "c", "C", ()),
    ]
    assert resource_servers.scope_names(servers) == {
        "https://a.example/v1/read",
        "https://a.example/v1/write",
        "b/read",
    }


def test_a_scope_is_named_once() -> None:
    resource_servers.check(scopes("read", "Read", "reads"))
    with pytest.raises(Refusal, match="Duplicate scope name read "):
        resource_servers.check(scopes("write", "read", "read"))


@pytest.mark.parametrize("identifier", ["aws.cognito", "aws.cognito/dcr", "aws.cognito.signin"])
def test_what_the_service_itself_obeys_is_reserved(identifier: str) -> None:
    with pytest.raises(Refusal, match="is reserved"):
        resource_servers.check_identifier(identifier)


@pytest.mark.parametrize("identifier", ["aws.cognitive", "aws", "https://aws.cognito/dcr", "my.aws.cognito"])
def test_what_only_looks_like_it_is_not(identifier: str) -> None:
    resource_servers.check_identifier(identifier)
