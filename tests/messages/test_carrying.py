"""Messages on their whole way: a request, a carrier, the other side, and the code that comes back."""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore import UNSIGNED
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import clock as machine
from cognomen.clock import SECOND
from cognomen.messages import courier, inbox
from tests import aws_services, functions, mail_server
from tests.adaptive import ELSEWHERE, HOME, NOTIFY, Adaptive, in_mode, notifying
from tests.aws_services import Aws
from tests.codes import messages_of
from tests.conftest import PASSWORD, connect, empty_database
from tests.functions import Functions, arn
from tests.held_clock import HeldClock
from tests.mail_server import MailServer
from tests.refused import refused
from tests.sdk_receiver import opened, raw_key
from tests.second_factors import OWN_SENDER, Client
from tests.server import Server, running

Make = Callable[..., Any]

EMAIL = "ada@example.com"
PHONE = "+15555550100"
KEY = "arn:aws:kms:us-east-1:000000000000:key/0b8e1f0a-0000-4000-8000-000000000001"
SMS = {"SnsCallerArn": "arn:aws:iam::111122223333:role/sms", "ExternalId": "an id"}


OCCASIONS = {
    "Email": {
        "SignUp": "CustomEmailSender_SignUp",
        "AdminCreateUser": "CustomEmailSender_AdminCreateUser",
        "ResendCode": "CustomEmailSender_ResendCode",
        "ForgotPassword": "CustomEmailSender_ForgotPassword",
        "UpdateUserAttribute": "CustomEmailSender_UpdateUserAttribute",
        "VerifyUserAttribute": "CustomEmailSender_VerifyUserAttribute",
        "Authentication": "CustomEmailSender_Authentication",
    },
    "SMS": {
        "SignUp": "CustomSMSSender_SignUp",
        "AdminCreateUser": "CustomSMSSender_AdminCreateUser",
        "ResendCode": "CustomSMSSender_ResendCode",
        "ForgotPassword": "CustomSMSSender_ForgotPassword",
        "UpdateUserAttribute": "CustomSMSSender_UpdateUserAttribute",
        "VerifyUserAttribute": "CustomSMSSender_VerifyUserAttribute",
        "Authentication": "CustomSMSSender_Authentication",
    },
}
"""What the functions that carry are told, by medium and occasion."""


@pytest.fixture(scope="module")
def post() -> Iterator[MailServer]:
    with mail_server.serving() as found:
        yield found


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with aws_services.serving() as found:
        yield found


@pytest.fixture(scope="module")
def senders() -> Iterator[Functions]:
    with functions.serving() as found:
        yield found


@pytest.fixture(scope="module")
def server(
    engine: str,
    tmp_path_factory: pytest.TempPathFactory,
    held_clock: HeldClock,
    post: MailServer,
    aws: Aws,
    senders: Functions,
) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("carrying")
    given = senders.settings() | {
        "email_carriers": {"*": f"smtp+plain://post:S3cretWord@127.0.0.1:{post.port}"},
        "sms_carriers": {"*": f"sns-role:{aws.endpoint}"},
        "email_from": "no-reply@example.com",
    }
    post.login = ("post", "S3cretWord")
    with empty_database(engine, data) as url, running(str(data), url, held_clock, **given) as served:
        yield served


@pytest.fixture(scope="module")
def cognito(server: Server) -> Cognito:
    return connect(server.endpoint)


@pytest.fixture(scope="module")
def anonymous(server: Server) -> Cognito:
    return connect(server.endpoint, signature_version=UNSIGNED)


@pytest.fixture(autouse=True)
def _fresh(server: Server, post: MailServer, aws: Aws, senders: Functions) -> Iterator[None]:
    post.letters.clear()
    post.refusals.clear()
    post.silent = False
    aws.asked.clear()
    aws.errors.clear()
    senders.clear()
    yield
    post.silent = False
    server.run(quiet(server))


async def quiet(server: Server) -> None:
    for attempt in list(server.node.carriers.attempts):
        await attempt


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool(AutoVerifiedAttributes=["email"])["Id"]
    return id


def sign_up(anonymous: Cognito, client_id: str, name: str = "ada", **attributes: str) -> Any:
    return anonymous.sign_up(
        ClientId=client_id,
        Username=name,
        Password=PASSWORD,
        UserAttributes=[{"Name": each, "Value": value} for each, value in attributes.items()],
        ClientMetadata={"hint": "from the client"},
    )


def outstanding(server: Server, pool_id: str) -> list[dict[str, Any]]:
    return server.run(inbox.outstanding(server.store, server.node.vault, pool_id, 10))


