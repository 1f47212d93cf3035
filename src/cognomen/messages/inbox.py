"""Reading the inbox: what the command `cognomen inbox` shows, and what tests ask for over HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.messages import courier
from cognomen.store import messages
from cognomen.store.database import Store
from cognomen.store.messages import Message

log = logging.getLogger(__name__)


PAGE = 100
MOST_OPENED = 2_000  # messages that one question may unseal


async def newest(
    store: Store, vault: Vault, pool_id: str, limit: int, *, user: str | None = None, to: str | None = None
) -> list[dict[str, Any]]:
    """The newest messages of a pool, newest first, as JSON documents.

    `user` (a name or sub) and `to` (an address or number) choose among the newest 2,000, since messages are sealed.

    Members: id, time (ISO 8601, UTC), medium, destination, subject, body, sub, username, purpose; `code` and `password`
    hold the secret in the body, or None.
    """
    found: list[dict[str, Any]] = []
    before = messages.NEWER_THAN_ALL
    for _ in range(MOST_OPENED // PAGE):
        kept = await store.read(messages.all_kept, pool_id, before, PAGE)
        for message in kept:
            document = _document(vault, message)
            if document and _is_wanted(document, user, to):
                found.append(document)
                if len(found) == limit:
                    return found
        if len(kept) < PAGE:
            break
        before = kept[-1].id
    return found


def _is_wanted(document: dict[str, Any], user: str | None, to: str | None) -> bool:
    return user in (None, document["username"], document["sub"]) and to in (None, document["destination"])


def _document(vault: Vault, message: Message) -> dict[str, Any] | None:
    try:
        composed = courier.opened(vault, message)
    except CannotUnseal as error:
        log.warning("message %s cannot be opened: %s", message.id, error)
        return None
    sent_at = datetime.fromtimestamp(message.created_at / 1000, UTC)
    return {
        "id": message.id,
        "time": sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
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
