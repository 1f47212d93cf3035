"""ListUsers: filters and pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cognomen.clock import HOUR, SECOND
from tests.held_clock import HeldClock
from tests.operations.users.conftest import PASSWORD, PHONE_NUMBER, Cognito, Make, attributes, values_of
from tests.refused import refused


def names(answer: Any) -> list[str]:
    return [user["Username"] for user in answer["Users"]]


def all_names(cognito: Cognito, pool_id: str, limit: int, **arguments: Any) -> list[str]:
    """The names on all pages, one page after another."""
    found: list[str] = []
    while True:
        answer = cognito.list_users(UserPoolId=pool_id, Limit=limit, **arguments)
        assert len(answer["Users"]) <= limit
        found += names(answer)
        if "PaginationToken" not in answer:
            return found
        arguments["PaginationToken"] = answer["PaginationToken"]


@pytest.fixture
def society(cognito: Cognito, pool_id: str) -> str:
    """A pool with a few users."""
    for username, values in {
        "ada": {"email": "Ada@Example.com", "name": "Ada Lovelace", "family_name": "Lovelace"},
        "bob": {"email": "bob@example.com", "name": 'Bob "the" \\Builder', "phone_number": PHONE_NUMBER},
        "Carol": {
            "email": "carol@example.org",
            "given_name": "Carol",
            "preferred_username": "Z\U0010ffff\U0010ffff",
        },
        "dave": {"name": "dave", "preferred_username": "Z"},
    }.items():
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=username,
            UserAttributes=attributes(**values),
            MessageAction="SUPPRESS",
        )
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="dave", Password=PASSWORD, Permanent=True)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="bob")
    return pool_id


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('username = "ada"', ["ada"]),
        ('username = "Ada"', []),
        ('"username" = "ada"', ["ada"]),
        ('username ^= "C"', ["Carol"]),
        ('username ^= ""', ["Carol", "ada", "bob", "dave"]),
        ('email = "ada@example.com"', ["ada"]),
        ('email = "ADA@EXAMPLE.COM"', ["ada"]),
        ('email ^= "ada@example.com"', ["ada"]),
        ('email ^= ""', ["ada", "bob", "Carol"]),
        ('email = "ada"', []),
        ('phone_number = "+14155550100"', ["bob"]),
        ('phone_number ^= "+1"', ["bob"]),
        ('name ^= "a"', ["ada"]),
        (r'name = "bob \"the\" \\builder"', ["bob"]),
        (r'name = "bob \"the\" \builder"', ["bob"]),
        ('given_name = "carol"', ["Carol"]),
        ('family_name ^= "love"', ["ada"]),
        ('preferred_username ^= "Z"', ["dave", "Carol"]),
        ('preferred_username ^= "z\U0010ffff"', ["Carol"]),
        ('preferred_username ^= "\U0010ffff"', []),
        ('status = "Enabled"', {"ada", "Carol", "dave"}),
        ('status = "Disabled"', ["bob"]),
        ('status = "disabled"', []),
        ('status ^= "Dis"', ["bob"]),
        ('status ^= ""', {"ada", "bob", "Carol", "dave"}),
        ('cognito:user_status = "CONFIRMED"', ["dave"]),
        ('cognito:user_status = "confirmed"', ["dave"]),
        ('cognito:user_status ^= "FORCE"', {"ada", "bob", "Carol"}),
        ('cognito:user_status = "FORCE"', []),
        ('cognito:user_status = "ARCHIVED"', []),
        ("", {"ada", "bob", "Carol", "dave"}),
    ],
)
def test_whom_a_filter_finds_in_which_order(
    cognito: Cognito, society: str, condition: str, found: list[str] | set[str]
) -> None:
    answer = names(cognito.list_users(UserPoolId=society, Filter=condition))
    assert (set(answer) if isinstance(found, set) else answer) == found
    assert len(answer) == len(found)
    assert all_names(cognito, society, 1, Filter=condition) == answer


def test_a_sub_is_a_filter_too(cognito: Cognito, pool_id: str, make_user: Make) -> None:
    sub = make_user(pool_id, "ada")
    make_user(pool_id, "bob")
    for condition in (f'sub = "{sub}"', f'sub = "{sub.upper()}"', f'sub ^= "{sub[:-1]}"'):
        assert names(cognito.list_users(UserPoolId=pool_id, Filter=condition)) == ["ada"]
    assert len(all_names(cognito, pool_id, 1, Filter='sub ^= ""')) == 2
    assert all_names(cognito, pool_id, 1, Filter=f'sub = "{sub[:-1]}"') == []


def test_values_longer_than_an_index_takes_are_found_and_told_apart(cognito: Cognito, pool_id: str) -> None:
    long = "x" * 300
    for username, value in {
        "short": "x" * 195,
        "one": long + "1",
        "two": long + "2",
        "other": "x" * 230 + "y" * 70,
    }.items():
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=username,
            UserAttributes=attributes(name=value),
            MessageAction="SUPPRESS",
        )
    assert set(all_names(cognito, pool_id, 1, Filter=f'name ^= "{"x" * 195}"')) == {
        "short",
        "one",
        "two",
        "other",
    }
    assert set(all_names(cognito, pool_id, 1, Filter=f'name ^= "{"X" * 231}"')) == {"one", "two"}
    assert all_names(cognito, pool_id, 1, Filter=f'name = "{"x" * 231}"') == []
    assert all_names(cognito, pool_id, 1, Filter=f'name = "{"x" * 195}"') == ["short"]


def test_a_changed_value_is_found_and_the_former_is_not(cognito: Cognito, society: str) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=society, Username="ada", UserAttributes=attributes(email="new@example.com")
    )
    assert names(cognito.list_users(UserPoolId=society, Filter='email ^= "ada"')) == []
    assert names(cognito.list_users(UserPoolId=society, Filter='email = "new@example.com"')) == ["ada"]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("ada", "Error while parsing filter"),
        ('username = "ada" and status = "Enabled"', "Error while parsing filter"),
        ("username = 'ada'", "Error while parsing filter"),
        ('custom:team = "x"', "Invalid search attribute: custom:team"),
        ('nickname = "x"', "Invalid search attribute: nickname"),
    ],
)
def test_a_filter_that_is_refused(cognito: Cognito, pool_id: str, condition: str, message: str) -> None:
    with refused("InvalidParameterException", message):
        cognito.list_users(UserPoolId=pool_id, Filter=condition)


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_a_character_no_database_keeps_is_an_error_of_the_caller(
    cognito: Cognito, pool_id: str, character: str
) -> None:
    with pytest.raises(ClientError) as caught:
        cognito.list_users(UserPoolId=pool_id, Filter=f'name = "{character}"')
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_pages_follow_one_another(cognito: Cognito, pool_id: str) -> None:
    everybody = {f"user{number}" for number in range(12)}
    for username in everybody:
        cognito.admin_create_user(UserPoolId=pool_id, Username=username, MessageAction="SUPPRESS")
    for limit in (1, 5, 12, 60):
        found = all_names(cognito, pool_id, limit)
        assert set(found) == everybody
        assert len(found) == 12
    assert all_names(cognito, pool_id, 5, Filter='username ^= "user1"') == ["user1", "user10", "user11"]
    assert len(cognito.list_users(UserPoolId=pool_id, Limit=0)["Users"]) == 12


def test_a_page_has_sixty_unless_asked_for_less(cognito: Cognito, pool_id: str) -> None:
    def create(number: int) -> None:
        cognito.admin_create_user(UserPoolId=pool_id, Username=f"user{number}", MessageAction="SUPPRESS")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(create, range(61)))
    first = cognito.list_users(UserPoolId=pool_id)
    assert len(first["Users"]) == 60
    second = cognito.list_users(UserPoolId=pool_id, PaginationToken=first["PaginationToken"])
    assert len(second["Users"]) == 1
    assert "PaginationToken" not in second


def test_a_page_token_is_good_for_an_hour_and_for_the_same_question(
    cognito: Cognito, society: str, clock: HeldClock
) -> None:
    token = cognito.list_users(UserPoolId=society, Limit=1)["PaginationToken"]
    cognito.list_users(UserPoolId=society, Limit=2, PaginationToken=token)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_users(UserPoolId=society, Filter='status = "Enabled"', PaginationToken=token)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_users(UserPoolId=society, PaginationToken="nonsense")
    clock.advance(HOUR + SECOND)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_users(UserPoolId=society, Limit=2, PaginationToken=token)


def test_only_the_attributes_asked_for_are_told(cognito: Cognito, society: str) -> None:
    answer = cognito.list_users(
        UserPoolId=society, AttributesToGet=["family_name", "sub"], Filter='username = "ada"'
    )
    assert values_of(answer["Users"][0]["Attributes"]).keys() == {"sub", "family_name"}
    answer = cognito.list_users(
        UserPoolId=society, AttributesToGet=["family_name"], Filter='username = "bob"'
    )
    assert answer["Users"][0]["Attributes"] == []
    with refused("InvalidParameterException", "One or more requested attributes do not exist in user pool."):
        cognito.list_users(UserPoolId=society, AttributesToGet=["custom:team"])
    with refused("ResourceNotFoundException", "User pool us-east-1_Missing00 does not exist."):
        cognito.list_users(UserPoolId="us-east-1_Missing00")
