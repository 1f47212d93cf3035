"""What messages say."""

from __future__ import annotations

import dataclasses
import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cognomen.messages import compose
from cognomen.messages.compose import Composed, Medium
from cognomen.store.user_pool_settings import (
    AdminCreateUserConfig,
    MessageTemplate,
    UserPoolSettings,
    VerificationMessageTemplate,
)
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User


def a_pool(
    template: MessageTemplate | None = None, username_attributes: tuple[str, ...] | None = None
) -> UserPool:
    settings = UserPoolSettings(
        username_attributes=username_attributes,
        admin_create_user_config=AdminCreateUserConfig(invite_message_template=template),
    )
    return UserPool("us-east-1_abc", "a pool", settings, (), b"", 1, 0, 0)


def a_user(username: str = "ada", **attributes: str) -> User:
    return User(
        pool_id="us-east-1_abc",
        sub="9d3c1f0e-0000-4000-8000-000000000001",
        username=username,
        status="FORCE_CHANGE_PASSWORD",
        enabled=True,
        attributes=attributes,
        salt=None,
        sealed_verifier=None,
        password_set_at=0,
        credential_version=1,
        signed_out_at=0,
        created_at=0,
        modified_at=0,
        version=1,
    )


EMAIL_OF_ADA = "ada@example.com"
PHONE_OF_ADA = "+17755550839"
ADA = a_user(email=EMAIL_OF_ADA, phone_number=PHONE_OF_ADA)


@pytest.mark.parametrize(
    ("medium", "destination", "subject"),
    [("EMAIL", EMAIL_OF_ADA, "Your temporary password"), ("SMS", PHONE_OF_ADA, "")],
)
def test_a_pool_without_texts_of_its_own_invites_in_cognitos_words(
    medium: Medium, destination: str, subject: str
) -> None:
    message = compose.invitation(a_pool(), ADA, "S3cret!", medium)
    assert message == Composed(
        medium=medium,
        destination=destination,
        subject=subject,
        body="Your username is ada and temporary password is S3cret!. ",
        sub=ADA.sub,
        username="ada",
        purpose="invitation",
        password="S3cret!",
    )


def test_a_pool_invites_in_its_own_words_for_each_medium() -> None:
    pool = a_pool(
        MessageTemplate(
            sms_message="{username}: {####}",
            email_message="<b>{username}</b> {####} {####} {city} {}",
            email_subject="Welcome, {username}",
        )
    )
    by_mail = compose.invitation(pool, ADA, "S3cret!", "EMAIL")
    assert by_mail.body == "<b>ada</b> S3cret! S3cret! {city} {}"
    assert by_mail.subject == "Welcome, {username}"
    assert compose.invitation(pool, ADA, "S3cret!", "SMS").body == "ada: S3cret!"


def test_a_template_for_one_medium_leaves_the_other_at_the_usual_words() -> None:
    pool = a_pool(MessageTemplate(sms_message="{username}: {####}"))
    message = compose.invitation(pool, ADA, "S3cret!", "EMAIL")
    assert message.subject == "Your temporary password"
    assert message.body == "Your username is ada and temporary password is S3cret!. "


def test_what_stands_for_a_placeholder_is_not_looked_at_again() -> None:
    user = a_user("{####}", email=EMAIL_OF_ADA)
    message = compose.invitation(a_pool(), user, "{username}", "EMAIL")
    assert message.body == "Your username is {####} and temporary password is {username}. "


