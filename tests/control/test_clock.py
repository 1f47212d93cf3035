"""The server's time, as a test suite moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import clock as machine
from cognomen import jobs
from cognomen.clock import DAY, HOUR, MINUTE, SECOND
from cognomen.control import clock as control_clock
from cognomen.errors import Refusal
from cognomen.store import spent
from tests.conftest import PASSWORD, connect, empty_database
from tests.control.conftest import Ask, ask_of
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server, running


def written(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_clock_is_told(ask: Ask, clock: HeldClock) -> None:
    assert ask("GET", "clock") == (200, {"now": written(clock.now), "ahead": 0})


@pytest.mark.parametrize(
    ("span", "milliseconds"),
    [
        ("15m", 15 * MINUTE),
        ("1d12h", DAY + 12 * HOUR),
        ("90s", 90 * SECOND),
        (90, 90 * SECOND),
        (0.25, 250),
        (0, 0),
    ],
)
def test_it_moves_forwards_and_back_to_where_it_was(
    ask: Ask, clock: HeldClock, span: Any, milliseconds: int
) -> None:
    moved = {"now": written(clock.now + milliseconds), "ahead": milliseconds / 1000}
    assert ask("POST", "clock", {"advance": span}) == (200, moved)
    assert ask("GET", "clock") == (200, moved)
    assert ask("POST", "clock", {"reset": True}) == (200, {"now": written(clock.now), "ahead": 0})


def test_it_moves_to_a_moment_and_on_from_there(ask: Ask, clock: HeldClock) -> None:
    assert ask("POST", "clock", {"set": "2050-01-31T12:00:00+02:00"})[1]["now"] == "2050-01-31T10:00:00.000Z"
    assert ask("POST", "clock", {"advance": "1h"})[1]["now"] == "2050-01-31T11:00:00.000Z"
    clock.advance(1000)
    assert ask("GET", "clock")[1]["now"] == "2050-01-31T11:00:01.000Z"


def test_it_does_not_move_backwards_unless_it_is_put_right(ask: Ask) -> None:
    ask("POST", "clock", {"set": "2050-01-31T12:00:00Z"})
    status, document = ask("POST", "clock", {"set": "2050-01-31T11:59:59Z"})
    assert status == 400
    assert document["message"] == (
        "The clock only moves forwards, and it is 2050-01-31T12:00:00.000Z. "
        'Put it right first, with {"reset": true}.'
    )


@pytest.mark.parametrize(
    "body", [{"advance": "50000d"}, {"advance": 10**300}, {"set": "2100-01-01T00:00:01Z"}]
)
def test_it_does_not_move_beyond_what_tokens_can_say(ask: Ask, body: Any) -> None:
    status, document = ask("POST", "clock", body)
    assert (status, document["message"]) == (
        400,
        "The clock cannot be moved beyond 2100-01-01T00:00:00.000Z.",
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": "1h", "reset": True},
        {"advance": -1},
        {"advance": "-1h"},
        {"advance": "1 h"},
        {"advance": ""},
        {"advance": "1w"},
        {"advance": True},
        {"advance": None},
        {"advance": "1" * 10 + "s"},
        {"set": "2050-01-31T12:00:00"},
        {"set": "tomorrow"},
        {"set": 2_000_000_000},
        {"set": "0001-01-01T00:00:00+23:00"},
        {"reset": False},
        {"reset": "true"},
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(ask: Ask, body: Any, clock: HeldClock) -> None:
    status, document = ask("POST", "clock", body)
    assert status == 400
    assert any(example in document["message"] for example in ("15m", "2030-", "true", "forwards"))
    assert ask("GET", "clock")[1]["ahead"] == 0


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_span_is_finite(value: float) -> None:
    with pytest.raises(Refusal):
        control_clock.span(value)


def test_a_token_expires_when_its_time_is_passed(
    ask: Ask, cognito: Cognito, make_pool: Any, make_client: Any, make_user: Any
) -> None:
    pool_id = make_pool()["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "ada")
    token = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    ask("POST", "clock", {"advance": "59m"})
    assert cognito.get_user(AccessToken=token)["Username"] == "ada"
    ask("POST", "clock", {"advance": "2m"})
    with refused("NotAuthorizedException", "Access Token has expired"):
        cognito.get_user(AccessToken=token)


def test_a_change_is_noticed_though_the_clock_was_put_back(
    ask: Ask, cognito: Cognito, make_pool: Any, make_client: Any
) -> None:
    pool_id = make_pool()["Id"]
    client_id = make_client(pool_id)["ClientId"]

    def sign_in_nobody() -> None:
        cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "nobody", "PASSWORD": PASSWORD},
        )

    ask("POST", "clock", {"advance": "1d"})
    with refused("UserNotFoundException"):
        sign_in_nobody()
    ask("POST", "clock", {"reset": True})
    with refused("UserNotFoundException"):
        sign_in_nobody()
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    with refused("ResourceNotFoundException"):
        sign_in_nobody()


async def test_what_expired_by_a_moved_clock_is_not_swept(
    server: Server, ask: Ask, clock: HeldClock, pool_id: str
) -> None:
    """It may be put right, and then what was spent is still spent."""
    server.run(server.store.write(spent.spend, pool_id, "turn", "id", clock.now + MINUTE))
    ask("POST", "clock", {"advance": "1h"})
    assert machine.now() == machine.unmoved() + HOUR
    server.run(jobs.sweep(server.store, machine.unmoved(), 7 * DAY))
    assert server.run(server.store.read(spent.was_spent, pool_id, "turn", "id"))


def test_the_end_of_open_mode_puts_the_clock_right_before_anything_is_answered(
    closing: tuple[Server, Callable[[], None]], clock: HeldClock
) -> None:
    server, end_open_mode = closing
    cognito = connect(server.endpoint)
    ask = ask_of(server)
    ask("POST", "clock", {"advance": "1d"})
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]
    assert pool["CreationDate"].timestamp() * 1000 >= clock.now + DAY - 1000
    end_open_mode()
    assert machine.moved() == DAY
    with refused("ResourceNotFoundException"):
        cognito.initiate_auth(ClientId="none", AuthFlow="USER_PASSWORD_AUTH", AuthParameters={})
    assert machine.moved() == 0


async def test_the_jobs_of_a_server_in_signed_mode_put_the_clock_right(
    closing: tuple[Server, Callable[[], None]],
) -> None:
    server, end_open_mode = closing
    machine.move(DAY)
    server.run(control_clock.put_right_in_signed_mode(server.node))
    assert machine.moved() == DAY
    end_open_mode()
    server.run(control_clock.put_right_in_signed_mode(server.node))
    assert machine.moved() == 0


def test_several_workers_have_no_clock_to_move(engine: str, tmp_path: Any, held_clock: HeldClock) -> None:
    with (
        empty_database(engine, tmp_path) as url,
        running(str(tmp_path), url, held_clock, workers=2) as server,
    ):
        ask = ask_of(server)
        for body in ({"advance": "1h"}, {"reset": True}):
            assert ask("POST", "clock", body) == (
                400,
                {
                    "message": "The clock cannot be moved while 2 workers serve, since each has its own. "
                    "Start the server with --workers 1."
                },
            )
        assert ask("GET", "clock")[0] == 200
