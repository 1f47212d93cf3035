"""Wrong passwords, and the lock-out that they lead to."""

from __future__ import annotations

import pytest

from cognomen.clock import SECOND
from tests.held_clock import HeldClock
from tests.operations.sign_in.conftest import INCORRECT, Cognito, Make, sign_in
from tests.refused import refused


@pytest.mark.parametrize("exists", [True, False])
def test_five_wrong_passwords_lock_a_user_and_a_stranger_alike(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make, clock: HeldClock, exists: bool
) -> None:
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    if exists:
        make_user(pool_id, "anna")
    for _ in range(5):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, client_id, "anna")
    clock.advance(SECOND)
    with refused(*INCORRECT):
        sign_in(anonymous, client_id, "anna", "wrong")
    clock.advance(2 * SECOND - 1)
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, client_id, "anna")


def test_a_sign_in_after_the_lock_forgets_the_failures(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    for _ in range(5):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    clock.advance(SECOND)
    sign_in(anonymous, client_id, "anna")
    for _ in range(4):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    sign_in(anonymous, client_id, "anna")


def test_failures_count_over_clients_and_ways_to_sign_in(
    anonymous: Cognito, cognito: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    first, second = (make_client(pool_id)["ClientId"] for _ in "12")
    for client_id in (first, second, first):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    for client_id in (first, second):
        with refused(*INCORRECT):
            cognito.admin_initiate_auth(
                UserPoolId=pool_id,
                ClientId=client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "anna", "PASSWORD": "wrong"},
            )
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, second, "anna")
