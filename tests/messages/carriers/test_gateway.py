"""Messages as a gateway gets them: signed JSON."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.gateway import HttpGateway
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.targets import Gateway
from cognomen.messages.compose import Composed
from cognomen.store.user_pool_settings import EmailConfiguration, UserPoolSettings
from cognomen.store.user_pools import UserPool

ID = "01890000-0000-7000-8000-000000000001"
SECRET = "what the gateway knows"


@dataclass
class Receiver:
    port: int = 0
    status: int = 202
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((dict(self.headers), body))
            self.send_response(found.status)
            self.end_headers()
            self.wfile.write(b"because of ada@example.com")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def gateway(receiver: Receiver) -> AsyncIterator[HttpGateway]:
    made = HttpGateway(Gateway(f"http://127.0.0.1:{receiver.port}/messages"), SECRET, "no-reply@example.com")
    yield made
    await made.close()


def parcel_of(message: Composed) -> Parcel:
    settings = UserPoolSettings(
        email_configuration=EmailConfiguration(reply_to_email_address="help@example.com")
    )
    return Parcel(ID, UserPool("us-east-1_abc", "a pool", settings, (), b"", 1, 0, 0), message)


async def test_a_mail_is_a_signed_document(
    gateway: HttpGateway, receiver: Receiver, message: Composed
) -> None:
    await gateway.carry(parcel_of(message))
    ((headers, body),) = receiver.got
    assert json.loads(body) == {
        "id": ID,
        "pool": "us-east-1_abc",
        "medium": "EMAIL",
        "to": "ada@example.com",
        "purpose": "invitation",
        "sub": message.sub,
        "username": "ada",
        "code": None,
        "password": "S3cret-word",
        "from": "no-reply@example.com",
        "reply_to": "help@example.com",
        "subject": "Your temporary password",
        "html": message.body,
        "text": f"{message.body.strip()}\n",
    }
    assert headers["X-Cognomen-Message"] == ID
    signed = f"{headers['X-Cognomen-Timestamp']}.{ID}.".encode() + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Cognomen-Signature"] == f"v1={expected}"


async def test_a_text_has_no_more_than_that(
    gateway: HttpGateway, receiver: Receiver, message: Composed
) -> None:
    sms = msgspec.structs.replace(
        message, medium="SMS", destination="+15555550100", subject="", body="code 1"
    )
    await gateway.carry(parcel_of(sms))
    document = json.loads(receiver.got[0][1])
    assert (document["to"], document["text"]) == ("+15555550100", "code 1")
    assert not {"html", "subject", "from"} & document.keys()


@pytest.mark.parametrize(("status", "is_final"), [(500, False), (404, False), (302, False), (422, True)])
async def test_what_it_does_not_take_is_told_and_422_is_final(
    gateway: HttpGateway, receiver: Receiver, message: Composed, status: int, is_final: bool
) -> None:
    receiver.status = status
    with pytest.raises(Undelivered) as caught:
        await gateway.carry(parcel_of(message))
    assert (caught.value.reason, caught.value.is_final) == (f"the gateway answered {status}", is_final)
    assert caught.value.detail == "because of ada@example.com"


async def test_a_gateway_that_is_not_there_is_told(message: Composed) -> None:
    gone = HttpGateway(Gateway("http://127.0.0.1:9/"), SECRET, "no-reply@example.com")
    with pytest.raises(Undelivered, match="the gateway gave no answer: no connection to it could be made"):
        await gone.carry(parcel_of(message))
    await gone.close()
