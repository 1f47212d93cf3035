"""Where messages go: what the settings `email_carriers` and `sms_carriers` say of a pool.

    inbox                           kept here, to be read by the operator (the default)
    smtp://user:word@host:587       a mail server with STARTTLS; without it nothing is sent
    smtps://user:word@host:465      a mail server that speaks TLS from the beginning
    smtp+plain://host:25            a mail server without TLS, and so without a login unless it is on loopback
    ses, ses:http://host:4566       Amazon SES, or the same API at another endpoint
    sns, sns:http://host:4566       Amazon SNS, with our own credentials
    sns-role, sns-role:http://…     the same, with the role in the pool's SmsConfiguration
    https://host/path               a gateway

A mail server's URL may end with `?ca=/path.pem`: the certificates to trust in the place of the system's. A key of the tables is
a pool's id or a pattern of one (`*`, `?`, `[…]`); the id itself counts first, then patterns in their order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from cognomen import outgoing
from cognomen.triggers.targets import find, is_url

__all__ = ["Gateway", "Inbox", "Ses", "Smtp", "Sns", "Target", "find", "of_email", "of_sms"]

Tls = Literal["starttls", "tls", "none"]

_SMTP: dict[str, tuple[Tls, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("none", 25),
}
_EMAIL = "it must be 'inbox', 'smtp://user:word@host', 'smtps://user:word@host', 'smtp+plain://host', 'ses', or the URL of a gateway"
_SMS = "it must be 'inbox', 'sns', 'sns-role', or the URL of a gateway"


@dataclass(frozen=True, slots=True)
class Inbox:
    pass


@dataclass(frozen=True, slots=True)
class Smtp:
    """`ca` is a file of certificates; empty means the system's. No `user`: no login."""

    host: str
    port: int
    tls: Tls
    user: str = field(repr=False)
    word: str = field(repr=False)
    ca: str


@dataclass(frozen=True, slots=True)
class Ses:
    """`endpoint` is a URL; None means the one of AWS."""

    endpoint: str | None


@dataclass(frozen=True, slots=True)
class Sns:
    """`endpoint` as above, for STS too; `assumes_role`: what the pool's SmsConfiguration names."""

    endpoint: str | None
    assumes_role: bool


@dataclass(frozen=True, slots=True)
class Gateway:
    url: str


Target = Inbox | Smtp | Ses | Sns | Gateway


def of_email(text: str) -> Target:
    """A target of mail; a ValueError says what it should look like, and nothing of what it is: that may hold a password."""
    scheme = text.partition("://")[0]
    if scheme in _SMTP:
        return _smtp(scheme, text)
    name, endpoint = _with_endpoint(text)
    if name == "ses":
        return Ses(endpoint)
    return _of_any(text, _EMAIL)


def of_sms(text: str) -> Target:
    name, endpoint = _with_endpoint(text)
    if name in ("sns", "sns-role"):
        return Sns(endpoint, assumes_role=name == "sns-role")
    return _of_any(text, _SMS)


def _of_any(text: str, expected: str) -> Target:
    if text == "inbox":
        return Inbox()
    if is_url(text):
        return Gateway(text)
    raise ValueError(expected)


def _with_endpoint(text: str) -> tuple[str, str | None]:
    """`sns` and `sns:http://host:4566`, in two; an endpoint that is none is left in the name, which nobody knows then."""
    name, colon, endpoint = text.partition(":")
    endpoint = endpoint.rstrip("/")
    if colon and not (is_url(endpoint) and not urlsplit(endpoint).path):
        return text, None
    return name, endpoint or None


def _smtp(scheme: str, text: str) -> Smtp:
    tls, usual = _SMTP[scheme]
    try:
        parts = urlsplit(text)
        port = parts.port or usual
        options = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        raise ValueError("a mail server's URL cannot be read: percent-encode special characters") from None
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment or options.keys() - {"ca"}:
        raise ValueError(
            "a mail server is smtp://user:word@host:port, with ?ca=/path behind it where needed; "
            "percent-encode special characters"
        )
    user, word = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(word):
        raise ValueError("a mail server's user and password belong together: give both or none")
    if user and tls == "none" and not outgoing.is_loopback(text):
        raise ValueError(f"a password is not sent to {parts.hostname} without TLS")
    return Smtp(parts.hostname, port, tls, user, word, options.get("ca", [""])[0])
