"""The pytest plugin: the fixture `cognomen`, a running server that is empty at the start of each test.

pytest imports this module in every project that has Cognomen installed, so it imports nothing that pytest has not; the
server and its client (testing/) are for who asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cognomen.testing import Cognomen


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "cognomen_reset",
        "Whether the Cognomen server is empty at the start of each test that uses it.",
        "bool",
        default=True,
    )
    parser.addini("cognomen_region", "The region of the Cognomen server.", default="us-east-1")


@pytest.fixture(scope="session")
def cognomen_server(pytestconfig: pytest.Config) -> Iterator[Cognomen]:
    """A running Cognomen server, started once for the run (or for each worker of it) and never reset by itself."""
    from cognomen.testing import running  # noqa: PLC0415  see above

    with running(region=pytestconfig.getini("cognomen_region")) as server:
        yield server


@pytest.fixture
def cognomen(cognomen_server: Cognomen, pytestconfig: pytest.Config) -> Cognomen:
    """A running Cognomen server without anything in it, its clock put right."""
    if pytestconfig.getini("cognomen_reset"):
        cognomen_server.reset()
    return cognomen_server
