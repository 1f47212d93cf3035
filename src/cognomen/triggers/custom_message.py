"""CustomMessage: the texts of a message with a code, from the pool's owner.

Developer guide, "Custom message Lambda trigger". The function sees placeholders only, never a code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from cognomen import errors
from cognomen.call import Call
from cognomen.store.users import User
from cognomen.triggers.firing import arn_of, attributes_of, fire, with_metadata

CUSTOM_MESSAGE = "CustomMessage"

Source = Literal[
    "CustomMessage_SignUp",
    "CustomMessage_AdminCreateUser",
    "CustomMessage_ResendCode",
    "CustomMessage_ForgotPassword",
    "CustomMessage_UpdateUserAttribute",
    "CustomMessage_VerifyUserAttribute",
    "CustomMessage_Authentication",
]
INVITES: Source = "CustomMessage_AdminCreateUser"

CODE = "{####}"
LINK = "{##Click Here##}"
USERNAME = "{username}"
SMS_MAX = 140
EMAIL_MAX = 20_000
SUBJECT_MAX = 140

_LINK = re.compile(r"\{##.+?##\}", re.DOTALL)


class Texts(Struct, frozen=True, rename="camel"):
    """Texts in the place of the pool's; None (or an empty one) leaves the pool's own."""

    sms_message: str | None = None
    email_message: str | None = None
    email_subject: str | None = None


async def compose(
    call: Call,
    source: Source,
    user: User,
    *,
    client_metadata: Mapping[str, str] | None,
    with_link: bool = False,
) -> Texts:
    """The owner's texts for a message to `user`; `with_link` where the e-mail carries a link instead of a code.

    Raises CUSTOM_MESSAGE_UNUSABLE for a text without what it must carry, or too long.
    """
    if (
        arn_of(call.pool, CUSTOM_MESSAGE) is None
    ):  # looked at first: a message to nobody takes nothing of what follows
        return Texts()
    request = {
        "userAttributes": attributes_of(user),
        "codeParameter": CODE,
        "linkParameter": LINK,
        "usernameParameter": USERNAME if source == INVITES else None,
    }
    texts = await fire(
        call,
        CUSTOM_MESSAGE,
        source,
        user_name=user.username,
        request=with_metadata(request, client_metadata),
        answer=Texts,
    )
    if texts is None:
        return Texts()
    _check(texts, source, with_link=with_link)
    return texts


def _check(texts: Texts, source: Source, *, with_link: bool) -> None:
    for name, text, longest in (
        ("smsMessage", texts.sms_message, SMS_MAX),
        ("emailMessage", texts.email_message, EMAIL_MAX),
        ("emailSubject", texts.email_subject, SUBJECT_MAX),
    ):
        if text and len(text) > longest:
            raise errors.CUSTOM_MESSAGE_UNUSABLE(reason=f"{name} is longer than {longest} characters")
    for name, text in (("smsMessage", texts.sms_message), ("emailMessage", texts.email_message)):
        if not text:
            continue
        if with_link and name == "emailMessage":
            if not _LINK.search(text):
                raise errors.CUSTOM_MESSAGE_UNUSABLE(reason=f"{name} must contain {LINK}")
        elif CODE not in text:
            raise errors.CUSTOM_MESSAGE_UNUSABLE(reason=f"{name} must contain {CODE}")
        if source == INVITES and USERNAME not in text:
            raise errors.CUSTOM_MESSAGE_UNUSABLE(reason=f"{name} must contain {USERNAME}")
