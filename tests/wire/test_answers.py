from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cognomen.wire import model
from cognomen.wire.answers import encode, problems, seconds
from cognomen.wire.model import Shape

OPERATIONS = model.load().operations


def test_members_without_a_value_are_left_out_at_every_level() -> None:
    answer = {"User": {"Username": "m", "Enabled": None, "Attributes": [None, {"Name": "a", "Value": None}]}}
    assert encode(answer) == b'{"User":{"Username":"m","Attributes":[{"Name":"a"}]}}'


def test_what_is_empty_is_sent() -> None:
    assert encode({}) == b"{}"
    assert encode({"Users": [], "ChallengeParameters": {}, "Text": "", "Off": False, "Count": 0}) == (
        b'{"Users":[],"ChallengeParameters":{},"Text":"","Off":false,"Count":0}'
    )


def test_a_text_that_says_null_is_kept() -> None:
    assert encode({"Name": "null"}) == b'{"Name":"null"}'


def test_a_document_handed_over_raw_keeps_its_nulls() -> None:
    answer = {"Settings": msgspec.Raw(b'{"image":null}'), "UserPoolId": None}
    assert encode(answer) == b'{"Settings":{"image":null}}'


@pytest.mark.parametrize(
    ("milliseconds", "sent"),
    [(1548099495428, b"1548099495.428"), (1715100742000, b"1715100742.0"), (1, b"0.001")],
)
def test_a_date_is_sent_as_seconds_with_milliseconds(milliseconds: int, sent: bytes) -> None:
    assert msgspec.json.encode(seconds(milliseconds)) == sent


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_full_sample_of_every_output_has_no_problem(name: str, sample: Callable[[Shape], Any]) -> None:
    output = OPERATIONS[name].output
    assert problems(OPERATIONS[name], {} if output is None else sample(output)) == []


@pytest.mark.parametrize(
    ("operation", "answer", "expected"),
    [
        ("DeleteUser", {"Done": True}, ["DeleteUser answers nothing, not Done"]),
        ("SignUp", {"UserConfirmed": True, "UserSub": None}, ["SignUp.UserSub is missing"]),
        ("ListUsers", {"Users": [{"Colour": "red"}]}, ["ListUsers.Users[0].Colour is unknown"]),
        ("ListUsers", {"Users": {}}, ["ListUsers.Users is no list"]),
        ("ListUsers", {"Users": ["x"]}, ["ListUsers.Users[0] is no structure"]),
        ("InitiateAuth", {"ChallengeParameters": []}, ["InitiateAuth.ChallengeParameters is no map"]),
        ("InitiateAuth", {"ChallengeParameters": {"a": 1}}, ["InitiateAuth.ChallengeParameters.a is int, not string"]),
        (
            "InitiateAuth",
            {"ChallengeName": "RIDDLE", "AuthenticationResult": {"ExpiresIn": True}},
            [
                "InitiateAuth.ChallengeName: Member must satisfy enum value set: [",
                "InitiateAuth.AuthenticationResult.ExpiresIn is bool, not integer",
            ],
        ),
        ("InitiateAuth", {"Session": "short"}, ["InitiateAuth.Session: Member must have length greater than or equal to 20"]),
        ("DescribeUserPool", {"UserPool": {"EstimatedNumberOfUsers": 2**40}}, ["does not fit integer"]),
        ("DescribeUserPool", {"UserPool": {"CreationDate": "2026-01-01"}}, ["CreationDate is str, not timestamp"]),
        ("DescribeUserPoolDomain", {"DomainDescription": {}}, []),
        ("DescribeUserPoolDomain", {"DomainDescription": {"CustomDomainConfig": {}}}, []),
    ],
)  # fmt: skip
def test_an_answer_unlike_its_description_is_told(
    operation: str, answer: dict[str, Any], expected: list[str]
) -> None:
    found = problems(OPERATIONS[operation], answer)
    assert len(found) == len(expected)
    assert all(text in problem for text, problem in zip(expected, found, strict=True)), found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (base64.b64encode(bytes(1_000_000)).decode(), []),
        (base64.b64encode(bytes(1_000_001)).decode(), ["length less than or equal to 1000000"]),
        (bytes(1_000_001), ["length less than or equal to 1000000"]),
        ("no base64!", ["is no base64"]),
    ],
    ids=["the most", "too much", "too much as bytes", "no base64"],
)
def test_a_blob_is_measured_without_its_encoding(content: str | bytes, expected: list[str]) -> None:
    asset = {"Category": "FORM_LOGO", "ColorMode": "DARK", "Extension": "PNG", "Bytes": content}
    answer = {"ManagedLoginBranding": {"Assets": [asset]}}
    found = problems(OPERATIONS["DescribeManagedLoginBranding"], answer)
    assert len(found) == len(expected)
    assert all(text in problem for text, problem in zip(expected, found, strict=True)), found
