"""Where a pool sends its logs. Nothing is sent yet. Source: developer guide, "Exporting logs from user pools"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cognomen import errors

_LOG_GROUP = "CloudWatchLogsConfiguration"
_BUCKET = "S3Configuration"
_STREAM = "FirehoseConfiguration"

# Of each source its level and where it may go.
_SOURCES = {
    "userNotification": ("ERROR", (_LOG_GROUP,)),
    "userAuthEvents": ("INFO", (_LOG_GROUP, _BUCKET, _STREAM)),
}
_PARTITION = r"arn:aws[\w-]*"
_DESTINATIONS = {
    _LOG_GROUP: ("LogGroupArn", re.compile(_PARTITION + r":logs:[\w-]+:\d+:log-group:[\w./#-]+")),
    _BUCKET: ("BucketArn", re.compile(_PARTITION + r":s3:::[\w.-]+")),
    _STREAM: ("StreamArn", re.compile(_PARTITION + r":firehose:[\w-]+:\d+:deliverystream/[\w.-]+")),
}


def check(configurations: Iterable[Mapping[str, Any]], tier: str) -> None:
    """Raise the first fault of the log configurations of a pool with the plan `tier`."""
    seen = set()
    for configuration in configurations:
        source = configuration["EventSource"]
        level, destinations = _SOURCES[source]
        if source in seen:
            raise errors.LOG_SOURCE_TWICE(source=source)
        seen.add(source)
        if configuration["LogLevel"] != level:
            raise errors.LOG_LEVEL(source=source, level=level)
        _check_destination(configuration, source, destinations)
    if "userAuthEvents" in seen and tier != "PLUS":
        raise errors.FEATURE_NOT_IN_TIER(tier=tier, feature="User Activity Log Export")


def _check_destination(configuration: Mapping[str, Any], source: str, allowed: tuple[str, ...]) -> None:
    given = [name for name in _DESTINATIONS if name in configuration]
    if len(given) != 1 or given[0] not in allowed:
        raise errors.LOG_DESTINATIONS(source=source, destinations=", ".join(allowed))
    (destination,) = given
    member, pattern = _DESTINATIONS[destination]
    if not pattern.fullmatch(configuration[destination].get(member, "")):
        raise errors.INVALID_LOG_DESTINATION(destination=destination, member=member)
