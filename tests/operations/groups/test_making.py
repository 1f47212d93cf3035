"""Groups made, read and changed."""

from __future__ import annotations

from typing import Any

import pytest

from cognomen.clock import SECOND
from cognomen.pools.groups import GROUPS_MAX
from cognomen.store import groups as stored_groups
from tests.held_clock import HeldClock
from tests.operations.groups.conftest import ADMIN, GROUP_NOT_FOUND, STAFF, Cognito, Make
from tests.refused import refused
from tests.server import Server

USER_NOT_FOUND = ("UserNotFoundException", "User does not exist.")
NO_POOL = "us-east-1_Nothing12"
POOL_NOT_FOUND = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")


@pytest.fixture
def get(cognito: Cognito, pool_id: str) -> Make:
    def ask(name: str) -> Any:
        return cognito.get_group(UserPoolId=pool_id, GroupName=name)["Group"]

    return ask


def test_a_group_is_answered_with_what_was_set_and_no_more(
    pool_id: str, create: Make, get: Make, clock: HeldClock
) -> None:
    bare = create("bare")
    assert bare.keys() == {"GroupName", "UserPoolId", "LastModifiedDate", "CreationDate"}
    assert bare["UserPoolId"] == pool_id
    assert bare["CreationDate"].timestamp() == bare["LastModifiedDate"].timestamp() == clock.now / 1000
    full = create("full", Description="all of it", RoleArn=ADMIN, Precedence=0)
    assert {name: full[name] for name in ("Description", "RoleArn", "Precedence")} == {
        "Description": "all of it",
        "RoleArn": ADMIN,
        "Precedence": 0,
    }
    assert get("bare") == bare
    assert get("full") == full
    assert "Description" not in create("undescribed", Description="")


def test_a_name_is_taken_once_in_a_pool_and_case_counts(
    cognito: Cognito, create: Make, get: Make, make_pool: Make
) -> None:
    create("staff", Precedence=1)
    with refused("GroupExistsException", "A group with the name already exists."):
        create("staff", Precedence=2)
    assert get("staff")["Precedence"] == 1
    create("Staff")
    cognito.create_group(UserPoolId=make_pool()["Id"], GroupName="staff")


def test_a_name_has_no_blanks(create: Make) -> None:
    with refused("InvalidParameterException"):
        create("two words")
    create("Grüße/東京:🎈")


def test_a_pool_has_ten_thousand_groups_and_no_more(server: Server, pool_id: str, create: Make) -> None:
    server.run(server.store.write(stored_groups.count, pool_id, GROUPS_MAX - 1))
    create("the-last")
    with refused("LimitExceededException", "Group limit exceeded: at most 10000."):
        create("one-more")


def test_an_update_keeps_what_is_not_sent(create: Make, update: Make, get: Make, clock: HeldClock) -> None:
    made = create("staff", Description="before", RoleArn=STAFF, Precedence=3)
    clock.advance(2 * SECOND)
    changed = update("staff", Description="after")
    assert changed == made | {"Description": "after", "LastModifiedDate": changed["LastModifiedDate"]}
    assert (changed["LastModifiedDate"] - made["LastModifiedDate"]).total_seconds() == 2
    assert get("staff") == changed
    assert update("staff", Precedence=0)["Precedence"] == 0
    assert update("staff", RoleArn=ADMIN)["RoleArn"] == ADMIN
    assert {name: get("staff")[name] for name in ("Description", "RoleArn", "Precedence")} == {
        "Description": "after",
        "RoleArn": ADMIN,
        "Precedence": 0,
    }


def test_an_update_that_changes_nothing_does_not_touch_the_group(
    create: Make, update: Make, clock: HeldClock
) -> None:
    made = create("staff", Description="before", RoleArn=STAFF, Precedence=3)
    clock.advance(SECOND)
    assert update("staff") == made
    assert update("staff", Description="") == made
    assert update("staff", Description="before", RoleArn=STAFF, Precedence=3) == made


def test_a_group_that_is_not_there_is_told(
    cognito: Cognito, pool_id: str, create: Make, make_pool: Make
) -> None:
    cognito.create_group(UserPoolId=make_pool()["Id"], GroupName="elsewhere")
    create("staff")
    for name in ("elsewhere", "Staff"):
        for ask in (
            cognito.get_group,
            cognito.update_group,
            cognito.delete_group,
            cognito.list_users_in_group,
        ):
            with refused(*GROUP_NOT_FOUND):
                ask(UserPoolId=pool_id, GroupName=name)
        for ask_of_user in (cognito.admin_add_user_to_group, cognito.admin_remove_user_from_group):
            with refused(*GROUP_NOT_FOUND):
                ask_of_user(UserPoolId=pool_id, GroupName=name, Username="anna")


def test_a_user_who_is_not_there_is_told(cognito: Cognito, pool_id: str, create: Make) -> None:
    create("staff")
    for ask in (cognito.admin_add_user_to_group, cognito.admin_remove_user_from_group):
        with refused(*USER_NOT_FOUND):
            ask(UserPoolId=pool_id, GroupName="staff", Username="nobody")
    with refused(*USER_NOT_FOUND):
        cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username="nobody")


def test_a_pool_that_is_not_there_is_told(cognito: Cognito) -> None:
    for ask in (
        cognito.create_group,
        cognito.get_group,
        cognito.update_group,
        cognito.delete_group,
        cognito.list_users_in_group,
    ):
        with refused(*POOL_NOT_FOUND):
            ask(UserPoolId=NO_POOL, GroupName="staff")
    for ask_of_user in (cognito.admin_add_user_to_group, cognito.admin_remove_user_from_group):
        with refused(*POOL_NOT_FOUND):
            ask_of_user(UserPoolId=NO_POOL, GroupName="staff", Username="anna")
    with refused(*POOL_NOT_FOUND):
        cognito.list_groups(UserPoolId=NO_POOL)
    with refused(*POOL_NOT_FOUND):
        cognito.admin_list_groups_for_user(UserPoolId=NO_POOL, Username="anna")
