"""Forms count under the limits of requests, where a server has any."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.oauth_app import App
from tests.person import Person
from tests.server import Server, running

TOO_MANY = "Too many attempts. Wait a while, then try again."


@pytest.fixture(scope="module")
def server(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    """A server that limits rates."""
    folder = tmp_path_factory.mktemp("limited")
    with (
        empty_database(engine, folder) as url,
        running(str(folder), url, held_clock, rate_limits=True) as served,
    ):
        yield served


@pytest.fixture(scope="module")
def cognito(server: Server) -> Cognito:
    return connect(server.endpoint)


def test_a_person_who_sends_more_forms_than_an_app_might_waits(
    app: App, at: Callable[..., Person], clock: HeldClock
) -> None:
    clock.advance(2 * SECOND)
    person = at(app).open("/login", **app.asks())
    notices = [person.send(username="nobody", password="wrong").notice for _ in range(11)]
    assert notices == ["Incorrect username or password."] * 10 + [TOO_MANY]
    clock.advance(SECOND)
    assert person.send(username="nobody", password="wrong").notice == "Incorrect username or password."


def test_what_a_page_asks_of_the_api_counts_as_well(
    app: App, at: Callable[..., Person], server: Server, clock: HeldClock
) -> None:
    clock.advance(2 * SECOND)
    person = at(app).open("/forgotPassword", **app.asks())
    sent = person.answer
    notices = []
    for number in range(31):
        person.answer = sent
        notices.append(person.send(username=f"nobody-{number}").notice)
    assert notices[-1] == TOO_MANY
    assert TOO_MANY not in notices[:-1]
