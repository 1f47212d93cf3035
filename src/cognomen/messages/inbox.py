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


async def newest(store: Store, vault: Vault, pool_id: str, limit: int) -> list[dict[str, Any]]:
    """The newest messages of a pool, newest first, as JSON documents.

    Members: id, time (ISO 8601, UTC), medium, destination, subject, body, sub, username, purpose; `code` and `password`
    hold the secret in the body, or None.
    """
    kept = await store.read(messages.all_kept, pool_id, limit)
    return [document for message in kept if (document := _document(vault, message))]


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
