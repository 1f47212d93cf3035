"""A mail server: a connection for each message, with TLS and its certificate checked wherever the settings ask for it.

The library behind it is imported when the first message is carried.
"""

from __future__ import annotations

import asyncio
import re
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
        # What addresses in other letters, TLS and logins need is not there, says the library.
        return Undelivered("the mail server does not support what is needed", detail=str(error))
    if not isinstance(error, library.SMTPResponseException):
        return Undelivered(_kind_of(library, error), detail=str(error))
    enhanced = _ENHANCED.match(str(error.message))
    numbers = f"{error.code}{f' {enhanced[0]}' if enhanced else ''}"
    refused = isinstance(error, library.SMTPRecipientRefused | library.SMTPDataError)
    return Undelivered(
        f"the mail server answered {numbers} to {_STEPS.get(type(error).__name__, 'a command')}",
        detail=f"{error.code} {error.message}",
        is_final=refused and error.code >= _FINAL,
    )


_STEPS = {
    "SMTPAuthenticationError": "the login",
    "SMTPSenderRefused": "the sender",
    "SMTPRecipientRefused": "the recipient",
    "SMTPDataError": "the mail",
    "SMTPHeloError": "the greeting",
    "SMTPConnectResponseError": "the connection",
}


def _kind_of(library: Any, error: Exception) -> str:
    causes = (error, error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "the mail server's certificate is not one we trust"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "no TLS connection to the mail server could be made"
    if isinstance(error, library.SMTPTimeoutError | TimeoutError):
        return "the mail server took too long to answer"
    return "no connection to the mail server could be kept"


def _library() -> Any:
    import aiosmtplib  # noqa: PLC0415  see the head of the module

    return aiosmtplib
