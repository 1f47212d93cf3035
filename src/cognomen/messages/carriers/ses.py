"""Amazon SES (API v2, SendEmail): in the region of the pool's SourceArn, else in our own.

SourceArn, ConfigurationSet, From and ReplyToEmailAddress of EmailConfiguration go along.
"""

from __future__ import annotations

from typing import Any

from cognomen import errors
from cognomen.errors import Sentence
from cognomen.messages.carriers import mail
from cognomen.messages.carriers.aws import Answered, AwsClients, Place
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.targets import Ses
from cognomen.store.user_pool_settings import EmailConfiguration
from cognomen.triggers.targets import region_of


class AmazonSes:
    """`region`: the server's own; `sender`: that of a pool that names none."""

    name = "ses"
    service = "sesv2"

    def __init__(self, target: Ses, clients: AwsClients, region: str, sender: str) -> None:
        self._target = target
        self._clients = clients
        self._region = region
        self._sender = sender

    async def carry(self, parcel: Parcel) -> None:
        configuration = parcel.email_configuration
        place = Place(self.service, self._region_of(configuration), self._target.endpoint)
        try:
            await self._clients.ask(place, "send_email", **self._members(parcel, configuration))
        except Answered as error:
            raise Undelivered(
                f"Amazon SES answered {error.code}",
                detail=error.message,
                sentence=_told(error),
            ) from None

    async def close(self) -> None:
        pass

    def _region_of(self, configuration: EmailConfiguration) -> str:
        return (region_of(configuration.source_arn) if configuration.source_arn else "") or self._region

    def _members(self, parcel: Parcel, configuration: EmailConfiguration) -> dict[str, Any]:
        body = parcel.message.body
        members: dict[str, Any] = {
            "FromEmailAddress": mail.sender_of(configuration, self._sender),
            "Destination": {"ToAddresses": [parcel.message.destination]},
            "Content": {
                "Simple": {
                    "Subject": _text(mail.subject_of(parcel)),
                    "Body": {"Html": _text(body), "Text": _text(parcel.text)},
                }
            },
        }
        if configuration.source_arn:
            members["FromEmailAddressIdentityArn"] = configuration.source_arn
        if configuration.reply_to_email_address:
            members["ReplyToAddresses"] = [configuration.reply_to_email_address]
        if configuration.configuration_set:
            members["ConfigurationSetName"] = configuration.configuration_set
        return members


def _told(error: Answered) -> Sentence | None:
    if error.is_denial:
        return errors.EMAIL_NOT_PERMITTED
    return errors.EMAIL_LIMIT_EXCEEDED if error.is_too_many else None


def _text(data: str) -> dict[str, str]:
    return {"Data": data, "Charset": "UTF-8"}
