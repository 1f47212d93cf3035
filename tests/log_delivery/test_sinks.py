"""The sinks of logs: what settings may say, a file, a gateway."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from cognomen.log_delivery.failures import NotTaken
from cognomen.log_delivery.files import File
from cognomen.log_delivery.gateway import Gateway
from cognomen.log_delivery.sinks import LogSinks
from cognomen.settings import Settings, SettingsError
from tests.log_delivery.conftest import Receiver

ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/pools/a"
SECRET = "what the receiver knows"


def test_a_table_says_what_stands_for_an_arn() -> None:
    table = {ARN: "file:/tmp/a.jsonl", "arn:aws:s3:::*": "https://logs.example.com/take"}
    sinks = LogSinks(Settings(log_sinks=table, log_secret=SECRET))
    of_group, of_bucket = sinks.of(ARN), sinks.of("arn:aws:s3:::a-bucket")
    assert of_group is not None
    assert of_bucket is not None
    assert (of_group.name, of_bucket.name) == ("file", "gateway")
    assert sinks.of("arn:aws:firehose:us-east-1:000000000000:deliverystream/a") is None
    assert sinks
    assert not LogSinks(Settings())


@pytest.mark.parametrize(
    ("sink", "why"),
    [
        ("file:logs.jsonl", "a sink must be 'file:' and an absolute path"),
        ("s3", "a sink must be 'file:' and an absolute path"),
        ("https://logs.example.com", "give log_secret"),
    ],
)
def test_what_is_no_sink_ends_the_start(sink: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        LogSinks(Settings(log_sinks={"*": sink}))


async def test_lines_are_appended_to_a_file_that_may_be_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "pools.jsonl"
    sink = File(path)
    await sink.take("1", ARN, ["{}", '{"a":1}'])
    await sink.take("2", ARN, ['{"b":2}'])
    assert path.read_text() == '{}\n{"a":1}\n{"b":2}\n'
    assert path.stat().st_mode & 0o777 == 0o600
    path.rename(tmp_path / "pools.jsonl.1")
    await sink.take("3", ARN, ["{}"])
    assert path.read_text() == "{}\n"
    await sink.close()


async def test_a_file_that_cannot_be_written_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotTaken, match="No such file or directory"):
        await File(tmp_path / "nowhere" / "pools.jsonl").take("1", ARN, ["{}"])


async def test_a_gateway_gets_the_lines_signed(receiver: Receiver) -> None:
    sink = Gateway(receiver.url, SECRET)
    await sink.take("the batch", ARN, ["{}", '{"a":1}'])
    await sink.close()
    ((headers, body),) = receiver.got
    assert body == b'{}\n{"a":1}\n'
    assert headers["Content-Type"] == "application/x-ndjson"
    assert (headers["X-Cognomen-Delivery"], headers["X-Cognomen-Destination"]) == ("the batch", ARN)
    signed = b".".join((headers["X-Cognomen-Timestamp"].encode(), ARN.encode(), body))
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Cognomen-Signature"] == f"v1={expected}"


@pytest.mark.parametrize(("status", "is_final"), [(500, False), (302, False), (429, False), (422, True)])
async def test_a_gateway_says_whether_it_is_worth_coming_again(
    receiver: Receiver, status: int, *, is_final: bool
) -> None:
    receiver.status = status
    sink = Gateway(receiver.url, SECRET)
    with pytest.raises(NotTaken, match=f"the gateway answered {status}") as fault:
        await sink.take("1", ARN, ["{}"])
    assert fault.value.is_final == is_final
    await sink.close()


async def test_a_gateway_that_is_not_there_takes_nothing() -> None:
    sink = Gateway("http://127.0.0.1:1/logs", SECRET)
    with pytest.raises(NotTaken, match="the gateway gave no answer"):
        await sink.take("1", ARN, ["{}"])
    await sink.close()
