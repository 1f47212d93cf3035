"""What a challenge is, what it is given, and what it may say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal, Sentence
from cognomen.sign_in.attempt import Attempt
from cognomen.store.database import Db
from cognomen.store.devices import Device
from cognomen.store.users import User
from cognomen.triggers.custom_challenge import Shown


class Turn(msgspec.Struct, frozen=True, eq=False):
    """One step of an attempt: the user as it is now (or a decoy), and the members of the client's request."""

    call: Call
    attempt: Attempt
    user: User
    given: Mapping[str, str]
    client_metadata: Mapping[str, str] | None = None
    """What the client says to the pool's functions in this request; they get none from the one that begins a sign-in."""
    device: Device | None = None
    """The device it is on, as it is now, if that is remembered (devices.py)."""
    offered: tuple[str, ...] = ()
    """What the user may prove first, where it has the choice (users/first_factors.py)."""
    has_leaked: bool = False
    """Whether a password that is known to have leaked was proven in this request."""

    def __repr__(self) -> str:
        return f"Turn({self.attempt!r})"  # what the client sent holds secrets

    @property
    def known_user(self) -> User | None:
        """The user, where there is one."""
        return None if self.attempt.stranger else self.user

    @property
    def shown(self) -> list[Shown]:
        """What the pool's functions are told of a custom sign-in."""
        return [Shown(*each) for each in self.attempt.custom.shown] if self.attempt.custom else []

    def required(self, name: str) -> str:
        """A member the answer must have; MISSING_PARAMETER."""
        value = self.given.get(name)
        if value is None:
            raise errors.MISSING_PARAMETER(name=name)
        return value


@dataclass(frozen=True, slots=True)
class Question:
    """What a client is asked: `parameters` are what it needs to answer.

    `kept` is what the challenge must know again to check the answer; it travels sealed, and never is a verifier or a code.
    """

    parameters: dict[str, str]
    kept: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Carrier:
    """How a sealed attempt travels beside the Session: out as a `parameter`, back as a `member` of the answer.

    `refusal`, where there is one, is all that is told of one that is spent, expired or not the user's. One that `waits` does not travel:
    it lies in a row, and the member is the device that it waits for. Its turn is spent with the next one.
    """

    parameter: str
    member: str
    refusal: Sentence | None
    waits: bool = False

    def told(self, refusal: Refusal) -> Refusal:
        """What the client is told in the place of `refusal`."""
        if self.refusal is None or refusal.is_(errors.PASSWORD_RESET_REQUIRED):
            return refusal
        return self.refusal()


@dataclass(frozen=True, slots=True)
class Proven:
    """The answer is right.

    `change` is what follows from it: run in the transaction that spends the turn, with the user held, it returns the user as it
    is then, or None where that is unchanged. The user is enabled and has the credentials that `turn.user` has (spending.py); of
    all else it must hold its own guards. `chosen` is the challenge that the client wants next, where that was the question.
    `has_leaked`: the answer was a password that is known to have leaked.
    """

    change: Callable[[Db], User | None] | None = field(default=None, repr=False)
    chosen: str = ""
    has_leaked: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """The answer is wrong; `refusal` is what the caller is told."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Judged:
    """A function of the pool's owner has judged the answer, and will say what comes of it; the turn is spent.

    `metadata` is the function's word for the challenge.
    """

    right: bool
    metadata: str | None


async def asks_nothing(_turn: Turn) -> Question:
    """The client needs nothing to answer."""
    return Question({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One question of a sign-in; each module in challenges/ makes one.

    `check` raises a Refusal for an answer that is neither right nor wrong; Judged says that it is another's to tell. `ask` may write, and
    send a message; `turn.given` is what the request that leads to it has brought along.

    `failures` is the kind under which wrong answers count towards the lock-out of that kind; None where they do not. `unasked` are the
    members of its answer, where that may come along with the request that leads to the question; empty where the client must be asked
    first. With `one_answer` any answer spends the turn, a wrong one too; else only a right one does. `carrier` is what carries the
    sealed attempt, where that is not the Session.
    """

    check: Callable[[Turn], Awaitable[Proven | Wrong | Judged]]
    ask: Callable[[Turn], Awaitable[Question]] = asks_nothing
    failures: str | None = None
    unasked: frozenset[str] = frozenset()
    one_answer: bool = False
    carrier: Carrier | None = None
