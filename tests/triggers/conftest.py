"""The server of these tests has functions to call; `functions` says what they do, and what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore import UNSIGNED
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests import functions as doubles
from tests.conftest import connect, empty_database
from tests.functions import Functions, arn
from tests.held_clock import HeldClock
from tests.server import Server, running


@pytest.fixture(scope="session")
def served_functions() -> Iterator[Functions]:
    with doubles.serving() as served:
        yield served


@pytest.fixture(scope="session")
def server(
    engine: str,
    tmp_path_factory: pytest.TempPathFactory,
    held_clock: HeldClock,
    served_functions: Functions,
) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    with (
        empty_database(engine, data) as url,
        running(str(data), url, held_clock, **served_functions.settings()) as served,
    ):
        yield served


@pytest.fixture(scope="session")
def cognito(server: Server) -> Cognito:
    return connect(server.endpoint)


@pytest.fixture(scope="session")
def anonymous(server: Server) -> Cognito:
    return connect(server.endpoint, signature_version=UNSIGNED)


@pytest.fixture
def functions(served_functions: Functions) -> Iterator[Functions]:
    served_functions.clear()
    yield served_functions
    served_functions.release.set()
    problems, served_functions.problems[:] = list(served_functions.problems), []
    assert not problems


@pytest.fixture
def set_triggers(cognito: Cognito) -> Callable[..., None]:
    """Give a pool these triggers: the function of each has its trigger's name, and is reached by Lambda's API."""

    def set_them(pool_id: str, *names: str, way: str = "api", **more: Any) -> None:
        config: Any = {name: arn(way, name) for name in names} | more
        cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig=config)

    return set_them
