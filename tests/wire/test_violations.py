from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from cognomen import errors
from cognomen.wire import model, violations
from cognomen.wire.checks import compile_input
from cognomen.wire.model import Shape, entry_shape
from cognomen.wire.patterns import matcher

OPERATIONS = model.load().operations
POOL = "us-east-1_AbCdEf123"


def told(operation: str, request: object) -> set[str]:
    """The violations told of a request. Their order is not stable in the real service: compare as a set."""
    with pytest.raises(errors.Refusal) as caught:
        compile_input(OPERATIONS[operation].input)(request)
    assert caught.value.type == "InvalidParameterException"
    message = str(caught.value.message)
    head, _, items = message.partition(": ")
    found = items.split("; ")
    count = len(found)
    assert head == ("1 validation error detected" if count == 1 else f"{count} validation errors detected")
    return set(found)


def item(shown: str, path: str, constraint: str) -> str:
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        pytest.param(
            "ConfirmSignUp",
            {"ClientId": "abc", "Username": "maria", "ConfirmationCode": ""},
            [
                item("Value ''", "confirmationCode", r"Member must satisfy regular expression pattern: [\S]+"),
                item("Value ''", "confirmationCode", "Member must have length greater than or equal to 1"),
            ],
            id="empty confirmation code",
        ),
        pytest.param(
            "SignUp",
            {"ClientId": "abc", "Username": "x" * 129, "Password": "Secret-1!"},
            [item("Value", "username", "Member must have length less than or equal to 128")],
            id="long user name, which is not shown",
        ),
        pytest.param(
            "ListUserPools",
            {},
            [item("Value null", "maxResults", "Member must not be null")],
            id="ListUserPools without MaxResults",
        ),
        pytest.param(
            "ConfirmForgotPassword",
            {"ClientId": "abc", "Username": "maria", "ConfirmationCode": "123456"},
            [item("Value", "password", "Member must not be null")],
            id="missing and sensitive",
        ),
        pytest.param(
            # recorded with its value when the shape was not yet marked sensitive
            "VerifySoftwareToken",
            {"UserCode": "Aaaa"},
            [
                item("Value", "userCode", "Member must satisfy regular expression pattern: [0-9]+"),
                item("Value", "userCode", "Member must have length greater than or equal to 6"),
            ],
            id="TOTP code with letters, short",
        ),
        pytest.param(
            "DescribeUserPool",
            {"UserPoolId": "X"},
            [item("Value 'X'", "userPoolId", r"Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+")],
            id="bad pool id",
        ),
        pytest.param(
            "CreateUserPoolClient",
            {"UserPoolId": POOL, "ClientName": "c", "AllowedOAuthFlows": ["code", "token"]},
            [
                item(
                    "Value '[code, token]'",
                    "allowedOAuthFlows",
                    "Member must satisfy constraint: [Member must satisfy enum value set: "
                    "[code, implicit, client_credentials]]",
                )
            ],
            id="recorded answer about an entry of a list",
        ),
        pytest.param(
            "CreateUserPoolClient",
            {"UserPoolId": POOL, "ClientName": "c", "CallbackURLs": ["https://a.example/ b"]},
            [
                item(
                    "Value '[https://a.example/ b]'",
                    "callbackURLs",
                    "Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must "
                    "have length greater than or equal to 1, Member must satisfy regular expression pattern: "
                    r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+]",
                )
            ],
            id="all constraints of an entry are told, as recorded",
        ),
        pytest.param(
            "TagResource",
            {"ResourceArn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/x", "Tags": {"": "v" * 257}},
            [
                item(
                    f"Value '{{={'v' * 257}}}'",
                    "tags",
                    "Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must "
                    "have length greater than or equal to 1]",
                ),
                item(
                    f"Value '{{={'v' * 257}}}'",
                    "tags",
                    "Map value must satisfy constraint: [Member must have length less than or equal to 256, Member "
                    "must have length greater than or equal to 0]",
                ),
            ],
            id="keys and values of a map",
        ),
        pytest.param(
            "CreateUserPool",
            {
                "PoolName": "p",
                "Policies": {"PasswordPolicy": {"MinimumLength": 5, "TemporaryPasswordValidityDays": 366}},
                "Schema": [{"Name": "ok"}, {"Name": "name of more than 20 characters"}],
                "MfaConfiguration": "MAYBE",
                "AccountRecoverySetting": {"RecoveryMechanisms": []},
            },
            [
                item("Value '5'", "policies.passwordPolicy.minimumLength", "Member must have value greater than or equal to 6"),
                item(
                    "Value '366'",
                    "policies.passwordPolicy.temporaryPasswordValidityDays",
                    "Member must have value less than or equal to 365",
                ),
                item(
                    "Value 'name of more than 20 characters'",
                    "schema.2.member.name",
                    r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+",
                ),
                item(
                    "Value 'name of more than 20 characters'",
                    "schema.2.member.name",
                    "Member must have length less than or equal to 20",
                ),
                item("Value 'MAYBE'", "mfaConfiguration", "Member must satisfy enum value set: [OFF, ON, OPTIONAL]"),
                item(
                    "Value '[]'",
                    "accountRecoverySetting.recoveryMechanisms",
                    "Member must have length greater than or equal to 1",
                ),
            ],
            id="everything at once, at any depth",
        ),
        pytest.param(
            "AdminCreateUser",
            {"UserPoolId": POOL, "Username": "m", "UserAttributes": [{"Name": "a", "Value": "b"}, {"Value": "x"}]},
            [item("Value null", "userAttributes.2.member.name", "Member must not be null")],
            id="position in a list of structures",
        ),
        pytest.param(
            "AdminCreateUser",
            {"UserPoolId": POOL, "Username": "m", "UserAttributes": [None]},
            [item("Value null", "userAttributes.1.member", "Member must not be null")],
            id="null in a list of structures",
        ),
        pytest.param(
            "AdminDeleteUserAttributes",
            {"UserPoolId": POOL, "Username": "m", "UserAttributeNames": ["email", None]},
            [
                item(
                    "Value '[email, null]'",
                    "userAttributeNames",
                    "Member must satisfy constraint: [Member must have length less than or equal to 32, Member must "
                    "have length greater than or equal to 1, Member must satisfy regular expression pattern: "
                    r"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+, Member must not be null]",
                )
            ],
            id="null in a list of names",
        ),
    ],
)  # fmt: skip
def test_a_violation_is_told_in_aws_words(operation: str, request_: object, expected: list[str]) -> None:
    assert told(operation, request_) == set(expected)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        (
            "InitiateAuth",
            {"ClientId": "a", "AuthFlow": "USER_AUTH", "AuthParameters": {"PASSWORD": "hush\0"}},
        ),
        ("SignUp", {"ClientId": "a", "Username": "m", "Password": "hush "}),
        ("GetUser", {"AccessToken": "hush hush"}),
        (
            "AdminCreateUser",
            {"UserPoolId": POOL, "Username": "m", "UserAttributes": [{"Name": "a", "Value": "hush" * 600}]},
        ),
    ],
)
def test_a_sensitive_value_is_never_shown(operation: str, request_: object) -> None:
    (violation,) = told(operation, request_)
    assert violation.startswith("Value at '")
    assert "hush" not in violation


