"""Valid samples for any shape of the description, made from the shape alone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from cognomen.wire.model import Shape, entry_shape
from cognomen.wire.patterns import matcher

CANDIDATES = (
    "abcdefgh",
    "123456",
    "us-east-1_AbCdEf123",
    "us-east-1_0123abcd-4567",
    "maria@example.com",
    "https://example.com/callback",
    "arn:aws:iam::123456789012:role/Sender",
    "arn:aws:s3:::a-bucket",
    "Your code is {####}",
    "Please {##click here##} now",
    "import-a1b2C3",
    "cognito:french",
    "terms-of-use",
    "Level2",
    "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
    "tkn0123456789abcdefghijklmno",
    "urn:mace:incommon:iap:silver",
    "a" * 28,
)


def fits(shape: Shape, text: str) -> bool:
    long_enough = len(text) >= (shape.min or 0)
    short_enough = shape.max is None or len(text) <= shape.max
    return long_enough and short_enough and (shape.pattern is None or bool(matcher(shape.pattern)(text)))


def make_sample(shape: Shape) -> Any:
    """A valid value with every member there and every list and map filled with as little as it may hold, but one."""
    if shape.document:
        return {"settings": {"dark": True, "null": None}}
    if shape.type == "structure":
        return {name: make_sample(member) for name, member in shape.members.items()}
    if shape.type == "list":
        return [make_sample(entry_shape(shape.member)) for _ in range(max(shape.min or 0, 1))]
    if shape.type == "map":
        return {make_sample(entry_shape(shape.key)): make_sample(entry_shape(shape.value))}
    if shape.type == "string":
        return shape.enum[0] if shape.enum else next(text for text in CANDIDATES if fits(shape, text))
    scalars: dict[str, Any] = {
        "boolean": True,
        "timestamp": 1715100742.428,
        "blob": base64.b64encode(b"<css/>").decode(),
    }
    return scalars.get(shape.type, 7 if shape.min is None else shape.min)


@pytest.fixture(scope="session")
def sample() -> Callable[[Shape], Any]:
    return make_sample
