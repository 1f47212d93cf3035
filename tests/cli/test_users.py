"""`cognomen users`."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from cognomen.call import Node
from cognomen.cli import app as command
from cognomen.moving import sealed_file
from cognomen.operations import dispatch
from cognomen.store import user_imports
from tests.cli.conftest import Place

PASSPHRASE = "correct horse battery"
ROLE = "arn:aws:iam::000000000000:role/imports"


def test_the_log_of_an_import_is_written(place: Place, node: Node) -> None:
    async def a_job() -> tuple[str, str]:
        pool = await dispatch.perform(node, "CreateUserPool", {"PoolName": "a pool"})
        pool_id = pool["UserPool"]["Id"]
        asked = {"UserPoolId": pool_id, "JobName": "a job", "CloudWatchLogsRoleArn": ROLE}
        job_id = (await dispatch.perform(node, "CreateUserImportJob", asked))["UserImportJob"]["JobId"]
        job = await node.store.read(user_imports.by_id, pool_id, job_id)
        assert job is not None
        for first in (2, 102):
            lines = f"[SUCCEEDED] Line Number {first} - The import succeeded.\n"
            await node.store.write(user_imports.add_lines, job, first, lines)
        return pool_id, job_id

    pool_id, job_id = asyncio.run(a_job())
    outcome = place.run("users", "import-log", pool_id, job_id)
    assert outcome.code == 0
    assert outcome.out == (
        "[SUCCEEDED] Line Number 2 - The import succeeded.\n[SUCCEEDED] Line Number 102 - The import succeeded.\n"
    )
    outcome = place.run("users", "import-log", pool_id, "import-unknown")
    assert outcome.code == 1
    assert outcome.err == f"Error: There is no import job import-unknown in user pool {pool_id}.\n"


def a_pool_with_ada(node: Node) -> str:
    async def make() -> str:
        pool = await dispatch.perform(node, "CreateUserPool", {"PoolName": "a pool"})
        pool_id = str(pool["UserPool"]["Id"])
        asked = {"UserPoolId": pool_id, "Username": "ada", "MessageAction": "SUPPRESS"}
        await dispatch.perform(node, "AdminCreateUser", asked)
        return pool_id

    return asyncio.run(make())


@pytest.fixture(autouse=True)
def _at_little_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "SCRYPT_N", 1 << 4)


def shown_by(*arguments: str) -> str:
    """What a command writes to a terminal in the place of standard error."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as watched:
        with os.fdopen(theirs, "w") as screen, pytest.MonkeyPatch.context() as patch:
            patch.setenv("TERM", "xterm")
            patch.setattr(sys, "stderr", screen)
            command(arguments, standalone_mode=False)
        shown = b""
        with suppress(OSError):  # as a terminal that nobody writes to any more ends
            while read := watched.read(65_536):
                shown += read
        return shown.decode()


def test_on_a_terminal_a_bar_tells_how_many_users_are_through(
    place: Place, node: Node, tmp_path: Path
) -> None:
    pool_id = a_pool_with_ada(node)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    given = [pool_id, f"{tmp_path}/users.sealed", "--passphrase-file", f"{tmp_path}/passphrase"]
    for what, doing in {"export": "Exporting", "import": "Importing"}.items():
        shown = shown_by("users", what, *given, "--data", str(place.data), "--database", place.database)
        assert re.search(rf"{doing}.*━.*1 users", shown), shown


def test_users_leave_and_come_back(place: Place, node: Node, tmp_path: Path) -> None:
    pool_id, file = a_pool_with_ada(node), tmp_path / "users"
    outcome = place.run("users", "export", pool_id, str(file), typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, f"1 user is in {file}.")
    assert PASSPHRASE not in outcome.out + outcome.err
    asyncio.run(dispatch.perform(node, "AdminDeleteUser", {"UserPoolId": pool_id, "Username": "ada"}))
    secret = tmp_path / "passphrase"
    secret.write_text(f"{PASSPHRASE}\n")
    again = ("users", "import", pool_id, str(file), "--passphrase-file", str(secret))
    assert place.run(*again).out == "1 user was added; 0 were there.\n"
    assert place.run(*again).out == "0 users were added; 1 was there.\n"


def test_what_stands_in_the_way_is_told_in_a_sentence(place: Place, node: Node, tmp_path: Path) -> None:
    pool_id, file = a_pool_with_ada(node), tmp_path / "users"
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    options = ("--passphrase-file", str(secret))
    short = place.run("users", "export", pool_id, str(file), typed="short\nshort\n")
    assert short.err.endswith("Error: A passphrase has at least 12 characters.\n")
    unknown = place.run("users", "export", "us-east-1_unknown", str(file), *options)
    assert unknown.err == "Error: User pool us-east-1_unknown does not exist.\n"
    nowhere = place.run("users", "export", pool_id, str(tmp_path / "missing" / "users"), *options)
    assert "cannot be written: No such file or directory." in nowhere.err
    unread = place.run("users", "export", pool_id, str(file), "--passphrase-file", str(tmp_path / "none"))
    assert "The passphrase cannot be read" in unread.err
    assert place.run("users", "export", pool_id, str(file), *options).code == 0
    assert place.run("users", "import", "us-east-1_unknown", str(file), *options).code == 1
    wrong = place.run("users", "import", pool_id, str(file), typed="another passphrase\n")
    assert wrong.err.endswith("Error: The passphrase is wrong, or the file was altered.\n")


def test_who_cannot_come_is_named_and_the_command_fails(place: Place, node: Node, tmp_path: Path) -> None:
    pool_id, file = a_pool_with_ada(node), tmp_path / "users"
    place.run("users", "export", pool_id, str(file), typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    asked = {"UserPoolId": pool_id, "Username": "ada"}
    asyncio.run(dispatch.perform(node, "AdminDeleteUser", asked))
    asyncio.run(dispatch.perform(node, "AdminCreateUser", asked | {"MessageAction": "SUPPRESS"}))
    outcome = place.run("users", "import", pool_id, str(file), typed=f"{PASSPHRASE}\n")
    assert outcome.code == 1
    assert "1 was not added, because others have the same names or keys. Its sub is: " in outcome.err