def test_a_code_comes_by_mail_and_confirms_its_user(
    server: Server, anonymous: Cognito, post: MailServer, pool_id: str, make_client: Make
) -> None:
    client_id = make_client(pool_id)["ClientId"]
    sign_up(anonymous, client_id, email=EMAIL)
    (letter,) = post.letters
    text, _ = letter.mail.iter_parts()
    code = text.get_content().strip().removeprefix("Your verification code is ").removesuffix(".")
    anonymous.confirm_sign_up(ClientId=client_id, Username="ada", ConfirmationCode=code)
    assert messages_of(server, pool_id) == []
    assert outstanding(server, pool_id) == []


def test_a_mail_that_is_refused_is_told_and_kept_to_be_looked_at_without_what_it_says(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    post: MailServer,
    pool_id: str,
    make_client: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    post.refusals["RCPT"] = f"550 5.1.1 <{EMAIL}> unknown"
    with (
        caplog.at_level(logging.DEBUG, "cognomen"),
        refused("CodeDeliveryFailureException", "Failed to send the message."),
    ):
        sign_up(anonymous, make_client(pool_id)["ClientId"], email=EMAIL)
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserStatus"] == "UNCONFIRMED"
    (lost,) = outstanding(server, pool_id)
    assert (lost["state"], lost["attempts"], lost["destination"]) == ("given up", 1, EMAIL)
    assert lost["reason"] == "the mail server answered 550 5.1.1 to the recipient"
    assert not {"code", "body", "password"} & lost.keys()
    assert f"message {lost['id']} was given up after 1 attempt" in caplog.text
    said = "".join(record.getMessage() for record in caplog.records if record.name.startswith("cognomen"))
    for secret in (EMAIL, "S3cretWord", PASSWORD):
        assert secret not in said


def test_a_mail_that_is_put_off_is_tried_again(
    server: Server, anonymous: Cognito, post: MailServer, pool_id: str, make_client: Make, clock: HeldClock
) -> None:
    post.refusals["RCPT"] = "450 4.2.0 later"
    with refused("CodeDeliveryFailureException"):
        sign_up(anonymous, make_client(pool_id)["ClientId"], email=EMAIL)
    (waiting,) = outstanding(server, pool_id)
    assert (waiting["state"], waiting["attempts"]) == ("waiting", 1)
    post.refusals.clear()
    clock.advance(15 * SECOND)
    server.run(courier.carry_due(server.node, machine.now()))
    assert len(post.letters) == 1
    assert outstanding(server, pool_id) == []


def test_a_silent_mail_server_does_not_tell_who_exists(
    cognito: Cognito,
    anonymous: Cognito,
    post: MailServer,
    pool_id: str,
    make_client: Make,
    make_user: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier, "ANSWER_SECONDS", 60)
    monkeypatch.setattr("cognomen.messages.carriers.smtp.SECONDS", 8)
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    make_user(pool_id, "ada", email=EMAIL, email_verified="true")
    post.silent = True
    for name in ("ada", "nobody"):
        began = time.monotonic()
        anonymous.forgot_password(ClientId=client_id, Username=name)
        assert time.monotonic() - began < 6


def test_a_role_that_cannot_be_assumed_is_told_as_cognito_tells_it(
    anonymous: Cognito, aws: Aws, make_pool: Make, make_client: Make
) -> None:
    aws.errors["AssumeRole"] = ("AccessDenied", "no", 403)
    pool_id = make_pool(AutoVerifiedAttributes=["phone_number"], SmsConfiguration=SMS)["Id"]
    client_id = make_client(pool_id)["ClientId"]
    role = "Role does not have a trust relationship allowing Cognito to assume the role"
    with refused("InvalidSmsRoleTrustRelationshipException", role):
        sign_up(anonymous, client_id, phone_number=PHONE)
    aws.errors = {"Publish": ("AuthorizationError", "no", 403)}
    publish = "Role does not have permission to publish with SNS"
    with refused("InvalidSmsRoleAccessPolicyException", publish):
        sign_up(anonymous, client_id, "bo", phone_number=PHONE)


def test_who_signs_up_when_no_more_may_be_sent_is_told_and_there(
    cognito: Cognito, anonymous: Cognito, aws: Aws, make_pool: Make, make_client: Make
) -> None:
    aws.errors = {"Publish": ("Throttling", "Rate exceeded", 400)}
    pool_id = make_pool(AutoVerifiedAttributes=["phone_number"], SmsConfiguration=SMS)["Id"]
    with refused("LimitExceededException", "Exceeded SMS limit for the operation or the account."):
        sign_up(anonymous, make_client(pool_id)["ClientId"], phone_number=PHONE)
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserStatus"] == "UNCONFIRMED"


# -- functions that carry ----------------------------------------------------------------------------------------------


@pytest.fixture
def own(make_pool: Make) -> str:
    """A pool whose owner carries mail and SMS with functions behind URLs, and words nothing of it here."""
    sender = {name: {"LambdaVersion": "V1_0", "LambdaArn": arn("url", name)} for name in ("Email", "SMS")}
    id: str = make_pool(
        AutoVerifiedAttributes=["email", "phone_number"],
        SmsConfiguration=SMS,
        EmailConfiguration=OWN_SENDER,
        LambdaConfig={
            "CustomEmailSender": sender["Email"],
            "CustomSMSSender": sender["SMS"],
            "CustomMessage": arn("url", "CustomMessage"),
            "KMSKeyID": KEY,
        },
    )["Id"]
    return id


def code_of(server: Server, event: dict[str, Any]) -> str:
    key = server.node.code_keys.secret_of(KEY)
    assert key is not None
    text, context = opened(base64.b64decode(event["request"]["code"]), raw_key(key, KEY))
    assert context == {"userpool-id": event["userPoolId"]}
    return text.decode()


def test_a_function_gets_the_code_that_confirms_and_nobody_else_does(
    server: Server,
    anonymous: Cognito,
    post: MailServer,
    aws: Aws,
    senders: Functions,
    own: str,
    make_client: Make,
) -> None:
    client_id = make_client(own)["ClientId"]
    for name, attributes in {"ada": {"email": EMAIL}, "bo": {"phone_number": PHONE}}.items():
        sign_up(anonymous, client_id, name, **attributes)
        server.run(quiet(server))
        event = senders.events[-1]
        assert event["request"]["clientMetadata"] == {"hint": "from the client"}
        assert event["callerContext"]["clientId"] == client_id
        assert event["request"]["userAttributes"].items() >= attributes.items()
        code = code_of(server, event)
        anonymous.confirm_sign_up(ClientId=client_id, Username=name, ConfirmationCode=code)
    assert senders.sources() == ["CustomEmailSender_SignUp", "CustomSMSSender_SignUp"]
    assert senders.problems == []
    assert post.letters == []
    assert aws.asked == []
    assert messages_of(server, own) == outstanding(server, own) == []


def test_an_invitation_brings_the_password_and_a_new_address_its_code(
    server: Server, cognito: Cognito, anonymous: Cognito, senders: Functions, own: str, make_client: Make
) -> None:
    client_id = make_client(own)["ClientId"]
    cognito.admin_create_user(
        UserPoolId=own,
        Username="ada",
        TemporaryPassword="P<ssw0rd&",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[{"Name": "email", "Value": EMAIL}],
        ClientMetadata={"a": "b"},
    )
    server.run(quiet(server))
    assert senders.sources() == ["CustomEmailSender_AdminCreateUser"]
    assert senders.events[-1]["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
    assert code_of(server, senders.events[-1]) == "P&lt;ssw0rd&amp;"
    cognito.admin_set_user_password(UserPoolId=own, Username="ada", Password=PASSWORD, Permanent=True)
    token = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    anonymous.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "email", "Value": "new@example.com"}]
    )
    server.run(quiet(server))
    event = senders.events[-1]
    assert event["triggerSource"] == "CustomEmailSender_UpdateUserAttribute"
    assert event["request"]["userAttributes"]["email"] == "new@example.com"
    anonymous.verify_user_attribute(AccessToken=token, AttributeName="email", Code=code_of(server, event))


