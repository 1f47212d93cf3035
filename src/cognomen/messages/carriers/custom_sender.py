"""The function of a pool's owner (CustomEmailSender, CustomSMSSender), which carries the pool's messages in place of all others."""

from __future__ import annotations

from cognomen.call import Node, begin
from cognomen.errors import Refusal
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.compose import SENDERS
from cognomen.pools.configuration import PoolConfiguration
from cognomen.triggers import custom_sender
from cognomen.triggers.code_keys import NotEncrypted
from cognomen.triggers.custom_sender import Event


class CustomSender:
    """Made for one message; its `event` is what the function is told beside the code."""

    name = "custom sender"

    def __init__(self, node: Node, configuration: PoolConfiguration, event: Event) -> None:
        self._node = node
        self._configuration = configuration
        self._event = event

    async def carry(self, parcel: Parcel) -> None:
        message = parcel.message
        call = begin(self._node, "CarryMessage", parcel.id)
        call.found_pool = self._configuration
        if (
            self._event.client_id is not None
        ):  # the client may have been deleted since; then the event names none
            call.found_client = await self._node.configurations.client(
                self._configuration, self._event.client_id
            )
        try:
            await custom_sender.send(
                call,
                SENDERS[message.medium],
                self._event,
                message.code or message.password,
                is_password=message.code is None,
            )
        except Refusal as refusal:
            raise Undelivered(f"the function failed: {refusal.type}", detail=refusal.message or "") from None
        except NotEncrypted as error:
            raise Undelivered(f"its code was not encrypted: {error}") from None

    async def close(self) -> None:
        pass
