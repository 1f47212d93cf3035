"""Where messages go, as settings say it."""

from __future__ import annotations

import pytest

from cognomen import settings
from cognomen.messages.carriers import targets
from cognomen.messages.carriers.gateway import HttpGateway
from cognomen.messages.carriers.ses import AmazonSes
from cognomen.messages.carriers.smtp import SmtpServer
from cognomen.messages.carriers.table import Carriers
from cognomen.messages.carriers.targets import Gateway, Inbox, Ses, Smtp, Sns, Target
from cognomen.settings import SettingsError

FROM = "no-reply@example.com"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("inbox", Inbox()),
        ("smtp://host", Smtp("host", 587, "starttls", "", "", "")),
        ("smtps://host/", Smtp("host", 465, "tls", "", "", "")),
        ("smtp+plain://mailpit:1025", Smtp("mailpit", 1025, "none", "", "", "")),
        ("smtp+plain://a:b@localhost", Smtp("localhost", 25, "none", "a", "b", "")),
        ("smtp://a%40b:c%2Fd@host:25", Smtp("host", 25, "starttls", "a@b", "c/d", "")),
        ("smtp://host?ca=/etc/ca.pem", Smtp("host", 587, "starttls", "", "", "/etc/ca.pem")),
        ("smtps://[::1]:465", Smtp("::1", 465, "tls", "", "", "")),
        ("ses", Ses(None)),
        ("ses:http://localhost:4566/", Ses("http://localhost:4566")),
        ("https://host/path?x=y", Gateway("https://host/path?x=y")),
    ],
)
def test_what_carries_mail(text: str, target: Target) -> None:
    assert targets.of_email(text) == target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("inbox", Inbox()),
        ("sns", Sns(None, assumes_role=False)),
        ("sns-role", Sns(None, assumes_role=True)),
        ("sns-role:http://localhost:4566", Sns("http://localhost:4566", assumes_role=True)),
        ("http://10.0.0.1/sms", Gateway("http://10.0.0.1/sms")),
    ],
)
def test_what_carries_sms(text: str, target: Target) -> None:
    assert targets.of_sms(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sns",
        "mail.example.com",
        "smtp://",
        "smtp://host:x",
        "smtp://host:99999",
        "smtp://secret@host",
        "smtp://:secret@host",
        "smtp://user:secret@host/path",
        "smtp://host?tls=none",
        "smtp://host?ca",
        "smtp://host#x",
        "smtp+plain://user:secret@host",
        "ses:localhost",
        "ses:http://host/path",
        "https://user:secret@host/",
        "ftp://host/",
    ],
)
def test_what_does_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"mail server|must be 'inbox'|password is not sent") as caught:
        targets.of_email(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["ses", "smtp://host", "sns:", "sns:host", "sns-role:http://h/p"])
def test_what_carries_no_sms(text: str) -> None:
    with pytest.raises(ValueError, match="must be 'inbox', 'sns', 'sns-role'"):
        targets.of_sms(text)


def table(**given: object) -> Carriers:
    return Carriers(settings.load(given, {}))


def test_a_pool_s_own_entry_counts_before_patterns_and_those_in_their_order() -> None:
    carriers = table(
        email_carriers={
            "us-east-1_*": "smtp://one",
            "*": "https://host/",
            "eu-west-1_x": "ses",
            "us-east-1_y": "inbox",
        },
        email_from=FROM,
        message_secret="x",
    )
    assert isinstance(carriers.of("us-east-1_x", "EMAIL"), SmtpServer)
    assert isinstance(carriers.of("eu-west-1_x", "EMAIL"), AmazonSes)
    assert isinstance(carriers.of("eu-west-1_z", "EMAIL"), HttpGateway)
    assert carriers.of("us-east-1_y", "EMAIL") is None
    assert carriers.of("us-east-1_x", "SMS") is None


def test_one_server_has_one_carrier() -> None:
    carriers = table(email_carriers={"a": "smtp://one", "b": "smtp://one"}, email_from=FROM)
    assert carriers.of("a", "EMAIL") is carriers.of("b", "EMAIL")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"email_carriers": {"*": "smtp://u:secret@h/x"}},
            r"email_carriers: what it says of '\*' cannot be used",
        ),
        ({"email_carriers": {"*": "smtp://h"}}, "give email_from"),
        ({"email_carriers": {"*": "smtp://h"}, "email_from": "Example"}, "give email_from"),
        ({"email_carriers": {"*": "https://h"}, "email_from": FROM}, "give message_secret"),
        ({"sms_carriers": {"*": "https://h"}}, "sms_carriers names a gateway: give message_secret"),
        ({"sms_carriers": {"*": "smtp://h"}}, "sms_carriers: what it says"),
    ],
)
def test_tables_that_cannot_be_used_are_told_at_the_start(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        table(**given)
    assert "secret@" not in str(caught.value)


def test_without_the_library_of_aws_its_services_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognomen.messages.carriers.aws.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"install cognomen\[aws\]"):
        table(sms_carriers={"*": "sns"})


def test_passwords_in_the_tables_are_not_shown() -> None:
    given = settings.load({"email_carriers": {"*": "smtp://u:S3cret@h"}, "email_from": FROM}, {})
    assert "S3cret" not in repr(given)
    assert "S3cret" not in repr(targets.of_email("smtp://u:S3cret@h"))
