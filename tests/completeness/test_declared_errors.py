"""The lists of errors that nothing provokes; that they are true, the end of a whole run tells (declared_errors.py)."""

from __future__ import annotations

from tests.completeness.declared_errors import CANNOT, FAMILIES, declared, faults


def test_what_is_listed_is_declared() -> None:
    assert CANNOT.keys() <= declared()


def test_a_run_is_told_what_it_has_not_provoked_and_what_it_need_not_list() -> None:
    wanted = declared() - CANNOT.keys() - FAMILIES.keys()
    assert faults(wanted) == []
    missed, listed_pair = (
        ("CreateGroup", "GroupExistsException"),
        ("ConfirmDevice", "UsernameExistsException"),
    )
    assert faults(wanted - {missed} | {listed_pair}) == [
        "CreateGroup: no test provokes GroupExistsException",
        "ConfirmDevice: a test provokes UsernameExistsException, take it out of the list",
    ]


def test_an_own_and_an_admin_name_of_one_function_are_proven_together() -> None:
    wanted = declared() - CANNOT.keys() - FAMILIES.keys()
    of_admin = {(name, error) for name, error in wanted if name == "AdminRespondToAuthChallenge"}
    assert faults(wanted - of_admin) == []
