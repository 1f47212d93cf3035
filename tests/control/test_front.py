"""Who may ask the test control, and what it says to who asks wrongly."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from cognomen.control.front import BODY_LIMIT, ENTRIES
from tests.control.conftest import Ask, ask_of
from tests.server import Server

EVERY_ENTRY = pytest.mark.parametrize(("method", "name"), list(ENTRIES))


def test_the_index_names_what_there_is(ask: Ask) -> None:
    status, document = ask("GET", "")
    assert status == 200
    assert [entry["request"] for entry in document["Requests"]] == [
        "GET /_cognomen/",
        "GET /_cognomen/inbox",
        "GET /_cognomen/outbox",
        "DELETE /_cognomen/inbox",
        "POST /_cognomen/reset",
        "GET /_cognomen/clock",
        "POST /_cognomen/clock",
        "POST /_cognomen/kms",
    ]
    assert all(entry["about"] for entry in document["Requests"])


def test_in_signed_mode_there_is_nothing_whatever_is_asked(
    closing: tuple[Server, Callable[[], None]],
) -> None:
    server, end_open_mode = closing
    ask = ask_of(server)
    assert ask("GET", "")[0] == 200
    end_open_mode()
    nothing = (404, {"message": "There is nothing at this address."})
    for method, name in [*ENTRIES, ("GET", "nothing"), ("PUT", "inbox")]:
        assert ask(method, name) == nothing
        assert ask(method, name, Origin="https://evil.example.com", Host="evil.example.com") == nothing


@EVERY_ENTRY
@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://localhost:3000"])
def test_a_web_page_may_ask_nothing(ask: Ask, method: str, name: str, origin: str) -> None:
    status, document = ask(method, name, Origin=origin)
    assert status == 400
    assert document["message"].startswith(
        f"Web pages may not use this: the request carries Origin: {origin}."
    )


@EVERY_ENTRY
def test_a_name_that_a_stranger_may_own_is_refused(ask: Ask, method: str, name: str) -> None:
    status, document = ask(method, name, Host="evil.example.com")
    assert status == 400
    assert "not to evil.example.com" in document["message"]


def test_no_answer_may_be_read_or_kept_by_a_browser(server: Server) -> None:
    parts = urlsplit(server.endpoint)
    for headers in ({}, {"Origin": "https://evil.example.com"}):
        for method in ("GET", "OPTIONS", "POST"):
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
            connection.request(method, "/_cognomen/clock", headers=headers)
            answer = connection.getresponse()
            names = {name.lower() for name, _ in answer.getheaders()}
            connection.close()
            assert not {name for name in names if name.startswith("access-control")}
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_that_a_form_could_send_is_refused(ask: Ask, kind: str) -> None:
    told = (400, {"message": "The body must be JSON: send it with Content-Type: application/json."})
    assert ask("POST", "clock", b'{"reset": true}', Content_Type=kind) == told
    if kind:
        assert ask("POST", "reset", b"", Content_Type=kind) == told
    assert ask("POST", "clock", b'{"reset": true}', Content_Type="application/json; charset=utf-8")[0] == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"null", b"\xff", b"[" * 4_000])
def test_a_body_must_be_an_object(ask: Ask, body: bytes) -> None:
    assert ask("POST", "clock", body) == (400, {"message": "The body must be a JSON object."})


def test_a_body_is_bounded(ask: Ask) -> None:
    assert ask("POST", "clock", b" " * (BODY_LIMIT + 1)) == (
        413,
        {"message": "The request body is larger than 4096 bytes."},
    )


def test_what_is_not_known_is_not_passed_over(ask: Ask) -> None:
    assert ask("GET", "inbox?pool=p&username=ada") == (
        400,
        {"message": "There is no parameter 'username' here. There are pool, user, to, limit."},
    )
    assert ask("POST", "reset?pol=p") == (
        400,
        {"message": "There is no parameter 'pol' here. There is pool."},
    )
    assert ask("POST", "reset", {"pool": "p"}) == (
        400,
        {"message": "There is no member 'pool' here. There is none."},
    )


@pytest.mark.parametrize(("method", "name"), [("GET", "nothing"), ("PUT", "inbox"), ("GET", "reset")])
def test_who_asks_for_what_is_not_there_is_told_where_to_look(ask: Ask, method: str, name: str) -> None:
    message = f"There is no {method} /_cognomen/{name} here. GET /_cognomen/ lists what there is."
    assert ask(method, name) == (404, {"message": message})


def test_a_caller_that_hangs_up_harms_nobody(server: Server, ask: Ask) -> None:
    parts = urlsplit(server.endpoint)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(
            b"POST /_cognomen/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
    assert ask("GET", "clock")[0] == 200
