"""`cognomen triggers test`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cognomen.call import Node
from cognomen.store import user_pools
from cognomen.store.user_pool_settings import UserPoolSettings
from cognomen.store.user_pools import UserPool
from tests.cli.conftest import Outcome, Place
from tests.functions import Failure, Functions, arn, current

TRIGGERS = (
    "PreSignUp",
    "PostConfirmation",
    "PostAuthentication",
    "PreTokenGeneration",
    "UserMigration",
    "CustomMessage",
)
TABLE = json.dumps({arn("async", "*"): "python:tests.functions:handle_async"})


@pytest.fixture
def functions() -> Iterator[Functions]:
    current.clear()
    yield current
    current.clear()


@pytest.fixture
def pool_id(node: Node, pool_id: str) -> str:
    """A pool with functions."""
    config = {name: arn("async", name) for name in TRIGGERS}
    decoy_key = node.vault.seal("decoy-key", b"d" * 32, pool_id.encode())
    pool = UserPool(pool_id, "a pool", UserPoolSettings(), (), decoy_key, 1, 0, 0)
    pool = replace(pool, settings=UserPoolSettings(lambda_config=config))
    asyncio.run(node.store.write(user_pools.add, pool, ()))
    return pool_id


def fire(place: Place, *arguments: str) -> Outcome:
    return place.run("triggers", "test", *arguments, COGNOMEN_FUNCTIONS=TABLE)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_is_fired_and_everything_shown(
    place: Place, pool_id: str, functions: Functions, trigger: str
) -> None:
    outcome = fire(place, pool_id, trigger)
    assert outcome.code == 0, outcome.err
    (event,) = functions.events
    assert event["userName"] == "someone"
    assert f"{arn('async', trigger)} is asked:" in outcome.out
    assert json.dumps(event, indent=2) in outcome.out
    assert "It would be read as:" in outcome.out


@pytest.mark.parametrize(
    ("trigger", "source"),
    [
        ("PreSignUp", "PreSignUp_AdminCreateUser"),
        ("PostConfirmation", "PostConfirmation_ConfirmForgotPassword"),
        ("PreTokenGeneration", "TokenGeneration_RefreshTokens"),
        ("UserMigration", "UserMigration_ForgotPassword"),
        ("CustomMessage", "CustomMessage_VerifyUserAttribute"),
    ],
)
def test_a_source_is_named(
    place: Place, pool_id: str, functions: Functions, trigger: str, source: str
) -> None:
    assert fire(place, pool_id, trigger, "--source", source).code == 0
    assert functions.sources() == [source]


def test_what_the_answer_would_do_is_told(place: Place, pool_id: str, functions: Functions) -> None:
    functions.answer_with("PreSignUp", autoConfirmUser=True)
    outcome = fire(place, pool_id, "PreSignUp")
    assert '"autoConfirmUser": true' in outcome.out.partition("It would be read as:")[2]
    functions.answer_with("PreSignUp", autoConfirmUser="perhaps")
    outcome = fire(place, pool_id, "PreSignUp")
    assert outcome.code == 1
    assert "The request would be refused: InvalidLambdaResponseException: Unrecognizable" in outcome.out

    def fail(_: object) -> object:
        raise Failure("no")

    functions.does["PreSignUp"] = fail
    outcome = fire(place, pool_id, "PreSignUp")
    assert "UserLambdaValidationException: PreSignUp failed with error no." in outcome.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("PreSignup",), "cannot be tested"),
        (("PreAuthentication",), "--client"),
        (
            ("PreSignUp", "--source", "PreSignUp_Nothing"),
            "no source of PreSignUp; these are: PreSignUp_SignUp,",
        ),
        (("PreTokenGeneration", "--source", "TokenGeneration_ClientCredentials"), "Only version V3_0"),
        (("PreSignUp", "--user", "nobody"), "no user nobody"),
        (("PreSignUp", "--client", "none"), "no app client none"),
        (("PreAuthentication", "--client", "none"), "no app client none"),
    ],
)
def test_what_is_not_there_is_told(
    place: Place, pool_id: str, arguments: tuple[str, ...], words: str
) -> None:
    outcome = fire(place, pool_id, *arguments)
    assert outcome.code == 1
    assert words in outcome.err


def test_a_pool_or_a_trigger_that_is_not_there(place: Place, node: Node, pool_id: str) -> None:
    assert "There is no user pool us-east-1_none" in fire(place, "us-east-1_none", "PreSignUp").err
    pool = asyncio.run(node.store.read(user_pools.by_id, pool_id))
    assert pool is not None
    asyncio.run(node.store.write(user_pools.change, replace(pool, settings=UserPoolSettings()), 1))
    assert "has no PreSignUp" in fire(place, pool_id, "PreSignUp").err


def test_a_function_that_the_settings_do_not_name_is_told_with_where_they_were_looked_for(
    place: Place, pool_id: str
) -> None:
    told = place.run("triggers", "test", pool_id, "PreSignUp")
    assert told.code == 1
    assert (
        f"functions does not name {arn('async', 'PreSignUp')}. It was looked for in the environment"
        in told.err
    )
