"""Messages as Amazon SES, SNS and AWS End User Messaging get them, in the protocols of AWS."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cognomen import errors, settings
from cognomen.messages import courier
from cognomen.messages.carriers import aws as carriers_of_aws
from cognomen.messages.carriers.aws import AwsClients
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.table import Carriers
from cognomen.messages.compose import Composed
from cognomen.store.user_pool_settings import EmailConfiguration, UserPoolSettings
from cognomen.store.user_pools import UserPool
from tests import aws_services
from tests.aws_services import ASSUMED, Aws

KEY = "AKIACARRIERS"
ROLE = "arn:aws:iam::111122223333:role/sms"


@pytest.fixture(scope="module")
def served() -> Iterator[Aws]:
    with aws_services.serving() as found:
        yield found


@pytest.fixture
def aws(served: Aws) -> Aws:
    served.asked.clear()
    served.errors.clear()
    return served


@pytest.fixture
async def carriers(aws: Aws) -> AsyncIterator[Carriers]:
    made = Carriers(
        settings.load(
            {
                "email_carriers": {"*": f"ses:{aws.endpoint}"},
                "sms_carriers": {"role": f"sns-role:{aws.endpoint}", "*": f"sns:{aws.endpoint}"},
                "email_from": "Example <no-reply@example.com>",
                "region": "eu-north-1",
                "aws_access_key_id": KEY,
                "aws_secret_access_key": "the secret of it",
            },
            {},
        )
    )
    yield made
    await made.close()


def parcel_of(message: Composed, **given: Any) -> Parcel:
    pool = UserPool("us-east-1_abc", "a pool", UserPoolSettings(**given), (), b"", 1, 0, 0)
    return Parcel("01890000-0000-7000-8000-000000000001", pool, message)


@pytest.fixture
def sms(message: Composed) -> Composed:
    return msgspec.structs.replace(
        message, medium="SMS", destination="+15555550100", subject="", body="code 1"
    )


async def carry(carriers: Carriers, parcel: Parcel, pool_id: str = "any") -> None:
    carrier = carriers.of(pool_id, parcel.message.medium)
    assert carrier is not None
    await carrier.carry(parcel)


async def fault_of(carriers: Carriers, parcel: Parcel, pool_id: str = "any") -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        await carry(carriers, parcel, pool_id)
    return caught.value


async def test_ses_gets_the_mail_with_what_the_pool_says_of_it(
    carriers: Carriers, aws: Aws, message: Composed
) -> None:
    arn = "arn:aws:ses:eu-west-1:111122223333:identity/example.org"
    configuration = EmailConfiguration(
        source_arn=arn,
        reply_to_email_address="help@example.org",
        from_="Shop <shop@example.org>",
        configuration_set="events",
        email_sending_account="DEVELOPER",
    )
    await carry(carriers, parcel_of(message, email_configuration=configuration))
    (asked,) = aws.asked
    assert asked.signed == (KEY, "eu-west-1", "ses")
    body = asked.members["Content"]["Simple"]["Body"]
    assert asked.members == {
        "FromEmailAddress": "Shop <shop@example.org>",
        "FromEmailAddressIdentityArn": arn,
        "Destination": {"ToAddresses": ["ada@example.com"]},
        "ReplyToAddresses": ["help@example.org"],
        "ConfigurationSetName": "events",
        "Content": {
            "Simple": {"Subject": {"Data": "Your temporary password", "Charset": "UTF-8"}, "Body": body}
        },
    }
    assert body["Html"]["Data"] == message.body
    assert body["Text"]["Data"] == f"{message.body.strip()}\n"


async def test_of_a_pool_that_says_nothing_ses_gets_the_server_s_own(
    carriers: Carriers, aws: Aws, message: Composed
) -> None:
    await carry(carriers, parcel_of(message))
    (asked,) = aws.asked
    assert asked.signed == (KEY, "eu-north-1", "ses")
    assert asked.members["FromEmailAddress"] == "Example <no-reply@example.com>"
    assert set(asked.members) == {"FromEmailAddress", "Destination", "Content"}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("MessageRejected", None),
        ("AccessDeniedException", errors.EMAIL_NOT_PERMITTED),
        ("TooManyRequestsException", errors.EMAIL_LIMIT_EXCEEDED),
    ],
)
async def test_what_ses_answers_is_told_by_its_name(
    carriers: Carriers, aws: Aws, message: Composed, code: str, sentence: errors.Sentence | None
) -> None:
    aws.errors["SendEmail"] = (code, "ada@example.com is not verified", 400)
    fault = await fault_of(carriers, parcel_of(message))
    assert (fault.reason, fault.sentence, fault.is_final) == (f"Amazon SES answered {code}", sentence, False)
    assert fault.detail == "ada@example.com is not verified"


async def test_sns_gets_the_text_in_the_region_of_the_pool(
    carriers: Carriers, aws: Aws, sms: Composed
) -> None:
    for configuration in (None, {"SnsCallerArn": ROLE, "SnsRegion": "ap-northeast-1"}):
        await carry(carriers, parcel_of(sms, sms_configuration=configuration))
    assert [asked.signed for asked in aws.asked] == [
        (KEY, "eu-north-1", "sns"),
        (KEY, "ap-northeast-1", "sns"),
    ]
    assert aws.actions() == ["Publish", "Publish"]
    assert aws.asked[0].members == {
        "Version": "2010-03-31",
        "PhoneNumber": "+15555550100",
        "Message": "code 1",
        "MessageAttributes.entry.1.Name": "AWS.SNS.SMS.SMSType",
        "MessageAttributes.entry.1.Value.DataType": "String",
        "MessageAttributes.entry.1.Value.StringValue": "Transactional",
    }


async def test_where_the_settings_say_so_the_pool_s_role_is_assumed_once(
    carriers: Carriers, aws: Aws, sms: Composed
) -> None:
    configuration = {"SnsCallerArn": ROLE, "ExternalId": "an id"}
    for _ in range(2):
        await carry(carriers, parcel_of(sms, sms_configuration=configuration), "role")
    assert aws.actions() == ["AssumeRole", "Publish", "Publish"]
    assert {name: aws.asked[0].members[name] for name in ("RoleArn", "ExternalId")} == {
        "RoleArn": ROLE,
        "ExternalId": "an id",
    }
    assert aws.asked[1].signed == (ASSUMED, "eu-north-1", "sns")


async def test_nothing_is_sent_that_could_end_after_its_attempt(
    carriers: Carriers, aws: Aws, sms: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the role, or the wait for a thread, took all the time there was, as no thread can be stopped."""
    assert carriers_of_aws.BEGUN_WITHIN_SECONDS + sum(carriers_of_aws.SEND_SECONDS) < courier.ATTEMPT_SECONDS
    assert sum(carriers_of_aws.ROLE_SECONDS) < carriers_of_aws.BEGUN_WITHIN_SECONDS
    with_role = parcel_of(sms, sms_configuration={"SnsCallerArn": ROLE})
    seconds = 0.0
    monkeypatch.setattr("cognomen.clock.elapsed", lambda: seconds)

    def note(waited: float, asked: Callable[..., None]) -> Callable[..., None]:
        def late(*given: Any) -> None:
            nonlocal seconds
            seconds += waited
            asked(*given)

        return late

    ask = AwsClients._ask
    too_late = "AWS was not asked, for there was no time left"
    monkeypatch.setattr(AwsClients, "_ask", note(carriers_of_aws.BEGUN_WITHIN_SECONDS + 1, ask))
    assert (await fault_of(carriers, parcel_of(sms))).reason == too_late
    assert aws.actions() == []
    monkeypatch.setattr(AwsClients, "_ask", note(carriers_of_aws.BEGUN_WITHIN_SECONDS - 1, ask))
    assert (await fault_of(carriers, with_role, "role")).reason == too_late
    assert aws.actions() == []
    await carry(carriers, parcel_of(sms))
    assert aws.actions() == ["Publish"]
    monkeypatch.setattr(AwsClients, "_ask", ask)

    def slow() -> None:
        nonlocal seconds
        seconds += carriers_of_aws.BEGUN_WITHIN_SECONDS + 1

    monkeypatch.setattr(aws, "meanwhile", {"AssumeRole": slow})
    assert (await fault_of(carriers, with_role, "role")).reason == too_late
    assert aws.actions() == ["Publish", "AssumeRole"]


