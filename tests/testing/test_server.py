"""A server for a test suite, started and ended from Python."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cognomen.testing import Cognomen, ControlError, StartError, running, server
from tests.conftest import PASSWORD
from tests.processes import until


@pytest.fixture(scope="module")
def cognomen() -> Iterator[Cognomen]:
    """A server of the tests of this module."""
    with running(region="eu-west-1") as started:
        yield started


def test_a_server_is_there_with_a_client(cognomen: Cognomen) -> None:
    pool = cognomen.client.create_user_pool(PoolName="p")["UserPool"]
    assert pool["Id"].startswith("eu-west-1_")
    assert cognomen.endpoint_url.startswith("http://localhost:")
    assert repr(cognomen) == f"Cognomen({cognomen.endpoint_url!r})"


def test_what_is_made_has_the_id_that_is_given_or_a_random_one(cognomen: Cognomen) -> None:
    pool = cognomen.create_user_pool(id="eu-west-1_Fixed", PoolName="named")
    assert (pool["Id"], pool["Name"]) == ("eu-west-1_Fixed", "named")
    client = cognomen.create_user_pool_client(pool["Id"], id="web", GenerateSecret=True)
    assert (client["ClientId"], client["ClientName"], len(client["ClientSecret"])) == ("web", "test", 52)
    assert cognomen.create_user_pool()["Id"] != pool["Id"]
    assert cognomen.create_user_pool_client(pool["Id"])["ClientId"] != "web"


def test_the_inbox_is_read_and_emptied(cognomen: Cognomen) -> None:
    pool_id = cognomen.create_user_pool()["Id"]
    for name in ("ada", "bob"):
        cognomen.client.admin_create_user(
            UserPoolId=pool_id,
            Username=name,
            DesiredDeliveryMediums=["EMAIL"],
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
        )
    (message,) = cognomen.inbox(pool_id, user="ada")
    assert message["password"] in message["body"]
    assert [each["username"] for each in cognomen.inbox(pool_id, to="bob@example.com")] == ["bob"]
    assert len(cognomen.inbox(pool_id)) == 2
    cognomen.empty_inbox(pool_id)
    assert cognomen.inbox(pool_id) == []


def test_the_clock_is_moved(cognomen: Cognomen) -> None:
    before = cognomen.clock.now()
    assert abs(before - datetime.now(UTC)) < timedelta(minutes=1)
    assert cognomen.clock.advance("15m") - before >= timedelta(minutes=15)
    assert cognomen.clock.advance(60) - before >= timedelta(minutes=16)
    assert cognomen.clock.advance(timedelta(days=1)) - before >= timedelta(days=1, minutes=16)
    far = datetime(2050, 1, 1, tzinfo=UTC)
    assert timedelta() <= cognomen.clock.set(far) - far < timedelta(minutes=1)
    with pytest.raises(ControlError, match="only moves forwards"):
        cognomen.clock.set("2049-01-01T00:00:00Z")
    assert abs(cognomen.clock.reset() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_reset_leaves_nothing_or_the_pool(cognomen: Cognomen) -> None:
    pool_id = cognomen.create_user_pool()["Id"]
    cognomen.client.admin_create_user(UserPoolId=pool_id, Username="ada", TemporaryPassword=PASSWORD)
    cognomen.reset(pool_id)
    assert cognomen.client.list_users(UserPoolId=pool_id)["Users"] == []
    cognomen.reset()
    assert cognomen.client.list_user_pools(MaxResults=1)["UserPools"] == []
    with pytest.raises(ControlError, match="does not exist"):
        cognomen.reset(pool_id)


def test_a_server_that_is_gone_is_told() -> None:
    with running() as started:
        pass
    with pytest.raises(ControlError, match=f"The Cognomen server at {started.endpoint_url} does not answer"):
        started.reset()


def test_without_boto3_the_rest_works(cognomen: Cognomen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    bare = Cognomen(cognomen.endpoint_url)
    bare.reset()
    with pytest.raises(ModuleNotFoundError, match="pip install boto3"):
        _ = bare.client


def test_settings_of_another_server_are_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COGNOMEN_DATABASE", f"sqlite:///{tmp_path}/precious.db")
    monkeypatch.setenv("COGNOMEN_MASTER_KEY", "not a key")
    monkeypatch.setenv("COGNOMEN_CONFIG", str(tmp_path / "none.toml"))
    with running() as started:
        started.reset()
    assert list(tmp_path.iterdir()) == []


def test_proxies_of_the_environment_are_not_asked(
    cognomen: Cognomen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    behind = Cognomen(cognomen.endpoint_url, region="eu-west-1")
    behind.reset()
    assert behind.create_user_pool()


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "cognomen"
    (folder / "cognomen.db").mkdir(parents=True)
    monkeypatch.setattr("tempfile.mkdtemp", lambda *_: str(folder))
    with pytest.raises(StartError, match="unable to open database file"), running():
        pass
    assert not folder.exists()


def test_a_server_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "START_SECONDS", 0.001)
    with pytest.raises(StartError, match="It said: nothing"), running():
        pass


STARTS_AND_WAITS = """
from cognomen.testing import running
with running() as started:
    print(started.endpoint_url, flush=True)
    input()
"""


def test_a_server_ends_with_the_tests_that_were_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as tests:
        assert tests.stdout
        url = tests.stdout.readline().strip()
        assert list(tmp_path.iterdir())
        with socket.create_connection(("localhost", urlsplit(url).port or 0), timeout=60) as connection:
            tests.kill()
            with suppress(ConnectionResetError):
                assert connection.recv(1) == b"", "the server's connections end with it"
    until(lambda: not list(tmp_path.iterdir()))
    with pytest.raises(ControlError, match="does not answer"):
        Cognomen(url).reset()