@pytest.mark.parametrize("medium", ["Email", "SMS"])
def test_each_occasion_of_a_message_is_told_as_its_source(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    senders: Functions,
    own: str,
    make_client: Make,
    clock: HeldClock,
    medium: str,
) -> None:
    attribute, address, other = {
        "Email": ("email", EMAIL, "other@example.com"),
        "SMS": ("phone_number", PHONE, "+15555550101"),
    }[medium]
    given: Any = [{"Name": attribute, "Value": address}]
    changed: Any = [{"Name": attribute, "Value": other}]
    client = Client(cognito, anonymous, own, make_client(own)["ClientId"], clock)
    of_client: Any = {"ClientId": client.client_id, "Username": "ada"}
    of_pool: Any = {"UserPoolId": own, "Username": "ada"}
    code = ""

    def tells(source: str, asking: Callable[[], Any]) -> Any:
        nonlocal code
        clock.advance(SECOND)
        answer = asking()
        server.run(quiet(server))
        (event,) = senders.events
        assert event["triggerSource"] == source
        assert event["request"]["type"] == f"custom{medium}SenderRequestV1"
        assert event["userName"] in ("ada", "bo")
        code = code_of(server, event)
        senders.events.clear()
        return answer

    sources = OCCASIONS[medium]
    tells(sources["SignUp"], lambda: sign_up(anonymous, client.client_id, **{attribute: address}))
    tells(sources["ResendCode"], lambda: anonymous.resend_confirmation_code(**of_client))
    anonymous.confirm_sign_up(**of_client, ConfirmationCode=code)
    tells(sources["ForgotPassword"], lambda: anonymous.forgot_password(**of_client))
    anonymous.confirm_forgot_password(**of_client, ConfirmationCode=code, Password=PASSWORD)
    tells(sources["ForgotPassword"], lambda: cognito.admin_reset_user_password(**of_pool))
    cognito.admin_set_user_password(**of_pool, Password=PASSWORD, Permanent=True)
    token = client.sign_in("ada")["AuthenticationResult"]["AccessToken"]
    tells(
        sources["UpdateUserAttribute"],
        lambda: anonymous.update_user_attributes(AccessToken=token, UserAttributes=changed),
    )
    tells(
        sources["VerifyUserAttribute"],
        lambda: anonymous.get_user_attribute_verification_code(AccessToken=token, AttributeName=attribute),
    )
    anonymous.verify_user_attribute(AccessToken=token, AttributeName=attribute, Code=code)
    factor = {"Email": "EMAIL_OTP", "SMS": "SMS_MFA"}[medium]
    client.offer(factor)
    client.prefer("ada", factor)
    asked = tells(sources["Authentication"], lambda: client.sign_in("ada"))
    client.answer("ada", asked, **{f"{factor}_CODE": code})
    tells(
        sources["AdminCreateUser"],
        lambda: cognito.admin_create_user(
            UserPoolId=own,
            Username="bo",
            UserAttributes=given,
            DesiredDeliveryMediums=["EMAIL" if medium == "Email" else "SMS"],
        ),
    )


