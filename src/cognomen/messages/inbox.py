"""Reading messages: what the commands `cognomen inbox` and `cognomen messages` show, and what tests ask for over HTTP.

    newest          those that stayed here
    stranger        a name that nobody has, for whoever finds none
    outstanding     those that wait for an attempt, and those that were given up

A message whose master key is gone hides no other. One to nobody, which is kept as a user's would be, is in no list (store/messages.py).
"""

from __future__ import annotations

import logging
from typing import Any

from cognomen import clock
from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.messages import courier
from cognomen.store import messages, user_pools
from cognomen.store.database import Db, Store
from cognomen.store.messages import Message
from cognomen.users import lookup

log = logging.getLogger(__name__)


PAGE = 100
MOST_OPENED = 2_000  # messages that one question may unseal


async def newest(
    store: Store, vault: Vault, pool_id: str, limit: int, *, user: str | None = None, to: str | None = None
) -> list[dict[str, Any]]:
    """The newest messages of a pool, newest first, as JSON documents.

    `user` and `to` choose among the newest 2,000, since messages are sealed. `user`: to whoever is called so, by user name, sub
    or what they sign in with, and to an address of that name. `to`: to this address; where nothing went there, as `user`,
    since who signs in with a phone number may get mail.

    Members: id, time (ISO 8601, UTC), medium, destination, subject, body, sub, username, purpose; `code` and `password`
    hold the secret in the body, or None.
    """
    whose, whose_address = await store.read(_subs, pool_id, user, to)
    found: list[dict[str, Any]] = []
    elsewhere: list[dict[str, Any]] = []
    before = messages.NEWER_THAN_ALL
    for _ in range(MOST_OPENED // PAGE):
        kept = await store.read(messages.all_kept, pool_id, before, PAGE)
        for message in kept:
            document = _document(vault, message)
            if document is None or not _is_about(document, user, whose):
                continue
            if to is None or _is_same(document["destination"], to):
                found.append(document)
                if len(found) == limit:
                    return found
            elif _is_about(document, to, whose_address):
                elsewhere.append(document)
        if len(kept) < PAGE:
            break
        before = kept[-1].id
    return found or elsewhere[:limit]


async def stranger(store: Store, pool_id: str, *names: str | None) -> str | None:
    """The first of these names that nobody in the pool has."""
    subs = await store.read(_subs, pool_id, *names)
    return next((name for name, sub in zip(names, subs, strict=True) if name and sub is None), None)


async def outstanding(store: Store, vault: Vault, pool_id: str, limit: int) -> list[dict[str, Any]]:
    """The newest messages of a pool that wait to be carried, and those that were given up, as JSON documents.

    Members: id, time, state (`waiting` or `given up`), attempts, reason of the last failure or None, next_attempt or given_up_at,
    and, where the message can be opened, medium, destination, username and purpose. Nothing of what it says.
    """
    waiting = await store.read(messages.all_waiting, pool_id, messages.NEWER_THAN_ALL, limit)
    lost = await store.read(messages.all_undelivered, pool_id, messages.NEWER_THAN_ALL, limit)
    found = [
        _state(vault, each.message, "waiting", each.attempts, each.reason)
        | {"next_attempt": clock.written(each.due_at)}
        for each in waiting
    ] + [
        _state(vault, each.message, "given up", each.attempts, each.reason)
        | {"given_up_at": clock.written(each.given_up_at)}
        for each in lost
    ]
    return sorted(found, key=lambda each: str(each["id"]), reverse=True)[:limit]


def _state(vault: Vault, message: Message, state: str, attempts: int, reason: str | None) -> dict[str, Any]:
    told = {
        "id": message.id,
        "time": clock.written(message.created_at),
        "state": state,
        "attempts": attempts,
        "reason": reason,
    }
    document = _document(vault, message)
    if document is None:
        return told
    return told | {name: document[name] for name in ("medium", "destination", "username", "purpose")}


def _subs(db: Db, pool_id: str, *names: str | None) -> list[str | None]:
    """Whom each of the names means, as an administrator's request would read it."""
    pool = user_pools.by_id(db, pool_id)
    users = [lookup.for_admin(db, pool, name) if pool and name else None for name in names]
    return [None if user is None else user.sub for user in users]


def _is_about(document: dict[str, Any], name: str | None, sub: str | None) -> bool:
    return name in (None, document["username"], document["sub"]) or (
        sub == document["sub"] or _is_same(document["destination"], name)
    )


def _is_same(destination: str, address: str | None) -> bool:
    return address is not None and destination.casefold() == address.casefold()


def _document(vault: Vault, message: Message) -> dict[str, Any] | None:
    try:
        composed = courier.opened(vault, message)
    except CannotUnseal as error:
        log.warning("message %s cannot be opened: %s", message.id, error)
        return None
    return {
        "id": message.id,
        "time": clock.written(message.created_at),
        "medium": composed.medium,
        "destination": composed.destination,
        "subject": composed.subject,
        "body": composed.body,
        "sub": composed.sub,
        "username": composed.username,
        "purpose": composed.purpose,
        "code": composed.code,
        "password": composed.password,
    }
