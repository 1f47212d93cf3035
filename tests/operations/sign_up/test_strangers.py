"""Signing up at a client that does not tell who exists."""

from __future__ import annotations

from collections.abc import Callable

from cognomen.clock import HOUR, SECOND
from cognomen.operations import sign_up as operations
from tests.calls import call_of
from tests.codes import wrong
from tests.held_clock import HeldClock
from tests.operations.sign_up.conftest import CONFIRMED_ALREADY, EMAIL, EXPIRED, LIMIT, MISMATCH, Door
from tests.refused import refused
from tests.server import Server
from tests.watched_store import ran


def test_whether_somebody_has_confirmed_is_told_for_the_right_code_alone(discreet: Door) -> None:
    discreet.sign_up("ada", email=EMAIL)
    discreet.confirm("ada", discreet.code)
    discreet.server.clock.advance(SECOND)
    discreet.sign_up("bert", email="bert@example.com")
    discreet.cognito.admin_confirm_sign_up(UserPoolId=discreet.pool_id, Username="bert")
    for name in ("ada", "nobody"):
        with refused(*EXPIRED):
            discreet.confirm(name, discreet.code)
    with refused(*MISMATCH):
        discreet.confirm("bert", wrong(discreet.code))
    with refused(*CONFIRMED_ALREADY):
        discreet.confirm("bert", discreet.code)


def test_a_name_nobody_has_is_sent_codes_that_go_nowhere(discreet: Door) -> None:
    with refused(*EXPIRED):
        discreet.confirm("nobody", "123456")
    details = discreet.resend("nobody")
    assert details["DeliveryMedium"] == "EMAIL"
    assert details == discreet.resend("nobody"), "the same each time"
    assert discreet.resend("someone@elsewhere.org")["Destination"] == "s***@e***"
    with refused(*MISMATCH):
        discreet.confirm("nobody", "123456")
    assert discreet.messages == []


def test_limits_hold_for_a_name_nobody_has_as_for_a_user(discreet: Door, clock: HeldClock) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    discreet.sign_up("ada", email=EMAIL)
    for name in ("ada", "nobody"):
        for _ in range(5):
            discreet.resend(name)
        with refused(*LIMIT):
            discreet.resend(name)
        for _ in range(15):
            with refused(*MISMATCH):
                discreet.confirm(name, wrong(discreet.code))
        with refused(*LIMIT):
            discreet.confirm(name, wrong(discreet.code))


def test_neither_a_state_nor_a_missing_address_tells_that_a_user_exists(discreet: Door) -> None:
    discreet.sign_up("ada", email=EMAIL)
    discreet.confirm("ada", discreet.code)
    discreet.sign_up("bert")
    discreet.sign_up("carl", email="carl@example.com")
    code = discreet.code
    discreet.cognito.admin_disable_user(UserPoolId=discreet.pool_id, Username="carl")
    with refused(*MISMATCH):
        discreet.confirm("carl", code)
    for name in ("ada", "bert", "carl"):
        assert discreet.resend(name)["DeliveryMedium"] == "EMAIL"
        with refused(*MISMATCH):
            discreet.confirm(name, "123456")
    assert len(discreet.messages) == 2


def test_a_message_that_does_not_arrive_tells_nothing(
    discreet: Door, take_mail_down: Callable[[], None]
) -> None:
    discreet.sign_up("ada", email=EMAIL)
    take_mail_down()
    assert discreet.resend("ada")["DeliveryMedium"] == "EMAIL"


def test_a_stranger_costs_what_a_user_costs(server: Server, discreet: Door) -> None:
    """The same transactions of the same statements, until both have used up their hour."""
    discreet.sign_up("ada", email=EMAIL)
    discreet.sign_up("bert", email="bert@example.com")
    discreet.cognito.admin_confirm_sign_up(UserPoolId=discreet.pool_id, Username="bert")
    call = server.run(call_of(server.node, discreet.pool_id, discreet.client_id))
    for _ in range(16):
        resent = [
            server.run(ran(call, operations.resend_confirmation_code, {"Username": name}))
            for name in ("ada", "bert", "nobody")
        ]
        assert resent[0] == resent[1] == resent[2]
        answer = {"ConfirmationCode": "wrong"}
        confirmed = [
            server.run(ran(call, operations.confirm_sign_up, {"Username": name} | answer))
            for name in ("ada", "nobody")
        ]
        assert confirmed[0] == confirmed[1]
    assert confirmed[0][1] == "LimitExceededException: Attempt limit exceeded, please try after some time."
