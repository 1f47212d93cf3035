"""Who is in a group, told page by page."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from typing import Any

import pytest

from cognomen.clock import HOUR, SECOND
from cognomen.pools.groups import GROUPS_OF_A_USER_MAX
from tests.held_clock import HeldClock
from tests.operations.groups.conftest import GROUP_NOT_FOUND, STAFF, Cognito, Make
from tests.refused import refused

BAD_TOKEN = ("InvalidParameterException", "Invalid pagination token given.")


@pytest.fixture
def groups_of(cognito: Cognito, pool_id: str) -> Callable[..., list[str]]:
    def ask(username: str = "anna") -> list[str]:
        found = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=username)
        return [group["GroupName"] for group in found["Groups"]]

    return ask


@pytest.fixture
def members_of(cognito: Cognito, pool_id: str) -> Callable[[str], list[str]]:
    def ask(name: str) -> list[str]:
        found = cognito.list_users_in_group(UserPoolId=pool_id, GroupName=name)
        return sorted(user["Username"] for user in found["Users"])

    return ask


# -- who is in them ----------------------------------------------------------------------------------------------------


def test_a_user_joins_and_leaves(
    cognito: Cognito,
    pool_id: str,
    create: Make,
    join: Make,
    groups_of: Make,
    members_of: Make,
    make_user: Make,
) -> None:
    make_user(pool_id, "bob")
    for name in ("staff", "admins"):
        create(name)
    join("staff", "anna", "bob", "anna")
    join("admins", "anna")
    assert groups_of("anna") == ["admins", "staff"]
    assert groups_of("bob") == ["staff"]
    assert members_of("staff") == ["anna", "bob"]
    for _ in range(2):
        cognito.admin_remove_user_from_group(UserPoolId=pool_id, Username="anna", GroupName="staff")
    assert groups_of("anna") == ["admins"]
    assert members_of("staff") == ["bob"]


def test_a_user_in_a_group_is_shown_as_in_lists_of_users(
    cognito: Cognito, pool_id: str, create: Make, join: Make
) -> None:
    create("staff")
    join("staff")
    listed = cognito.list_users(UserPoolId=pool_id)["Users"]
    assert cognito.list_users_in_group(UserPoolId=pool_id, GroupName="staff")["Users"] == listed
    assert {found["Name"] for found in listed[0]["Attributes"]} == {"sub", "email", "email_verified"}


def test_a_group_of_a_user_is_shown_as_a_group(
    cognito: Cognito, pool_id: str, create: Make, join: Make
) -> None:
    made = create("staff", Description="those who work here", RoleArn=STAFF, Precedence=0)
    join("staff")
    assert cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username="anna")["Groups"] == [made]
    assert cognito.list_groups(UserPoolId=pool_id)["Groups"] == [made]


def test_a_user_is_found_by_alias_as_everywhere(cognito: Cognito, make_pool: Make, make_user: Make) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    sub = make_user(pool_id, "anna@example.com")
    cognito.create_group(UserPoolId=pool_id, GroupName="staff")
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username="anna@example.com", GroupName="staff")
    found = cognito.list_users_in_group(UserPoolId=pool_id, GroupName="staff")["Users"]
    assert [user["Username"] for user in found] == [sub]
    assert len(cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=sub)["Groups"]) == 1


def test_a_user_is_in_a_hundred_groups_and_no_more(create: Make, join: Make, groups_of: Make) -> None:
    for number in range(GROUPS_OF_A_USER_MAX):
        create(f"group{number}")
        join(f"group{number}")
    create("one-more")
    with refused("InvalidParameterException", "A user can be a member of at most 100 groups."):
        join("one-more")
    join("group0")
    assert "one-more" not in groups_of()


def test_a_deleted_group_is_left_by_all_and_one_made_again_is_empty(
    cognito: Cognito, pool_id: str, create: Make, join: Make, groups_of: Make, members_of: Make
) -> None:
    create("staff", Description="former")
    create("admins")
    join("staff")
    join("admins")
    cognito.delete_group(UserPoolId=pool_id, GroupName="staff")
    assert groups_of() == ["admins"]
    with refused(*GROUP_NOT_FOUND):
        cognito.delete_group(UserPoolId=pool_id, GroupName="staff")
    assert "Description" not in create("staff")
    assert members_of("staff") == []
    assert groups_of() == ["admins"]


@pytest.mark.parametrize("by", ["admin", "self"])
def test_a_deleted_user_is_in_no_group(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    create: Make,
    join: Make,
    members_of: Make,
    groups_of: Make,
    make_user: Make,
    sign_in: Make,
    by: str,
) -> None:
    create("staff")
    join("staff")
    if by == "admin":
        cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    else:
        anonymous.delete_user(AccessToken=sign_in()["AccessToken"])
    assert members_of("staff") == []
    make_user(pool_id, "anna")
    assert groups_of() == []


def test_many_may_put_one_user_into_one_group_at_the_same_time(
    create: Make, join: Make, members_of: Make
) -> None:
    create("staff")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: join("staff"), range(16)))
    assert members_of("staff") == ["anna"]


# -- pages -------------------------------------------------------------------------------------------------------------


def all_pages(ask: Callable[..., Any], member: str, key: str, limit: int, **asked: Any) -> list[str]:
    """The values of `key`, page after page; every page but the last must be full."""
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = ask(Limit=limit, **asked, **token)
        found.extend(each[key] for each in answer[member])
        if "NextToken" not in answer:
            return found
        assert len(answer[member]) == limit
        token = {"NextToken": answer["NextToken"]}


@pytest.fixture
def society(pool_id: str, cognito: Cognito, create: Make, join: Make) -> str:
    """Seven groups with anna in each, and seven users in the first of them."""
    for number in range(7):
        create(f"group{number}")
        join(f"group{number}")
    for number in range(6):
        cognito.admin_create_user(UserPoolId=pool_id, Username=f"user{number}", MessageAction="SUPPRESS")
        join("group0", f"user{number}")
    return pool_id


@pytest.mark.parametrize("limit", [1, 3, 7, 60])
def test_pages_follow_one_another(cognito: Cognito, society: str, limit: int) -> None:
    names = [f"group{number}" for number in range(7)]
    users = {"anna"} | {f"user{number}" for number in range(6)}
    pool = {"UserPoolId": society}
    assert all_pages(cognito.list_groups, "Groups", "GroupName", limit, **pool) == names
    of_anna = all_pages(
        cognito.admin_list_groups_for_user, "Groups", "GroupName", limit, Username="anna", **pool
    )
    assert of_anna == names
    in_first = all_pages(cognito.list_users_in_group, "Users", "Username", limit, GroupName="group0", **pool)
    assert set(in_first) == users
    assert len(in_first) == 7


def test_a_page_has_sixty_unless_asked_for_less(
    cognito: Cognito, pool_id: str, create: Make, join: Make
) -> None:
    for number in range(61):
        create(f"group{number}")
        join(f"group{number}")
    of_pool: Make = partial(cognito.list_groups, UserPoolId=pool_id)
    of_anna: Make = partial(cognito.admin_list_groups_for_user, UserPoolId=pool_id, Username="anna")
    limits: list[dict[str, int]] = [{}, {"Limit": 0}, {"Limit": 60}]
    for ask, limit in product((of_pool, of_anna), limits):
        page = ask(**limit)
        assert len(page["Groups"]) == 60
        rest = ask(**limit, NextToken=page["NextToken"])
        assert [group["GroupName"] for group in rest["Groups"]] == ["group9"]
        assert "NextToken" not in rest


def test_a_page_token_is_good_for_an_hour_and_for_the_same_question(
    cognito: Cognito, society: str, clock: HeldClock
) -> None:
    of_groups = cognito.list_groups(UserPoolId=society, Limit=1)["NextToken"]
    of_users = cognito.list_users_in_group(UserPoolId=society, GroupName="group0", Limit=1)["NextToken"]
    of_anna = cognito.admin_list_groups_for_user(UserPoolId=society, Username="anna", Limit=1)["NextToken"]
    with refused(*BAD_TOKEN):
        cognito.list_groups(UserPoolId=society, NextToken=of_users)
    with refused(*BAD_TOKEN):
        cognito.list_users_in_group(UserPoolId=society, GroupName="group1", NextToken=of_users)
    with refused(*BAD_TOKEN):
        cognito.admin_list_groups_for_user(UserPoolId=society, Username="user0", NextToken=of_anna)
    cognito.list_groups(UserPoolId=society, Limit=2, NextToken=of_groups)
    clock.advance(HOUR + SECOND)
    with refused(*BAD_TOKEN):
        cognito.list_groups(UserPoolId=society, Limit=2, NextToken=of_groups)


def test_what_joins_and_leaves_between_pages_hides_nobody_else(
    cognito: Cognito, society: str, join: Make, make_user: Make
) -> None:
    first = cognito.list_users_in_group(UserPoolId=society, GroupName="group0", Limit=3)
    seen = [user["Username"] for user in first["Users"]]
    cognito.admin_remove_user_from_group(UserPoolId=society, Username=seen[-1], GroupName="group0")
    make_user(society, "newcomer")
    join("group0", "newcomer")
    second = cognito.list_users_in_group(
        UserPoolId=society, GroupName="group0", Limit=60, NextToken=first["NextToken"]
    )
    rest = [user["Username"] for user in second["Users"]]
    assert set(seen + rest) >= {"anna"} | {f"user{number}" for number in range(6)}
    assert not set(seen) & set(rest)
