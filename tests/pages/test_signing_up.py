"""A person makes an account, and confirms it with the code or the link that was sent."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY, SECOND
from cognomen.pages import languages
from tests.codes import messages_of, newest_code, wrong
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.oauth_app import App
from tests.person import Person
from tests.server import Server

At = Callable[..., Person]
TYPED = {"password": PASSWORD, "repeated": PASSWORD}
BY_EMAIL = {"UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}
WITH_EMAIL = {
    "AutoVerifiedAttributes": ["email"],
    "Schema": [{"Name": "email", "Required": True}, {"Name": "birthdate", "Required": True}],
}


@pytest.fixture
def by_email(make_app: Callable[..., App]) -> App:
    """An app whose users sign in with their address."""
    return make_app(pool=BY_EMAIL, user="ada@example.com")


def status_of(cognito: Cognito, app: App, username: str) -> str:
    return cognito.admin_get_user(UserPoolId=app.pool_id, Username=username)["UserStatus"]


def test_a_code_that_is_sent_twice_is_told_that_the_account_is_confirmed(
    at: At, by_email: App, server: Server
) -> None:
    person = at(by_email).open("/signup", **by_email.asks()).send(username="new@example.com", **TYPED)
    asked, code = person.answer, newest_code(server, by_email.pool_id)
    person.send(code=code)
    assert person.notice == "Your account is confirmed. You can sign in now."
    for typed in (code, wrong(code)):
        person.answer = asked
        person.send(code=typed)
        assert person.notice == "This account is confirmed already. You can sign in."
        assert person.heading == "Sign in"


@pytest.mark.parametrize("permanent", [True, False])
def test_who_has_nothing_to_confirm_is_sent_to_sign_in_and_no_code(
    at: At, by_email: App, make_user: Callable[..., str], permanent: bool
) -> None:
    make_user(by_email.pool_id, "other@example.com", "Passw0rd!", permanent=permanent)
    person = at(by_email).open("/signup", **by_email.asks()).send(username="new@example.com", **TYPED)
    form = next(form for form in person.forms if "resend" in form.action)
    person.answer = person.browser.post(form.action, None, **form.fields | {"username": "other@example.com"})
    assert person.notice == "This account is confirmed already. You can sign in."


def test_a_code_confirms_nobody_who_was_invited(
    at: At, by_email: App, make_user: Callable[..., str], cognito: Cognito
) -> None:
    make_user(by_email.pool_id, "new@example.com", "Temp0rary!", permanent=False)
    person = at(by_email).open("/signup", **by_email.asks()).send(username="other@example.com", **TYPED)
    form = person.forms[0]
    person.answer = person.browser.post(
        form.action, None, **form.fields | {"username": "new@example.com", "code": "123456"}
    )
    assert person.heading == "Confirm your account"
    assert person.notice == "The code is not right. Try again."
    assert status_of(cognito, by_email, "new@example.com") == "FORCE_CHANGE_PASSWORD"


@pytest.mark.parametrize("managed", [True, False])
def test_an_account_is_made_and_confirmed_with_the_code(
    at: At, by_email: App, server: Server, cognito: Cognito, managed: bool
) -> None:
    person = at(by_email, managed=managed).open("/signup", **by_email.asks())
    assert person.heading == "Create an account"
    assert person.forms[0].typed == ["username", "password", "repeated"]
    person.send(username="new@example.com", **TYPED)
    assert person.heading == "Confirm your account"
    assert "n***@e***" in person.page
    code = newest_code(server, by_email.pool_id)
    person.send(code=wrong(code))
    assert person.notice == "The code is not right. Try again."
    assert "n***@e***" in person.page
    person.send(code=f" {code[:3]} {code[3:]} ")
    assert person.notice == "Your account is confirmed. You can sign in now."
    assert status_of(cognito, by_email, "new@example.com") == "CONFIRMED"
    assert "code" in person.send(password=PASSWORD).answer.told


def test_the_attributes_that_the_pool_requires_are_asked_for(
    at: At, make_app: Callable[..., App], cognito: Cognito
) -> None:
    app = make_app(pool=WITH_EMAIL)
    person = at(app).open("/signup", **app.asks())
    assert person.forms[0].typed == [
        "username",
        "attribute.email",
        "attribute.birthdate",
        "password",
        "repeated",
    ]
    typed = TYPED | {"username": "new", "attribute.email": "new@example.com"}
    person.send(**typed | {"attribute.birthdate": "yesterday"})
    assert person.notice == "Something you entered is not valid. Check it and try again."
    assert person.forms[0].fields["attribute.email"] == "new@example.com"
    person.send(**typed | {"attribute.birthdate": "1815-12-10"})
    assert person.heading == "Confirm your account"
    user = cognito.admin_get_user(UserPoolId=app.pool_id, Username="new")
    assert {"Name": "birthdate", "Value": "1815-12-10"} in user["UserAttributes"]


@pytest.mark.parametrize(
    ("pool", "asked"),
    [
        ({"AutoVerifiedAttributes": ["email"]}, "email"),
        ({"AutoVerifiedAttributes": ["phone_number"]}, "phone_number"),
        ({"AutoVerifiedAttributes": ["phone_number", "email"]}, "email"),
        ({"AutoVerifiedAttributes": ["email"], "UsernameAttributes": ["email", "phone_number"]}, "email"),
        ({"AutoVerifiedAttributes": ["email"], "UsernameAttributes": ["phone_number"]}, "email"),
        (BY_EMAIL, None),
        (
            {
                "AutoVerifiedAttributes": ["phone_number", "email"],
                "UsernameAttributes": ["email", "phone_number"],
            },
            None,
        ),
        ({}, None),
    ],
)
def test_an_address_that_is_confirmed_with_is_asked_for_where_the_name_is_none(
    at: At, make_app: Callable[..., App], pool: dict[str, Any], asked: str | None
) -> None:
    sms = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}}
    name = "+15551230000" if pool.get("UsernameAttributes") == ["phone_number"] else "ada@example.com"
    app = make_app(pool=pool | sms, user=name if "UsernameAttributes" in pool else "ada")
    person = at(app).open("/signup", **app.asks())
    fields = [f"attribute.{asked}"] if asked else []
    assert person.forms[0].typed == ["username", *fields, "password", "repeated"]


def test_a_script_that_sends_what_the_service_takes_signs_up(
    at: At, make_app: Callable[..., App], cognito: Cognito
) -> None:
    app = make_app(pool=WITH_EMAIL)
    person = at(app).open("/signup", **app.asks())
    sent = {
        "_csrf": person.browser.cookies["XSRF-TOKEN"],
        "username": "new",
        "password": PASSWORD,
        "requiredAttributes[email]": "new@example.com",
        "requiredAttributes[birthdate]": "1815-12-10",
    }
    assert person.browser.post(person.forms[0].action, None, **sent).status == 200
    assert status_of(cognito, app, "new") == "UNCONFIRMED"


@pytest.mark.parametrize(
    ("typed", "notice"),
    [
        ({"username": "no-address"}, "Enter a valid email address."),
        ({"password": "weak", "repeated": "weak"}, "The password does not meet the requirements."),
        ({"repeated": "Another1!"}, "The two passwords are not the same."),
        ({"username": "ada@example.com"}, "There is an account with this name or address already."),
    ],
)
def test_what_is_wrong_with_an_account_is_said(
    at: At, by_email: App, typed: dict[str, str], notice: str
) -> None:
    person = at(by_email).open("/signup", **by_email.asks())
    person.send(**TYPED | {"username": "new@example.com"} | typed)
    assert person.answer.status == 400
    assert person.heading == "Create an account"
    assert person.notice.partition("\n")[0] == notice


def test_a_password_is_judged_rule_by_rule(at: At, by_email: App) -> None:
    person = at(by_email).open("/signup", **by_email.asks())
    assert person.page.count('<li class="rule"') == 5
    person.send(username="new@example.com", password="lowercase1", repeated="lowercase1")
    assert re.findall(r'rule-(met|unmet) +" data-rule="(\w+)"', person.page) == [
        ("met", "length"),
        ("unmet", "uppercase"),
        ("met", "lowercase"),
        ("met", "number"),
        ("unmet", "symbol"),
    ]


def test_another_code_can_be_asked_for(at: At, by_email: App, server: Server, clock: HeldClock) -> None:
    person = at(by_email).open("/signup", **by_email.asks()).send(username="new@example.com", **TYPED)
    first = newest_code(server, by_email.pool_id)
    clock.advance(SECOND)
    person.send(1)
    assert person.notice == "We sent a new message to n***@e***."
    assert newest_code(server, by_email.pool_id) != first
    for _ in range(5):
        person.send(1)
    assert person.notice == "Too many attempts. Wait a while, then try again."


def test_whoever_signs_in_before_confirming_is_shown_where(at: At, by_email: App, server: Server) -> None:
    person = at(by_email).open("/signup", **by_email.asks()).send(username="new@example.com", **TYPED)
    person.open("/login", **by_email.asks()).send(username="new@example.com", password=PASSWORD)
    assert (person.heading, person.notice) == (
        "Confirm your account",
        "Your account is not confirmed yet.",
    )
    person.send(code=newest_code(server, by_email.pool_id))
    assert person.heading == "Sign in"


def test_an_account_that_nothing_can_be_sent_to_waits_for_an_administrator(
    at: At, app: App, cognito: Cognito
) -> None:
    person = at(app).open("/signup", **app.asks()).send(username="new", **TYPED)
    assert person.notice == "Your account is not confirmed yet."
    assert status_of(cognito, app, "new") == "UNCONFIRMED"


def test_a_pool_whose_administrators_make_all_users_shows_no_way_in(
    at: At, make_app: Callable[..., App]
) -> None:
    app = make_app(pool={"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}})
    person = at(app).open("/login", **app.asks())
    assert "/signup" not in person.page
    assert person.open("/signup", **app.asks()).notice == "Sign-up is not open here."


# -- by link ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def by_link(make_app: Callable[..., App]) -> App:
    template = {"DefaultEmailOption": "CONFIRM_WITH_LINK"}
    return make_app(pool=BY_EMAIL | {"VerificationMessageTemplate": template}, user="ada@example.com")


def link_in(server: Server, app: App) -> str:
    body = messages_of(server, app.pool_id)[0]["body"]
    url = urlsplit(html.unescape(re.findall(r'href="([^"]+)"', body)[0]))
    return f"{url.path}?{url.query}"


def test_a_link_confirms_once(at: At, by_link: App, server: Server, cognito: Cognito) -> None:
    person = at(by_link).open("/signup", **by_link.asks()).send(username="new@example.com", **TYPED)
    assert "We sent a link to n***@e***." in person.page
    assert person.forms[0].typed == []
    link = link_in(server, by_link)
    person.open(link)
    assert (person.answer.status, person.heading) == (200, "Your account is confirmed")
    assert status_of(cognito, by_link, "new@example.com") == "CONFIRMED"
    person.open(link)
    assert (person.answer.status, person.heading) == (400, "This link does not work")


def test_whoever_only_looks_at_a_link_confirms_nothing(
    at: At, by_link: App, server: Server, cognito: Cognito
) -> None:
    person = at(by_link).open("/signup", **by_link.asks()).send(username="new@example.com", **TYPED)
    assert person.browser.send("HEAD", link_in(server, by_link)).status == 200
    assert status_of(cognito, by_link, "new@example.com") == "UNCONFIRMED"


def test_a_link_ends_with_its_code(at: At, by_link: App, server: Server, clock: HeldClock) -> None:
    person = at(by_link).open("/signup", **by_link.asks()).send(username="new@example.com", **TYPED)
    link = link_in(server, by_link)
    clock.advance(DAY)
    assert person.open(link).heading == "This link does not work"


def test_a_link_is_of_the_client_that_it_was_sent_for(
    at: At, by_link: App, server: Server, make_client: Callable[..., Any]
) -> None:
    person = at(by_link).open("/signup", **by_link.asks()).send(username="new@example.com", **TYPED)
    other = make_client(by_link.pool_id)["ClientId"]
    link = link_in(server, by_link)
    assert person.open(link.replace(by_link.client_id, other)).heading == "This link does not work"
    assert person.open(link).heading == "Your account is confirmed"


def test_a_link_for_nobody_tells_nothing(at: At, by_link: App) -> None:
    person = at(by_link)
    person.open("/confirmUser", client_id=by_link.client_id, user_name="x", confirmation_code="123456")
    assert person.heading == "This link does not work"
    assert person.open("/confirmUser", client_id="nobody").answer.told["error"] == "invalid_request"


# -- terms ------------------------------------------------------------------------------------------------------------


def test_the_two_documents_of_a_client_are_named_in_the_language_of_the_page(
    at: At, app: App, cognito: Cognito
) -> None:
    def publish(name: str) -> None:
        cognito.create_terms(
            UserPoolId=app.pool_id,
            ClientId=app.client_id,
            TermsName=name,
            TermsSource="LINK",
            Enforcement="NONE",
            Links={
                "cognito:default": f"https://example.com/{name}",
                "cognito:german": f"https://example.de/{name}",
            },
        )

    person = at(app)
    publish("terms-of-use")
    assert "terms-of-use" not in person.open("/signup", **app.asks()).page
    publish("privacy-policy")
    page = person.open("/signup", **app.asks()).page
    assert 'href="https://example.com/terms-of-use"' in page
    assert 'href="https://example.com/privacy-policy"' in page
    german = person.open("/signup", **app.asks(lang="de")).page
    assert 'href="https://example.de/terms-of-use"' in german
    assert "Nutzungsbedingungen" in german


def test_whoever_needs_no_password_signs_up_without_one(
    make_app: Callable[..., App], at: At, server: Server, cognito: Cognito
) -> None:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    sender = {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/no-reply@example.com",
    }
    app = make_app(
        pool=BY_EMAIL | {"Policies": policy, "EmailConfiguration": sender},
        user="ada@example.com",
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    person = at(app).open("/signup", **app.asks())
    assert re.search(r'<input[^>]*name="username"[^>]*required', person.page)
    assert not re.search(r'<input[^>]*name="password"[^>]*required', person.page)
    person.send(username="new@example.com", password="", repeated="")
    assert person.heading == "Confirm your account"
    person.send(code=newest_code(server, app.pool_id))
    assert status_of(cognito, app, "new@example.com") == "CONFIRMED"


def test_whoever_needs_a_password_does_not_sign_up_without_one(at: At, by_email: App) -> None:
    person = at(by_email).open("/signup", **by_email.asks())
    assert re.search(r'<input[^>]*name="password"[^>]*required', person.page)
    assert person.send(username="new@example.com", password="", repeated="").notice
    assert person.heading == "Create an account"


def test_the_rules_are_shown_before_anything_is_typed_and_then_those_that_failed(
    at: At, make_app: Callable[..., App]
) -> None:
    policy = {"MinimumLength": 9, "RequireNumbers": True, "RequireUppercase": True}
    app = make_app(pool={"Policies": {"PasswordPolicy": policy}})
    person = at(app)
    for language, texts in ((code, languages.language(code).texts) for code in languages.CODES):
        person.open("/signup", **app.asks(lang=language))
        wanted = {
            texts["rule_length"].format(count=9),
            texts["rule_number"],
            texts["rule_uppercase"],
        }
        page = html.unescape(person.page)
        assert all(f">{rule}</li>" in page for rule in wanted), language
        assert person.notice == ""
        person.send(username="new", password="long-enough-1", repeated="long-enough-1")
        assert person.notice.startswith(texts["fault_password"])
        assert re.findall("<li>(.*?)</li>", person.notice) == [texts["rule_uppercase"]], language
