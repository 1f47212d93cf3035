"""Every member of every request is read by the operation that takes it, or stands here with the reason why it is not.

Read is what the operation's module, or one that it imports, names: as the API writes it, or as a setting. So a member
that nobody thought of is found, and one that is heeded too little is not.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cognomen.operations import dispatch, user_context
from cognomen.operations.registry import REGISTRY
from cognomen.wire.model import Shape

PAGE = (Path(__file__).parents[2] / "docs" / "out-of-scope.md").read_text()

_ROLE = "read: the name is put together, for the subject and the actor alike"
_ROUTING = "kept and described as one part of a domain; what is behind one is for DNS and a proxy"
# May only shrink. Members that are named nowhere because what they are in is kept as a whole, and told again.
NAMED_NOWHERE = {
    ("AnalyticsConfigurationType", "UserDataShared"): "kept and described as one part of a client",
    ("CustomDomainConfigType", "SecurityPolicy"): _ROUTING,
    ("FailoverType", "PrimaryRoute53HealthCheckId"): _ROUTING,
    ("FailoverType", "SecondaryRegion"): _ROUTING,
    ("GetDerivedTokenRequest", "ActorTokenProviderName"): _ROLE,
    ("GetDerivedTokenRequest", "ActorTokenType"): _ROLE,
    ("GetDerivedTokenRequest", "SubjectToken"): _ROLE,
    ("GetDerivedTokenRequest", "SubjectTokenProviderName"): _ROLE,
    ("GetDerivedTokenRequest", "SubjectTokenType"): _ROLE,
    ("RoutingType", "Failover"): _ROUTING,
}
# May only shrink. What is checked and then has no effect: docs/out-of-scope.md says of each that it is not used.
_WITH_ANALYTICS = (
    "SignUp",
    "ConfirmSignUp",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "ResendConfirmationCode",
    "InitiateAuth",
    "AdminInitiateAuth",
    "RespondToAuthChallenge",
    "AdminRespondToAuthChallenge",
)
NOT_USED = {
    ("AnalyticsMetadataType", "AnalyticsEndpointId"),
    ("ContextDataType", "ServerName"),
    ("ContextDataType", "ServerPath"),
    *((f"{name}Request", "AnalyticsMetadata") for name in _WITH_ANALYTICS),
}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def named_in(text: str) -> set[str]:
    """What stands in quotes, and the fields of structures."""
    return set(re.findall(r'"(\w+)"', text)) | set(re.findall(r"^    (\w+): ", text, re.MULTILINE))


def path_of(module: str) -> Path:
    return Path(str(sys.modules[module].__file__))


SOURCES = [path for path in path_of("cognomen").parent.rglob("*.py") if "wire" not in path.parts]
ANYWHERE = set().union(*(named_in(path.read_text()) for path in SOURCES))


@cache
def imports(module: str) -> set[str]:
    """The modules of ours that it imports; those of the wire know shapes and no members."""
    found = set()
    for node in ast.walk(ast.parse(path_of(module).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    ours = {name for name in found & sys.modules.keys() if name.startswith("cognomen.")}
    return {name for name in ours if not name.startswith("cognomen.wire")}


@cache
def read_by(module: str) -> set[str]:
    """What a module names, and whatever is imported by it, and by that in turn."""
    found, waiting = set(), {module}
    while waiting:
        found |= waiting
        waiting = set().union(*map(imports, waiting)) - found
    return set().union(*(named_in(path_of(name).read_text()) for name in found))


def below(shape: Shape) -> Iterator[tuple[str, str]]:
    """The members of the structures in a shape, each with its structure."""
    inner = [*shape.members.values(), shape.member, shape.key, shape.value]
    for part in inner:
        if part is not None and not part.document:
            yield from ((part.name, member) for member in part.members)
            yield from below(part)


def unread(name: str) -> set[tuple[str, str]]:
    """A request's own members are read by its operation, or by dispatch and what it has read there; what is in them may be kept, and read elsewhere."""
    described = REGISTRY[name].model
    own = read_by(REGISTRY[name].handler.__module__)
    for module in (dispatch, user_context):
        own |= named_in(path_of(module.__name__).read_text())
    own |= {described.pool_member or ""}
    shape = described.input
    return {(shape.name, member) for member in shape.members if not {member, snake(member)} & own} | {
        pair for pair in below(shape) if not {pair[1], snake(pair[1])} & ANYWHERE
    }


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_an_operation_reads_what_it_is_given(name: str) -> None:
    assert unread(name) - NAMED_NOWHERE.keys() - NOT_USED == set()


def test_nothing_is_excused_that_is_read() -> None:
    assert NAMED_NOWHERE.keys() | NOT_USED == set().union(*map(unread, REGISTRY))


def test_the_page_names_what_is_not_used() -> None:
    for structure, member in NOT_USED:
        assert f"`{member}`" in PAGE, member
        assert structure.endswith("Type") or f"`{structure.removesuffix('Request')}`" in PAGE, structure
