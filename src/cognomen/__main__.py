"""`python -m cognomen` is the command `cognomen`."""

from __future__ import annotations

from cognomen.cli import app

if __name__ == "__main__":
    app(prog_name="cognomen")