@pytest.mark.parametrize(
    ("username_attributes", "attributes", "medium", "name"),
    [
        (("email",), {"email": EMAIL_OF_ADA, "phone_number": PHONE_OF_ADA}, "SMS", EMAIL_OF_ADA),
        (("phone_number",), {"email": EMAIL_OF_ADA, "phone_number": PHONE_OF_ADA}, "EMAIL", PHONE_OF_ADA),
        (
            ("phone_number", "email"),
            {"email": EMAIL_OF_ADA, "phone_number": PHONE_OF_ADA},
            "EMAIL",
            EMAIL_OF_ADA,
        ),
        (
            ("email", "phone_number"),
            {"email": EMAIL_OF_ADA, "phone_number": PHONE_OF_ADA},
            "SMS",
            PHONE_OF_ADA,
        ),
        (("phone_number", "email"), {"email": EMAIL_OF_ADA}, "EMAIL", EMAIL_OF_ADA),
    ],
)
def test_users_who_sign_in_with_an_address_are_told_that_address(
    username_attributes: tuple[str, ...], attributes: dict[str, str], medium: Medium, name: str
) -> None:
    user = a_user("9d3c1f0e-0000-4000-8000-000000000001", **attributes)
    message = compose.invitation(a_pool(username_attributes=username_attributes), user, "S3cret!", medium)
    assert message.body == f"Your username is {name} and temporary password is S3cret!. "
    assert message.username == user.username


@pytest.mark.parametrize(
    ("template", "body"),
    [
        (None, "Your username is ada. "),
        (MessageTemplate(email_message="{username}, your password: {####}"), "Your username is ada. "),
        (MessageTemplate(email_message="Come in, {username}"), "Come in, ada"),
    ],
)
def test_a_user_without_a_password_is_not_told_one(template: MessageTemplate | None, body: str) -> None:
    message = compose.invitation(a_pool(template), ADA, None, "EMAIL")
    assert message.body == body
    assert message.password is None


def test_a_message_shows_nothing_of_what_it_says_in_a_log() -> None:
    shown = repr(compose.invitation(a_pool(), ADA, "S3cret!", "EMAIL"))
    assert "S3cret!" not in shown
    assert EMAIL_OF_ADA not in shown


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("test@test.com", "t***@t***"),
        ("fixture@example.com", "f***@e***"),
        ("a@b", "a***@b***"),
        ("Test@EXAMPLE.com", "t***@e***"),
        ('"odd@name"@example.com', '"***@e***'),
    ],
)
def test_of_an_email_address_the_first_letters_are_shown(address: str, masked: str) -> None:
    assert compose.masked_email(address) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("+17755550839", "+*******0839"), ("+447755554114", "+********4114"), ("+4930123456", "+******3456")],
)
def test_of_a_phone_number_the_last_four_digits_are_shown(number: str, masked: str) -> None:
    assert compose.masked_phone(number) == masked


@given(
    st.from_regex(r"[^@]{1,64}@[^@]{1,190}", fullmatch=True), st.from_regex(r"\+[0-9]{5,15}", fullmatch=True)
)
def test_a_mask_shows_no_more_of_any_address(address: str, number: str) -> None:
    local, domain = address.lower().split("@")
    assert compose.masked_email(address) == f"{local[0]}***@{domain[0]}***"
    masked = compose.masked_phone(number)
    assert len(masked) == len(number)
    assert masked.strip("+*") == number[-4:]


# -- codes ------------------------------------------------------------------------------------------------------------


def a_verifying_pool(**template: str) -> UserPool:
    settings = UserPoolSettings(verification_message_template=VerificationMessageTemplate(**template))
    return UserPool("us-east-1_abc", "a pool", settings, (), b"", 1, 0, 0)


def sent(
    pool: UserPool, purpose: str = compose.SIGN_UP, medium: Medium = "EMAIL", link: str | None = None
) -> tuple[str, str]:
    """Subject and body."""
    message = compose.verification(pool, ADA, purpose, "012345", medium, EMAIL_OF_ADA, link)
    assert (message.code, message.password, message.purpose) == ("012345", None, purpose)
    return message.subject, message.body


TEXTS = {
    "email_message": "mail {####} for {username}, {####}",
    "email_subject": "a subject",
    "sms_message": "text {####}",
    "email_message_by_link": "go {##here##} or {##there##}",
    "email_subject_by_link": "a link",
}


