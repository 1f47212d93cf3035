"""What people say of a sign-in by the links of its notice; and what they see where one is refused."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY
from tests.adaptive import ELSEWHERE, HOME, Adaptive, in_mode, notifying
from tests.browser import Browser
from tests.codes import messages_of
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.oauth_app import App
from tests.person import Person
from tests.server import Server

Make = Callable[..., Any]
At = Callable[..., Person]

INVALID_LINK = "This link does not work"


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
    return make_app(pool=in_mode("ENFORCED"), ExplicitAuthFlows=[*flows, "ALLOW_REFRESH_TOKEN_AUTH"])


@pytest.fixture
def pool(app: App, cognito: Cognito, anonymous: Cognito, clock: HeldClock) -> Adaptive:
    """Its user ada has been told of a sign-in."""
    made = Adaptive(cognito, anonymous, app.pool_id, app.client_id, clock)
    made.protect("ENFORCED", **notifying("NO_ACTION"))
    made.come("ada", HOME)
    made.come("ada", ELSEWHERE)
    return made


def links(server: Server, pool: Adaptive) -> dict[str, dict[str, str]]:
    """The query of each link, by what it says."""
    (mail,) = messages_of(server, pool.pool_id)
    found = [urlsplit(html.unescape(link)) for link in re.findall(r'href="([^"]+)"', mail["body"])]
    queries = [dict(parse_qsl(each.query)) for each in found]
    return {query["value"]: query for query in queries}


def said_of(pool: Adaptive) -> list[str]:
    found: Any = pool.cognito.admin_list_user_auth_events(UserPoolId=pool.pool_id, Username="ada")
    return [
        event["EventFeedback"]["FeedbackValue"] for event in found["AuthEvents"] if "EventFeedback" in event
    ]


@pytest.mark.parametrize(("value", "recorded"), [("valid", "Valid"), ("invalid", "Invalid")])
def test_a_link_asks_and_its_form_says_so(
    server: Server, pool: Adaptive, app: App, at: At, value: str, recorded: str
) -> None:
    person = at(app).open("/eventFeedback", **links(server, pool)[value])
    assert person.heading == "A sign-in to your account"
    assert said_of(pool) == [], "a program that follows links says nothing"
    assert person.send().heading == "Thank you"
    assert said_of(pool) == [recorded]


def test_a_link_that_is_old_or_altered_says_nothing(
    server: Server, pool: Adaptive, app: App, at: At, clock: HeldClock, make_user: Make
) -> None:
    person, link = at(app), links(server, pool)["invalid"]
    make_user(app.pool_id, "bob")
    other = "0198a000-0000-7000-8000-000000000001"
    for altered in ({"token": "x"}, {"event_id": other}, {"user_name": "bob"}, {"user_name": "nobody"}):
        assert person.open("/eventFeedback", **link | altered).send().heading == INVALID_LINK
    for altered in ({"value": "perhaps"}, {"value": ""}):
        assert person.open("/eventFeedback", **link | altered).heading == INVALID_LINK
    assert (
        person.open("/eventFeedback", **link | {"client_id": "nobody"}).answer.told["error"]
        == "invalid_request"
    )
    person.open("/eventFeedback", **link)
    clock.advance(8 * DAY)
    assert person.send().heading == INVALID_LINK
    assert said_of(pool) == []


def test_a_form_that_is_not_ours_says_nothing(server: Server, pool: Adaptive, app: App, at: At) -> None:
    person = at(app).open("/eventFeedback", **links(server, pool)["invalid"])
    assert person.send(_csrf="another").answer.status == 403
    assert said_of(pool) == []


def test_the_link_works_at_the_server_s_own_address(server: Server, pool: Adaptive) -> None:
    person = Person(Browser(server)).open("/eventFeedback", **links(server, pool)["valid"])
    assert person.send().heading == "Thank you"
    assert said_of(pool) == ["Valid"]


def test_a_page_says_that_a_sign_in_is_refused(pool: Adaptive, app: App, at: At) -> None:
    pool.act("BLOCK")
    pool.clock.advance(1)
    person = at(app).open("/login", **app.asks())
    person.send(username="ada", password=PASSWORD)
    assert person.notice == "This sign-in was refused for security reasons."
    assert pool.told("ada")[0] == "Fail Block"
