"""The logs of a pool on their way: what its owner reads of sign-ins and of messages, and what happens where nobody takes it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR, MINUTE
from cognomen.log_delivery import delivery
from cognomen.log_delivery.failures import NotTaken
from cognomen.log_delivery.sinks import Sink
from cognomen.store import log_records
from cognomen.store.database import Db
from cognomen.store.log_records import LogRecord
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.operations.test_auth_events import AUDIT, claims
from tests.server import Server

Make = Callable[..., Any]

STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/sign-ins"
GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/pools/a"
LOGS: Any = [
    {"LogLevel": "INFO", "EventSource": "userAuthEvents", "FirehoseConfiguration": {"StreamArn": STREAM}},
    {
        "LogLevel": "ERROR",
        "EventSource": "userNotification",
        "CloudWatchLogsConfiguration": {"LogGroupArn": GROUP},
    },
]


class Double:
    """A sink whose other side can fail; it remembers what reached it."""

    name = "double"

    def __init__(self) -> None:
        self.fault: NotTaken | None = None
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.asked = 0

    async def take(self, id: str, destination: str, lines: Sequence[str]) -> None:
        assert id
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        self.got += [(destination, json.loads(line)) for line in lines]

    async def close(self) -> None:
        pass


@pytest.fixture
def sink(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    double = Double()
    table: dict[str, Sink] = {STREAM: double, GROUP: double}
    monkeypatch.setattr(server.node.log_sinks, "_table", table)
    server.node.log_sinks.counts.clear()
    server.node.log_sinks.paused_until.clear()
    yield double
    monkeypatch.undo()


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make, make_user: Make) -> str:
    found: str = make_pool(**AUDIT, AutoVerifiedAttributes=["email"])["Id"]
    cognito.set_log_delivery_configuration(UserPoolId=found, LogConfigurations=LOGS)
    make_user(found, "ada", email="ada@example.com", email_verified="true")
    return found


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"])


def sign_in(anonymous: Cognito, client_id: str, username: str = "ada", password: str = PASSWORD) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )["AuthenticationResult"]


def deliver(server: Server) -> None:
    while server.run(delivery.deliver_due(server.node, server.clock.now)):
        pass


def waiting(server: Server, pool_id: str) -> list[Any]:
    found = server.run(server.store.read(log_records.all_due, 2**60, 1_000_000))
    return [record for record in found if record.pool_id == pool_id]


def test_a_sign_in_is_told_as_the_guide_shows_it(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str, sink: Double, clock: HeldClock
) -> None:
    said = claims(sign_in(anonymous, client_id)["AccessToken"])
    moment = datetime.fromtimestamp(clock.now // 1000, UTC)
    deliver(server)
    ((destination, record),) = sink.got
    message = record.pop("message")
    assert destination == STREAM
    assert record == {
        "eventTimestamp": str(clock.now),
        "eventSource": "USER_AUTH_EVENTS",
        "logLevel": "INFO",
        "logSourceId": {"userPoolId": pool_id},
    }
    assert message.pop("deviceName").startswith("Boto3 1")
    assert message.pop("requestId")
    assert message == {
        "version": "1",
        "eventId": said["event_id"],
        "eventType": "SignIn",
        "userSub": said["sub"],
        "userName": "ada",
        "userPoolId": pool_id,
        "clientId": client_id,
        "creationDate": moment.strftime("%a %b %d %H:%M:%S UTC %Y"),
        "eventResponse": "Pass",
        "riskLevel": "",
        "riskDecision": "PASS",
        "challenges": ["Password:Success"],
        "ipAddress": "127.0.0.1",
        "idpName": "",
        "compromisedCredentialDetected": "false",
        "city": "",
        "country": "",
        "eventFeedbackValue": "",
        "eventFeedbackDate": "",
        "eventFeedbackProvider": "",
        "hasContextData": "true",
    }
    deliver(server)
    assert len(sink.got) == 1, "it is told once"
    assert server.node.log_sinks.counts["double", "taken"] == 1


def test_of_strangers_nothing_is_told_though_it_is_written(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str, sink: Double
) -> None:
    for name in ("ada", "nobody"):
        with pytest.raises(anonymous.exceptions.NotAuthorizedException):
            sign_in(anonymous, client_id, name, "wrong")
    assert len(waiting(server, pool_id)) == 2
    deliver(server)
    ((_, record),) = sink.got
    assert record["message"]["userName"] == "ada"
    assert record["message"]["eventResponse"] == "Fail"
    assert waiting(server, pool_id) == []


def test_what_no_sink_stands_for_is_not_even_written(
    server: Server, anonymous: Cognito, cognito: Cognito, pool_id: str, client_id: str, sink: Double
) -> None:
    elsewhere: Any = [LOGS[0] | {"FirehoseConfiguration": {"StreamArn": f"{STREAM}-2"}}]
    nowhere: Any = []
    for configurations in (elsewhere, nowhere):
        cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=configurations)
        sign_in(anonymous, client_id)
        assert waiting(server, pool_id) == []
    assert sink.asked == 0


def test_what_is_not_taken_comes_again_later_each_time_and_is_given_up_in_the_end(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sink: Double,
    clock: HeldClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink.fault = NotTaken("the other side is down")
    sign_in(anonymous, client_id)
    deliver(server)
    deliver(server)
    assert sink.asked == 1
    clock.advance(15_000)
    deliver(server)
    assert sink.asked == 2
    with caplog.at_level(logging.ERROR, "cognomen.log_delivery"):
        for _ in range(delivery.ATTEMPTS_MAX):
            clock.advance(HOUR)
            deliver(server)
    assert sink.asked == delivery.ATTEMPTS_MAX
    assert waiting(server, pool_id) == []
    assert f"1 log records were given up for {STREAM}: the other side is down" in caplog.text
    counts = server.node.log_sinks.counts
    assert (counts["double", "failed"], counts["double", "given up"]) == (delivery.ATTEMPTS_MAX - 1, 1)


def test_nobody_waits_behind_a_destination_that_is_dead(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sink: Double,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However much waits for it, and for how long; once it is back, it takes all there is."""
    dead = Double()
    dead.fault = NotTaken("the other side is down")
    table: dict[str, Sink] = {STREAM: sink, GROUP: dead}
    monkeypatch.setattr(server.node.log_sinks, "_table", table)

    def write(db: Db) -> None:
        for number in range(2 * delivery.BATCH + 1):
            document = '{"message":{}}'
            log_records.queue(db, LogRecord(pool_id, f"{number}", GROUP, document, clock.now - HOUR))

    server.run(server.store.write(write))
    sign_in(anonymous, client_id)
    server.run(delivery.deliver_due(server.node, clock.now))
    assert [destination for destination, _ in sink.got] == [STREAM]
    assert dead.asked == 1
    sign_in(anonymous, client_id)
    deliver(server)
    assert len(sink.got) == 2
    assert dead.asked == 1, "it is left alone for a moment"
    dead.fault = None
    clock.advance(delivery.FIRST_PAUSE)
    deliver(server)
    assert len(dead.got) == 2 * delivery.BATCH + 1


