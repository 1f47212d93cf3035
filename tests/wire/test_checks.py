from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from cognomen import errors
from cognomen.wire import checks, model, violations
from cognomen.wire.checks import compile_input
from cognomen.wire.model import Shape

OPERATIONS = model.load().operations
POOL = "us-east-1_AbCdEf123"


def check(operation: str, request: object) -> dict[str, Any]:
    return compile_input(OPERATIONS[operation].input)(request)


def refused(operation: str, request: object) -> errors.Refusal:
    with pytest.raises(errors.Refusal) as caught:
        check(operation, request)
    return caught.value


# -- the good -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_full_sample_of_every_input_passes(name: str, sample: Callable[[Shape], Any]) -> None:
    request = sample(OPERATIONS[name].input)
    result = check(name, request)
    holds_bytes = name in {"SetUICustomization", "CreateManagedLoginBranding", "UpdateManagedLoginBranding"}
    assert holds_bytes or result is request, "a plain request comes back as it is"


def test_null_members_count_as_absent() -> None:
    request = {
        "ClientId": "abc",
        "Username": None,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": None},
    }
    assert check("InitiateAuth", request) == {
        "ClientId": "abc",
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {},
    }


def test_unknown_members_are_ignored_at_every_level() -> None:
    request = {
        "UserPoolId": POOL,
        "Username": "maria",
        "Colour": "red",
        "UserAttributes": [{"Name": "email", "Value": "x@example.com", "Odd": {}}],
    }
    assert check("AdminCreateUser", request) == {
        "UserPoolId": POOL,
        "Username": "maria",
        "UserAttributes": [{"Name": "email", "Value": "x@example.com"}],
    }


def test_a_blob_arrives_as_bytes() -> None:
    request = {"UserPoolId": POOL, "ImageFile": base64.b64encode(b"\x89PNG").decode()}
    assert check("SetUICustomization", request)["ImageFile"] == b"\x89PNG"


def test_a_whole_number_with_a_point_is_a_number() -> None:
    result = check("ListUserPools", {"MaxResults": 5.0})
    assert result == {"MaxResults": 5}
    assert type(result["MaxResults"]) is int


def test_a_document_passes_as_it_is() -> None:
    settings = {"components": [None, {"deep": 1.5}]}
    request = {"UserPoolId": POOL, "ClientId": "abc", "Settings": settings}
    assert check("CreateManagedLoginBranding", request)["Settings"] == settings


def test_the_flow_the_description_forgot_is_taken() -> None:
    request = {"UserPoolId": POOL, "ClientName": "m2m", "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"]}
    assert check("CreateUserPoolClient", request) is request


@pytest.mark.parametrize("text", ["no at sign", "@example.com", "maria@example.com\n"])
def test_the_quick_check_knows_a_text_that_does_not_match(text: str) -> None:
    request = {"PoolName": "p", "EmailConfiguration": {"ReplyToEmailAddress": text}}
    assert refused("CreateUserPool", request).type == "InvalidParameterException"


