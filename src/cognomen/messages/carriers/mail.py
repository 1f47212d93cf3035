"""A message as a mail (RFC 5322): its sender and headers, and the HTML with its words beside it. Pure but for the date.

sender_of       who a pool's mail is from
made            the mail
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from cognomen import clock
from cognomen.messages.carriers.parcel import Parcel
from cognomen.store.user_pool_settings import EmailConfiguration

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def sender_of(configuration: EmailConfiguration, usual: str) -> str:
    """The sender that a pool names (From, else the identity of SourceArn), or the server's own.

    API reference, EmailConfigurationType. An identity that is a domain writes as `no-reply`.
    """
    if configuration.from_:
        return configuration.from_
    if configuration.source_arn:
        _, _, identity = configuration.source_arn.partition(":identity/")
        return identity if "@" in identity else f"no-reply@{identity}"
    return usual


def made(parcel: Parcel, usual_sender: str) -> EmailMessage:
    """The mail of a parcel.

    What a template, a name or an address says cannot become a header of its own: headers are built from their parts, and
    control characters of a subject are blanks. A Message-ID that is the same in each attempt lets the receiver drop a second copy.
    """
    configuration = parcel.email_configuration
    sender = _address(sender_of(configuration, usual_sender))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _address(parcel.message.destination)
    if configuration.reply_to_email_address:
        mail["Reply-To"] = _address(configuration.reply_to_email_address)
    mail["Subject"] = subject_of(parcel)
    mail["Date"] = format_datetime(datetime.fromtimestamp(clock.unmoved() / 1000, UTC))
    mail["Message-ID"] = f"<{parcel.id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is to be told
    mail.set_content(parcel.text)
    mail.add_alternative(parcel.message.body, subtype="html")
    return mail


def subject_of(parcel: Parcel) -> str:
    return _CONTROLS.sub(" ", parcel.message.subject)


def _address(text: str) -> Address:
    """`a@b` or `A Name <a@b>`; a domain of another script in its ASCII form, which every server takes."""
    name, opened, rest = text.rpartition("<")
    local, _, domain = (rest.removesuffix(">") if opened else text).rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode()
    shown = _CONTROLS.sub(" ", name).strip().strip('"')
    return Address(display_name=shown, username=local.strip(), domain=domain.strip())
