"""A question of the engine on its way through a page: what was asked, and what a form brings back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cognomen.sign_in.engine import Ask, SignedIn


class Question(msgspec.Struct, frozen=True, array_like=True):
    """What the engine asked, as the page of the answer must know it again; `typed` is the name that the person typed.

    `kept` is what a page keeps of a question that takes it several steps, `available` what there is to choose from.
    """

    challenge: str
    parameters: dict[str, str]
    session: str | None
    typed: str
    kept: dict[str, str] = {}
    available: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Question({self.challenge})"  # a session and a secret are in it


Sent = Mapping[str, str]
"""The fields of a form."""

Outcome = Ask | SignedIn | Question
"""What comes next: another question of the engine, the end of the sign-in, or the same question a step further."""


def of(ask: Ask, typed: str, kept: Mapping[str, str] | None = None) -> Question:
    return Question(ask.challenge, ask.parameters, ask.session, typed, dict(kept or {}), ask.available)


def destination(asked: Question) -> str:
    """Where a code went, masked; empty where none was sent."""
    return asked.parameters.get("CODE_DELIVERY_DESTINATION", "")


def typed_code(sent: Sent) -> str:
    """A code without the blanks that people and mails put into it."""
    return "".join(sent.get("code", "").split())
