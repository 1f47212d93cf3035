from __future__ import annotations

from collections import Counter

from prometheus_client import CollectorRegistry

from cognomen.messages.carriers.table import Carriers
from cognomen.metrics import Metrics
from cognomen.outgoing import Outgoing
from cognomen.risk.leaked_passwords import LeakedPasswords
from cognomen.settings import Settings
from cognomen.triggers.functions import Functions


def test_what_triggers_came_to_is_counted_once() -> None:
    registry, functions = CollectorRegistry(), Functions(Settings())
    counting = Metrics(registry)
    functions.counts["PreSignUp", "ok"] += 2
    counting.publish_triggers(functions)
    functions.counts["PreSignUp", "ok"] += 1
    functions.counts["PreSignUp", "UnexpectedLambdaException"] += 1
    counting.publish_triggers(functions)
    counting.publish_triggers(functions)
    counted = {
        outcome: registry.get_sample_value(
            "cognomen_triggers_total", {"trigger": "PreSignUp", "outcome": outcome}
        )
        for outcome in ("ok", "UnexpectedLambdaException")
    }
    assert counted == {"ok": 3, "UnexpectedLambdaException": 1}


def test_what_attempts_at_messages_came_to_is_counted_once() -> None:
    registry, carriers = CollectorRegistry(), Carriers(Settings())
    counting = Metrics(registry)
    for outcomes in (("delivered", "failed"), ("delivered",), ()):
        for outcome in outcomes:
            carriers.counts["EMAIL", "smtp", outcome] += 1
        counting.publish_messages(carriers)
    of = {"medium": "EMAIL", "carrier": "smtp"}
    counted = [
        registry.get_sample_value("cognomen_messages_total", of | {"outcome": outcome})
        for outcome in ("delivered", "failed")
    ]
    assert counted == [2, 1]


def test_what_answers_of_providers_came_to_is_counted_once() -> None:
    registry, answers = CollectorRegistry(), Counter[tuple[str, str]]()
    counting = Metrics(registry)
    for _ in range(2):
        answers["SAML", "ok"] += 1
        counting.publish_federation(answers)
    of = {"provider_type": "SAML", "outcome": "ok"}
    assert registry.get_sample_value("cognomen_federation_total", of) == 2


def test_what_sign_ins_were_judged_is_counted_once() -> None:
    registry, counts = CollectorRegistry(), {("none", "allow"): 3}
    counting = Metrics(registry)
    counting.publish_risks(counts)
    counts["high", "refuse"] = 1
    counting.publish_risks(counts)
    counting.publish_risks(counts)
    counted = [
        registry.get_sample_value("cognomen_sign_in_risks_total", {"level": level, "response": response})
        for level, response in counts
    ]
    assert counted == [3, 1]


def test_what_looking_for_leaked_passwords_came_to_is_counted_once() -> None:
    registry, passwords = CollectorRegistry(), LeakedPasswords(Settings(), Outgoing())
    counting = Metrics(registry)
    for number in (2, 1, 0):
        passwords.counts["SIGN_IN", "found"] += number
        counting.publish_passwords(passwords)
    of = {"event": "SIGN_IN", "outcome": "found"}
    assert registry.get_sample_value("cognomen_compromised_passwords_total", of) == 3
