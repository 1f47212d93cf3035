"""`cognomen compromised-passwords`."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cognomen.cli import app
from tests.cli.conftest import Place
from tests.leaked import PASSWORDS, file_of


def test_a_file_that_can_be_used_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "leaked"
    file.write_bytes(file_of(PASSWORDS))
    told = CliRunner().invoke(app, ["compromised-passwords", "check", str(file)])
    assert (told.exit_code, told.stdout) == (0, f"{file} can be used: 3 hashes, in order.\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"password\n", "cannot be used: line 1 is no SHA-1 hash in upper case with a count behind a colon."),
    ],
)
def test_another_is_told_why_it_cannot(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "leaked"
    if content is not None:
        file.write_bytes(content)
    told = CliRunner().invoke(app, ["compromised-passwords", "check", str(file)])
    assert (told.exit_code, told.stderr) == (1, f"Error: {file} {reason}\n")


def test_without_a_name_it_is_the_file_of_the_setting(place: Place) -> None:
    (place.data / "leaked").write_bytes(file_of(PASSWORDS))
    (place.data / "cognomen.toml").write_text('compromised_passwords = "leaked"')
    check = ("compromised-passwords", "check", "--config", str(place.data / "cognomen.toml"))
    told = place.run(*check)
    assert (told.code, told.out) == (0, f"{place.data}/leaked can be used: 3 hashes, in order.\n")
    for named in ("", "https://example.com/range"):
        told = place.run(*check, COGNOMEN_COMPROMISED_PASSWORDS=named)
        assert (told.code, told.err) == (
            1,
            "Error: compromised_passwords names no file; say which one to look at.\n",
        )
