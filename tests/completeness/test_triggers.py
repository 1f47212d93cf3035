"""Every trigger of the model has what makes its event, what reads its answer and a module of tests."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from cognomen.cli.triggers import SOURCES
from cognomen.triggers import (
    authentication,
    custom_challenge,
    custom_message,
    custom_sender,
    inbound_federation,
    pre_token_generation,
    sign_up,
    user_migration,
)
from cognomen.triggers.firing import Nothing
from cognomen.wire import model
from tests.documented_triggers import DOCUMENTED

TESTS = Path(__file__).parents[1] / "triggers"


@dataclass(frozen=True)
class Place:
    """What asks the function, the form of its answer (several versions have several), and where that is told."""

    asks: Callable[..., Any]
    answers: tuple[type[Struct], ...]
    told_in: str


PLACES = {
    "PreSignUp": Place(sign_up.before, (sign_up.PreSignUp,), "test_sign_up.py"),
    "PostConfirmation": Place(sign_up.after, (Nothing,), "test_sign_up.py"),
    "PreAuthentication": Place(authentication.before, (Nothing,), "test_sign_in.py"),
    "PostAuthentication": Place(authentication.after, (Nothing,), "test_sign_in.py"),
    "DefineAuthChallenge": Place(
        custom_challenge.define, (custom_challenge.Definition,), "test_custom_challenges.py"
    ),
    "CreateAuthChallenge": Place(
        custom_challenge.create, (custom_challenge.Challenge,), "test_custom_challenges.py"
    ),
    "VerifyAuthChallengeResponse": Place(
        custom_challenge.verify, (custom_challenge.Verdict,), "test_custom_challenges.py"
    ),
    "PreTokenGeneration": Place(
        pre_token_generation.for_user,
        (pre_token_generation.AnswerV1, pre_token_generation.AnswerV2),
        "test_sign_in.py",
    ),
    "UserMigration": Place(user_migration.at_sign_in, (user_migration.Migrated,), "test_user_migration.py"),
    "CustomMessage": Place(custom_message.compose, (custom_message.Texts,), "test_codes.py"),
    "CustomEmailSender": Place(custom_sender.send, (Nothing,), "test_custom_sender.py"),
    "CustomSMSSender": Place(custom_sender.send, (Nothing,), "test_custom_sender.py"),
    "InboundFederation": Place(inbound_federation.claims, (inbound_federation.Inbound,), "test_federated.py"),
}
# Members that are no triggers.
BESIDE = {
    "PreTokenGenerationConfig": "which version of PreTokenGeneration a pool has",
    "KMSKeyID": "the key of CustomEmailSender and CustomSMSSender",
}


def test_a_trigger_has_its_place() -> None:
    members = set(model.load().shapes["LambdaConfigType"].members)
    assert PLACES.keys() | BESIDE.keys() == members
    assert PLACES.keys() == DOCUMENTED.keys()


@pytest.mark.parametrize(("trigger", "place"), PLACES.items(), ids=PLACES)
def test_a_trigger_is_asked_read_and_told(trigger: str, place: Place) -> None:
    module = sys.modules[place.asks.__module__]
    assert trigger in vars(module).values(), f"{module.__name__} does not name {trigger}"
    source = inspect.getsource(module)
    for answer in place.answers:
        assert re.search(rf"\banswer={answer.__name__}\b|, {answer.__name__}\)", source), answer
    assert re.search(rf"[\"']{trigger}[\"']", (TESTS / place.told_in).read_text())


def test_each_documented_source_can_be_fired_by_hand() -> None:
    assert {trigger: set(fired) for trigger, fired in SOURCES.items()} == {
        trigger: set(sources) for trigger, sources in DOCUMENTED.items()
    }


def test_each_documented_source_stands_in_a_test_of_requests() -> None:
    rooms = ("triggers", "messages", "oauth", "operations", "sign_in")
    told = "".join(path.read_text() for room in rooms for path in (TESTS.parent / room).rglob("test_*.py"))
    documented = {source for sources in DOCUMENTED.values() for source in sources}
    untold = {source for source in documented if not re.search(rf"[\"']{source}[\"']", told)}
    assert untold == set()
