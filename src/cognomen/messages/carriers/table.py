"""Which carrier a pool has for a medium, made of the settings when a process starts; what of its attempts is under way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from cognomen.messages.carriers import targets
from cognomen.messages.carriers.aws import AwsClients
from cognomen.messages.carriers.gateway import HttpGateway
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.ses import AmazonSes
from cognomen.messages.carriers.smtp import SmtpServer
from cognomen.messages.carriers.sns import AmazonSns
from cognomen.messages.carriers.targets import Gateway, Inbox, Ses, Smtp, Sns, Target
from cognomen.messages.compose import EMAIL, Medium
from cognomen.pools import rules
from cognomen.settings import Settings, SettingsError
from cognomen.store.messages import Message


class Carrier(Protocol):
    """A way out; see the package."""

    name: str

    async def carry(self, parcel: Parcel) -> None: ...

    async def close(self) -> None: ...


class Carriers:
    """Made anywhere, used in one event loop, closed there.

    `counts`: how often a carrier (second) of a medium (first) came to an outcome (third). `attempts` are under way beside
    requests. `acknowledged`: messages that were handed over while the database could not be told.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError for tables that cannot be used."""
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.attempts: set[asyncio.Task[object]] = set()
        self.acknowledged: dict[str, Message] = {}
        self._settings = settings
        self._aws: AwsClients | None = None
        self._made: dict[Target, Carrier | None] = {}
        self._of_email = self._table("email_carriers", settings.email_carriers, targets.of_email)
        if any(self._of_email.values()) and not rules.is_sender(settings.email_from):
            raise SettingsError(
                "email_carriers sends mail: give email_from, the sender of pools that name none, such as "
                "'Example <no-reply@example.com>'."
            )
        self._of_sms = self._table("sms_carriers", settings.sms_carriers, targets.of_sms)

    def of(self, pool_id: str, medium: Medium) -> Carrier | None:
        """The carrier of a pool; None where its messages stay in the inbox."""
        return targets.find(self._of_email if medium == EMAIL else self._of_sms, pool_id)

    def load(self) -> None:
        """Load what carriers need and is large, so that the first message does not wait for it."""
        if self._aws is not None:
            asking = (made for made in self._made.values() if isinstance(made, AmazonSes | AmazonSns))
            self._aws.load({made.service for made in asking})

    async def close(self) -> None:
        for carrier in self._made.values():
            if carrier is not None:
                await carrier.close()
        if self._aws is not None:
            self._aws.close()

    def _table(
        self, name: str, given: Mapping[str, str], read: Callable[[str], Target]
    ) -> dict[str, Carrier | None]:
        table = {}
        for pattern, text in given.items():
            try:
                target = read(text)
            except ValueError as error:
                raise SettingsError(f"{name}: what it says of {pattern!r} cannot be used: {error}.") from None
            if target not in self._made:
                self._made[target] = self._carrier(name, target)
            table[pattern] = self._made[target]
        return table

    def _carrier(self, name: str, target: Target) -> Carrier | None:
        given = self._settings
        match target:
            case Inbox():
                return None
            case Smtp():
                return SmtpServer(target, given.email_from)
            case Gateway():
                if not given.message_secret:
                    raise SettingsError(
                        f"{name} names a gateway: give message_secret, which its requests are signed with."
                    )
                return HttpGateway(target, given.message_secret, given.email_from)
            case Ses():
                return AmazonSes(target, self._clients(), given.region, given.email_from)
            case Sns():
                return AmazonSns(target, self._clients(), given.region)

    def _clients(self) -> AwsClients:
        if self._aws is None:
            self._aws = AwsClients(self._settings)
        return self._aws
