"""Amazon SNS (Publish to a phone number), or AWS End User Messaging where the pool's SmsConfiguration has EumsSms.

Of SmsConfiguration count: SnsRegion or the Region of EumsSms (else our own), the identity, configuration set and registrations of
EumsSms; and, where the settings say `sns-role`, SnsCallerArn or CallerArn with ExternalId. Both services are told that a message is
transactional.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognomen import errors
from cognomen.errors import Sentence
from cognomen.messages.carriers.aws import Answered, AwsClients, NotAssumed, Place, Role
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.targets import Sns

# A number that is none, or whose owner wants no messages.
_FINAL = frozenset({"InvalidParameter", "InvalidParameterException", "OptedOut", "OptedOutException"})
_FINAL_OF_EUMS = frozenset({"ConflictException"})  # DESTINATION_PHONE_NUMBER_OPTED_OUT and its like

_EUMS_MEMBERS = {
    "OriginationIdentity": "OriginationIdentity",
    "ConfigurationSetName": "ConfigurationSetName",
}
_EUMS_PARAMETERS = {"InEntityId": "IN_ENTITY_ID", "InTemplateId": "IN_TEMPLATE_ID"}


class AmazonSns:
    """`region`: the server's own."""

    name = "sns"
    service = "sns"

    def __init__(self, target: Sns, clients: AwsClients, region: str) -> None:
        self._target = target
        self._clients = clients
        self._region = region

    async def carry(self, parcel: Parcel) -> None:
        configuration = parcel.pool.settings.sms_configuration or {}
        eums = configuration.get("EumsSms")
        try:
            if eums:
                place = self._place("pinpoint-sms-voice-v2", eums.get("Region"), eums, "CallerArn")
                await self._clients.ask(place, "send_text_message", **_of_eums(parcel, eums))
            else:
                place = self._place(
                    self.service, configuration.get("SnsRegion"), configuration, "SnsCallerArn"
                )
                await self._clients.ask(place, "publish", **_of_sns(parcel))
        except NotAssumed as error:
            raise Undelivered(
                f"the role of SmsConfiguration cannot be assumed: {error}",
                sentence=errors.SMS_ROLE_NOT_ASSUMABLE,
            ) from None
        except Answered as error:
            raise Undelivered(
                f"Amazon SNS answered {error.code}",
                detail=error.message,
                sentence=_told(error),
                is_final=error.code in (_FINAL_OF_EUMS if eums else _FINAL),
            ) from None

    async def close(self) -> None:
        pass

    def _place(self, service: str, region: str | None, configuration: Mapping[str, Any], role: str) -> Place:
        arn = configuration.get(role) if self._target.assumes_role else None
        assumed = Role(arn, configuration.get("ExternalId")) if arn else None
        return Place(service, region or self._region, self._target.endpoint, assumed)


def _told(error: Answered) -> Sentence | None:
    if error.is_denial:
        return errors.SMS_NOT_PERMITTED
    return errors.SMS_LIMIT_EXCEEDED if error.is_too_many else None


def _of_sns(parcel: Parcel) -> dict[str, Any]:
    kind = {"DataType": "String", "StringValue": "Transactional"}
    return {
        "PhoneNumber": parcel.message.destination,
        "Message": parcel.message.body,
        "MessageAttributes": {"AWS.SNS.SMS.SMSType": kind},
    }


def _of_eums(parcel: Parcel, eums: Mapping[str, Any]) -> dict[str, Any]:
    members = {theirs: eums[ours] for ours, theirs in _EUMS_MEMBERS.items() if eums.get(ours)}
    parameters = {theirs: eums[ours] for ours, theirs in _EUMS_PARAMETERS.items() if eums.get(ours)}
    if parameters:
        members["DestinationCountryParameters"] = parameters
    return members | {
        "DestinationPhoneNumber": parcel.message.destination,
        "MessageBody": parcel.message.body,
        "MessageType": "TRANSACTIONAL",
    }
