"""A server as applications meet it: a process with real time, since their libraries ask the machine for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.clients import riddles
from tests.conftest import PASSWORD, connect
from tests.processes import Running, serving

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("data")) as process:
        yield process


@pytest.fixture
def cognito(running: Running) -> Cognito:
    return connect(running.endpoint)


@pytest.fixture(scope="module")
def running_with_riddles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("data"), environment=riddles.ENVIRONMENT) as process:
        yield process


@pytest.fixture
def on_devices(running_with_riddles: Running) -> dict[str, Any]:
    """What a script needs of a pool whose users are asked about their devices, and about riddles."""
    cognito = connect(running_with_riddles.endpoint)
    pool_id = cognito.create_user_pool(
        PoolName="web",
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
        LambdaConfig=riddles.TRIGGERS,
    )["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="web",
        ExplicitAuthFlows=[
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_CUSTOM_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
        ],
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="anna", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password=PASSWORD, Permanent=True)
    return {
        "endpoint": running_with_riddles.endpoint,
        "pool": pool_id,
        "client": client_id,
        "username": "anna",
        "password": PASSWORD,
    }


@pytest.fixture
def run_script() -> Callable[..., Any]:
    """Run a script of this folder with Node.js, what it is to do as its argument; what it prints is its answer.

    `authority` is a certificate that it trusts.
    """

    def run(script: str, authority: Path | None = None, **given: Any) -> Any:
        node = Path(sys.executable).with_name("node")
        done = subprocess.run(
            [node, HERE / script, msgspec.json.encode(given).decode()],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"NODE_EXTRA_CA_CERTS": str(authority)} if authority else {},
        )
        assert done.returncode == 0, done.stderr
        return msgspec.json.decode(done.stdout)

    return run
