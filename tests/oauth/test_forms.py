"""Parameters as they are sent; most of what may be wrong with them is told by the tests of the endpoints."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from cognomen.errors import Refusal
from cognomen.oauth import forms
from cognomen.wire.bodies import CONNECTION


class Connection:
    ends = False

    def hang_up(self, _scope: Any) -> None:
        self.ends = True


async def test_a_body_that_does_not_arrive_in_time_ends_the_connection() -> None:
    async def receive() -> Any:
        await asyncio.Event().wait()

    connection = Connection()
    scope = {"type": "http", "method": "POST", "headers": [], CONNECTION: connection}
    with pytest.raises(Refusal, match="it did not arrive in time"):
        await forms.body(Request(scope, receive), 0.01)
    assert connection.ends
