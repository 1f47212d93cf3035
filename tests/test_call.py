"""What a request knows of itself on its way."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest

from cognomen.call import begin
from tests.calls import call_of
from tests.server import Server

ID = "00000000-0000-4000-8000-000000000000"


def test_a_request_that_nothing_was_found_for_says_so_to_whoever_asks(server: Server) -> None:
    call = begin(server.node, "ListUserPools", ID)
    assert (call.pool_id, call.client_id) == (None, None)


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ("configuration", "the pool"),
        ("pool", "the pool"),
        ("client", "the client"),
        ("user", "the user"),
        ("access_token", "the access token"),
    ],
)
def test_what_must_have_been_found_and_was_not_is_a_defect_that_names_it(
    server: Server, member: str, told: str
) -> None:
    with pytest.raises(AttributeError, match=f"nothing has found {told} of this request"):
        attrgetter(member)(begin(server.node, "ListUserPools", ID))


def test_what_was_found_is_there_by_itself_and_by_its_id(
    server: Server, make_pool: Callable[..., Any], make_client: Callable[..., Any]
) -> None:
    pool_id = make_pool()["Id"]
    client_id = make_client(pool_id)["ClientId"]
    call = server.run(call_of(server.node, pool_id, client_id))
    assert (call.pool_id, call.client_id) == (call.pool.id, call.client.id) == (pool_id, client_id)
    assert call.configuration.pool is call.pool