def test_a_sensitive_value_inside_a_list_that_is_shown_is_hidden() -> None:
    attributes = [{"Name": "email", "Value": "hush@example.com"}, {"Name": "note", "Unknown": "hush"}]
    shown = violations._shown(model.load().shapes["AttributeListType"], attributes)
    assert shown == "[{Name=email, Value=*** Sensitive Data Redacted ***}, {Name=note}]"


def test_a_list_of_structures_that_is_too_long_is_shown_as_java_prints_it() -> None:
    attribute = {"Name": "a", "Mutable": True}
    (violation,) = told("AddCustomAttributes", {"UserPoolId": POOL, "CustomAttributes": [attribute] * 26})
    assert violation.startswith("Value '[{Name=a, Mutable=true}, {Name=a, Mutable=true}, ")
    assert violation.endswith(
        "at 'customAttributes' failed to satisfy constraint: Member must have length less than or equal to 25"
    )


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_no_database_keeps_is_refused_though_no_pattern_says_so(text: str) -> None:
    request = {"UserPoolId": POOL, "Username": "m", "ClientMetadata": {"note": text}}
    (violation,) = told("AdminCreateUser", request)
    assert r"Member must satisfy regular expression pattern: [^\u0000\uD800-\uDFFF]*]" in violation


def test_a_nul_in_a_password_is_refused_though_its_pattern_would_take_it() -> None:
    (violation,) = told("SignUp", {"ClientId": "a", "Username": "m", "Password": "pass\0word"})
    assert violation == item(
        "Value", "password", r"Member must satisfy regular expression pattern: [^\u0000\uD800-\uDFFF]*"
    )


