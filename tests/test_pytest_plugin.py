"""The pytest plugin, in suites of their own, as a project has it that installed Cognomen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest

def test_a_pool_can_be_made(cognomen):
    assert cognomen.client.list_user_pools(MaxResults=1)["UserPools"] == []
    assert cognomen.client.create_user_pool(PoolName="one")["UserPool"]["Id"].startswith("us-east-1_")
    cognomen.clock.advance("1d")

def test_and_is_gone_in_the_next_test(cognomen, cognomen_server):
    assert cognomen is cognomen_server
    assert cognomen.client.list_user_pools(MaxResults=1)["UserPools"] == []
"""


def run(folder: Path, suite: str, *options: str, ini: str = "") -> tuple[int, str]:
    """Run a suite in a folder of its own; the exit code and what pytest said."""
    (folder / "test_suite.py").write_text(suite)
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    # Nothing of the run that this test belongs to.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio", *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["alone", "xdist"])
def test_the_fixture_is_a_server_that_is_empty_in_each_test(tmp_path: Path, options: tuple[str, ...]) -> None:
    code, said = run(tmp_path, SUITE, *options, ini="filterwarnings = error")
    assert code == 0, said
    assert "2 passed" in said


def test_the_reset_can_be_turned_off_and_the_region_chosen(tmp_path: Path) -> None:
    suite = """
def test_one(cognomen):
    cognomen.create_user_pool(id="eu-west-1_Kept")

def test_two(cognomen):
    assert [pool["Id"] for pool in cognomen.client.list_user_pools(MaxResults=2)["UserPools"]] == ["eu-west-1_Kept"]
"""
    code, said = run(tmp_path, suite, ini="cognomen_reset = false\ncognomen_region = eu-west-1")
    assert code == 0, said


def test_the_plugin_can_be_turned_off(tmp_path: Path) -> None:
    code, said = run(tmp_path, SUITE, "-p", "no:cognomen")
    assert code == 1
    assert "fixture 'cognomen' not found" in said


def test_a_suite_that_does_not_use_it_pays_nothing(tmp_path: Path) -> None:
    suite = """
import sys

def test_nothing_was_imported(pytestconfig):
    assert pytestconfig.pluginmanager.hasplugin("cognomen")
    assert {name for name in sys.modules if name.startswith("cognomen")} == {"cognomen", "cognomen.pytest_plugin"}
    assert not {"boto3", "botocore", "sqlalchemy", "starlette", "uvicorn"} & set(sys.modules)
"""
    code, said = run(tmp_path, suite, "-p", "no:xdist")
    assert code == 0, said
