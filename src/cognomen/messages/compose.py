"""What a message says, and to whom: pure. The texts are the pool's own, or Cognito's where it has none.

invitation                  the message of AdminCreateUser
verification                one that carries a code, or a link with a code
for_sender                  either of them, as the pool owner's function gets it where that carries it
is_for_sender               whether it does
masked_email, masked_phone  an address as an answer may show it (CodeDeliveryDetails, challenge parameters)
Composed                    a message, ready to be queued by courier.py
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from cognomen.store.user_pool_settings import MessageTemplate
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.triggers import custom_sender
from cognomen.triggers.custom_message import Texts
from cognomen.triggers.custom_sender import Event, Occasion, Trigger

Medium = Literal["EMAIL", "SMS"]
EMAIL: Medium = "EMAIL"
SMS: Medium = "SMS"

INVITATION = "invitation"
SIGN_UP = "sign-up"
RESEND_CODE = "resend-code"
FORGOT_PASSWORD = "forgot-password"
UPDATE_ATTRIBUTE = "update-attribute"
VERIFY_ATTRIBUTE = "verify-attribute"
AUTHENTICATION = "authentication"
TAKE_OVER = "account-takeover"

ADDRESS_ATTRIBUTES: dict[Medium, str] = {EMAIL: "email", SMS: "phone_number"}

SENDERS: dict[Medium, Trigger] = {EMAIL: custom_sender.EMAIL_SENDER, SMS: custom_sender.SMS_SENDER}
_OCCASIONS: dict[str, Occasion] = {
    INVITATION: "AdminCreateUser",
    SIGN_UP: "SignUp",
    RESEND_CODE: "ResendCode",
    FORGOT_PASSWORD: "ForgotPassword",
    UPDATE_ATTRIBUTE: "UpdateUserAttribute",
    VERIFY_ATTRIBUTE: "VerifyUserAttribute",
    AUTHENTICATION: "Authentication",
    TAKE_OVER: "AccountTakeOverNotification",
}

INVITATION_SUBJECT = "Your temporary password"
INVITATION_TEXT = "Your username is {username} and temporary password is {####}. "  # the blank is Cognito's
VERIFICATION_SUBJECT = "Your verification code"
VERIFICATION_TEXT = "Your verification code is {####}. "
FORGOT_PASSWORD_TEXT = "Your password reset code is {####}. "
AUTHENTICATION_TEXT = "Your authentication code is {####}. "
AUTHENTICATION_SUBJECT = "Your authentication code"
LINK_SUBJECT = "Your verification link"
LINK_TEXT = "Please click the link below to verify your email address. {##Verify Email##} "
# Of a user without a password; how Cognito words these two is not known (docs/unsure.md).
WELCOME_SUBJECT = "Your new account"
WELCOME_TEXT = "Your username is {username}. "

_USERNAME = "{username}"
_SECRET = "{####}"
_PLACEHOLDER = re.compile(f"{re.escape(_USERNAME)}|{re.escape(_SECRET)}")
_PLACEHOLDER_OR_LINK = re.compile(rf"{_PLACEHOLDER.pattern}|\{{##((?:(?!##\}}).)+)##\}}", re.DOTALL)
_VISIBLE_DIGITS = 4


class Sender(Struct, frozen=True):
    """Who a message is from, in the place of the pool's own sender."""

    source_arn: str
    from_: str | None = None
    reply_to: str | None = None


class Composed(Struct, frozen=True, kw_only=True):
    """A message to one user: `subject` is empty for SMS; `code` or `password` is the secret its body carries.

    `to_nobody`: it is queued and kept, but handed to nobody, so that a name nobody has costs what a user's costs. `expires_at`: when its code is worth
    nothing any more, and so the message. `event`: what the pool owner's function is told, where that carries it. `text`: a mail in words alone, where its template has
    them. `sender`: who it is from, if not who all mail of the pool is.
    """

    medium: Medium
    destination: str
    subject: str
    body: str
    sub: str
    username: str
    purpose: str
    code: str | None = None
    password: str | None = None
    to_nobody: bool = False
    expires_at: int | None = None
    event: Event | None = None
    text: str | None = None
    sender: Sender | None = None

    def __repr__(self) -> str:
        return f"Composed({self.medium}, {self.purpose}, {self.sub})"  # the rest is for the user alone


