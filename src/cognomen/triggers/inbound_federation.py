"""InboundFederation: what an identity provider says of a person, before anything is made of it.

Developer guide, "Inbound federation Lambda trigger".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from cognomen.call import Call
from cognomen.triggers.firing import fire

INBOUND_FEDERATION = "InboundFederation"
EXTERNAL_PROVIDER = "InboundFederation_ExternalProvider"


class Inbound(Struct, frozen=True, rename="camel"):
    """What is to be mapped, by the provider's names: nothing else where there is any, all that came where there is none."""

    user_attributes_to_map: dict[str, Any] | None = field(default_factory=dict)


async def claims(
    call: Call, provider_name: str, provider_type: str, subject: str, told: Mapping[str, object]
) -> dict[str, Any] | None:
    """The claims that count in the place of the provider's own; None where those stay. A Refusal where nobody may come in.

    `told` are the provider's answers as the function is shown them. Functions pass on numbers and truth values as they are.
    """
    answer = await fire(
        call,
        INBOUND_FEDERATION,
        EXTERNAL_PROVIDER,
        user_name=subject,
        request={"providerName": provider_name, "providerType": provider_type, "attributes": dict(told)},
        answer=Inbound,
    )
    return answer.user_attributes_to_map or None if answer else None
