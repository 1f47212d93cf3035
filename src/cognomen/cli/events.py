"""`cognomen events`: why somebody cannot sign in, by the state of the user, its locks, and the history that its pool keeps."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cognomen import clock
from cognomen.cli import node
from cognomen.cli.options import Config, Data, Database, Pool
from cognomen.cli.wording import counted, printable
from cognomen.settings import SettingsError

if TYPE_CHECKING:
    from cognomen.call import Call, Node
    from cognomen.store.auth_events import AuthEvent
    from cognomen.store.users import User

_STATES = {
    "UNCONFIRMED": "has signed up and not confirmed an address yet",
    "RESET_REQUIRED": "must set another password, with a code",
    "FORCE_CHANGE_PASSWORD": "has a temporary password, and must set another at the next sign-in",
    "EXTERNAL_PROVIDER": "signs in through an identity provider",
}


def events(
    pool: Pool,
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's name, an alias of it, or its sub.")],
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many events, the newest first.")] = 20,
    json_lines: Annotated[bool, typer.Option("--json", help="A JSON object, for programs.")] = False,
    config: Config = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Show why a user cannot sign in: its state, its locks, and what happened of late."""
    with node.opened(config, data, database) as opened:
        found = asyncio.run(_found(opened, pool, user, limit))
    typer.echo(json.dumps(found, indent=2) if json_lines else printable(_shown(found)))


async def _found(opened: Node, pool_id: str, typed: str, limit: int) -> dict[str, Any]:
    from cognomen.call import begin  # noqa: PLC0415  it loads the server, as in node.py
    from cognomen.risk import history  # noqa: PLC0415
    from cognomen.store import auth_events  # noqa: PLC0415
    from cognomen.users import lookup  # noqa: PLC0415

    call = begin(opened, "ExplainSignIn", clock.uuid4())
    call.found_pool = await opened.configurations.of_pool(pool_id, call.now)
    if call.found_pool is None:
        raise node.no_pool(opened, pool_id)
    user = await opened.store.read(lookup.for_admin, call.pool, typed)
    if user is None:
        raise SettingsError(f"There is no user {typed} in user pool {pool_id}.")
    kept = await opened.store.read(auth_events.all_of_user, pool_id, user.sub, limit)
    return {
        "username": user.username,
        "sub": user.sub,
        "status": user.status,
        "enabled": user.enabled,
        "locks": await _locks(call, user),
        "history_is_kept": history.is_kept(call.pool),
        "events": [_described(event) for event in kept],
    }


async def _locks(call: Call, user: User) -> list[dict[str, Any]]:
    """What the user has failed at of late, and until when it must not be tried again."""
    from cognomen.sign_in.challenges import CHALLENGES  # noqa: PLC0415  as above
    from cognomen.users import lockout  # noqa: PLC0415

    found = []
    key = lockout.key_of_user(call, user.sub)
    for kind in sorted({each.failures for each in CHALLENGES.values() if each.failures is not None}):
        failures = await lockout.so_far(call, key, kind)
        if failures is not None:
            is_locked = lockout.is_locked(failures, call.now)
            until = failures.last_at + lockout.lock_after(failures.count)
            found.append(
                {
                    "kind": kind,
                    "failures": failures.count,
                    "locked_until": clock.written(until) if is_locked else None,
                }
            )
    return found


def _described(event: AuthEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": clock.written(event.created_at),
        "type": event.type,
        "response": event.response,
        "challenges": [f"{name}={response}" for name, response in event.challenges],
        "failures": event.failures,
        "reason": event.reason,
        "client": event.client_id,
        "request": event.request_id,
        "ip_address": event.context.ip_address,
        "device": event.context.device_name,
        "risk": {"decision": event.decision, "level": event.level, "compromised": event.compromised},
    }


def _shown(found: dict[str, Any]) -> str:
    state = _STATES.get(found["status"])
    lines = [
        f"{found['username']} ({found['sub']}): {found['status']}{f', who {state}' if state else ''}",
        *([] if found["enabled"] else ["  is disabled, and refused everywhere"]),
        *(_shown_lock(lock) for lock in found["locks"]),
    ]
    if not found["history_is_kept"]:
        lines.append(
            "The pool keeps no history: its AdvancedSecurityMode is OFF (docs/threat-protection.md)."
        )
    elif not found["events"]:
        lines.append("Nothing has happened since the pool keeps a history.")
    return "\n".join([*lines, *(_shown_event(event) for event in found["events"])])


def _shown_lock(lock: dict[str, Any]) -> str:
    failed = f"  has failed at {lock['kind']}: {counted(lock['failures'], 'time')} in a row"
    return f"{failed}, and must wait until {lock['locked_until']}" if lock["locked_until"] else failed


def _shown_event(event: dict[str, Any]) -> str:
    words = [event["at"], event["type"], event["response"], *event["challenges"]]
    if event["risk"]["decision"] not in ("", "NoRisk"):
        words.append(f"{event['risk']['decision']} {event['risk']['level']}")
    from_where = f"from {event['ip_address'] or 'nowhere known'}, {event['device']}"
    told = f"\n    told: {event['reason']}" if event["reason"] else ""
    wrong = f", {counted(event['failures'], 'wrong answer')}" if event["failures"] > 1 else ""
    return f"{' '.join(words)}{wrong}\n    {from_where}, client {event['client']}, request {event['request']}{told}"
