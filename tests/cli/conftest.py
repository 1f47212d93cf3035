"""A data folder and a database of one test, and the commands run on them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cognomen import app, settings
from cognomen.call import Node
from cognomen.cli import app as command
from cognomen.pools import master_keys
from tests import postgres


@dataclass(frozen=True)
class Outcome:
    """What a command wrote, and the code it ended with."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """The options that say which data a command is about."""

    data: Path
    database: str

    def run(self, *arguments: str, typed: str | None = None, **environment: str) -> Outcome:
        given = [*arguments, "--data", str(self.data), "--database", self.database]
        result = CliRunner().invoke(command, given, input=typed, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def node(self) -> Node:
        """What a server on these data would work with."""
        given = settings.load({"data": str(self.data), "database": self.database}, {})
        app.prepare(given)
        return app.build(given)


@pytest.fixture
def place(engine: str, tmp_path: Path) -> Iterator[Place]:
    """An empty folder and, on PostgreSQL, an empty database: nothing is prepared."""
    with ExitStack() as stack:
        if engine == "sqlite":
            url = f"sqlite:///{tmp_path}/cognomen.db"
        else:
            url = stack.enter_context(postgres.fresh_database(os.environ[postgres.URL_VARIABLE]))
        yield Place(tmp_path, url)


@pytest.fixture
def node(place: Place) -> Iterator[Node]:
    """A node that has seen its first start."""
    built = place.node()
    asyncio.run(master_keys.check(built))
    yield built
    built.store.close()