@pytest.mark.parametrize(("name", "fits"), [("\U0001f600" * 64, True), ("\U0001f600" * 65, False)])
def test_lengths_are_counted_in_utf_16_units_as_java_does(name: str, fits: bool) -> None:
    request = {"UserPoolId": POOL, "GroupName": name}
    if fits:
        assert compile_input(OPERATIONS["CreateGroup"].input)(request) is request
    else:
        assert told("CreateGroup", request) == {
            item(f"Value '{name}'", "groupName", "Member must have length less than or equal to 128")
        }


def test_a_huge_value_is_told_in_part_and_many_faults_are_counted_but_not_all_listed() -> None:
    (violation,) = told("DescribeUserPool", {"UserPoolId": POOL + "x" * 100_000})
    assert len(violation) < 2_000
    many: list[dict[str, str]] = [{}] * 900
    request = {"UserPoolId": POOL, "Username": "m", "UserAttributes": many}
    with pytest.raises(errors.Refusal) as caught:
        compile_input(OPERATIONS["AdminCreateUser"].input)(request)
    message = str(caught.value.message)
    assert message.startswith("900 validation errors detected: ")
    assert message.count("failed to satisfy") == 100


def test_a_list_without_limit_has_one_of_ours() -> None:
    attribute = {"Name": "email"}
    request = {"UserPoolId": POOL, "Username": "m", "UserAttributes": [attribute] * violations.MOST_ENTRIES}
    assert compile_input(OPERATIONS["AdminCreateUser"].input)(request) is request
    request["UserAttributes"] = [attribute] * (violations.MOST_ENTRIES + 1)
    (violation,) = told("AdminCreateUser", request)
    assert violation.endswith("...' at 'userAttributes' failed to satisfy constraint: "
                              "Member must have length less than or equal to 1000")  # fmt: skip


def test_nulls_are_no_entries_of_a_map_and_do_not_make_it_too_long() -> None:
    links = {f"key{number}": None for number in range(2_000)} | {"note": "n"}
    request = {"UserPoolId": POOL, "Username": "m", "ClientMetadata": links}
    cleaned = compile_input(OPERATIONS["AdminCreateUser"].input)(request)
    assert cleaned["ClientMetadata"] == {"note": "n"}


def test_a_list_that_is_too_long_is_one_violation_and_nothing_of_the_wrong_type_is_shown_of_it() -> None:
    wrong: list[Any] = [
        "hush",
        {"Name": ["hush"], "Mutable": "hush"},
        [{}],
        {"Name": "n"},
        None,
        {"Mutable": True},
    ]
    request = {"UserPoolId": POOL, "CustomAttributes": wrong + [{}] * 20}
    (violation,) = told("AddCustomAttributes", request)
    hidden = "*** Sensitive Data Redacted ***"
    shown = f"[{hidden}, {{Name={hidden}, Mutable={hidden}}}, {hidden}, {{Name=n}}, null, {{Mutable=true}}, {{}}, "
    assert violation.startswith(f"Value '{shown}")


def test_a_long_key_of_a_map_is_told_in_part() -> None:
    request = {"PoolName": "p", "AcrConfiguration": {"k" * 1_000_000: {}}}
    assert all(len(violation) < 3_000 for violation in told("CreateUserPool", request))


