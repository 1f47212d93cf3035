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

from tests.conftest import connect
from tests.processes import Running, serving

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("data")) as process:
        yield process


@pytest.fixture
def cognito(running: Running) -> Cognito:
    return connect(running.endpoint)


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
