"""Who may call the operations that need a signature.

    signed mode     an access key of the store must have signed the request, and its policy must allow it
    open mode       any access key is taken, nothing is verified: a laptop, a CI job, a container behind a closed network

A node is in open mode until the first access key is made, and only on loopback or when its operator says so; it refuses
to start otherwise (app.py). Since a web page could reach such a node through a name that its owner points at
127.0.0.1, open mode answers only to host names that nobody can register: see `refuse_foreign_host`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from cognomen import clock, errors
from cognomen.call import Call, Node
from cognomen.operations import policies
from cognomen.pools.configuration import Configurations
from cognomen.store.access_keys import AccessKey
from cognomen.store.database import Unavailable
from cognomen.wire import hosts, signatures
from cognomen.wire.front import WireRequest
from cognomen.wire.signatures import Secret

PURPOSE = "access-key"

# Operations that are denied, too, where another one is (API reference, DescribeTermsByClient).
DENIED_WITH = {"DescribeTermsByClient": "DescribeTerms"}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signed a request; `policy` is its text, None in open mode, where everything is allowed."""

    name: str
    policy: str | None


OPEN = Principal("open mode", None)


async def authenticate(call: Call, request: WireRequest) -> Principal:
    """The principal of a signed operation. Raises what AWS answers where the signature is missing or wrong."""
    signature = signatures.parse(request.headers, request.query)
    if signature is None:
        raise errors.MISSING_AUTHENTICATION_TOKEN()
    if await call.configurations.is_open():
        return OPEN
    key = await _known_key(call.configurations, signature.access_key_id, call.now)
    if signature.region != call.settings.region:
        raise errors.WRONG_CREDENTIAL_SCOPE(scope="a valid region")
    signatures.verify(
        signature,
        Secret(key.sealed_secret, partial(_secret, call, key)),
        method=request.method,
        raw_path=request.raw_path,
        query=request.query,
        headers=request.headers,
        body=request.body,
        now=call.now,
    )
    return Principal(f"arn:aws:iam::{call.settings.account_id}:user/{key.name}", key.policy)


async def may_send_much(node: Node, headers: dict[str, str], query: str) -> None:
    """Raises what AWS answers unless the request names an access key that there is; its signature is looked at later."""
    signature = signatures.parse(headers, query)
    if signature is None:
        raise errors.MISSING_AUTHENTICATION_TOKEN()
    try:
        if not await node.configurations.is_open():
            await _known_key(node.configurations, signature.access_key_id, clock.now())
    except Unavailable:
        raise errors.UNAVAILABLE() from None


async def _known_key(configurations: Configurations, id: str, now: int) -> AccessKey:
    key = await configurations.access_key(id, now)
    if key is None or key.revoked_at is not None:
        raise errors.UNRECOGNIZED_CLIENT()
    return key


def authorize(call: Call, principal: Principal, request: Mapping[str, Any]) -> None:
    """Raises ACCESS_DENIED unless the policy allows the operation on the pool the request names (or on `*`)."""
    if principal.policy is None:
        return
    pool_id, arn = request.get("UserPoolId"), request.get("ResourceArn")
    resource = pool_arn(call, pool_id) if pool_id else arn or "*"
    decision = _decision(principal.policy, f"cognito-idp:{call.operation}", resource)
    denied_with = DENIED_WITH.get(call.operation)
    if denied_with is not None:
        other = _decision(principal.policy, f"cognito-idp:{denied_with}", resource)
        decision = other if other is policies.Decision.DENIED else decision
    if decision is not policies.Decision.ALLOWED:
        raise errors.ACCESS_DENIED(
            principal=principal.name,
            operation=call.operation,
            resource=resource,
            reason=f"no identity-based policy allows the cognito-idp:{call.operation} action"
            if decision is policies.Decision.NOT_ALLOWED
            else "an explicit deny in an identity-based policy",
        )


async def refuse_foreign_host(call: Call, host: str) -> None:
    """In open mode, refuse a Host header whose name a stranger may have pointed at this machine.

    Addresses and names below reserved suffixes are safe: DNS rebinding needs a name of one's own. Names without a dot
    are those of containers, and are answered where the operator has opened the node to a network of theirs.
    """
    is_safe = hosts.is_safe(host, call.settings.own_url, is_opened=call.settings.open)
    if not is_safe and await call.configurations.is_open():
        raise errors.WRONG_HOST(host=host)


def pool_arn(call: Call, pool_id: str) -> str:
    """The ARN of a pool in the region of this node."""
    return pool_arn_in(call, call.settings.region, pool_id)


def pool_arn_in(call: Call, region: str, pool_id: str) -> str:
    return f"arn:aws:cognito-idp:{region}:{call.settings.account_id}:userpool/{pool_id}"


def pool_id_of(call: Call, arn: str) -> str:
    """The pool that an ARN names. Raises INVALID_RESOURCE_ARN for any but those of pools of this region and account."""
    beginning = pool_arn(call, "")
    pool_id = arn.removeprefix(beginning)
    if pool_id == arn or not pool_id:
        raise errors.INVALID_RESOURCE_ARN(arn=arn, form=f"{beginning}POOL_ID")
    return pool_id


def _secret(call: Call, key: AccessKey) -> str:
    return call.vault.unseal(PURPOSE, key.sealed_secret, key.id.encode()).decode()


@lru_cache(maxsize=512)  # an entry may keep a text of 6 kB, which makes 3 MB in all
def _decision(policy: str, action: str, resource: str) -> policies.Decision:
    return policies.decide(_policy(policy), action, resource)


@lru_cache(maxsize=256)
def _policy(text: str) -> policies.Policy:
    return policies.parse(text)