def invitation(
    pool: UserPool, user: User, password: str | None, medium: Medium, texts: Texts | None = None
) -> Composed:
    """The message that tells a new user the name and temporary password to sign in with.

    The user must have an address for the medium. In a pool without need of passwords there may be none: then a template
    that tells one cannot be used. Only the placeholders of the template are replaced: what stands in their place is not
    looked at again. `texts` are those of the pool owner's function.
    """
    own = texts or Texts()
    template = pool.settings.admin_create_user_config.invite_message_template or MessageTemplate()
    if medium == EMAIL:
        text = own.email_message or template.email_message
    else:
        text = own.sms_message or template.sms_message
    subject = own.email_subject or template.email_subject
    if password is None and (text is None or _SECRET in text):
        text, subject = WELCOME_TEXT, WELCOME_SUBJECT
    name, secret = _name_to_sign_in_with(pool, user, medium), password or ""
    values = {_USERNAME: _shown(name, medium), _SECRET: _shown(secret, medium)}
    return Composed(
        medium=medium,
        destination=user.attributes[ADDRESS_ATTRIBUTES[medium]],
        subject=(subject or INVITATION_SUBJECT) if medium == EMAIL else "",
        body=_PLACEHOLDER.sub(lambda found: values[found.group()], text or INVITATION_TEXT),
        sub=user.sub,
        username=user.username,
        purpose=INVITATION,
        password=password,
    )


def verification(
    pool: UserPool,
    user: User,
    purpose: str,
    code: str,
    medium: Medium,
    destination: str,
    link: str | None,
    texts: Texts | None = None,
) -> Composed:
    """The message that brings a code, or in place of it a link; `link` is the URL where the pool's users confirm by one.

    A pool has one text for all codes but those that a sign-in asks for; only where it has none do those of a forgotten
    password read otherwise. Mail is HTML, and whoever signs up may choose its name and the address that this goes to: markup
    in a name is text. `texts` are those of the pool owner's function.
    """
    own = texts or Texts()
    template = pool.settings.verification_message_template
    text, subject = (
        _of_sign_in(pool, medium) if purpose == AUTHENTICATION else _of_codes(pool, purpose, medium)
    )
    name = _name_to_sign_in_with(pool, user, medium)
    values = {_USERNAME: _shown(name, medium), _SECRET: code}
    pattern = _PLACEHOLDER
    if link is not None:
        text, pattern = template.email_message_by_link or LINK_TEXT, _PLACEHOLDER_OR_LINK
        subject = template.email_subject_by_link or LINK_SUBJECT
    text = (own.email_message if medium == EMAIL else own.sms_message) or text
    subject = own.email_subject or subject

    def filled(found: re.Match[str]) -> str:
        if found.group() in values:
            return values[found.group()]
        return f'<a href="{html.escape(link or "")}">{found[1]}</a>'

    return Composed(
        medium=medium,
        destination=destination,
        subject=subject if medium == EMAIL else "",
        body=pattern.sub(filled, text),
        sub=user.sub,
        username=user.username,
        purpose=purpose,
        code=code,
    )


def _of_codes(pool: UserPool, purpose: str, medium: Medium) -> tuple[str, str]:
    """The text and the subject of a message with a code."""
    template = pool.settings.verification_message_template
    usual = FORGOT_PASSWORD_TEXT if purpose == FORGOT_PASSWORD and medium == EMAIL else VERIFICATION_TEXT
    text = template.email_message if medium == EMAIL else template.sms_message
    return text or usual, template.email_subject or VERIFICATION_SUBJECT


def _of_sign_in(pool: UserPool, medium: Medium) -> tuple[str, str]:
    """The same where a sign-in asks for the code (SmsAuthenticationMessage, EmailMfaConfiguration)."""
    email = pool.settings.email_mfa_configuration or {}
    text = email.get("Message") if medium == EMAIL else pool.settings.sms_authentication_message
    return text or AUTHENTICATION_TEXT, email.get("Subject") or AUTHENTICATION_SUBJECT


def is_for_sender(pool: UserPool, medium: Medium) -> bool:
    """Whether the pool's owner has a function that carries such messages; then nobody else does."""
    return custom_sender.carries(pool, SENDERS[medium])


def for_sender(
    pool: UserPool,
    user: User,
    message: Composed,
    *,
    client_id: str | None,
    client_metadata: Mapping[str, str] | None,
) -> Composed:
    """The message with what the pool owner's function is told of it; as it is where the pool has none.

    The function finds the address among the user's attributes, so that is the one the message goes to, also where it becomes the
    user's only with the code.
    """
    if not is_for_sender(pool, message.medium):
        return message
    event = custom_sender.event_of(
        _OCCASIONS[message.purpose],
        user,
        {ADDRESS_ATTRIBUTES[message.medium]: message.destination},
        client_id=client_id,
        client_metadata=client_metadata,
    )
    return msgspec.structs.replace(message, event=event)


def _shown(text: str, medium: Medium) -> str:
    """What others chose, as it stands in a body: mail is HTML."""
    return html.escape(text) if medium == EMAIL else text


def masked(medium: Medium, address: str) -> str:
    return masked_email(address) if medium == EMAIL else masked_phone(address)


def masked_email(address: str) -> str:
    """`t***@e***` for test@example.com, whatever the lengths and the case: a capital letter would be somebody's (users/decoys.py)."""
    local, _, domain = address.lower().rpartition("@")
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
