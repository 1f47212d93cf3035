"""The server as its operator has it: real processes that are started, killed, and started again."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import app, processes, settings
from cognomen.master_key import source
from cognomen.pools import master_keys
from tests import postgres
from tests.conftest import PASSWORD, connect
from tests.processes import is_copy_of, self_signed, serving, workers_of

Setup = dict[str, str]


def set_up(cognito: Cognito) -> Setup:
    """A pool with a client and a signed-in user."""
    pool = cognito.create_user_pool(PoolName="kept")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True)
    return {"pool": pool, "client": client} | sign_in(cognito, client)


def sign_in(cognito: Cognito, client: str) -> Setup:
    tokens = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return {
        "access": tokens["AccessToken"],
        "id": tokens["IdToken"],
        "refresh": tokens.get("RefreshToken", ""),
    }


def refresh(cognito: Cognito, setup: Setup) -> Any:
    return cognito.initiate_auth(
        ClientId=setup["client"],
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": setup["refresh"]},
    )["AuthenticationResult"]


def test_what_was_answered_is_there_after_kill_and_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        setup = set_up(connect(first.endpoint))
        first.kill()
    with serving(tmp_path) as second:
        cognito = connect(second.endpoint)
        sign_in(cognito, setup["client"])
        refresh(cognito, setup)
        assert cognito.get_user(AccessToken=setup["access"])["Username"] == "ada"


def test_two_servers_serve_the_same_pools(tmp_path: Path) -> None:
    """Two nodes on one PostgreSQL with one master key, as behind a load balancer."""
    key = {"COGNOMEN_MASTER_KEY": "b" * 43 + "="}
    with (
        postgres.fresh_database(os.environ[postgres.URL_VARIABLE]) as url,
        serving(tmp_path / "one", "--database", url, environment=key) as one,
        serving(tmp_path / "two", "--database", url, environment=key) as two,
    ):
        here, there = connect(one.endpoint), connect(two.endpoint)
        setup = set_up(here)
        assert there.get_user(AccessToken=setup["access"])["Username"] == "ada"
        refresh(there, setup)
        there.global_sign_out(AccessToken=setup["access"])
        with pytest.raises(here.exceptions.NotAuthorizedException, match="Refresh Token has been revoked"):
            refresh(here, setup)
        sign_in(there, setup["client"])


def test_workers_share_what_they_serve_and_a_dead_one_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        setup = set_up(connect(server.endpoint))
        before = workers_of(server.process.pid)
        assert len(before) == 2
        assert {is_copy_of(server.process.pid, pid) for pid in before} == {processes.MAY_FORK}
        killed = before.pop()
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and len(workers_of(server.process.pid) - before - {killed}) < 1:
            connect(server.endpoint).get_user(AccessToken=setup["access"])
        replaced = workers_of(server.process.pid)
        assert len(replaced - {killed}) == 2
        assert before < replaced
        [successor] = replaced - before
        assert not is_copy_of(server.process.pid, successor), "it has the programs and settings of its day"
        for _ in range(20):  # each on a connection of its own
            cognito = connect(server.endpoint)
            assert cognito.get_user(AccessToken=setup["access"])["Username"] == "ada"


def test_functions_are_loaded_by_each_worker_and_not_copied(tmp_path: Path) -> None:
    """What a program opens when it is loaded, a connection say, is for one process."""
    functions = {"COGNOMEN_FUNCTIONS": '{"*": "python:tests.functions:handle"}'}
    with serving(tmp_path, "--workers", "2", environment=functions) as server:
        connect(server.endpoint).list_user_pools(MaxResults=1)
        serving_it = workers_of(server.process.pid)
        assert len(serving_it) == 2
        assert not any(is_copy_of(server.process.pid, pid) for pid in serving_it)


def test_tokens_are_believed_by_who_verifies_them(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        setup = set_up(connect(server.endpoint))
        issuer = f"{server.endpoint}/{setup['pool']}"
        keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")
        claims = jwt.decode(
            setup["id"],
            keys.get_signing_key_from_jwt(setup["id"]).key,
            algorithms=["RS256"],
            audience=setup["client"],
            issuer=issuer,
        )
        assert claims["cognito:username"] == "ada"


def test_https_with_a_certificate_of_ones_own(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    with serving(tmp_path / "data", "--tls-cert", str(certificate), "--tls-key", str(key)) as server:
        assert server.endpoint.startswith("https://localhost:")
        context = ssl.create_default_context(cafile=str(certificate))
        request = urllib.request.Request(f"{server.endpoint}/_cognomen/clock")
        with urllib.request.urlopen(request, context=context) as answer:
            assert answer.status == 200


def start_fails(*options: str) -> str:
    """What a server says that does not start; it must be a sentence."""
    arguments = [sys.executable, "-m", "cognomen", "serve", "--port", "0", *options]
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_node_without_the_master_key_of_its_database_refuses_to_start(tmp_path: Path) -> None:
    with serving(tmp_path):
        pass
    key = tmp_path / "master.key"
    key.unlink()
    assert "There is no master key file" in start_fails("--data", str(tmp_path))
    assert not key.exists(), "a new key would only be in the way of the right one"
    source.create(key)
    assert "was sealed with master key" in start_fails("--data", str(tmp_path))


def test_a_master_key_that_vanishes_while_a_server_runs_changes_nothing(tmp_path: Path) -> None:
    """Text sealed with a key nobody knows makes the server look at the source again; that must not make a new key."""
    with serving(tmp_path) as server:
        cognito = connect(server.endpoint)
        setup = set_up(cognito)
        (tmp_path / "master.key").rename(tmp_path / "aside")
        unknown = base64.urlsafe_b64encode(b"\x01" + b"\xff" * 64).decode()
        with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid session"):
            cognito.respond_to_auth_challenge(
                ClientId=setup["client"],
                ChallengeName="NEW_PASSWORD_REQUIRED",
                Session=unknown,
                ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": PASSWORD},
            )
        assert not (tmp_path / "master.key").exists()
        sign_in(cognito, setup["client"])
        refresh(cognito, setup)


def test_two_nodes_that_first_start_with_different_keys_do_not_both_start(tmp_path: Path) -> None:
    with postgres.fresh_database(os.environ[postgres.URL_VARIABLE]) as url:
        nodes = []
        for name in ("one", "two"):
            given = settings.load({"data": str(tmp_path / name), "database": url})
            (tmp_path / name).mkdir()
            source.create(given.master_key_file)
            app.prepare(given)
            nodes.append(app.build(given))
        with ThreadPoolExecutor(2) as both:
            outcomes = [both.submit(asyncio.run, master_keys.check(node)).exception() for node in nodes]
        for node in nodes:
            node.store.close()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MasterKeyError", "NoneType"]


def test_the_password_of_the_database_is_not_shown(tmp_path: Path) -> None:
    with postgres.fresh_database(os.environ[postgres.URL_VARIABLE]) as url:
        secret = url.replace("cognomen@", "cognomen:s3cret@")
        arguments = [sys.executable, "-m", "cognomen", "serve", "--port", "0", "--data", str(tmp_path)]
        with subprocess.Popen(
            [*arguments, "--database", secret], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            said = next(line for line in process.stdout if "data " in line)
            process.terminate()
            said += process.communicate(timeout=60)[0]
    assert "s3cret" not in said
    assert "s3cret" not in repr(settings.load({"database": secret, "master_key": "s3cret"}, {}))


def test_what_is_kept_is_nobody_elses_to_read(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "data").iterdir()}
        assert set(modes.values()) == {0}, modes
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence(tmp_path: Path) -> None:
    nobody = f"postgresql://nobody@/none?host={tmp_path}"
    assert "database" in start_fails("--data", str(tmp_path), "--database", nobody)
    assert "must begin with" in start_fails("--data", str(tmp_path), "--database", "mysql://x")


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "Choose another with --port" in start_fails("--port", port, "--data", str(tmp_path))


def test_a_worker_is_told_lists_too() -> None:
    given = settings.load({"plain_http_hosts": ("keycloak",), "trusted_proxies": ("10.0.0.0/8",)}, {})
    told = app.worker_settings(msgspec.json.encode(app._said(given)).decode())
    assert (told.plain_http_hosts, told.trusted_proxies) == (("keycloak",), ("10.0.0.0/8",))


def test_a_worker_reads_the_file_that_the_command_line_named(tmp_path: Path) -> None:
    file = tmp_path / "cognomen.toml"
    file.write_text('data = "data"\nfunction_secret = "S3cret"\n')
    given = settings.load({"config": str(file), "port": 4612}, {})
    said = app._said(given)
    assert "S3cret" not in str(said), "what the file says stays there"
    told = app.worker_settings(msgspec.json.encode(said).decode())
    assert told == given


def test_workers_share_the_limits_of_their_node(tmp_path: Path) -> None:
    """Whichever worker a connection comes to, 15 requests pass at once, and then 15 a second."""

    def ask(_: int) -> bool:
        try:
            connect(running.endpoint).list_user_pools(MaxResults=1)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TooManyRequestsException":
                raise
            return False
        return True

    limited = {"COGNOMEN_RATE_LIMITS": "true"}
    with serving(tmp_path, "--workers", "2", environment=limited) as running:
        begun = time.monotonic()
        with ThreadPoolExecutor(4) as threads:
            passed = sum(threads.map(ask, range(80)))
        took = time.monotonic() - begun
    assert 15 <= passed <= 15 + 15 * took + 1
    assert passed < 80
