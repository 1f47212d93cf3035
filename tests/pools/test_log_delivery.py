from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.pools.log_delivery import check
from cognomen.store.user_pool_settings import UserPoolSettings

GROUP = {
    "CloudWatchLogsConfiguration": {"LogGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:/pools/a"}
}
BUCKET = {"S3Configuration": {"BucketArn": "arn:aws:s3:::a-bucket.logs"}}
STREAM = {
    "FirehoseConfiguration": {"StreamArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/a-stream"}
}
MAIL = {"EventSource": "userNotification", "LogLevel": "ERROR"}
SIGN_INS = {"EventSource": "userAuthEvents", "LogLevel": "INFO"}
INVALID = "InvalidParameterException"


@pytest.mark.parametrize(
    ("configurations", "tier"),
    [
        ([], "LITE"),
        ([MAIL | GROUP], "LITE"),
        ([SIGN_INS | GROUP], "PLUS"),
        ([SIGN_INS | BUCKET], "PLUS"),
        ([SIGN_INS | STREAM, MAIL | GROUP], "PLUS"),
    ],
)
def test_each_source_goes_where_it_may(configurations: list[dict[str, Any]], tier: str) -> None:
    check(configurations, UserPoolSettings(user_pool_tier=tier))


@pytest.mark.parametrize(
    ("configurations", "tier", "type_", "message"),
    [
        (
            [MAIL | GROUP] * 2,
            "PLUS",
            INVALID,
            "There can be only one log configuration for userNotification.",
        ),
        (
            [MAIL | GROUP | {"LogLevel": "INFO"}],
            "PLUS",
            INVALID,
            "The log level of userNotification must be ERROR.",
        ),
        (
            [SIGN_INS | GROUP | {"LogLevel": "ERROR"}],
            "PLUS",
            INVALID,
            "The log level of userAuthEvents must be INFO.",
        ),
        (
            [MAIL | BUCKET],
            "PLUS",
            INVALID,
            "A log configuration for userNotification must have exactly one of CloudWatchLogsConfiguration.",
        ),
        (
            [SIGN_INS | BUCKET | STREAM],
            "PLUS",
            INVALID,
            (
                "A log configuration for userAuthEvents must have exactly one of CloudWatchLogsConfiguration, "
                "S3Configuration, FirehoseConfiguration."
            ),
        ),
        (
            [SIGN_INS],
            "PLUS",
            INVALID,
            (
                "A log configuration for userAuthEvents must have exactly one of CloudWatchLogsConfiguration, "
                "S3Configuration, FirehoseConfiguration."
            ),
        ),
        (
            [MAIL | {"CloudWatchLogsConfiguration": {}}],
            "PLUS",
            INVALID,
            "CloudWatchLogsConfiguration has no valid LogGroupArn.",
        ),
        (
            [SIGN_INS | {"S3Configuration": {"BucketArn": "arn:aws:sqs:::a-queue"}}],
            "PLUS",
            INVALID,
            "S3Configuration has no valid BucketArn.",
        ),
        (
            [
                SIGN_INS
                | {"FirehoseConfiguration": {"StreamArn": "arn:aws:logs:us-east-1:000000000000:log-group:a"}}
            ],
            "PLUS",
            INVALID,
            "FirehoseConfiguration has no valid StreamArn.",
        ),
        (
            [SIGN_INS | GROUP],
            "ESSENTIALS",
            "FeatureUnavailableInTierException",
            "The following feature is not available for the ESSENTIALS pricing tier configured: User Activity Log Export",
        ),
    ],
)
def test_a_fault_is_told(configurations: list[dict[str, Any]], tier: str, type_: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        check(configurations, UserPoolSettings(user_pool_tier=tier))
    assert (caught.value.type, caught.value.message) == (type_, message)


ONE = st.builds(
    lambda source, level, places: (
        {"EventSource": source, "LogLevel": level}
        | {name: value for place in places for name, value in place.items()}
    ),
    st.sampled_from(("userNotification", "userAuthEvents")),
    st.sampled_from(("ERROR", "INFO")),
    st.lists(st.sampled_from((GROUP, BUCKET, STREAM)), max_size=2),
)


@given(st.lists(ONE, max_size=2), st.sampled_from(("LITE", "PLUS")))
def test_what_is_taken_sends_each_source_to_one_place(
    configurations: list[dict[str, Any]], tier: str
) -> None:
    try:
        check(configurations, UserPoolSettings(user_pool_tier=tier))
    except Refusal:
        return
    sources = [each["EventSource"] for each in configurations]
    assert len(set(sources)) == len(sources)
    assert all(len(each) == 3 for each in configurations)
    assert tier == "PLUS" or "userAuthEvents" not in sources
