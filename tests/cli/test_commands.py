"""What all commands have in common: quick to start, plain when they cannot go on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cognomen.cli import app
from tests.cli.conftest import Place


def test_the_commands_are_told_without_loading_what_few_of_them_need() -> None:
    heavy = "alembic boto3 cognomen.app psycopg rich starlette uvicorn"
    program = (
        "import sys; from cognomen.cli import app; app(['--help'], standalone_mode=False); "
        f"print([name for name in {heavy.split()} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for name in ("serve", "keys", "inbox", "master-key", "migrate"):
        assert f"\n  {name} " in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"


def test_the_version_is_told_and_that_of_the_api() -> None:
    told = CliRunner().invoke(app, ["--version"])
    assert told.exit_code == 0
    expected = f"cognomen {version('cognomen')}, the API as botocore {version('botocore')} has it\n"
    assert told.stdout == expected


def test_the_package_runs_as_a_program() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "cognomen", "keys", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: cognomen keys " in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [("inbox", "us-east-1_abc"), ("keys", "list"), ("keys", "revoke", "AKIA"), ("master-key", "rotate")],
)
def test_a_command_does_not_make_a_database_where_there_is_none(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    place = Place(tmp_path / "mistyped", f"sqlite:///{tmp_path}/mistyped/cognomen.db")
    outcome = place.run(*arguments)
    assert outcome.code == 1
    assert outcome.err.startswith(
        f"Error: There is no database {tmp_path}/mistyped/cognomen.db (no settings file was read)."
    )
    assert list(tmp_path.iterdir()) == []


def run(arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cognomen", *arguments.split()]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_a_new_database_is_made_only_where_its_place_was_named(tmp_path: Path) -> None:
    for command in ("keys create", "pool apply pool.json"):
        (tmp_path / "pool.json").write_text('{"UserPool": {"Id": "us-east-1_P", "PoolName": "p"}}')
        refused = run(command, tmp_path)
        assert refused.returncode == 1
        assert f"There is no database {tmp_path}/cognomen-data/cognomen.db" in refused.stderr
    assert not (tmp_path / "cognomen-data").exists()
    made = run("keys create --data cognomen-data", tmp_path)
    assert made.returncode == 0
    assert f"A new database is made: {tmp_path}/cognomen-data/cognomen.db" in made.stderr
    again = run("keys create", tmp_path)
    assert (again.returncode, again.stderr) == (0, "")


def test_one_file_says_where_the_server_is_to_every_command(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "cognomen.toml").write_text('data = "data"\nport = 4612\n')
    made = run("keys create --config etc/cognomen.toml", tmp_path)
    assert f"Database    {folder}/data/cognomen.db" in made.stdout
    assert "=http://localhost:4612 " in made.stdout
    for command in ("keys list", "master-key status", "migrate"):
        assert run(f"{command} --config etc/cognomen.toml", tmp_path).returncode == 0, command
    unknown = run("inbox us-east-1_none --config etc/cognomen.toml", tmp_path)
    assert unknown.stderr == (
        f"Error: There is no user pool us-east-1_none in the database {folder}/data/cognomen.db.\n"
    )


def test_every_command_can_be_told_which_file_to_read() -> None:
    def leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
        within = getattr(command, "commands", {})
        for name, each in within.items():
            yield from leaves(each, f"{path} {name}")
        if not within:
            yield path, command

    found = dict(leaves(typer.main.get_command(app), "cognomen"))
    assert len(found) > 15
    for name, command in found.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert options >= {"--config", "--data", "--database"}, name


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"COGNOMEN_CONFIG": "/nowhere.toml"}, "The settings file cannot be read"),
        ({"COGNOMEN_MASTER_KEY": "short"}, "Key 1 of COGNOMEN_MASTER_KEY is not base64 of 32 bytes."),
    ],
)
def test_what_an_operator_can_put_right_is_told_in_a_sentence(
    tmp_path: Path, environment: dict[str, str], reason: str
) -> None:
    place = Place(tmp_path, f"sqlite:///{tmp_path}/cognomen.db")
    outcome = place.run("keys", "create", **environment)
    assert outcome.code == 1
    assert f"Error: {reason}" in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_a_database_of_another_master_key_is_left_alone(place: Place) -> None:
    place.run("keys", "create")
    (place.data / "master.key").unlink()
    outcome = place.run("keys", "create")
    assert outcome.code == 1
    assert "Error: There is no master key file " in outcome.err
    assert not (place.data / "master.key").exists()


def test_the_database_is_prepared_once(place: Place) -> None:
    assert " is now at step " in place.run("migrate").out
    assert place.run("migrate").out.endswith(" is up to date.\n")
