"""The node of a command: what it opens is closed when the command ends."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from cognomen.cli import node
from tests.cli.conftest import Place


class Nothing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_command_leaves_nothing_open(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGNOMEN_RATE_LIMITS", "true")
    place.node().store.close()  # else a mistyped folder would not be refused
    with HTTPServer(("127.0.0.1", 0), Nothing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with node.opened(None, str(place.data), place.database) as opened:
            asked = opened.outgoing.get(f"http://127.0.0.1:{server.server_port}/", limit=1)
            assert node.run(opened, asked) == b""
            assert opened.outgoing._session is None
            assert opened.limiter is not None
            buckets = opened.limiter._buckets
        server.shutdown()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(buckets._file)
