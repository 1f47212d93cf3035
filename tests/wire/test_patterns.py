from __future__ import annotations

import time

import pytest
import regex  # type: ignore[import-untyped]  # the package carries no types
from hypothesis import given
from hypothesis import strategies as st

from cognomen.wire import model
from cognomen.wire.patterns import admits_nul, ascii_classes, is_linear, matcher

PATTERNS = sorted({shape.pattern for shape in model.load().shapes.values() if shape.pattern})
NAME = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_of_the_description_compiles_without_a_warning(pattern: str) -> None:
    assert callable(matcher(pattern))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_that_is_said_to_refuse_nul_does(pattern: str) -> None:
    texts = ("\0", "a\0", "\0a", "aa\0aa", "us-east-1_a\0", "import-\0", "{####}\0", "a@\0")
    assert admits_nul(pattern) or not any(matcher(pattern)(text) for text in texts)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"[\w-]+_[0-9a-zA-Z]+", "us-east-1_AbC", True),
        (r"[\w-]+_[0-9a-zA-Z]+", "us-east-1_AbC\n", False),
        (r"[\w-]+_[0-9a-zA-Z]+", "zürich_AbC", False),
        (r"[\S]+", "no-break\u00a0space", True),
        (r"[\S]+", "two words", False),
        (r"[\S]+", "", False),
        (NAME, "маша", True),
        (NAME, "two words", False),
        (r"[\w\s+=,.@-]+", "My pool\t1", True),
        (r"[\w\s+=,.@-]+", "My\u2003pool", False),
        (r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$", "my-domain", True),
        (r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$", "my-domain\n", False),
        (r"(?s).*", "a\nb", True),
        (r"[0-9]+", "١٢٣", False),
        (r"^[\S]+.*[\S]+$", "correct horse battery", True),
        (r"^[\S]+.*[\S]+$", " horse", False),
        (r"^[\S]+.*[\S]+$", "horse ", False),
        (r"^[\S]+.*[\S]+$", "h", False),
        (r"^[\S]+.*[\S]+$", "correct\rhorse", False),
    ],
)
def test_a_pattern_means_what_it_means_in_java(pattern: str, text: str, matches: bool) -> None:
    assert bool(matcher(pattern)(text)) is matches


def test_a_class_is_spelled_out_inside_and_outside_of_brackets() -> None:
    assert ascii_classes(r"\d[\d-]\[\d") == r"[0-9][0-9-]\[[0-9]"


def test_a_negated_class_among_others_is_refused_rather_than_misread() -> None:
    with pytest.raises(ValueError, match="alone in a class"):
        ascii_classes(r"[\S\d]")


AROUND_LITERALS = ["EmailVerificationMessageByLinkType", "EmailVerificationMessageType", "EmailAddressType"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("EmailVerificationMessageByLinkType", "##}" + "{##" * 6_660),
        ("EmailVerificationMessageType", "{####}" * 3_333 + "\x01"),
        ("EmailAddressType", "@" * 100_000 + " "),
    ],
)
def test_a_text_made_to_take_hours_is_refused_at_once(name: str, text: str) -> None:
    pattern = model.load().shapes[name].pattern
    assert pattern is not None
    assert is_linear(pattern)
    began = time.process_time()
    assert not matcher(pattern)(text)
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("name", AROUND_LITERALS)
@given(
    pieces=st.lists(
        st.sampled_from(["a", "{", "}", "#", "##", "{##", "##}", "{####}", "@", "é", " ", "\x01"])
    )
)
def test_a_class_around_literals_is_matched_as_its_regular_expression_is(
    name: str, pieces: list[str]
) -> None:
    pattern = model.load().shapes[name].pattern
    assert pattern is not None
    text = "".join(pieces)
    assert bool(matcher(pattern)(text)) is bool(regex.fullmatch(ascii_classes(pattern), text))


@given(pieces=st.lists(st.sampled_from(["a", "é", " ", "\t", "\n"])))
def test_a_password_is_matched_as_by_its_regular_expression(pieces: list[str]) -> None:
    pattern = model.load().shapes["PasswordType"].pattern
    assert pattern is not None
    text = "".join(pieces)
    assert bool(matcher(pattern)(text)) is bool(regex.fullmatch(ascii_classes(pattern), text))


@pytest.mark.parametrize(
    "pattern",
    [r"[a]+b[a]+", r"[ab]+b[ab]*", r"[ab]+(b)[ab]+", r"[ab]+b|[ab]+", r"x[ab]+b[ab]+", r"[ab]+b?[ab]+"],
)
def test_a_pattern_that_only_looks_like_one_around_literals_is_not_taken_for_it(pattern: str) -> None:
    assert not is_linear(pattern)


def test_a_pattern_that_is_not_linear_has_little_time() -> None:
    assert not is_linear(r"([\p{L}]+)+@")
    assert not matcher(r"([\p{L}]+)+@")("a" * 60)


@pytest.mark.parametrize(
    "name", ["UsernameType", "PasswordType", "TokenModelType", "AttributeNameType", "ClientIdType"]
)
def test_the_patterns_of_the_public_operations_are_linear(name: str) -> None:
    pattern = model.load().shapes[name].pattern
    assert pattern is not None
    assert is_linear(pattern)
