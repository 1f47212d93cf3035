"""Mail as a mail server gets it: over TLS that is checked, after a login, and never with a header that is not ours."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognomen.messages.carriers import mail, smtp, targets
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.smtp import SmtpServer
from cognomen.messages.carriers.targets import Smtp
from cognomen.messages.compose import Composed
from cognomen.settings import SettingsError
from cognomen.store.user_pool_settings import EmailConfiguration, UserPoolSettings
from cognomen.store.user_pools import UserPool
from tests import mail_server
from tests.held_clock import HeldClock
from tests.mail_server import MailServer
from tests.processes import self_signed

SENDER = "Example <no-reply@example.com>"
USER, WORD = "post", "w@rd/:"
LOGIN = "post:w%40rd%2F%3A@"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def context(files: tuple[Path, Path]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    return made


def carrier(url: str) -> SmtpServer:
    target = targets.of_email(url)
    assert isinstance(target, Smtp)
    return SmtpServer(target, SENDER)


@pytest.fixture
def parcel(message: Composed) -> Parcel:
    return parcel_of(message)


def parcel_of(message: Composed, **email: Any) -> Parcel:
    settings = UserPoolSettings(email_configuration=EmailConfiguration(**email))
    return Parcel(
        "01890000-0000-7000-8000-000000000001",
        UserPool("us-east-1_abc", "a pool", settings, (), b"", 1, 0, 0),
        message,
    )


@pytest.fixture
def plain() -> Iterator[MailServer]:
    with mail_server.serving() as found:
        yield found


async def refusal_of(carried: Any) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        await carried
    return caught.value


async def test_a_mail_says_what_the_message_says(plain: MailServer, parcel: Parcel, clock: HeldClock) -> None:
    await carrier(f"smtp+plain://127.0.0.1:{plain.port}").carry(parcel)
    (letter,) = plain.letters
    assert (letter.sender, letter.recipients) == ("no-reply@example.com", ["ada@example.com"])
    assert {name: letter.mail[name] for name in ("From", "To", "Subject", "Message-ID", "Reply-To")} == {
        "From": "Example <no-reply@example.com>",
        "To": "ada@example.com",
        "Subject": "Your temporary password",
        "Message-ID": "<01890000-0000-7000-8000-000000000001@example.com>",
        "Reply-To": None,
    }
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    assert letter.mail["Date"].datetime.timestamp() == clock.now // 1000
    text, html = letter.mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    body = "Your username is ada and temporary password is S3cret-word."
    assert text.get_content().strip() == html.get_content().strip() == body


async def test_the_pool_says_who_writes_and_who_is_written_back_to(
    plain: MailServer, message: Composed
) -> None:
    url = f"smtp+plain://127.0.0.1:{plain.port}"
    identity = "arn:aws:ses:us-east-1:111122223333:identity/"
    for configuration in (
        {"from_": "Käse, Shop <shop@example.org>", "reply_to_email_address": "help@example.org"},
        {"source_arn": f"{identity}someone@example.net"},
        {"source_arn": f"{identity}example.net"},
        {"from_": "bare@example.org", "source_arn": f"{identity}example.net"},
    ):
        await carrier(url).carry(parcel_of(message, **configuration))
    assert [letter.sender for letter in plain.letters] == [
        "shop@example.org",
        "someone@example.net",
        "no-reply@example.net",
        "bare@example.org",
    ]
    assert plain.letters[0].mail["From"].addresses[0].display_name == "Käse, Shop"
    assert plain.letters[0].mail["Reply-To"] == "help@example.org"


async def test_a_login_goes_over_starttls_to_a_server_whose_certificate_is_trusted(
    context: ssl.SSLContext, files: tuple[Path, Path], parcel: Parcel
) -> None:
    with mail_server.serving("starttls", context, (USER, WORD)) as server:
        await carrier(f"smtp://{LOGIN}localhost:{server.port}?ca={files[0]}").carry(parcel)
        (letter,) = server.letters
        assert (letter.secure, letter.user) == (True, USER)


async def test_tls_from_the_beginning_does_too(
    context: ssl.SSLContext, files: tuple[Path, Path], parcel: Parcel
) -> None:
    with mail_server.serving("tls", context, (USER, WORD)) as server:
        await carrier(f"smtps://{LOGIN}localhost:{server.port}?ca={files[0]}").carry(parcel)
        (letter,) = server.letters
        assert (letter.secure, letter.user) == (True, USER)


@pytest.mark.parametrize(("tls", "scheme"), [("starttls", "smtp"), ("tls", "smtps")])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    context: ssl.SSLContext, parcel: Parcel, tls: mail_server.Tls, scheme: str
) -> None:
    with mail_server.serving(tls, context) as server:
        fault = await refusal_of(carrier(f"{scheme}://localhost:{server.port}").carry(parcel))
        assert fault.reason.startswith(
            "the mail server's certificate is not one we trust: it must name the host"
        )
        assert server.letters == []


async def test_a_certificate_of_another_host_is_not_trusted(
    context: ssl.SSLContext, files: tuple[Path, Path], parcel: Parcel
) -> None:
    with mail_server.serving("starttls", context) as server:
        fault = await refusal_of(carrier(f"smtp://127.0.0.1:{server.port}?ca={files[0]}").carry(parcel))
        assert fault.reason.startswith(
            "the mail server's certificate is not one we trust: it must name the host"
        )
        assert "Hostname mismatch" in fault.detail or "IP address mismatch" in fault.detail
        assert server.letters == []


async def test_nothing_is_sent_to_a_server_that_does_not_offer_tls(plain: MailServer, parcel: Parcel) -> None:
    fault = await refusal_of(carrier(f"smtp://localhost:{plain.port}").carry(parcel))
    assert fault.reason.startswith("the mail server offers no STARTTLS: say smtps:// where")
    assert not fault.is_final
    assert plain.letters == []


async def test_a_server_that_speaks_no_tls_or_is_not_there_is_told(plain: MailServer, parcel: Parcel) -> None:
    fault = await refusal_of(carrier(f"smtps://localhost:{plain.port}").carry(parcel))
    assert fault.reason.startswith("no TLS connection to the mail server could be made: say smtp:// where")
    fault = await refusal_of(carrier("smtp+plain://nowhere.invalid:25").carry(parcel))
    assert fault.reason.startswith("nobody answers as the mail server: look at host and port")
    assert plain.letters == []


async def test_a_wrong_password_is_told_and_tried_again(parcel: Parcel) -> None:
    with mail_server.serving(login=(USER, WORD)) as server:
        fault = await refusal_of(carrier(f"smtp+plain://post:wrong@127.0.0.1:{server.port}").carry(parcel))
    assert fault.reason == (
        "the mail server answered 535 5.7.8 to the login: look at user and password in the carrier's URL, percent-encoded"
    )
    assert not fault.is_final
    assert "wrong" not in fault.reason + fault.detail


NOT_ITS_SENDER = (
    "553 5.7.1 to the sender: its user may not write as the pool's From or SourceArn, or else as email_from"
)


@pytest.mark.parametrize(
    ("step", "answer", "reason", "is_final"),
    [
        ("RCPT", "550 5.1.1 <ada@example.com> unknown", "550 5.1.1 to the recipient", True),
        ("RCPT", "450 4.2.0 greylisted", "450 4.2.0 to the recipient", False),
        ("MAIL", "553 5.7.1 not your sender", NOT_ITS_SENDER, False),
        ("DATA", "554 it looks like spam", "554 to the mail", True),
        ("DATA", "451 4.3.0 try later", "451 4.3.0 to the mail", False),
    ],
)
async def test_what_the_server_refuses_is_told_by_numbers_and_only_some_of_it_is_final(
    plain: MailServer, parcel: Parcel, step: str, answer: str, reason: str, is_final: bool
) -> None:
    plain.refusals[step] = answer
    fault = await refusal_of(carrier(f"smtp+plain://127.0.0.1:{plain.port}").carry(parcel))
    assert (fault.reason, fault.is_final) == (f"the mail server answered {reason}", is_final)
    assert fault.detail == answer
    assert "ada" not in fault.reason


async def test_a_server_that_says_nothing_is_left(
    plain: MailServer, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 0.1)
    plain.silent = True
    fault = await refusal_of(carrier(f"smtp+plain://127.0.0.1:{plain.port}").carry(parcel))
    assert fault.reason == "the mail server took too long to answer"


async def test_a_server_that_is_not_there_is_told(parcel: Parcel) -> None:
    with mail_server.serving() as gone:
        url = f"smtp+plain://127.0.0.1:{gone.port}"
    fault = await refusal_of(carrier(url).carry(parcel))
    assert fault.reason == "nobody answers as the mail server: look at host and port in the carrier's URL"


async def test_no_more_connections_are_open_than_that(
    plain: MailServer, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "CONNECTIONS", 2)
    server = carrier(f"smtp+plain://127.0.0.1:{plain.port}")
    under_way, most = 0, 0
    send = server._send

    async def counted(*given: Any) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await send(*given)
        under_way -= 1

    monkeypatch.setattr(server, "_send", counted)
    await asyncio.gather(*(server.carry(parcel) for _ in range(6)))
    assert len(plain.letters) == 6
    assert most == 2


async def test_addresses_of_any_script_are_written_to_where_the_server_can(message: Composed) -> None:
    parcel = parcel_of(msgspec.structs.replace(message, destination="ädä@bücher.example"))
    with mail_server.serving(utf8=True) as server:
        await carrier(f"smtp+plain://127.0.0.1:{server.port}").carry(parcel)
        assert server.letters[0].recipients == ["ädä@xn--bcher-kva.example"]
    with mail_server.serving() as server:
        fault = await refusal_of(carrier(f"smtp+plain://127.0.0.1:{server.port}").carry(parcel))
        assert fault.reason == "the mail server does not take addresses with such letters (SMTPUTF8)"
        only_domain = parcel_of(msgspec.structs.replace(message, destination="ada@bücher.example"))
        await carrier(f"smtp+plain://127.0.0.1:{server.port}").carry(only_domain)
        assert server.letters[0].recipients == ["ada@xn--bcher-kva.example"]


async def test_a_subject_makes_no_header(plain: MailServer, message: Composed) -> None:
    parcel = parcel_of(
        msgspec.structs.replace(message, subject="Hello\r\nBcc: eve@example.com\r\n\r\nbody", body="x\n.\ny")
    )
    await carrier(f"smtp+plain://127.0.0.1:{plain.port}").carry(parcel)
    (letter,) = plain.letters
    assert letter.recipients == ["ada@example.com"]
    assert letter.mail["Bcc"] is None
    assert letter.mail["Subject"] == "Hello Bcc: eve@example.com body"
    assert [part.get_content().strip() for part in letter.mail.iter_parts()] == ["x . y", "x\r\n.\r\ny"]


CHARACTERS = st.characters(exclude_categories=["Cs"])  # no request can bring half a character


@settings(deadline=None)  # the first example brings a library along
@given(
    subject=st.text(alphabet=CHARACTERS, max_size=200),
    name=st.text(alphabet=CHARACTERS.filter(lambda one: one not in "<>"), max_size=40),
)
def test_no_text_makes_a_header(subject: str, name: str) -> None:
    message = Composed(
        medium="EMAIL",
        destination="ada@example.com",
        subject=subject,
        body="body",
        sub="",
        username="",
        purpose="invitation",
    )
    made = mail.made(parcel_of(message, from_=f"{name} <shop@example.org>"), SENDER)
    head = made.as_bytes().partition(b"\r\n\r\n")[0]
    headers = [line for line in head.split(b"\r\n") if not line[:1].isspace()]
    assert [line.partition(b":")[0].decode() for line in headers] == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    ]
    assert made["From"].addresses[0].addr_spec == "shop@example.org"


def test_certificates_that_cannot_be_read_are_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"the certificates in .*/none\.pem cannot be read: No such file"):
        carrier(f"smtp://localhost?ca={tmp_path}/none.pem")
    (tmp_path / "empty.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match=r"the certificates in .*/empty\.pem cannot be read"):
        carrier(f"smtp://localhost?ca={tmp_path}/empty.pem")
