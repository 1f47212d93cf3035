from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.pools.threat_protection import check_enabled, parts_of
from tests.pools.conftest import MakePool

IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/a@example.com"


def takeover(notify: bool = True, **sender: Any) -> dict[str, Any]:
    configuration: dict[str, Any] = {"Actions": {"LowAction": {"Notify": notify, "EventAction": "NO_ACTION"}}}
    if sender:
        configuration["NotifyConfiguration"] = sender
    return {"AccountTakeoverRiskConfiguration": configuration}


def exceptions(*blocked: str) -> dict[str, Any]:
    return {"RiskExceptionConfiguration": {"BlockedIPRangeList": list(blocked)}}


@pytest.mark.parametrize(
    ("add_ons", "is_on"),
    [
        (None, False),
        ({"AdvancedSecurityMode": "OFF"}, False),
        ({"AdvancedSecurityMode": "AUDIT"}, True),
        ({"AdvancedSecurityMode": "ENFORCED"}, True),
        (
            {"AdvancedSecurityMode": "OFF", "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}},
            True,
        ),
    ],
)
def test_threat_protection_is_on_in_any_mode_but_off(
    make_record: MakePool, add_ons: dict[str, Any] | None, is_on: bool
) -> None:
    settings = make_record(**({"UserPoolAddOns": add_ons} if add_ons else {})).settings
    if is_on:
        check_enabled(settings)
    else:
        with pytest.raises(Refusal, match="Threat protection is not enabled for this user pool"):
            check_enabled(settings)


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        (None, ["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"]),
        ([], ["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"]),
        (["SIGN_UP", "SIGN_UP"], ["SIGN_UP"]),
    ],
)
def test_without_events_the_filter_is_for_all(events: list[str] | None, kept: list[str]) -> None:
    given_ = {"Actions": {"EventAction": "BLOCK"}} | ({} if events is None else {"EventFilter": events})
    parts = parts_of({"CompromisedCredentialsRiskConfiguration": given_}, "us-east-1")
    assert parts["CompromisedCredentialsRiskConfiguration"]["EventFilter"] == kept


@pytest.mark.parametrize(
    ("request_members", "type_", "message"),
    [
        (
            takeover(),
            "InvalidParameterException",
            "NotifyConfiguration is required when an action notifies the user.",
        ),
        (
            takeover(SourceArn="arn:aws:sns:us-east-1:000000000000:a-topic"),
            "InvalidEmailRoleAccessPolicyException",
            "Cognito is not allowed to use your email identity",
        ),
        (
            takeover(SourceArn=IDENTITY.replace("us-east-1", "ap-south-1")),
            "InvalidParameterException",
            "Provided SourceArn must be in one of the following SES regions: eu-west-1, us-east-1, us-west-2.",
        ),
        (
            takeover(SourceArn=IDENTITY, From="nobody"),
            "InvalidParameterException",
            "Provided From email address is invalid",
        ),
        (
            takeover(SourceArn=IDENTITY, ReplyTo="a@example.com\r\nBcc: b@example.com"),
            "InvalidParameterException",
            "Provided From email address is invalid",
        ),
        (
            exceptions("192.0.2.1"),
            "InvalidParameterException",
            "192.0.2.1 is not a valid IP range in CIDR notation.",
        ),
        (
            exceptions("192.0.2.0/33"),
            "InvalidParameterException",
            "192.0.2.0/33 is not a valid IP range in CIDR notation.",
        ),
        (exceptions("x/8"), "InvalidParameterException", "x/8 is not a valid IP range in CIDR notation."),
        (exceptions(""), "InvalidParameterException", " is not a valid IP range in CIDR notation."),
    ],
)
def test_a_fault_is_told(request_members: dict[str, Any], type_: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        parts_of(request_members, "eu-central-1")
    assert (caught.value.type, caught.value.message) == (type_, message)


@pytest.mark.parametrize(
    "request_members",
    [
        takeover(notify=False),
        takeover(SourceArn=IDENTITY, From="Ada <ada@example.com>", ReplyTo="ada@example.com"),
        takeover(SourceArn=IDENTITY.replace("us-east-1", "eu-central-1")),
        exceptions("192.0.2.0/24", "192.0.2.7/24", "2001:db8::/32", "0.0.0.0/0", "192.0.2.1/255.255.255.0"),
        {},
    ],
)
def test_the_parts_are_kept_as_they_are_given(request_members: dict[str, Any]) -> None:
    assert parts_of(request_members, "eu-central-1") == request_members


@given(st.text(st.sampled_from("0123456789abcdef:./%x"), max_size=60))
def test_a_range_that_is_taken_can_be_read(value: str) -> None:
    try:
        parts_of(exceptions(value), "us-east-1")
    except Refusal:
        return
    assert ip_network(value, strict=False)
