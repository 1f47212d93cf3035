"""A mail server: a connection for each message, with TLS and its certificate checked wherever the settings ask for it.

The library behind it is imported when the first message is carried.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from email.message import EmailMessage
from typing import Any

from cognomen.messages.carriers import mail
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.targets import Smtp
from cognomen.settings import SettingsError

SECONDS = 10
"""Of each step of the conversation; courier.py limits the whole."""

CONNECTIONS = 20
"""That a worker has open to one server; whoever gets none waits for it within the time of its attempt."""

_FINAL = 500
_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")


class SmtpServer:
    """Made anywhere, used in one event loop. Raises SettingsError where the certificates to trust cannot be read."""

    name = "smtp"

    def __init__(self, target: Smtp, sender: str) -> None:
        self._target = target
        self._sender = sender
        self._trusted = _trusted(target)
        self._free = asyncio.Semaphore(CONNECTIONS)

    async def carry(self, parcel: Parcel) -> None:
        made = mail.made(parcel, self._sender)
        library = await asyncio.to_thread(_library)
        async with self._free:
            try:
                await self._send(library, made)
            except (library.SMTPException, OSError) as error:
                raise _told(library, error) from None

    async def close(self) -> None:
        pass

    async def _send(self, library: Any, made: EmailMessage) -> None:
        target = self._target
        connection = library.SMTP(
            hostname=target.host,
            port=target.port,
            username=target.user or None,
            password=target.word or None,
            use_tls=target.tls == "tls",
            start_tls=target.tls == "starttls",
            tls_context=self._trusted,
            timeout=SECONDS,
        )
        async with connection:
            await connection.send_message(made)


def _trusted(target: Smtp) -> ssl.SSLContext | None:
    if target.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=target.ca or None)
    except OSError as error:  # ssl.SSLError among them
        raise SettingsError(
            f"email_carriers: the certificates in {target.ca} cannot be read: {error.strerror or 'they are none'}."
        ) from None


def _told(library: Any, error: Exception) -> Undelivered:
    """Why it failed. What the server said may quote the address, so of that only its numbers are for the log."""
    if isinstance(error, library.SMTPRecipientsRefused):
        error = error.recipients[0]
    if type(error) in (library.SMTPNotSupported, library.SMTPException):
        return Undelivered(_what_is_missing(str(error)), detail=str(error))
    if not isinstance(error, library.SMTPResponseException):
        return Undelivered(_kind_of(library, error), detail=str(error))
    enhanced = _ENHANCED.match(str(error.message))
    numbers = f"{error.code}{f' {enhanced[0]}' if enhanced else ''}"
    refused = isinstance(error, library.SMTPRecipientRefused | library.SMTPDataError)
    step, advice = _STEPS.get(type(error).__name__, ("a command", ""))
    return Undelivered(
        f"the mail server answered {numbers} to {step}{advice}",
        detail=f"{error.code} {error.message}",
        is_final=refused and error.code >= _FINAL,
    )


# What was refused, and where an operator puts it right.
_STEPS = {
    "SMTPAuthenticationError": (
        "the login",
        ": look at user and password in the carrier's URL, percent-encoded",
    ),
    "SMTPSenderRefused": (
        "the sender",
        ": its user may not write as the pool's From or SourceArn, or else as email_from",
    ),
    "SMTPRecipientRefused": ("the recipient", ""),
    "SMTPDataError": ("the mail", ""),
    "SMTPHeloError": ("the greeting", ""),
    "SMTPConnectResponseError": ("the connection", ""),
}


def _what_is_missing(said: str) -> str:
    """What the library says that a server has not: TLS, a login, or room for addresses in other letters."""
    if "STARTTLS" in said:
        return (
            "the mail server offers no STARTTLS: say smtps:// where it speaks TLS from the beginning (port 465 mostly), or "
            "smtp+plain:// where it has none"
        )
    if "SMTPUTF8" in said:
        return "the mail server does not take addresses with such letters (SMTPUTF8)"
    return (
        "the mail server offers no login: name its port for submission (587 mostly), or leave user and password out of the "
        "carrier's URL"
    )


def _kind_of(library: Any, error: Exception) -> str:
    causes = (error, error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return (
            "the mail server's certificate is not one we trust: it must name the host in the carrier's URL, and be vouched for by "
            "the system's authorities or by those of ?ca="
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "no TLS connection to the mail server could be made: say smtp:// where it begins without TLS (port 587 mostly)"
    if isinstance(error, library.SMTPTimeoutError | TimeoutError):
        return "the mail server took too long to answer"
    if any(isinstance(cause, ConnectionRefusedError | socket.gaierror) for cause in causes):
        return "nobody answers as the mail server: look at host and port in the carrier's URL"
    return "no connection to the mail server could be kept"


def _library() -> Any:
    import aiosmtplib  # noqa: PLC0415  see the head of the module

    return aiosmtplib
