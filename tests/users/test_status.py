"""The moves of a user."""

from __future__ import annotations

from msgspec import structs

from cognomen.users import status
from tests.users.examples import a_user


def test_a_move_ends_the_sign_ins_under_way() -> None:
    ada = a_user(status=status.UNCONFIRMED)
    confirmed = status.moved(ada, status.CONFIRMED, 7)
    assert confirmed == structs.replace(ada, status="CONFIRMED", credential_version=2, modified_at=7)


def test_a_move_to_where_one_is_changes_nothing() -> None:
    ada = a_user()
    assert status.moved(ada, status.CONFIRMED, 7) is ada
    assert status.enabled(ada, 7) is ada


def test_who_is_disabled_is_signed_out_and_stays_so_when_enabled_again() -> None:
    ada = a_user()
    disabled = status.disabled(ada, 7)
    assert disabled == structs.replace(
        ada, enabled=False, signed_out_at=7 + status.CLOCKS_APART, credential_version=2, modified_at=7
    )
    assert status.disabled(disabled, 8) is disabled
    enabled = status.enabled(disabled, 9)
    assert enabled == structs.replace(disabled, enabled=True, credential_version=3, modified_at=9)


def test_every_state_begins_with_another_letter() -> None:
    # ListUsers finds the states that begin with a text, and asks the index for one of them at most.
    assert len({state[0] for state in status.ALL}) == len(status.ALL)


def test_every_sign_out_is_later_than_the_one_before() -> None:
    once = status.signed_out(a_user(), 7)
    assert once.signed_out_at == 7 + status.CLOCKS_APART
    assert status.signed_out(once, 7).signed_out_at == once.signed_out_at + 1
