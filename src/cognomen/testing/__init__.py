"""A server for a test suite, from Python: started on a free port, asked and reset, and gone with the tests.

    running()   a context that starts a server and ends it
    Cognomen    what it gives: the URL, a boto3 client, the inbox, the clock, reset

    server.py   the process, seen from the tests
    child.py    the process itself
    client.py   what tests may ask of a server in open mode, wherever it runs

The pytest plugin (pytest_plugin.py) is `running` as a fixture. docs/testing-with-cognomen.md is for those who use it.
"""

from __future__ import annotations

from cognomen.testing.client import Clock, Cognomen, ControlError
from cognomen.testing.server import StartError, running

__all__ = ["Clock", "Cognomen", "ControlError", "StartError", "running"]
