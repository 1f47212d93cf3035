"""What all commands have in common: quick to start, plain when they cannot go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
    assert outcome.err.startswith(f"Error: There is no database {tmp_path}/mistyped/cognomen.db.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"COGNOMEN_CONFIG": "/nowhere.toml"}, "The file named by COGNOMEN_CONFIG cannot be read"),
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
    assert place.run("migrate").out.startswith("The database is now at step ")
    assert place.run("migrate").out == "The database is up to date.\n"