def test_what_will_never_be_taken_is_given_up_at_once(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str, sink: Double
) -> None:
    sink.fault = NotTaken("no", is_final=True)
    sign_in(anonymous, client_id)
    deliver(server)
    assert waiting(server, pool_id) == []


def test_what_was_claimed_by_one_who_died_is_taken_by_another(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str, sink: Double, clock: HeldClock
) -> None:
    sign_in(anonymous, client_id)
    due = waiting(server, pool_id)
    server.run(server.store.write(log_records.claim, due, clock.now + delivery.CLAIMED_FOR))
    deliver(server)
    assert sink.got == []
    clock.advance(2 * MINUTE)
    deliver(server)
    assert len(sink.got) == 1


def test_a_destination_that_the_setting_forgot_is_tried_until_it_is_given_up(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sink: Double,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_in(anonymous, client_id)
    monkeypatch.setattr(server.node.log_sinks, "_table", {})
    deliver(server)
    (record,) = waiting(server, pool_id)
    assert record.attempts == 1
    assert server.node.log_sinks.counts["none", "failed"] == 1
    assert sink.asked == 0


def test_a_message_that_does_not_arrive_is_told_to_the_pools_owner(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sink: Double,
    take_mail_down: Callable[[], None],
) -> None:
    take_mail_down()
    anonymous.forgot_password(ClientId=client_id, Username="ada")

    async def attempts_end() -> None:
        for attempt in list(server.node.carriers.attempts):
            await attempt

    server.run(attempts_end())
    deliver(server)
    (record,) = (record for destination, record in sink.got if destination == GROUP)
    assert (record["eventSource"], record["logLevel"]) == ("USER_NOTIFICATION", "ERROR")
    assert record["logSourceId"] == {"userPoolId": pool_id}
    assert record["message"]["details"].endswith("was not delivered: the other side is down")
