"""A mail server on loopback, with TLS and a login where a test wants them."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Tls = Literal["starttls", "tls", "none"]


@dataclass
class Letter:
    sender: str
    recipients: list[str]
    mail: EmailMessage
    raw: bytes
    secure: bool
    user: str | None


@dataclass
class MailServer:
    """`refusals`: what is answered to a step (`MAIL`, `RCPT`, `DATA`) in the place of taking it."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    login: tuple[str, str] | None = None
    tls: Tls = "none"

    async def handle_MAIL(  # noqa: N802  the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.refusals.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802  the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return self.refusals.get("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802  as above
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if "DATA" in self.refusals:
            return self.refusals["DATA"]
        raw = envelope.content
        assert isinstance(raw, bytes)
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        user: Any = session.auth_data
        self.letters.append(
            Letter(
                envelope.mail_from or "",
                list(envelope.rcpt_tos),
                mail,
                raw,
                self.tls == "tls" or session.ssl is not None,
                user.decode() if user else None,
            )
        )
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = (given.login.decode(), given.password.decode()) == self.login
        return AuthResult(success=right, handled=False, auth_data=given.login)


@contextmanager
def serving(
    tls: Tls = "none",
    context: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    *,
    utf8: bool = False,
) -> Iterator[MailServer]:
    found = MailServer(login=login, tls=tls)
    ready = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    stops: list[asyncio.Event] = []

    def protocol() -> asyncio.Protocol:
        if found.silent:
            return asyncio.Protocol()
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")  # it is on loopback
        return SMTP(
            found,
            hostname="localhost",
            enable_SMTPUTF8=utf8,
            tls_context=context if tls == "starttls" else None,
            auth_required=login is not None,
            auth_require_tls=tls == "starttls",
            authenticator=found.authenticate,
        )

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if tls == "tls" else None)
        found.port = server.sockets[0].getsockname()[1]
        loops.append(loop)
        stops.append(stop)
        ready.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(10)
    try:
        yield found
    finally:
        loops[0].call_soon_threadsafe(stops[0].set)
        thread.join()
