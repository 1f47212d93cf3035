"""What a carrier is handed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from cognomen.messages.carriers import html_text
from cognomen.messages.compose import Composed
from cognomen.store.user_pool_settings import EmailConfiguration
from cognomen.store.user_pools import UserPool


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message of a pool. `id` is the same in every attempt, so that what arrives twice can be told from two."""

    id: str
    pool: UserPool
    message: Composed

    @property
    def email_configuration(self) -> EmailConfiguration:
        """How the pool sends mail, but that the message may have a sender of its own."""
        usual, sender = self.pool.settings.email_configuration, self.message.sender
        if sender is None:
            return usual
        return msgspec.structs.replace(
            usual,
            from_=sender.from_,
            source_arn=sender.source_arn,
            reply_to_email_address=sender.reply_to,
        )

    @property
    def text(self) -> str:
        """A mail in words alone."""
        return self.message.text or html_text.plain(self.message.body)