def test_a_function_that_fails_reaches_no_caller_and_is_asked_again(
    server: Server, anonymous: Cognito, senders: Functions, own: str, make_client: Make, clock: HeldClock
) -> None:
    def fail(_: object) -> object:
        raise functions.Failure("no")

    senders.does["Email"] = fail
    sign_up(anonymous, make_client(own)["ClientId"], email=EMAIL)
    server.run(quiet(server))
    (waiting,) = outstanding(server, own)
    assert waiting["reason"] == "the function failed: UserLambdaValidationException"
    senders.does.clear()
    clock.advance(15 * SECOND)
    server.run(courier.carry_due(server.node, machine.now()))
    assert senders.sources() == ["CustomEmailSender_SignUp"] * 2
    assert outstanding(server, own) == []


def test_of_a_name_that_nobody_has_no_function_hears(
    server: Server, anonymous: Cognito, senders: Functions, own: str, make_client: Make
) -> None:
    client_id = make_client(own, PreventUserExistenceErrors="ENABLED")["ClientId"]
    anonymous.forgot_password(ClientId=client_id, Username="nobody")
    server.run(quiet(server))
    assert senders.events == []
    assert outstanding(server, own) == []


# -- notices of risks --------------------------------------------------------------------------------------------------


def come_from_elsewhere(
    cognito: Cognito,
    anonymous: Cognito,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
    pool_id: str,
    **changed: Any,
) -> None:
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client_id = make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"]
    make_user(pool_id, "ada", email=EMAIL)
    pool = Adaptive(cognito, anonymous, pool_id, client_id, clock)
    pool.protect("ENFORCED", **notifying("NO_ACTION", **changed))
    for place in (HOME, ELSEWHERE):
        pool.come("ada", place)


def test_a_notice_is_from_whom_the_risk_configuration_says(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    post: MailServer,
    clock: HeldClock,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
) -> None:
    pool_id = make_pool(**in_mode("ENFORCED"))["Id"]
    mail = {"Subject": "Seen", "HtmlBody": "<p>In {city}</p>", "TextBody": "Of {username}"}
    come_from_elsewhere(cognito, anonymous, make_client, make_user, clock, pool_id, NoActionEmail=mail)
    server.run(quiet(server))
    (letter,) = post.letters
    found = letter.mail
    assert (found["From"], found["Reply-To"], found["To"], found["Subject"]) == (
        NOTIFY["From"],
        NOTIFY["ReplyTo"],
        EMAIL,
        "Seen",
    )
    assert [part.get_content().strip() for part in found.iter_parts()] == ["Of ada", "<p>In unknown</p>"]


def test_a_function_that_carries_mail_carries_notices_too_which_have_no_code(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    post: MailServer,
    senders: Functions,
    clock: HeldClock,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
) -> None:
    sender = {"LambdaVersion": "V1_0", "LambdaArn": arn("url", "Email")}
    pool_id = make_pool(**in_mode("ENFORCED"), LambdaConfig={"CustomEmailSender": sender, "KMSKeyID": KEY})[
        "Id"
    ]
    come_from_elsewhere(cognito, anonymous, make_client, make_user, clock, pool_id)
    server.run(quiet(server))
    (event,) = senders.events
    assert event["triggerSource"] == "CustomEmailSender_AccountTakeOverNotification"
    assert event["request"]["code"] is None
    assert event["request"]["userAttributes"]["email"] == EMAIL
    assert post.letters == []
