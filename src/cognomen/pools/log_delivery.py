"""Where a pool sends its logs (log_delivery/ does it). Source: developer guide, "Exporting logs from user pools"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cognomen import errors
from cognomen.pools import plans
from cognomen.store.user_pool_settings import UserPoolSettings

_LOG_GROUP = "CloudWatchLogsConfiguration"
_BUCKET = "S3Configuration"
_STREAM = "FirehoseConfiguration"

_SIGN_INS = "userAuthEvents"
# Of each source its level and where it may go.
_SOURCES = {
    "userNotification": ("ERROR", (_LOG_GROUP,)),
    _SIGN_INS: ("INFO", (_LOG_GROUP, _BUCKET, _STREAM)),
}
_PARTITION = r"arn:aws[\w-]*"
_DESTINATIONS = {
    _LOG_GROUP: ("LogGroupArn", re.compile(_PARTITION + r":logs:[\w-]+:\d+:log-group:[\w./#-]+")),
    _BUCKET: ("BucketArn", re.compile(_PARTITION + r":s3:::[\w.-]+")),
    _STREAM: ("StreamArn", re.compile(_PARTITION + r":firehose:[\w-]+:\d+:deliverystream/[\w.-]+")),
}


def check(configurations: Sequence[Mapping[str, Any]], settings: UserPoolSettings) -> None:
    """Raise the first fault of the log configurations of a pool with these settings."""
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
    for feature in features_of(configurations):
        plans.require(settings, feature)


def is_known(configuration: Mapping[str, Any]) -> bool:
    """Whether this release knows its source."""
    return configuration["EventSource"] in _SOURCES


def with_later(
    configurations: Sequence[Mapping[str, Any]], former: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The configurations, and those of the former ones whose source a later release knows: nobody has asked to replace them."""
    return [{**each} for each in (*configurations, *(each for each in former if not is_known(each)))]


def destinations(configurations: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The ARN of each source that is sent anywhere."""
    return {
        configuration["EventSource"]: configuration[name][_DESTINATIONS[name][0]]
        for configuration in filter(is_known, configurations)
        for name in _DESTINATIONS
        if name in configuration
    }


def features_of(configurations: Sequence[Mapping[str, Any]]) -> tuple[plans.Feature, ...]:
    """What of the feature plans they use."""
    exports = any(configuration["EventSource"] == _SIGN_INS for configuration in configurations)
    return (plans.ACTIVITY_EXPORT,) if exports else ()


def _check_destination(configuration: Mapping[str, Any], source: str, allowed: tuple[str, ...]) -> None:
    given = [name for name in _DESTINATIONS if name in configuration]
    if len(given) != 1 or given[0] not in allowed:
        raise errors.LOG_DESTINATIONS(source=source, destinations=", ".join(allowed))
    (destination,) = given
    member, pattern = _DESTINATIONS[destination]
    if not pattern.fullmatch(configuration[destination].get(member, "")):
        raise errors.INVALID_LOG_DESTINATION(destination=destination, member=member)