async def test_a_role_that_is_not_to_be_had_is_told_as_cognito_tells_it(
    carriers: Carriers, aws: Aws, sms: Composed
) -> None:
    aws.errors["AssumeRole"] = ("AccessDenied", "no", 403)
    fault = await fault_of(carriers, parcel_of(sms, sms_configuration={"SnsCallerArn": ROLE}), "role")
    assert fault.reason == "the role of SmsConfiguration cannot be assumed: AccessDenied"
    assert fault.sentence == errors.SMS_ROLE_NOT_ASSUMABLE
    assert aws.actions() == ["AssumeRole"]


@pytest.mark.parametrize(
    ("code", "sentence", "is_final"),
    [
        ("AuthorizationError", errors.SMS_NOT_PERMITTED, False),
        ("InvalidParameter", None, True),
        ("Throttling", errors.SMS_LIMIT_EXCEEDED, False),
        ("InternalError", None, False),
    ],
)
async def test_what_sns_answers_is_told_by_its_name(
    carriers: Carriers, aws: Aws, sms: Composed, code: str, sentence: errors.Sentence | None, is_final: bool
) -> None:
    aws.errors["Publish"] = (code, "no", 400)
    fault = await fault_of(carriers, parcel_of(sms))
    assert (fault.reason, fault.sentence, fault.is_final) == (
        f"Amazon SNS answered {code}",
        sentence,
        is_final,
    )
    assert aws.actions() == ["Publish"], "whoever tries again is the courier"


