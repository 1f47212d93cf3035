"""DefineAuthChallenge, CreateAuthChallenge, VerifyAuthChallengeResponse: challenges that a pool's owner makes up.

    define      what comes next: Ask, Issue or Fail
    create      the challenge: what the client sees, what is kept, a word for the next `define`
    verify      whether an answer is right

Developer guide, "Custom authentication challenge Lambda triggers". `user` is None where nobody has the name and the client does not
tell; for clients that do not, the event says whether somebody was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from cognomen import errors
from cognomen.call import Call
from cognomen.pools import app_clients
from cognomen.store.users import User
from cognomen.triggers.firing import A, arn_of, attributes_of, fire, with_metadata

DEFINE = "DefineAuthChallenge"
CREATE = "CreateAuthChallenge"
VERIFY = "VerifyAuthChallengeResponse"


class Shown(Struct, frozen=True, rename="camel"):
    """A challenge that was answered, as later events tell of it."""

    challenge_name: str
    challenge_result: bool
    challenge_metadata: str | None = None


class Definition(Struct, frozen=True, rename="camel"):
    challenge_name: str | None = None
    issue_tokens: bool | None = None
    fail_authentication: bool | None = None


class Challenge(Struct, frozen=True, rename="camel"):
    """`public_challenge_parameters` go to the client, `private_challenge_parameters` to `verify` and into no log."""

    public_challenge_parameters: dict[str, str] | None = None
    private_challenge_parameters: dict[str, str] | None = None
    challenge_metadata: str | None = None

    def __repr__(self) -> str:
        return "Challenge(…)"


class Verdict(Struct, frozen=True, rename="camel"):
    answer_correct: bool | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The client is asked for this challenge: CUSTOM_CHALLENGE, or one of Cognito's own."""

    challenge: str


@dataclass(frozen=True, slots=True)
class Issue:
    """The user is signed in."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The sign-in is over (NotAuthorizedException)."""


Next = Ask | Issue | Fail


async def define(
    call: Call,
    user_name: str,
    user: User | None,
    shown: Sequence[Shown],
    *,
    client_metadata: Mapping[str, str] | None,
) -> Next:
    """What comes next. Raises CUSTOM_AUTH_NOT_CONFIGURED, TRIGGER_ANSWER_UNRECOGNIZABLE for an answer that says nothing."""
    request = {"session": _told(shown)}
    return decided(await _fire(call, DEFINE, user_name, user, request, client_metadata, Definition))


def decided(answer: Definition) -> Next:
    """A failure counts before tokens, tokens before a challenge."""
    if answer.fail_authentication:
        return Fail()
    if answer.issue_tokens:
        return Issue()
    if answer.challenge_name:
        return Ask(answer.challenge_name)
    raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE()


async def create(
    call: Call,
    user_name: str,
    user: User | None,
    challenge: str,
    shown: Sequence[Shown],
    *,
    client_metadata: Mapping[str, str] | None,
) -> Challenge:
    request = {"challengeName": challenge, "session": _told(shown)}
    return await _fire(call, CREATE, user_name, user, request, client_metadata, Challenge)


async def verify(
    call: Call,
    user_name: str,
    user: User | None,
    private_parameters: Mapping[str, str],
    given: str,
    *,
    client_metadata: Mapping[str, str] | None,
) -> bool:
    """Whether `given` answers the challenge. A stranger's answer is asked for all the same, and is never right."""
    request = {"privateChallengeParameters": dict(private_parameters), "challengeAnswer": given}
    verdict = await _fire(call, VERIFY, user_name, user, request, client_metadata, Verdict)
    return verdict.answer_correct is True and user is not None


async def _fire(
    call: Call,
    trigger: str,
    user_name: str,
    user: User | None,
    request: Mapping[str, Any],
    client_metadata: Mapping[str, str] | None,
    answer: type[A],
) -> A:
    if any(arn_of(call.pool, each) is None for each in (DEFINE, CREATE, VERIFY)):
        raise errors.CUSTOM_AUTH_NOT_CONFIGURED()
    whole = {"userAttributes": attributes_of(user) if user else {}, **request}
    if app_clients.hides_unknown_users(call.client):
        whole["userNotFound"] = user is None
    found = await fire(
        call,
        trigger,
        f"{trigger}_Authentication",
        user_name=user.username if user else user_name,
        request=with_metadata(whole, client_metadata),
        answer=answer,
    )
    if found is None:
        raise AssertionError(f"the pool's {trigger} is gone within one request")
    return found


def _told(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(each) for each in shown]
