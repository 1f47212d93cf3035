"""Request rates: what an owner provisions, and what callers meet where a server heeds it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import app, settings
from cognomen.clock import SECOND
from cognomen.limits.limiter import FILE
from cognomen.settings import SettingsError
from cognomen.store import nodes
from tests.conftest import PASSWORD, connect, empty_database
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server, running

UNKNOWN = "There is no limit that can be provisioned for the category {}."


def definition(category: str = "UserCreation", **other: str) -> Any:
    return {"LimitClass": "API_CATEGORY", "Attributes": {"Category": category} | other}


# -- what is provisioned -----------------------------------------------------------------------------------------------


def test_a_limit_that_was_never_raised_is_the_default(cognito: Cognito) -> None:
    assert cognito.get_provisioned_limit(LimitDefinition=definition("UserRead"))["Limit"] == {
        "LimitDefinition": definition("UserRead"),
        "ProvisionedLimitValue": 120,
        "FreeLimitValue": 120,
    }


def test_a_limit_is_raised_and_lowered_again_to_its_default(cognito: Cognito) -> None:
    for rate in (10_000, 51, 50):
        raised = cognito.update_provisioned_limit(LimitDefinition=definition(), RequestedLimitValue=rate)
        assert raised["Limit"]["ProvisionedLimitValue"] == rate
        assert raised["Limit"]["FreeLimitValue"] == 50
        found = cognito.get_provisioned_limit(LimitDefinition=definition())
        assert found["Limit"] == raised["Limit"]


@pytest.mark.parametrize(
    ("rate", "type_", "message"),
    [
        (49, "InvalidParameterException", "The limit of UserCreation cannot be below its default of 50."),
        (-1, "InvalidParameterException", "The limit of UserCreation cannot be below its default of 50."),
        (
            10_001,
            "ServiceQuotaExceededException",
            "The limit of UserCreation cannot be above the account's 10000.",
        ),
    ],
)
def test_a_limit_stays_between_the_default_and_the_account_s(
    cognito: Cognito, rate: int, type_: str, message: str
) -> None:
    with refused(type_, message):
        cognito.update_provisioned_limit(LimitDefinition=definition(), RequestedLimitValue=rate)


@pytest.mark.parametrize(
    ("limit", "type_", "message"),
    [
        (definition("UserList"), "ResourceNotFoundException", UNKNOWN.format("UserList")),
        (definition("Coffee"), "ResourceNotFoundException", UNKNOWN.format("Coffee")),
        (
            definition(Pool="us-east-1_AbCdEf123"),
            "InvalidParameterException",
            "The attributes of an API_CATEGORY limit are Category and no other.",
        ),
        (
            {"LimitClass": "API_CATEGORY", "Attributes": {}},
            "InvalidParameterException",
            "The attributes of an API_CATEGORY limit are Category and no other.",
        ),
    ],
)
def test_what_is_no_limit_of_a_category_is_refused(
    cognito: Cognito, limit: Any, type_: str, message: str
) -> None:
    with refused(type_, message):
        cognito.get_provisioned_limit(LimitDefinition=limit)
    with refused(type_, message):
        cognito.update_provisioned_limit(LimitDefinition=limit, RequestedLimitValue=200)


# -- what is heeded ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def limited(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    """A server of its own that limits rates."""
    folder: Path = tmp_path_factory.mktemp("limited")
    with (
        empty_database(engine, folder) as url,
        running(str(folder), url, held_clock, rate_limits=True) as server,
    ):
        yield server


@pytest.fixture
def admin(limited: Server) -> Cognito:
    limited.clock.advance(2 * SECOND)  # whatever a test before has used is full again
    return connect(limited.endpoint)


def refusals(ask: Any, times: int) -> int:
    """How many of the calls are refused for their rate."""
    count = 0
    for _ in range(times):
        try:
            ask()
        except ClientError as error:
            if error.response["Error"]["Code"] != "TooManyRequestsException":
                raise
            count += 1
    return count


def test_a_server_that_was_not_told_to_limit_does_not(server: Server, cognito: Cognito) -> None:
    assert server.node.limiter is None
    assert refusals(lambda: cognito.list_user_pools(MaxResults=1), 40) == 0


def test_a_server_that_limits_says_that_it_lives(limited: Server) -> None:
    assert limited.node.limiter
    ends = time.monotonic() + 30
    while limited.run(limited.store.read(nodes.seen_at, limited.node.limiter.id)) is None:
        assert time.monotonic() < ends


def test_one_request_too_many_is_refused_until_time_passes(limited: Server, admin: Cognito) -> None:
    assert refusals(lambda: admin.list_user_pools(MaxResults=1), 20) == 5
    with refused("TooManyRequestsException", "Rate exceeded"):
        admin.list_user_pools(MaxResults=1)
    limited.clock.advance(SECOND)
    admin.list_user_pools(MaxResults=1)


def test_a_raised_limit_counts_at_once(limited: Server, admin: Cognito) -> None:
    def ask() -> None:
        """Read a user that nobody has read yet, and does not exist."""
        with suppress(admin.exceptions.UserNotFoundException):
            admin.admin_get_user(UserPoolId=pool_id, Username=f"user{next(numbers)}")

    pool_id = admin.create_user_pool(PoolName="a pool")["UserPool"]["Id"]
    numbers = iter(range(1_000))
    admin.update_provisioned_limit(LimitDefinition=definition("UserRead"), RequestedLimitValue=150)
    assert refusals(ask, 160) == 10
    with refused("TooManyRequestsException"):
        admin.update_provisioned_limit(LimitDefinition=definition("UserRead"), RequestedLimitValue=120)
    limited.clock.advance(2 * SECOND)
    admin.update_provisioned_limit(LimitDefinition=definition("UserRead"), RequestedLimitValue=120)


def test_a_user_s_own_requests_count_for_him_and_not_for_others(limited: Server, admin: Cognito) -> None:
    pool_id = admin.create_user_pool(PoolName="a pool")["UserPool"]["Id"]
    client_id = admin.create_user_pool_client(
        UserPoolId=pool_id, ClientName="a client", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    anonymous = connect(limited.endpoint, signature_version=UNSIGNED)

    def sign_in(name: str) -> str:
        answer = anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        return answer["AuthenticationResult"]["AccessToken"]

    for name in ("ada", "bob"):
        admin.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
        admin.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=PASSWORD, Permanent=True)
    ada, bob = sign_in("ada"), sign_in("bob")
    assert refusals(lambda: anonymous.get_user(AccessToken=ada), 12) == 3, "the sign-in was a read too"
    anonymous.get_user(AccessToken=bob)
    with refused("TooManyRequestsException"):
        sign_in("ada")


def test_an_operation_about_one_pool_has_its_own_rate(admin: Cognito) -> None:
    pools = [admin.create_user_pool(PoolName="a pool")["UserPool"]["Id"] for _ in range(2)]
    assert refusals(lambda: admin.get_user_pool_mfa_config(UserPoolId=pools[0]), 8) == 3
    admin.get_user_pool_mfa_config(UserPoolId=pools[1])


def test_a_data_folder_without_a_place_for_the_counters_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    given = settings.load({"data": str(tmp_path), "rate_limits": True}, {})
    app.prepare(given)
    with pytest.raises(SettingsError) as refusal:
        app.build(given)
    assert str(refusal.value) == (
        f"rate_limits needs a file in the data folder {tmp_path}, which cannot be made: Is a directory."
    )
