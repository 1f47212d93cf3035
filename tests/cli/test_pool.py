"""`cognomen pool`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cognomen import app, settings
from cognomen.settings import SettingsError
from tests.cli.conftest import Place

POOL = "us-east-1_Example01"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "pool.json"
    written.write_text(
        json.dumps({"UserPool": {"Id": POOL, "PoolName": "example"}, "Groups": [{"GroupName": "admins"}]})
    )
    return written


def test_a_file_is_applied_once_and_then_there_is_nothing_to_change(place: Place, file: Path) -> None:
    first = place.run("pool", "apply", str(file), "--yes")
    assert first.code == 0
    assert first.out.endswith('+ Groups admins\n    GroupName: "admins"\nDone: 2 changes.\n')
    assert place.run("pool", "apply", str(file), "--yes").out == "There is nothing to change.\n"
    assert json.loads(place.run("pool", "export", POOL).out) == json.loads(file.read_text())


def test_nothing_is_changed_by_a_dry_run_or_a_no(place: Place, file: Path) -> None:
    assert place.run("pool", "apply", str(file), "--dry-run").out.startswith(f"+ UserPool {POOL}\n")
    assert place.run("pool", "apply", str(file), typed="n\n").code == 1
    unknown = place.run("pool", "export", POOL)
    assert (unknown.code, unknown.err) == (1, f"Error: User pool {POOL} does not exist.\n")
    assert place.run("pool", "apply", str(file), typed="y\n").code == 0


def test_pruning_shows_what_it_removes(place: Place, file: Path) -> None:
    place.run("pool", "apply", str(file), "--yes")
    file.write_text(json.dumps({"UserPool": {"Id": POOL, "PoolName": "example"}, "Groups": []}))
    assert place.run("pool", "apply", str(file)).out == "There is nothing to change.\n"
    assert (
        place.run("pool", "apply", str(file), "--prune", "--yes").out == "- Groups admins\nDone: 1 change.\n"
    )


def test_a_fault_is_a_sentence(place: Place, file: Path) -> None:
    file.write_text(json.dumps({"UserPool": {"Id": "nowhere", "PoolName": "example"}}))
    outcome = place.run("pool", "apply", str(file), "--yes")
    assert outcome.code == 1
    assert "Error: UserPool" in outcome.err


def test_a_server_with_access_keys_does_not_start_with_a_seed(place: Place, file: Path) -> None:
    assert place.run("keys", "create").code == 0
    given = {"data": str(place.data), "database": place.database, "seed": str(file), "port": 0}
    with pytest.raises(SettingsError, match="seed is for development"):
        app.serve(settings.load(given, {}))
