"""Records of what happens in a pool, for where its owner wants them (SetLogDeliveryConfiguration): their form, and their queue.

    destination     where records of a source go; None where the owner, or the operator, has said nothing
    queue           in the transaction of what a record tells of: it waits to be handed over (log_delivery/)

Source of the form: developer guide, "Exporting logs from user pools".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cognomen import clock
from cognomen.call import Node
from cognomen.pools.configuration import PoolConfiguration
from cognomen.store import log_records
from cognomen.store.database import Db
from cognomen.store.log_records import LogRecord

NOTIFICATIONS, SIGN_INS = "userNotification", "userAuthEvents"
"""The sources, as they are configured; `_TOLD` is what records call them, and their level."""

_TOLD = {NOTIFICATIONS: ("USER_NOTIFICATION", "ERROR"), SIGN_INS: ("USER_AUTH_EVENTS", "INFO")}


def destination(node: Node, configuration: PoolConfiguration, source: str) -> str | None:
    """The ARN, if this server knows what stands for it (the setting `log_sinks`)."""
    arn = configuration.log_destinations.get(source)
    return arn if arn is not None and node.log_sinks.of(arn) is not None else None


def queue(
    db: Db, pool_id: str, source: str, destination: str, message: Mapping[str, Any], *, moment: int
) -> None:
    """`moment` is when it happened, in milliseconds."""
    told, level = _TOLD[source]
    document = {
        "eventTimestamp": str(moment),
        "eventSource": told,
        "logLevel": level,
        "message": message,
        "logSourceId": {"userPoolId": pool_id},
    }
    record = LogRecord(
        pool_id=pool_id,
        id=clock.uuid7(moment),
        destination=destination,
        document=msgspec.json.encode(document).decode(),
        due_at=moment,
    )
    log_records.queue(db, record)
