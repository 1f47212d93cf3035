"""`cognomen serve`: its options become settings, and it ends when it is told to."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cognomen import app
from cognomen.cli import app as command
from cognomen.settings import Settings


def test_options_are_settings_and_what_is_not_given_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(app, "serve", served.append)
    certificate = tmp_path / "file.pem"
    certificate.touch()
    given = (
        "--host 0.0.0.0 --port 0 --data d --workers 2 --open --region eu-west-1 --base-url https://id.example"
    )
    tls = ["--tls-cert", str(certificate), "--tls-key", str(certificate)]
    result = CliRunner().invoke(
        command, ["serve", *given.split(), *tls], env={"COGNOMEN_ACCOUNT_ID": "123456789012"}
    )
    assert result.exit_code == 0, result.output
    assert served == [
        Settings(
            host="0.0.0.0",  # noqa: S104  as a container has it; nothing is served
            port=0,
            data="d",
            workers=2,
            open=True,
            region="eu-west-1",
            base_url="https://id.example",
            tls_cert=str(certificate),
            tls_key=str(certificate),
            account_id="123456789012",
        )
    ]


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "cognomen", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = next(
                found[1]
                for line in process.stdout
                if (found := re.match(r"Cognomen serves (http://.*)", line))
            )
            for line in process.stdout:
                if "--endpoint-url" in line:
                    break
            with urllib.request.urlopen(f"{url}/_cognomen/clock", timeout=30) as answer:
                assert answer.status == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


def test_beyond_loopback_it_wants_a_key_first(tmp_path: Path) -> None:
    arguments = ["serve", "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path)]  # noqa: S104  it refuses
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no access key yet")
