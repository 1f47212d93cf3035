"""Where leaked passwords are known from, and what becomes of a check when nobody says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cognomen.clock import HOUR, SECOND
from cognomen.outgoing import Outgoing
from cognomen.risk import hash_ranges
from cognomen.risk.leaked_passwords import LEFT_ALONE_FOR, LeakedPasswords
from cognomen.settings import Settings, SettingsError
from tests.leaked import PASSWORDS, file_of, hash_of, range_of
from tests.providers import Answer, Site, site

LEAKED, OTHER = PASSWORDS[0], "N3w-Passw0rd!"
PREFIX = hash_of(LEAKED)[:5]
PADDING = "0" * 35

UNUSABLE = [
    Answer(status=404),
    Answer(status=301, headers={"Location": "https://example.com/"}),
    Answer(b"<html>Sign in to the network</html>"),
    Answer(b"A" * 34 + b":1"),
    Answer(b"A" * 300_000),
    Answer(never=True),
]


@pytest.fixture
def there() -> Iterator[Site]:
    with site() as served:
        served.answers[f"/range/{PREFIX}"] = Answer(range_of(PREFIX, PASSWORDS, PADDING))
        served.answers[f"/range/{hash_of(OTHER)[:5]}"] = Answer(range_of(PREFIX, (), hash_of(OTHER)[5:]))
        yield served


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    made = Outgoing()
    yield made
    await made.close()


@pytest.fixture
def far(there: Site, outgoing: Outgoing) -> LeakedPasswords:
    """Known from a server."""
    return LeakedPasswords(Settings(compromised_passwords=there.url("/range/")), outgoing)


async def look(known: LeakedPasswords, password: str, now: int = 0) -> bool:
    return await known.knows(password, event="SIGN_IN", pool_id="us-east-1_one", now=now)


async def test_a_server_is_told_five_digits_of_the_hash_and_no_more(
    there: Site, far: LeakedPasswords
) -> None:
    far.load()
    assert await look(far, LEAKED)
    assert not await look(far, OTHER)  # its end is there as padding
    assert there.asked == [f"/range/{PREFIX}", f"/range/{hash_of(OTHER)[:5]}"]
    assert far.counts == {("SIGN_IN", "found"): 1, ("SIGN_IN", "not found"): 1}


async def test_padding_is_asked_for(outgoing: Outgoing) -> None:
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = Settings(compromised_passwords=f"http://127.0.0.1:{port}")
        assert not await look(LeakedPasswords(settings, outgoing), LEAKED)
    assert b"\r\nAdd-Padding: true\r\n" in heads[0]


async def test_a_range_is_asked_for_once_an_hour(there: Site, far: LeakedPasswords) -> None:
    for now in (0, HOUR - 1, HOUR, HOUR + 1):
        assert await look(far, LEAKED, now)
    assert len(there.asked) == 2


async def test_few_ranges_are_remembered(
    there: Site, far: LeakedPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_ranges, "RANGES_MAX", 1)
    for password in (LEAKED, LEAKED, OTHER, LEAKED):
        await look(far, password)
    assert len(there.asked) == 3


@pytest.mark.parametrize("answer", UNUSABLE)
async def test_a_server_that_fails_keeps_nobody_out_and_is_left_alone_for_a_while(
    there: Site,
    far: LeakedPasswords,
    answer: Answer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hash_ranges, "SECONDS", 0.2)
    caplog.set_level(logging.INFO)
    good = there.answers[f"/range/{PREFIX}"]
    there.answers[f"/range/{PREFIX}"] = answer
    for now in (0, SECOND, LEFT_ALONE_FOR - 1):
        assert not await look(far, LEAKED, now)
    assert len(there.asked) == 1
    assert far.counts == {("SIGN_IN", "not checked"): 3}
    there.answers[f"/range/{PREFIX}"] = good
    assert await look(far, LEAKED, LEFT_ALONE_FOR)
    assert [record.levelname for record in caplog.records if record.name.startswith("cognomen")] == [
        "WARNING",
        "INFO",
    ]
    assert PREFIX not in caplog.text
    assert LEAKED not in caplog.text


async def test_a_file_is_looked_into(tmp_path: Path, outgoing: Outgoing) -> None:
    (tmp_path / "leaked").write_bytes(file_of(PASSWORDS))
    near = LeakedPasswords(Settings(compromised_passwords=str(tmp_path / "leaked")), outgoing)
    near.load()
    assert await look(near, LEAKED)
    assert not await look(near, OTHER)
    near.close()


async def test_a_file_that_goes_away_keeps_nobody_out(
    tmp_path: Path, outgoing: Outgoing, caplog: pytest.LogCaptureFixture
) -> None:
    gone = LeakedPasswords(Settings(compromised_passwords=str(tmp_path / "gone")), outgoing)
    assert not await look(gone, LEAKED)
    assert gone.counts == {("SIGN_IN", "not checked"): 1}
    assert "No such file or directory" in caplog.text


async def test_that_nothing_can_be_known_is_said_once(
    outgoing: Outgoing, caplog: pytest.LogCaptureFixture
) -> None:
    nothing = LeakedPasswords(Settings(), outgoing)
    nothing.load()
    assert not nothing.can_know
    for _ in range(2):
        assert not await look(nothing, LEAKED)
    assert caplog.text.count("us-east-1_one asks that passwords be checked for having leaked") == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("no-such-file", "no-such-file cannot be used: No such file or directory."),
        ("http://example.com/range", "the URL cannot be used: it does not begin with https://."),
        ("https://me:secret@example.com/", "the URL cannot be used: it has a user name in it."),
        ("ftp://example.com/", "the URL cannot be used: it is not a URL of HTTPS."),
    ],
)
async def test_a_server_does_not_start_with_what_cannot_be_used(
    outgoing: Outgoing, named: str, said: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        LeakedPasswords(Settings(compromised_passwords=named), outgoing).load()
    assert str(refused.value) == f"compromised_passwords: {said}"
