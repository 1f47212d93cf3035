"""The table from an operation's name to the function that runs it.

`@operation("CreateGroup")` is all a handler says of itself; what else is known of the operation (its shapes, who may
call it, which member names a pool, a client, a user) is read from the model when the module is imported.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Sentence
from cognomen.wire import checks, model

Handler = Callable[[Call, Any], Awaitable[dict[str, Any] | None]]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Registered:
    """An operation that is provided, and what dispatch finds before it runs.

    `check` holds a request against the operation's shape;
    `finds_user`: `call.user` by the member Username; `finds_client`: `call.client` by the member ClientId, and
    `unknown_client` is what is told where there is none.
    """

    model: model.Operation
    check: checks.Check
    handler: Handler
    finds_user: bool
    finds_client: bool
    unknown_client: Sentence


REGISTRY: dict[str, Registered] = {}


def operation(
    *names: str,
    finds_user: bool = True,
    finds_client: bool = True,
    unknown_client: Sentence = errors.APP_CLIENT_NOT_FOUND,
) -> Callable[[H], H]:
    """Register an async function of (call, request) under one name, or under both of an own/admin pair.

    `finds_user=False` is for operations whose Username is not of a user that must exist (AdminCreateUser),
    `finds_client=False` for those whose ClientId may be of no client (`ALL` in SetUICustomization), `unknown_client` for those
    that do not declare that there is none.
    An unknown name fails at import.
    """

    def register(handler: H) -> H:
        for name in names:
            described = model.load().operations[name]
            by_name = finds_user and described.auth == "signed" and described.username_member is not None
            check = checks.compile_input(described.input)
            REGISTRY[name] = Registered(described, check, handler, by_name, finds_client, unknown_client)
        return handler

    return register
