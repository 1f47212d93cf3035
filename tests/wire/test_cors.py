"""What a page of another site may send."""

from __future__ import annotations

import pytest

from cognomen.wire import cors


@pytest.mark.parametrize(
    ("asked", "may_be_sent"),
    [
        ("", []),
        ("content-type,x-amz-target", ["content-type", "x-amz-target"]),
        (" Content-Type ,X-Amz-Target", ["Content-Type", "X-Amz-Target"]),
        ("content-type, AUTHORIZATION", ["content-type"]),
        ("content-type, a b, a:b, \r\nset-cookie", ["content-type", "set-cookie"]),
    ],
)
def test_a_page_may_send_what_is_a_header_and_not_refused(asked: str, may_be_sent: list[str]) -> None:
    assert cors.sendable(asked, {"authorization"}) == may_be_sent