@pytest.mark.parametrize("entry", [{}, None, "", "é", {"Name": "a"}], ids=repr)
@pytest.mark.parametrize("kind", ["list", "map"])
def test_no_long_list_keeps_everyone_else_waiting(kind: str, entry: object) -> None:
    many = 200_000
    value = [entry] * many if kind == "list" else {str(number): entry for number in range(many)}
    for shape in (shape for shape in model.load().shapes.values() if shape.type == kind):
        holder = replace(OPERATIONS["GetUser"].input, members={"It": shape}, required=frozenset())
        began = time.process_time()
        with suppress(errors.Refusal):
            compile_input(holder)({"It": value})
        assert time.process_time() - began < 0.1, shape.name


def test_a_text_that_is_too_long_is_not_held_against_a_costly_pattern() -> None:
    request = {"UserPoolId": POOL, "SmsVerificationMessage": "{####}" * 500_000 + "\n"}
    (violation,) = told("UpdateUserPool", request)
    assert violation.endswith("Member must have length less than or equal to 140")


# -- each single violation of each input ----------------------------------------------------------------------------

Place = tuple[str | int, ...]
Wrongs = Iterator[tuple[Place, Any, str, str]]


def wrongs(shape: Shape, value: Any, place: Place, path: str) -> Wrongs:
    """Ways to break one constraint below `value`: where, with what, and the path and constraint to be told."""
    if shape.document:
        return
    if shape.type == "structure":
        for name, member in shape.members.items():
            inner_path = f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")
            if name in shape.required:
                yield (*place, name), None, inner_path, "Member must not be null"
            yield from wrongs(member, value[name], (*place, name), inner_path)
    elif shape.type == "list":
        member = entry_shape(shape.member)
        for wrong, constraint in wrong_sizes(shape, value[0]):
            yield place, wrong, path, constraint
        yield from wrongs(member, value[0], (*place, 0), path if is_scalar(member) else f"{path}.1.member")
    elif shape.type == "map":
        ((key, inner),) = value.items()
        member = entry_shape(shape.value)
        inner_path = path if is_scalar(member) else f"{path}.{key}.member"
        yield from wrongs(member, inner, (*place, key), inner_path)
    else:
        for wrong, constraint in wrong_scalars(shape):
            yield place, wrong, path, constraint


def is_scalar(shape: Shape) -> bool:
    return shape.type not in {"structure", "list", "map"}


def wrong_sizes(shape: Shape, entry: Any) -> Iterator[tuple[Any, str]]:
    if shape.max is not None:
        yield [entry] * (shape.max + 1), f"Member must have length less than or equal to {shape.max}"
    if shape.min:
        yield [], f"Member must have length greater than or equal to {shape.min}"


def wrong_scalars(shape: Shape) -> Iterator[tuple[Any, str]]:
    is_number = shape.type in {"integer", "long"}
    noun = "value" if is_number else "length"
    if shape.enum:
        yield "NO_SUCH_NAME", f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    elif is_number or shape.type == "string":
        if shape.min is not None and (is_number or shape.min > 0):
            wrong = shape.min - 1 if is_number else "a" * (shape.min - 1)
            yield wrong, f"Member must have {noun} greater than or equal to {shape.min}"
        if shape.max is not None:
            wrong = shape.max + 1 if is_number else "a" * (shape.max + 1)
            yield wrong, f"Member must have {noun} less than or equal to {shape.max}"
        wrong = "\x01" * (shape.min or 1)
        if shape.pattern is not None and not matcher(shape.pattern)(wrong):
            yield wrong, f"Member must satisfy regular expression pattern: {shape.pattern}"


def put(request: Any, place: Place, value: Any) -> Any:
    changed = deepcopy(request)
    at = changed
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    return changed


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_single_violation_of_every_input_is_told(name: str, sample: Callable[[Shape], Any]) -> None:
    shape = OPERATIONS[name].input
    request = sample(shape)
    for place, value, path, constraint in wrongs(shape, request, (), ""):
        with pytest.raises(errors.Refusal) as caught:
            compile_input(shape)(put(request, place, value))
        message = str(caught.value.message)
        assert caught.value.type == "InvalidParameterException", (place, message)
        assert f"at '{path}' failed to satisfy constraint: " in message, (place, message)
        assert constraint in message, (place, message)
        assert message.count(" at '") == message.count(f" at '{path}'"), "nothing else is told"
