"""Groups through boto3: made, changed, deleted, filled, and told of in tokens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import HOUR, SECOND
from cognomen.pools.groups import GROUPS_MAX, GROUPS_OF_A_USER_MAX
from cognomen.store import groups as stored_groups
from cognomen.store import users
from cognomen.tokens import minting
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server
from tests.watched_store import WatchedStore

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

ADMIN, STAFF = "arn:aws:iam::000000000000:role/admin", "arn:aws:iam::000000000000:role/staff"
GROUP_NOT_FOUND = ("ResourceNotFoundException", "Group not found.")
USER_NOT_FOUND = ("UserNotFoundException", "User does not exist.")
NO_POOL = "us-east-1_Nothing12"
POOL_NOT_FOUND = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")
BAD_TOKEN = ("InvalidParameterException", "Invalid pagination token given.")


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    """A pool in which anna is."""
    made = str(make_pool()["Id"])
    make_user(made, "anna", email="anna@example.com", email_verified="true")
    return made


@pytest.fixture
def create(cognito: Cognito, pool_id: str) -> Make:
    def make(name: str, **members: Any) -> Any:
        return cognito.create_group(UserPoolId=pool_id, GroupName=name, **members)["Group"]

    return make


@pytest.fixture
def update(cognito: Cognito, pool_id: str) -> Make:
    def change(name: str, **members: Any) -> Any:
        return cognito.update_group(UserPoolId=pool_id, GroupName=name, **members)["Group"]

    return change


@pytest.fixture
def get(cognito: Cognito, pool_id: str) -> Make:
    def ask(name: str) -> Any:
        return cognito.get_group(UserPoolId=pool_id, GroupName=name)["Group"]

    return ask


@pytest.fixture
def join(cognito: Cognito, pool_id: str) -> Callable[..., None]:
    """Put users into a group."""

    def add(name: str, *usernames: str) -> None:
        for username in usernames or ("anna",):
            cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=username, GroupName=name)

    return add


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


# -- making, reading, changing -----------------------------------------------------------------------------------------


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


# -- in tokens ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def sign_in(anonymous: Cognito, client_id: str) -> Make:
    """Sign anna in."""

    def sign_in() -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": "anna", "PASSWORD": "Passw0rd!"},
        )["AuthenticationResult"]

    return sign_in


@pytest.fixture
def refresh(anonymous: Cognito, client_id: str) -> Make:
    def refresh(tokens: Any) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=client_id,
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )["AuthenticationResult"]

    return refresh


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def of_groups(token: str) -> dict[str, Any]:
    """The claims of a token that tell of groups."""
    names = {"cognito:groups", "cognito:roles", "cognito:preferred_role"}
    return {name: value for name, value in claims_of(token).items() if name in names}


def test_without_groups_tokens_say_nothing_of_them(create: Make, sign_in: Make) -> None:
    create("staff", RoleArn=STAFF)
    tokens = sign_in()
    assert of_groups(tokens["IdToken"]) == {}
    assert of_groups(tokens["AccessToken"]) == {}


def test_tokens_tell_of_groups_best_first(create: Make, join: Make, sign_in: Make) -> None:
    create("readers")
    create("staff", Precedence=5, RoleArn=STAFF)
    create("admins", Precedence=0, RoleArn=ADMIN)
    for name in ("readers", "staff", "admins"):
        join(name)
    tokens = sign_in()
    told = ["admins", "staff", "readers"]
    assert of_groups(tokens["AccessToken"]) == {"cognito:groups": told}
    assert of_groups(tokens["IdToken"]) == {
        "cognito:groups": told,
        "cognito:roles": [ADMIN, STAFF],
        "cognito:preferred_role": ADMIN,
    }


def test_groups_equally_good_with_different_roles_give_no_preferred_role(
    create: Make, update: Make, join: Make, sign_in: Make
) -> None:
    create("staff", Precedence=1, RoleArn=STAFF)
    create("admins", Precedence=1, RoleArn=ADMIN)
    join("staff")
    join("admins")
    told = of_groups(sign_in()["IdToken"])
    assert told == {"cognito:groups": ["admins", "staff"], "cognito:roles": [ADMIN, STAFF]}
    update("admins", RoleArn=STAFF)
    told = of_groups(sign_in()["IdToken"])
    assert told == {
        "cognito:groups": ["admins", "staff"],
        "cognito:roles": [STAFF],
        "cognito:preferred_role": STAFF,
    }


def test_a_refresh_tells_of_the_groups_as_they_are_then(
    cognito: Cognito, pool_id: str, create: Make, update: Make, join: Make, sign_in: Make, refresh: Make
) -> None:
    create("staff", Precedence=2, RoleArn=STAFF)
    create("admins", Precedence=1)
    join("staff")
    tokens = sign_in()
    assert of_groups(tokens["AccessToken"]) == {"cognito:groups": ["staff"]}
    join("admins")
    refreshed = refresh(tokens)
    assert of_groups(refreshed["AccessToken"]) == {"cognito:groups": ["admins", "staff"]}
    update("staff", Precedence=0)
    assert of_groups(refresh(tokens)["IdToken"])["cognito:groups"] == ["staff", "admins"]
    cognito.admin_remove_user_from_group(UserPoolId=pool_id, Username="anna", GroupName="admins")
    assert of_groups(refresh(tokens)["IdToken"])["cognito:groups"] == ["staff"]
    cognito.delete_group(UserPoolId=pool_id, GroupName="staff")
    create("staff", RoleArn=STAFF)
    refreshed = refresh(tokens)
    assert of_groups(refreshed["IdToken"]) == {}
    assert of_groups(refreshed["AccessToken"]) == {}


def test_the_groups_of_a_new_password_are_told_too(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    create: Make,
    join: Make,
    make_user: Make,
) -> None:
    make_user(pool_id, "carl", permanent=False)
    create("staff")
    join("staff", "carl")
    asked = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "carl", "PASSWORD": "Passw0rd!"},
    )
    answered = anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "carl", "NEW_PASSWORD": "N3w-Passw0rd!"},
    )
    token = answered["AuthenticationResult"]["AccessToken"]
    assert of_groups(token) == {"cognito:groups": ["staff"]}


def test_minting_reads_the_groups_in_one_statement(
    server: Server, cognito: Cognito, pool_id: str, client_id: str, create: Make, join: Make
) -> None:
    for number in range(3):
        create(f"group{number}", RoleArn=ADMIN)
        join(f"group{number}")
    call = server.run(call_of(server.node, pool_id, client_id))
    watched = WatchedStore(server.store)
    call.store = watched
    sub = next(
        found["Value"]
        for found in cognito.admin_get_user(UserPoolId=pool_id, Username="anna")["UserAttributes"]
        if found["Name"] == "sub"
    )
    user = server.run(server.store.read(users.by_sub, pool_id, sub))
    assert user is not None
    tokens = server.run(minting.after_sign_in(call, user))
    assert claims_of(tokens.access)["cognito:groups"] == ["group0", "group1", "group2"]
    assert watched.transactions == ["read"]
    assert len(watched.ran) == 2
