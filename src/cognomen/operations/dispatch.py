"""Everything a request of the API passes through, in order: all of them the same steps, so that no handler can forget one.

     1  look up         the operation, by its name
     2  refuse          a host name that a stranger may have pointed here (open mode)
     3  authenticate    a signature, where the operation needs one; in open mode the request may wish for an id
     4  check           the body against the operation's shape
     5  authorize       the signer's policy, for the pool the request names
     6  find            the pool and the client the request names, or the holder of its access token
     7  admit           what the pool's replica in this region may answer, where the pool is not at home
     8  limit           the rate of requests, where that is asked for
     9  look            where the person is whom the request is about, and whether anybody may come from there
    10  find the user   an admin operation names
    11  run             the handler
    12  answer          what the handler returned, which is recorded with whom it was about (wire/watching.py)

The first four are how a request comes to be. There are three ways: over HTTP (`run`), from an operator in this process (`perform`), who
neither signs nor is limited, and from a person on a page (`perform_within`, `perform_as_user`), whose visit has found pool and client
already. The others are `_serve`, whoever asks.

An access token stands in the body, so it is verified in step 6, after the check. One of a user whose password waits to be reset
counts, and is told so by all operations that declare it (seen of Cognito's GetUser: aws-amplify/amplify-js#11456).
"""

from __future__ import annotations

import logging
from copy import copy
from typing import Any

from cognomen import clock, errors
from cognomen.call import Call, Node, begin
from cognomen.limits.limiter import Limiter
from cognomen.operations import (
    access,
    app_clients,  # noqa: F401  importing a module of operations registers them
    attributes,  # noqa: F401
    branding,  # noqa: F401
    client_secrets,  # noqa: F401
    devices,  # noqa: F401
    domains,  # noqa: F401
    factors,  # noqa: F401
    first_factors,  # noqa: F401
    groups,  # noqa: F401
    identities,  # noqa: F401
    identity_providers,  # noqa: F401
    limits,  # noqa: F401
    log_delivery,  # noqa: F401
    mfa,  # noqa: F401
    passkeys,  # noqa: F401
    passwords,  # noqa: F401
    regions,
    replicas,  # noqa: F401
    resource_servers,  # noqa: F401
    sign_in,  # noqa: F401
    sign_up,  # noqa: F401
    signing_certificates,  # noqa: F401
    software_tokens,  # noqa: F401
    tags,  # noqa: F401
    terms,  # noqa: F401
    threat_protection,  # noqa: F401
    tokens,  # noqa: F401
    user_context,
    user_imports,  # noqa: F401
    user_pools,  # noqa: F401
    user_sessions,  # noqa: F401
    users,  # noqa: F401
)
from cognomen.operations.access import Principal
from cognomen.operations.registry import REGISTRY, Registered
from cognomen.risk import assessing
from cognomen.sign_in import attempt
from cognomen.store.database import Unavailable
from cognomen.store.users import User
from cognomen.tokens import access_tokens
from cognomen.users import lookup, status
from cognomen.wire import answers, checks, model
from cognomen.wire.front import WireRequest
from cognomen.wire.watching import About

WANTED_ID = "x-cognomen-id"

_FROM_ANYWHERE = frozenset({"RevokeToken", "GlobalSignOut"})
"""What ends a sign-in, and lets nobody in."""

_NO_TOKEN = "-"  # has the shape of a token, and is none

log = logging.getLogger(__name__)


async def run(node: Node, received: WireRequest) -> bytes:
    """The body of the answer to a request; raises Refusal with what the caller is told instead."""
    try:
        return await _run(node, received)
    except Unavailable as fault:
        log.warning(
            "request %s of %s: the database is not available: %s",
            received.request_id,
            received.operation,
            fault,
            extra={"request_id": received.request_id, "operation": received.operation},
        )
        raise errors.UNAVAILABLE() from None


async def _run(node: Node, received: WireRequest) -> bytes:
    operation = _look_up(received.operation)
    call = begin(node, operation.model.name, received.request_id)
    call.client_ip, call.user_agent = received.client_ip, received.headers.get("user-agent", "")
    await access.refuse_foreign_host(call, received.host)
    signer = await access.authenticate(call, received) if operation.model.auth == "signed" else None
    if signer is access.OPEN:
        call.wanted_id = received.headers.get(WANTED_ID)
    request = operation.check(checks.decode(received.body))
    return answers.encode(await _serve(call, operation, request, signer=signer, about=received.about))


async def perform(
    node: Node, name: str, body: dict[str, Any], wanted_id: str | None = None
) -> dict[str, Any]:
    """What an operator asks for in this process."""
    operation = _look_up(name)
    call = begin(node, operation.model.name, clock.uuid4())
    call.wanted_id = wanted_id
    return await _serve(call, operation, operation.check(body), is_limited=False)


