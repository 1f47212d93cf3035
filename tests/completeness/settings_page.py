"""docs/settings.md as it follows from the settings: `python -m tests.completeness.settings_page > docs/settings.md`."""

from __future__ import annotations

import sys
from dataclasses import fields
from inspect import signature

from cognomen.cli.serve import serve
from cognomen.settings import Settings

HEAD = """\
# Settings

A setting is looked for on the command line of `cognomen serve` (`--port 4501`), where the table names an option, in the environment (`COGNOMEN_PORT=4501`), in the TOML file that
`--config` or `COGNOMEN_CONFIG` names (`port = 4501`), and has the default below. What has no option is set once for a server and not for a run of it, or is a secret, which a command
line would show to everybody on the machine. Lists are separated by commas in the environment. Paths in the file (`data`, `seed`, `tls_cert`, `tls_key`, `page_texts`) begin at its folder.

Every command takes `--config FILE`, `--data DIR` and `--database URL`. Give `cognomen keys`, `inbox`, `messages`, `triggers` and the rest what the server was given, best one file that says it all:
a command that finds no database says where it looked, and makes none, unless its place was named.

A name that is no setting ends the start, in the file and in the environment, and the nearest name is told. Variables that begin with `COGNOMEN_TEST_`, and `COGNOMEN_URL`, are left to
your tests and programs.

| setting | option | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    rows = []
    options = signature(serve).parameters
    for member in fields(Settings):
        default = getattr(Settings(), member.name)
        shown = {True: "true", False: "false"}.get(default, default) if isinstance(default, bool) else default
        shown = "" if shown in ("", (), {}) else f"`{shown}`"
        option = f"`--{member.name.replace('_', '-')}`" if member.name in options else ""
        rows.append(f"| `{member.name}` | {option} | {shown} | {member.metadata['about']} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(page())
