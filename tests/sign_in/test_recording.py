"""Sign-ins in a pool that keeps the history of its users: what is written, by whom, and in one transaction with what it tells of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Call
from cognomen.sign_in.engine import SignedIn
from cognomen.store import auth_events
from tests.calls import call_of
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.late import sent
from tests.second_factors import Client
from tests.server import Server
from tests.sign_in.test_engine import LOCKED, answer_srp, begin_srp, sign_in
from tests.watched_store import WatchedStore

Make = Callable[..., Any]

AUDIT: Any = {"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}


@pytest.fixture
def call(server: Server, make_pool: Make, make_client: Make, make_user: Make) -> Call:
    pool_id = make_pool(**AUDIT)["Id"]
    make_user(pool_id, "anna")
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    return server.run(call_of(server.node, pool_id, client_id))


def test_a_stranger_costs_what_a_user_costs(server: Server, call: Call) -> None:
    for attempt in range(7):
        user, of_user = server.run(sign_in(call, "anna", "wrong"))
        stranger, of_stranger = server.run(sign_in(call, "nobody", "wrong"))
        assert user == stranger
        assert of_user.ran == of_stranger.ran
        assert any("auth_events" in statement for statement in of_user.ran) == (attempt < 5)
    assert user == LOCKED


def test_so_it_is_with_srp(server: Server, call: Call) -> None:
    ran = []
    for name in ("anna", "nobody"):
        asked, of_question = server.run(begin_srp(call, name))
        _, of_answer = server.run(answer_srp(call, name, asked, "wrong"))
        ran.append((of_question.ran, of_answer.ran))
    assert ran[0] == ran[1]
    assert "write" not in ran[0][0], "nothing is told of who has shown nothing"


def test_that_a_sign_in_goes_on_is_written_once(
    server: Server, call: Call, cognito: Cognito, anonymous: Cognito, clock: HeldClock
) -> None:
    """A password leads to a new password, and that to a code: of the sign-in nothing new is to be said then."""
    pool_id, client_id = call.pool.id, call.client.id
    client = Client(cognito, anonymous, pool_id, client_id, clock)
    client.offer("SMS_MFA", mode="ON")
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="bert",
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "phone_number", "Value": "+15550001234"},
            {"Name": "phone_number_verified", "Value": "true"},
        ],
    )
    store = WatchedStore(server.store)
    begin = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
    given = {"USERNAME": "bert", "PASSWORD": PASSWORD}
    asked, ran = sent(server, "InitiateAuth", begin | {"AuthParameters": given}, store)
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert sum("INTO auth_events" in statement for statement in ran) == 1
    answer = {"ClientId": client_id, "ChallengeName": asked["ChallengeName"], "Session": asked["Session"]}
    given = {"USERNAME": "bert", "NEW_PASSWORD": "Another1!"}
    asked, ran = sent(
        server, "RespondToAuthChallenge", answer | {"ChallengeResponses": given}, WatchedStore(server.store)
    )
    assert asked["ChallengeName"] == "SMS_MFA"
    assert not any("auth_events" in statement for statement in ran)


def test_a_failure_and_a_success_are_written_with_what_they_tell_of(server: Server, call: Call) -> None:
    _, wrong = server.run(sign_in(call, "anna", "wrong"))
    outcome, right = server.run(sign_in(call, "anna", "Passw0rd!"))
    assert wrong.transactions.count("write") == 1
    assert right.transactions.count("write") == 1
    assert isinstance(outcome, SignedIn)
    events = server.run(call.store.read(auth_events.all_of_user, call.pool.id, outcome.user.sub, 9))
    assert {event.id for event in events} > {outcome.event}