# -- the wrong type -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "NUMBER_VALUE can not be converted to a String"),
        (1.5, "NUMBER_VALUE can not be converted to a String"),
        (True, "class java.lang.Boolean can not be converted to an String"),
        ({}, "Start of structure or map found where not expected."),
        ([], "Start of list found where not expected."),
    ],
)
def test_something_else_where_a_string_is_modelled(value: object, text: str) -> None:
    attributes = [{"Name": "email", "Value": value}]
    refusal = refused("AdminCreateUser", {"UserPoolId": POOL, "Username": "m", "UserAttributes": attributes})
    assert (refusal.type, refusal.message, refusal.status) == ("SerializationException", text, 400)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("ListUserPools", {"MaxResults": "10"}),
        ("ListUserPools", {"MaxResults": True}),
        ("ListUserPools", {"MaxResults": 1.5}),
        ("ListUserPools", {"MaxResults": 10**12}),
        ("ListUserPools", {"MaxResults": [1]}),
        ("ListUserPools", []),
        ("ListUserPools", "text"),
        ("ListUserPools", None),
        ("AdminCreateUser", {"UserPoolId": POOL, "ForceAliasCreation": "true"}),
        ("AdminCreateUser", {"UserPoolId": POOL, "UserAttributes": {}}),
        ("AdminCreateUser", {"UserPoolId": POOL, "UserAttributes": ["x"]}),
        ("AdminCreateUser", {"UserPoolId": POOL, "ClientMetadata": []}),
        ("AdminCreateUser", {"UserPoolId": POOL, "ClientMetadata": {"a": 1}}),
        ("SetUICustomization", {"UserPoolId": POOL, "ImageFile": "not base64!"}),
        ("SetUICustomization", {"UserPoolId": POOL, "ImageFile": "ümläut"}),
    ],
)
def test_a_wrong_type_comes_before_any_violation(operation: str, request_: object) -> None:
    assert refused(operation, request_).type == "SerializationException"


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"[" * 100_000, b"nan", b"1e999", b"{} {}"]
)
def test_a_body_that_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(errors.Refusal) as caught:
        checks.decode(body)
    assert caught.value.type == "SerializationException"


def test_no_body_counts_as_an_empty_request() -> None:
    assert checks.decode(b"") == {}


# -- whatever comes -------------------------------------------------------------------------------------------------

texts = st.text(st.characters(), max_size=20) | st.sampled_from(["", "\0", "\ud800", POOL, "maria", "{####}"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def near_valid(draw: st.DrawFn, sample: Callable[[Shape], Any]) -> tuple[Shape, Any]:
    """A request of some operation with members of the right names and now and then the right type."""
    shape = draw(st.sampled_from(sorted(OPERATIONS.items())))[1].input

    def value(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
        if depth > 3 or shape.document:
            return json_values
        good: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
            "structure": lambda: st.fixed_dictionaries(
                {name: value(shape.members[name], depth + 1) for name in sorted(shape.required)},
                optional={
                    name: value(member, depth + 1)
                    for name, member in shape.members.items()
                    if name not in shape.required
                },
            ),
            "list": lambda: st.lists(value(model.entry_shape(shape.member), depth + 1), max_size=2),
            "map": lambda: st.dictionaries(
                texts, value(model.entry_shape(shape.value), depth + 1), max_size=2
            ),
            "integer": lambda: st.integers(-5, 200),
            "boolean": st.booleans,
            "blob": lambda: st.binary(max_size=5).map(lambda data: base64.b64encode(data).decode()),
            "string": lambda: st.integers(0, 7).flatmap(
                lambda dice: st.just(sample(shape)) if dice else texts
            ),
        }
        made = good[shape.type]()
        return st.integers(0, 31).flatmap(lambda dice: made if dice or not depth else json_values)

    return shape, draw(value(shape, 0))


@given(data=st.data())
def test_any_json_is_either_cleaned_or_refused_in_text_that_can_be_sent(
    data: st.DataObject, sample: Callable[[Shape], Any]
) -> None:
    shape, request = data.draw(near_valid(sample))
    result, refusal = outcome(shape, request)
    if refusal is None:
        assert shape.required <= result.keys() <= shape.members.keys()
        assert None not in result.values()
    else:
        assert refusal.type in {"InvalidParameterException", "SerializationException"}
        assert str(refusal.message).encode()


def outcome(shape: Shape, request: object) -> tuple[dict[str, Any], errors.Refusal | None]:
    try:
        return compile_input(shape)(request), None
    except errors.Refusal as refusal:
        return {}, refusal


@given(data=st.data())
def test_the_fast_path_agrees_with_the_walk(data: st.DataObject, sample: Callable[[Shape], Any]) -> None:
    shape, request = data.draw(near_valid(sample))
    if checks._test(shape)(request):
        event("valid")
        assert violations.examine(shape, request) == request


@given(json_values)
def test_what_can_be_decoded_holds_no_lone_surrogate(value: object) -> None:
    body = json.dumps(value).encode()  # which writes one as an escape
    with suppress(errors.Refusal):
        msgspec.json.encode(checks.decode(body))
