"""`cognomen messages`."""

from __future__ import annotations

import asyncio
import json

import pytest

from cognomen.call import Node
from cognomen.messages import compose, courier
from cognomen.messages.compose import Composed
from cognomen.operations import dispatch
from cognomen.store import messages
from cognomen.store.messages import Waiting
from tests import aws_services, mail_server
from tests.cli.conftest import Place

FROM = {"COGNOMEN_EMAIL_FROM": "no-reply@example.com"}


@pytest.fixture
def pool_id(node: Node) -> str:
    made = asyncio.run(dispatch.perform(node, "CreateUserPool", {"PoolName": "a pool"}))
    id: str = made["UserPool"]["Id"]
    return id


def test_what_waits_and_what_was_given_up_are_shown_with_the_reason(
    place: Place, node: Node, pool_id: str
) -> None:
    assert place.run("messages", "list", pool_id).err == "Every message was carried.\n"
    message = Composed(
        medium=compose.EMAIL,
        destination="ada@example.com",
        subject="a subject",
        body="012345",
        sub="sub",
        username="ada\x1b[2J",
        purpose=compose.SIGN_UP,
        code="012345",
    )

    async def queue(moment: int, reason: str) -> Waiting:
        queued = await node.store.write(courier.queue, node.vault, pool_id, message, moment)
        await node.store.write(messages.claim, Waiting(queued, 0), 0)
        await node.store.write(messages.postpone, Waiting(queued, 1), 4_000_000_000_000, reason)
        return Waiting(queued, 1)

    lost = asyncio.run(queue(1_600_000_000_000, "no"))
    asyncio.run(node.store.write(messages.give_up, lost, 1_700_000_000_000, "it answered 550"))
    asyncio.run(queue(1_600_000_000_001, "it took too long"))
    shown = place.run("messages", "list", pool_id).out
    assert "waiting, 1 attempt, next 2096-10-02T07:06:40.000Z  EMAIL to ada@example.com (sign-up" in shown
    assert "given up, 1 attempt, at 2023-11-14T22:13:20.000Z" in shown
    assert "it took too long\n" in shown
    assert "it answered 550\n" in shown
    assert "012345" not in shown
    assert "\x1b" not in shown
    found = json.loads(place.run("messages", "list", pool_id, "--json", "--limit", "1").out)
    assert [each["state"] for each in found] == ["waiting"]


def test_a_mail_server_is_tried(place: Place, pool_id: str) -> None:
    with mail_server.serving() as post:
        carriers = {
            "COGNOMEN_EMAIL_CARRIERS": json.dumps({"*": f"smtp+plain://127.0.0.1:{post.port}"})
        } | FROM
        sent = place.run("messages", "test", pool_id, "ada@example.com", **carriers)
        assert (sent.code, sent.out) == (0, "Handed over to smtp, which acknowledged it.\n")
        (letter,) = post.letters
        assert (letter.sender, letter.recipients) == ("no-reply@example.com", ["ada@example.com"])
        post.refusals["MAIL"] = "550 5.7.1 no-reply@example.com is not yours"
        refused = place.run("messages", "test", pool_id, "ada@example.com", **carriers)
    assert refused.code == 1
    assert refused.out == (
        "Not delivered by smtp: the mail server answered 550 5.7.1 to the sender: its user may not write as the pool's From or "
        "SourceArn, or else as email_from\n"
        "It said: 550 5.7.1 no-reply@example.com is not yours\n"
    )


def test_a_number_is_written_to_by_sms(place: Place, pool_id: str) -> None:
    with aws_services.serving() as aws:
        given = {
            "COGNOMEN_SMS_CARRIERS": json.dumps({pool_id: f"sns:{aws.endpoint}"}),
            "COGNOMEN_AWS_ACCESS_KEY_ID": "AKIA",
            "COGNOMEN_AWS_SECRET_ACCESS_KEY": "s",
        }
        assert place.run("messages", "test", pool_id, "+15555550100", **given).code == 0
        assert aws.actions() == ["Publish"]


def test_what_cannot_be_tried_is_told(place: Place, node: Node, pool_id: str) -> None:
    for pool, address, said in (
        (pool_id, "ada", "ada is neither an e-mail address nor a phone number"),
        (pool_id, "ada@example.com", f"email_carriers names no carrier for {pool_id}: such"),
        (
            pool_id,
            "ada@example.com",
            "in the environment and in no settings file; name the server's file with --config",
        ),
        (pool_id, "+15555550100", f"sms_carriers names no carrier for {pool_id}"),
        ("us-east-1_none", "ada@example.com", "There is no user pool us-east-1_none in the database "),
    ):
        told = place.run("messages", "test", pool, address)
        assert told.code == 1
        assert said in told.err
    sender = {"LambdaVersion": "V1_0", "LambdaArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}
    key = "arn:aws:kms:us-east-1:000000000000:key/0b8e1f0a-0000-4000-8000-000000000001"
    own = {"UserPoolId": pool_id, "LambdaConfig": {"CustomEmailSender": sender, "KMSKeyID": key}}
    asyncio.run(dispatch.perform(node, "UpdateUserPool", own))
    told = place.run("messages", "test", pool_id, "ada@example.com")
    assert f"cognomen triggers test {pool_id} CustomEmailSender" in told.err