async def perform_within(call: Call, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a page asks for, for a person, of a public operation of call.client."""
    operation = _look_up(name)
    return await _serve(_within(call, name), operation, operation.check(body))


async def perform_as_user(call: Call, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a page asks for, for call.user, of an operation that takes an access token.

    The browser's session stands for the token, so `body` has none, and no handler is shown one.
    """
    operation = _look_up(name)
    request = operation.check({"AccessToken": _NO_TOKEN} | body)
    del request["AccessToken"]
    return await _serve(_within(call, name), operation, request)


def admit_within(call: Call, name: str, body: dict[str, Any]) -> None:
    """Steps 7 and 8 alone, for what a page does without the operation `name`, and as it would: `body` has its members."""
    _admit(_within(call, name), body)


async def _serve(
    call: Call,
    operation: Registered,
    request: dict[str, Any],
    *,
    signer: Principal | None = None,
    is_limited: bool = True,
    about: About | None = None,
) -> dict[str, Any]:
    """Steps 5 to 11, and what is recorded of them in `about`."""
    if signer is not None:
        access.authorize(call, signer, request)
    if call.found_pool is None:
        await _find(call, operation, request)
    if call.found_user is not None:
        _refuse_reset(call.found_user, operation)
    if about is not None:
        about.pool_id, about.client_id = call.pool_id, call.client_id
    _admit(call, request, is_limited=is_limited)
    _look(call, operation, request)
    if operation.finds_user:
        call.found_user = await _user(call, request["Username"])
    return await operation.handler(call, request) or {}


def _within(call: Call, name: str) -> Call:
    within = copy(call)
    within.operation = name
    return within


def _look_up(name: str | None) -> Registered:
    operation = REGISTRY.get(name or "")
    if operation is not None:
        return operation
    if name in model.load().operations:
        raise errors.NOT_YET_AVAILABLE(operation=name)
    raise errors.UNKNOWN_OPERATION()


async def _find(call: Call, operation: Registered, request: dict[str, Any]) -> None:
    """The pool and the client that the request names, or those of the access token or session it carries."""
    described = operation.model
    if described.auth == "access_token":
        await access_tokens.verify(call, request.get("AccessToken", ""))
        return
    if described.auth == "public" and "AccessToken" in described.input.members:
        await _find_by_either(call, request)
        return
    client_id = request.get("ClientId") if operation.finds_client else None
    if described.pool_member:
        named: str = request[described.pool_member]
        pool_id = access.pool_id_of(call, named) if described.pool_member == "ResourceArn" else named
        configuration = await call.configurations.of_pool(pool_id, call.now, fresh=True)
        if configuration is None:
            raise errors.USER_POOL_NOT_FOUND(id=pool_id)
        call.found_pool = configuration
        if client_id is not None:
            call.found_client = await call.configurations.client(configuration, client_id)
            if call.found_client is None:
                raise operation.unknown_client(id=client_id)
    elif client_id is not None:
        found = await call.configurations.of_client(client_id, call.now)
        if found is None:
            raise operation.unknown_client(id=client_id)
        call.found_pool, call.found_client = found


async def _find_by_either(call: Call, request: dict[str, Any]) -> None:
    """By the access token, or by the session of a sign-in under way, of which one must be there."""
    token, session = request.get("AccessToken"), request.get("Session")
    if token is not None and session is not None:
        raise errors.TOKEN_AND_SESSION()
    if session is not None:
        await attempt.find_client(call, session)
    elif token is not None:
        await access_tokens.verify(call, token)
    else:
        raise errors.MISSING_PARAMETER(name="AccessToken")


def _refuse_reset(user: User, operation: Registered) -> None:
    if user.status == status.RESET_REQUIRED and errors.PASSWORD_RESET_REQUIRED.type in operation.model.errors:
        raise errors.PASSWORD_RESET_REQUIRED()


def _admit(call: Call, request: dict[str, Any], *, is_limited: bool = True) -> None:
    if call.found_pool is not None:
        regions.admit(call)
    if call.limiter is not None and is_limited:
        _limit(call.limiter, call, request)


def _look(call: Call, operation: Registered, request: dict[str, Any]) -> None:
    """Raises ADDRESS_INVALID, ADDRESS_BLOCKED. Of an administrator's request only the address counts that it tells of."""
    user_context.follow(call, request)
    is_signed = operation.model.auth == "signed"
    is_persons = "ContextData" in request if is_signed else call.found_client is not None
    if is_persons and operation.model.name not in _FROM_ANYWHERE:
        assessing.refuse_address(call)


def _limit(limiter: Limiter, call: Call, request: dict[str, Any]) -> None:
    """Raises TOO_MANY_REQUESTS. The holder of a token counts by name, any other user under the name that the request has."""
    parameters = request.get("AuthParameters") or request.get("ChallengeResponses") or {}
    username: str | None = request.get("Username") or parameters.get("USERNAME")
    if call.found_user is not None:
        username = call.found_user.username
    limiter.admit(
        call.operation,
        call.now,
        pool_id=call.pool_id,
        username=username,
        challenge=request.get("ChallengeName"),
    )


async def _user(call: Call, username: str) -> User:
    user = await call.store.read(lookup.for_admin, call.pool, username)
    if user is None:
        raise errors.USER_NOT_FOUND()
    return user