async def test_a_pool_with_end_user_messaging_is_served_by_that(
    carriers: Carriers, aws: Aws, sms: Composed
) -> None:
    configuration = {
        "EumsSms": {
            "CallerArn": ROLE,
            "OriginationIdentity": "+15555550199",
            "ConfigurationSetName": "events",
            "InEntityId": "an entity",
            "InTemplateId": "a template",
        }
    }
    await carry(carriers, parcel_of(sms, sms_configuration=configuration))
    (asked,) = aws.asked
    assert asked.signed == (KEY, "eu-north-1", "sms-voice")
    assert (asked.action, asked.members) == (
        "SendTextMessage",
        {
            "DestinationPhoneNumber": "+15555550100",
            "MessageBody": "code 1",
            "MessageType": "TRANSACTIONAL",
            "OriginationIdentity": "+15555550199",
            "ConfigurationSetName": "events",
            "DestinationCountryParameters": {"IN_ENTITY_ID": "an entity", "IN_TEMPLATE_ID": "a template"},
        },
    )


async def test_an_endpoint_that_is_not_there_is_told(message: Composed) -> None:
    given = {
        "email_carriers": {"*": "ses:http://127.0.0.1:9"},
        "email_from": "no-reply@example.com",
        "aws_access_key_id": KEY,
        "aws_secret_access_key": "s",
    }
    carriers = Carriers(settings.load(given, {}))
    fault = await fault_of(carriers, parcel_of(message))
    assert fault.reason == "sesv2 gave no answer: EndpointConnectionError"
    await carriers.close()


_STARTS = """
import sys
from cognomen import app, settings
from cognomen.messages.carriers import aws
asked = []
aws.AwsClients.load = lambda _, services, load=aws.AwsClients.load: (load(_, services), asked.extend(services))
given = {"data": sys.argv[1], "sms_carriers": {"*": sys.argv[2]}}
app.prepare(settings.load(given))
app.os.environ[app.FOR_WORKERS] = app.msgspec.json.encode(given).decode()
app.worker()
sys.exit("boto3" in sys.modules and asked == ["sns"])
"""


@pytest.mark.parametrize(("carrier", "is_loaded"), [("sns", True), ("inbox", False)])
def test_a_server_whose_messages_go_by_aws_loads_its_library_at_the_start(
    tmp_path: Path, carrier: str, is_loaded: bool
) -> None:
    ended = subprocess.run([sys.executable, "-c", _STARTS, str(tmp_path), carrier], check=False)
    assert bool(ended.returncode) == is_loaded
