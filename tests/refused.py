"""How tests say that a call must be refused, with which error and which words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(type: str, message: str | None = None) -> Iterator[None]:  # noqa: A002  the wire's noun
    """The block must be refused with this error type and, where given, exactly this message."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == type, error
    if message is not None:
        assert error["Message"] == message
