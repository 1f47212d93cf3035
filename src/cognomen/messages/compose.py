"""What a message says, and to whom: pure. The texts are the pool's own, or Cognito's where it has none.

invitation                  the message of AdminCreateUser
masked_email, masked_phone  an address as an answer may show it (CodeDeliveryDetails, challenge parameters)
Composed                    a message, ready to be queued by courier.py
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from cognomen.store.user_pools import UserPool
from cognomen.store.users import User

Medium = Literal["EMAIL", "SMS"]
EMAIL: Medium = "EMAIL"
SMS: Medium = "SMS"

INVITATION = "invitation"

ADDRESS_ATTRIBUTES: dict[Medium, str] = {EMAIL: "email", SMS: "phone_number"}

INVITATION_SUBJECT = "Your temporary password"
INVITATION_TEXT = "Your username is {username} and temporary password is {####}. "  # the blank is Cognito's

_PLACEHOLDER = re.compile(r"\{username\}|\{####\}")
_VISIBLE_DIGITS = 4


class Composed(Struct, frozen=True, kw_only=True):
    """A message to one user: `subject` is empty for SMS; `code` or `password` is the secret its body carries."""

    medium: Medium
    destination: str
    subject: str
    body: str
    sub: str
    username: str
    purpose: str
    code: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Composed({self.medium}, {self.purpose}, {self.sub})"  # the rest is for the user alone


def invitation(pool: UserPool, user: User, password: str, medium: Medium) -> Composed:
    """The message that tells a new user the name and temporary password to sign in with.

    The user must have an address for the medium. Only the placeholders of the template are replaced: what stands in
    their place is not looked at again.
    """
    template = pool.settings.admin_create_user_config.invite_message_template
    given = None
    subject = ""
    if medium == EMAIL:
        given = template.email_message if template else None
        subject = (template.email_subject if template else None) or INVITATION_SUBJECT
    elif template:
        given = template.sms_message
    values = {"{username}": _name_to_sign_in_with(pool, user, medium), "{####}": password}
    return Composed(
        medium=medium,
        destination=user.attributes[ADDRESS_ATTRIBUTES[medium]],
        subject=subject,
        body=_PLACEHOLDER.sub(lambda found: values[found.group()], given or INVITATION_TEXT),
        sub=user.sub,
        username=user.username,
        purpose=INVITATION,
        password=password,
    )


def masked_email(address: str) -> str:
    """`t***@e***` for test@example.com, whatever the lengths."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def masked_phone(number: str) -> str:
    """`+*******0839` for +17755550839: a star for every digit but the last four."""
    digits = number.removeprefix("+")
    return f"+{'*' * (len(digits) - _VISIBLE_DIGITS)}{digits[-_VISIBLE_DIGITS:]}"


def _name_to_sign_in_with(pool: UserPool, user: User, medium: Medium) -> str:
    """The user's name, or, where users sign in with an address and the name is made up, that address.

    A user who has both addresses is told the one the message goes to.
    """
    sign_in_with = pool.settings.username_attributes or ()
    reached_by = ADDRESS_ATTRIBUTES[medium]
    for attribute in sorted(sign_in_with, key=lambda name: name != reached_by):
        if attribute in user.attributes:
            return user.attributes[attribute]
    return user.username