@pytest.mark.parametrize(
    ("purpose", "medium", "usual", "own"),
    [
        (
            "sign-up",
            "EMAIL",
            ("Your verification code", "Your verification code is 012345. "),
            ("a subject", "mail 012345 for ada, 012345"),
        ),
        ("verify-attribute", "SMS", ("", "Your verification code is 012345. "), ("", "text 012345")),
        (
            "forgot-password",
            "EMAIL",
            ("Your verification code", "Your password reset code is 012345. "),
            ("a subject", "mail 012345 for ada, 012345"),
        ),
        ("forgot-password", "SMS", ("", "Your verification code is 012345. "), ("", "text 012345")),
    ],
)
def test_a_code_is_told_in_the_pools_words_or_cognitos(
    purpose: str, medium: Medium, usual: tuple[str, str], own: tuple[str, str]
) -> None:
    assert sent(a_verifying_pool(), purpose, medium) == usual
    assert sent(a_verifying_pool(**TEXTS), purpose, medium) == own


def test_a_link_stands_in_place_of_the_code() -> None:
    link = "https://host/confirmUser/?a=1&b=2"
    anchor = '<a href="https://host/confirmUser/?a=1&amp;b=2">{}</a>'
    assert sent(a_verifying_pool(), link=link) == (
        "Your verification link",
        f"Please click the link below to verify your email address. {anchor.format('Verify Email')} ",
    )
    assert sent(a_verifying_pool(**TEXTS), link=link) == (
        "a link",
        f"go {anchor.format('here')} or {anchor.format('there')}",
    )


@given(st.text())
def test_what_stands_in_for_a_name_is_not_looked_at_again(name: str) -> None:
    user = a_user(name, email=EMAIL_OF_ADA)
    pool = a_verifying_pool(email_message="{username}: {####}")
    message = compose.verification(pool, user, "sign-up", "012345", "EMAIL", EMAIL_OF_ADA, None)
    assert message.body == f"{html.escape(name)}: 012345"


def test_a_name_makes_no_link() -> None:
    user = a_user('{##<a href="https://evil">##}', email=EMAIL_OF_ADA)
    pool = a_verifying_pool(email_message_by_link="{username} {##here##}")
    message = compose.verification(pool, user, "sign-up", "012345", "EMAIL", EMAIL_OF_ADA, "https://host/")
    assert message.body == ('{##&lt;a href=&quot;https://evil&quot;&gt;##} <a href="https://host/">here</a>')
    text = compose.verification(
        a_verifying_pool(sms_message="{username} {####}"), a_user("a&b"), "sign-up", "1", "SMS", "+1", None
    )
    assert text.body == "a&b 1"


def test_what_others_chose_is_text_in_an_invitation_by_mail() -> None:
    user = structs.replace(ADA, username="<b>ada</b>")
    by_mail = compose.invitation(a_pool(), user, "a<&>b", "EMAIL")
    assert "&lt;b&gt;ada&lt;/b&gt;" in by_mail.body
    assert "a&lt;&amp;&gt;b" in by_mail.body
    assert by_mail.password == "a<&>b"
    assert (
        "<b>ada</b> and temporary password is a<&>b"
        in compose.invitation(a_pool(), user, "a<&>b", "SMS").body
    )


@pytest.mark.parametrize(
    ("own", "medium", "subject", "body"),
    [
        ({}, "SMS", "", "Your authentication code is 012345. "),
        ({}, "EMAIL", "Your authentication code", "Your authentication code is 012345. "),
        ({"sms_authentication_message": "Sign in: {####}"}, "SMS", "", "Sign in: 012345"),
        (
            {"email_mfa_configuration": {"Message": "<b>{####}</b>", "Subject": "Is it you?"}},
            "EMAIL",
            "Is it you?",
            "<b>012345</b>",
        ),
    ],
)
def test_the_code_that_a_sign_in_asks_for_comes_in_the_texts_of_mfa(
    own: dict[str, Any], medium: Medium, subject: str, body: str
) -> None:
    of_other_codes = VerificationMessageTemplate(email_message="no: {####}", sms_message="no: {####}")
    settings = UserPoolSettings(verification_message_template=of_other_codes, **own)
    pool = dataclasses.replace(a_pool(), settings=settings)
    message = compose.verification(
        pool, ADA, compose.AUTHENTICATION, "012345", medium, EMAIL_OF_ADA, link=None
    )
    assert (message.subject, message.body, message.code) == (subject, body, "012345")
