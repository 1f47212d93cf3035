"""A pool of Amazon Cognito, made here as it is there: its configuration, and its users but for their passwords.

    configuration   part by part, as a file of a pool is read and applied (declarative/); what is refused is told and left
    people          users with their subs, states, dates and identities, then who is in which group
    ask_there       from now on the old pool is asked about passwords that are not known here

Each may be run again: what is there stays as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cognomen import errors
from cognomen.call import Node
from cognomen.clock import SECOND
from cognomen.declarative.caller import Caller
from cognomen.declarative.document import DeclarationError
from cognomen.declarative.export import entries
from cognomen.declarative.parts import PARTS, POOL, Entry, Part
from cognomen.declarative.plan import Step, steps_of, with_sms_said_once
from cognomen.errors import Refusal
from cognomen.moving.aws import AwsCaller
from cognomen.pools import foreign_passwords, lookup
from cognomen.pools.foreign_passwords import OldPool
from cognomen.settings import SettingsError
from cognomen.store import groups, identities, user_pools
from cognomen.store import users as stored_users
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import foreign_passwords as of_users
from cognomen.users import identities as identity_rules
from cognomen.users import rows, status
from cognomen.users.attributes import IDENTITIES, SUB, plain
from cognomen.users.identities import Identity

PAGE = 60  # the most that ListUsers and ListUsersInGroup give
ASKED_ABOUT = frozenset({status.CONFIRMED, status.FORCE_CHANGE_PASSWORD})
"""States in which a user there may have a password that the old pool will confirm."""

Told = Callable[["Report"], None]


@dataclass
class Report:
    """What came of it; `left` are things that could not be carried, each with its reason."""

    steps: list[Step] = field(default_factory=list)
    added: int = 0
    there: int = 0
    members: int = 0
    left: list[str] = field(default_factory=list)


# -- configuration ----------------------------------------------------------------------------------------------------


async def configuration(aws: AwsCaller, pool_id: str, report: Report, *, dry_run: bool) -> None:
    """Make the pool here as it is there, or note what would be done. Raises SettingsError where there is no pool."""
    here = Caller(aws.node)
    found = await _read(aws, pool_id, report)
    exists = await aws.node.store.read(user_pools.version_of, pool_id) is not None
    for part in PARTS:
        if part.name not in found:
            continue
        former = await part.read(here, pool_id) if exists else []
        for entry in found[part.name]:
            done = await _carry(here, part, entry, former, pool_id, report, dry_run=dry_run)
            if part is POOL:
                if not done:
                    raise SettingsError(f"The pool cannot be made here: {report.left[-1]}")
                exists = not dry_run
    functions = found[POOL.name][0].get("LambdaConfig", {})
    if functions:
        report.left.append(
            f"The pool calls functions ({', '.join(sorted(functions))}): say in the setting `functions` where they are."
        )


async def _read(aws: AwsCaller, pool_id: str, report: Report) -> dict[str, list[Entry]]:
    found = {}
    for part in PARTS:
        try:
            said = await entries(aws, part, pool_id, secrets=True)
        except Refusal as refusal:
            if part is POOL:
                raise SettingsError(f"Amazon Cognito: {refusal.message}") from None
            report.left.append(f"{part.name} could not be read: {refusal.type}: {refusal.message}")
            continue
        if said:
            found[part.name] = said
    sms = with_sms_said_once(
        {POOL.name: found[POOL.name][0], "MfaConfig": next(iter(found.get("MfaConfig", [])), {})}
    )
    return found | {POOL.name: [sms[POOL.name]]}


async def _carry(
    here: Caller,
    part: Part,
    entry: Entry,
    former: list[Entry],
    pool_id: str,
    report: Report,
    *,
    dry_run: bool,
) -> bool:
    name = (
        part.name if part.is_single else f"{part.name} {' '.join(str(each) for each in part.key_of(entry))}"
    )
    try:
        for step in steps_of(part, entry if part.is_single else [entry], former, pool_id):
            if not dry_run:
                await here.ask(step.operation, wanted_id=step.wanted_id, **step.request)
            report.steps.append(step)
    except (Refusal, DeclarationError) as refused:
        words = refused.message if isinstance(refused, Refusal) else str(refused)
        report.left.append(f"{name}: {words}")
        return False
    return True


# -- users ------------------------------------------------------------------------------------------------------------


async def people(aws: AwsCaller, pool_id: str, report: Report, tell: Told, *, asks_there: bool) -> None:
    """Bring in every user, and put them into their groups. `asks_there`: the old pool will be asked about passwords."""
    node = aws.node
    pool = await node.store.read(user_pools.by_id, pool_id)
    if pool is None:
        raise errors.USER_POOL_NOT_FOUND(id=pool_id)
    async for page in _pages(aws, "ListUsers", "PaginationToken", UserPoolId=pool_id, Limit=PAGE):
        arrivals = [_arrival(node, pool, told, report, asks_there=asks_there) for told in page]
        added, there, left = await rows.write(node.store, _add, pool, arrivals)
        report.added, report.there = report.added + added, report.there + there
        report.left += left
        tell(report)
    for group in await aws.every("ListGroups", "Groups", UserPoolId=pool_id):
        name = group["GroupName"]
        async for page in _pages(
            aws, "ListUsersInGroup", "NextToken", UserPoolId=pool_id, GroupName=name, Limit=PAGE
        ):
            subs = [plain(told.get("Attributes", [])).get(SUB, "") for told in page]
            report.members += await node.store.write(_put_into, pool_id, name, subs)
            tell(report)


async def _pages(
    aws: AwsCaller, operation: str, token: str, **request: Any
) -> AsyncIterator[list[dict[str, Any]]]:
    while True:
        answer = await aws.ask(operation, **request)
        yield answer["Users"]
        if token not in answer:
            return
        request[token] = answer[token]


def _arrival(
    node: Node, pool: UserPool, told: dict[str, Any], report: Report, *, asks_there: bool
) -> tuple[User, list[Identity]]:
    attributes = plain(told.get("Attributes", []))
    state = told["UserStatus"]
    if state not in status.ALL:
        report.left.append(f"User {told['Username']} is {state} there, and RESET_REQUIRED here.")
        state = status.RESET_REQUIRED
    known = _identities(attributes.pop(IDENTITIES, "[]"))
    sub = attributes.pop(SUB)
    modified = int(told["UserLastModifiedDate"] * SECOND)
    user = User(
        pool_id=pool.id,
        sub=sub,
        username=told["Username"],
        status=state,
        enabled=told["Enabled"],
        attributes=attributes,
        salt=None,
        sealed_verifier=None,
        password_set_at=modified,
        credential_version=1,
        signed_out_at=0,
        created_at=int(told["UserCreateDate"] * SECOND),
        modified_at=modified,
        version=1,
    )
    if known:
        user = identity_rules.with_identities(user, known, modified)
    if asks_there and state in ASKED_ABOUT:
        user = of_users.with_foreign(node.vault, user, of_users.OLD_POOL, user.username)
    return user, known


def _identities(text: str) -> list[Identity]:
    """What stands in the attribute; `primary` is a text in some answers."""
    found: list[dict[str, Any]] = msgspec.json.decode(text)
    return [
        Identity(
            user_id=each["userId"],
            provider_name=each["providerName"],
            provider_type=each["providerType"],
            issuer=each.get("issuer"),
            primary=str(each.get("primary")).lower() == "true",
            date_created=int(each.get("dateCreated", 0)),
        )
        for each in found
    ]


def _add(db: Db, pool: UserPool, arrivals: list[tuple[User, list[Identity]]]) -> tuple[int, int, list[str]]:
    """Add who is not there: how many were added, how many were there, and what was left, told.

    It notes nothing itself, since a transaction may run more than once.
    """
    added, there, left = 0, 0, []
    for user, known in arrivals:
        if stored_users.by_sub(db, pool.id, user.sub) is not None:
            there += 1
            continue
        try:
            rows.add(db, pool, user)
        except Refusal as refusal:  # told by the look before anything is written
            left.append(f"User {user.username}: {refusal.message}")
            continue
        for identity in known:
            key = identity_rules.key_of(
                pool, identity.provider_name, identity_rules.SUBJECT, identity.user_id
            )
            if identities.owner_of(db, pool.id, key) is None:
                identities.add(db, pool.id, key, user.sub)
        added += 1
    return added, there, left


def _put_into(db: Db, pool_id: str, name: str, subs: list[str]) -> int:
    group = groups.by_name_locked(db, pool_id, name)
    if group is None:
        return 0
    there = [sub for sub in subs if stored_users.by_sub_locked(db, pool_id, sub) is not None]
    return sum(groups.add_member(db, group, sub) for sub in there)


# -- passwords --------------------------------------------------------------------------------------------------------


async def client_to_ask(aws: AwsCaller, pool_id: str, client_id: str | None) -> dict[str, Any] | None:
    """The client of the old pool to ask with: the one that is named, or the first that takes passwords."""
    listed = await aws.every("ListUserPoolClients", "UserPoolClients", UserPoolId=pool_id, MaxResults=PAGE)
    for each in listed:
        if client_id not in (None, each["ClientId"]):
            continue
        asked = await aws.ask("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=each["ClientId"])
        client: dict[str, Any] = asked["UserPoolClient"]
        if "ALLOW_USER_PASSWORD_AUTH" in client.get("ExplicitAuthFlows", []):
            return client
    return None


async def ask_there(node: Node, pool_id: str, old: OldPool | None) -> None:
    """Ask this pool about passwords that are not known here; None asks nobody any more."""

    def put(db: Db) -> None:
        lookup.locked(db, pool_id)
        known = foreign_passwords.of_pool(db, node.vault, pool_id)
        foreign_passwords.put(db, node.vault, pool_id, foreign_passwords.with_old_pool(known, old))

    await node.configurations.write(pool_id, put)
