"""Every correction is still needed: one that the description now says itself is to be removed."""

from __future__ import annotations

import gzip

import msgspec
import pytest

from cognomen.wire import corrections, model
from cognomen.wire.model import Shape
from cognomen.wire.patterns import matcher


@pytest.fixture(scope="module")
def description() -> dict[str, dict[str, dict[str, list[object]]]]:
    return msgspec.json.decode(gzip.decompress(model._path().read_bytes()))  # type: ignore[no-any-return]


@pytest.mark.parametrize("shape", corrections.ENUM_ADDITIONS)
def test_an_added_name_is_not_in_the_description(
    description: dict[str, dict[str, dict[str, list[object]]]], shape: str
) -> None:
    assert not set(corrections.ENUM_ADDITIONS[shape]) & set(description["shapes"][shape]["enum"])
    assert set(corrections.ENUM_ADDITIONS[shape]) <= set(model.load().shapes[shape].enum)


@pytest.mark.parametrize("shape", sorted(corrections.PATTERNS_NOT_CHECKED))
def test_a_pattern_that_is_not_checked_is_in_the_description(
    description: dict[str, dict[str, dict[str, list[object]]]], shape: str
) -> None:
    assert "pattern" in description["shapes"][shape]
    assert model.load().shapes[shape].pattern is None


@pytest.mark.parametrize("shape", corrections.PATTERNS)
def test_a_corrected_pattern_is_not_the_description_s(
    description: dict[str, dict[str, dict[str, list[object]]]], shape: str
) -> None:
    assert str(description["shapes"][shape]["pattern"]) != corrections.PATTERNS[shape]
    assert model.load().shapes[shape].pattern == corrections.PATTERNS[shape]


@pytest.mark.parametrize(("shape", "member"), sorted(corrections.MAY_BE_BLANK))
def test_a_member_that_may_be_blank_is_of_a_shape_that_may_not(shape: str, member: str) -> None:
    described = model.load().shapes[shape].members[member]
    assert described.may_be_blank
    assert not model.load().shapes[described.name].may_be_blank
    assert described.pattern is not None
    assert not matcher(described.pattern)("")


@pytest.mark.parametrize("operation", corrections.ERROR_ADDITIONS)
def test_an_added_error_is_not_in_the_description(
    description: dict[str, dict[str, dict[str, list[object]]]], operation: str
) -> None:
    declared = {
        error["shape"] for error in description["operations"][operation]["errors"] if isinstance(error, dict)
    }
    assert corrections.ERROR_ADDITIONS[operation] - declared
    assert corrections.ERROR_ADDITIONS[operation] <= model.load().operations[operation].errors


@pytest.mark.parametrize("operation", corrections.AUTH)
def test_a_corrected_operation_is_described_as_signed(
    description: dict[str, dict[str, dict[str, list[object]]]], operation: str
) -> None:
    assert "authtype" not in description["operations"][operation]
    assert model.load().operations[operation].auth == corrections.AUTH[operation]


@pytest.mark.parametrize("operation", sorted(corrections.LARGE_BODIES))
def test_a_large_body_has_something_large_in_it(operation: str) -> None:
    shape = model.load().operations[operation].input
    assert reaches_something_large(shape)


def test_whoever_sends_images_may_send_a_large_body() -> None:
    holding = {
        name for name, operation in model.load().operations.items() if reaches(operation.input, "blob")
    }
    assert holding < corrections.LARGE_BODIES


def reaches_something_large(shape: Shape) -> bool:
    holders = {"ProviderDetails", "AccountTakeoverRiskConfiguration"}
    return reaches(shape, "blob") or not holders.isdisjoint(shape.members)


def reaches(shape: Shape, type_: str) -> bool:
    below = [*shape.members.values(), *filter(None, (shape.member, shape.value))]
    return shape.type == type_ or any(reaches(inner, type_) for inner in below)


@pytest.mark.parametrize(("shape", "member"), sorted(corrections.ANSWER_WITHOUT))
def test_a_member_that_may_be_left_out_is_described_as_required(shape: str, member: str) -> None:
    assert member in model.load().shapes[shape].required


@pytest.mark.parametrize("shape", sorted(corrections.UNLIMITED_IN_ANSWERS))
def test_a_shape_without_limit_in_answers_is_described_with_one(shape: str) -> None:
    assert model.load().shapes[shape].max is not None


@pytest.mark.parametrize("shape", corrections.REQUIRED_ADDITIONS)
def test_an_added_requirement_is_not_in_the_description(
    description: dict[str, dict[str, dict[str, list[object]]]], shape: str
) -> None:
    added = corrections.REQUIRED_ADDITIONS[shape]
    assert not added & set(map(str, description["shapes"][shape].get("required", [])))
    assert added <= model.load().shapes[shape].required
    assert added <= model.load().shapes[shape].members.keys()
