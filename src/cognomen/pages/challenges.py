"""The challenges that pages can put to a person: for each its page, and how its form becomes the engine's answer.

To add one: a page in contexts.py, its template, and a row here. A challenge of clients' own (CUSTOM_CHALLENGE) has no page, as the
service has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal
from cognomen.pages import fields
from cognomen.pages.contexts import Code, NewPassword, Page, Password
from cognomen.sign_in.challenges import new_password_required
from cognomen.sign_in.engine import Ask

SESSION = "session"
"""The field that carries a question until its answer comes."""

_PURPOSE = "question of a page"


class Question(msgspec.Struct, frozen=True, array_like=True):
    """What the engine asked, as the page of the answer must know it again; `typed` is the name that the person typed."""

    challenge: str
    parameters: dict[str, str]
    session: str | None
    typed: str

    def __repr__(self) -> str:
        return f"Question({self.challenge})"


_decoder = msgspec.msgpack.Decoder(Question)


@dataclass(frozen=True, slots=True)
class Form:
    """`page` shows a question, with what was sent before where that was refused; `answer` reads what was sent."""

    page: Callable[[Call, Question, Mapping[str, str]], Page]
    answer: Callable[[Mapping[str, str]], dict[str, str]]


def question(ask: Ask, typed: str) -> Question:
    return Question(ask.challenge, ask.parameters, ask.session, typed)


def seal(call: Call, asked: Question) -> str:
    return call.vault.seal_text(_PURPOSE, msgspec.msgpack.encode(asked), _binding(call))


def unseal(call: Call, text: str) -> Question:
    """Raises SESSION_INVALID for any text but one that was sealed for this client."""
    try:
        return _decoder.decode(call.vault.unseal_text(_PURPOSE, text, _binding(call)))
    except (CannotUnseal, msgspec.DecodeError):
        raise errors.SESSION_INVALID() from None


def _binding(call: Call) -> bytes:
    return sealing.joined(call.pool.id.encode(), call.client.id.encode())


def typed_code(sent: Mapping[str, str]) -> str:
    """A code without the blanks that people and mails put into it."""
    return "".join(sent.get("code", "").split())


def _code(title: str, graphic: str) -> Callable[[Call, Question, Mapping[str, str]], Page]:
    def page(_call: Call, asked: Question, _sent: Mapping[str, str]) -> Page:
        destination = asked.parameters.get("CODE_DELIVERY_DESTINATION", "")
        return Code(title=title, graphic=graphic, destination=destination)

    return page


def _password(_call: Call, asked: Question, _sent: Mapping[str, str]) -> Page:
    return Password(username=asked.typed)


def _new_password(call: Call, asked: Question, sent: Mapping[str, str]) -> Page:
    owed: list[str] = msgspec.json.decode(asked.parameters["requiredAttributes"])
    return NewPassword(
        rules=fields.rules(call.pool, sent.get("password", "")),
        fields=tuple(
            fields.of_attribute(name.removeprefix(new_password_required.PREFIX), sent) for name in owed
        ),
    )


def _new_password_sent(sent: Mapping[str, str]) -> dict[str, str]:
    given = {
        new_password_required.PREFIX + name.removeprefix(fields.PREFIX): value
        for name, value in sent.items()
        if name.startswith(fields.PREFIX) and value
    }
    return {"NEW_PASSWORD": sent.get("password", ""), **given}


FORMS: Mapping[str, Form] = {
    "PASSWORD": Form(_password, lambda sent: {"PASSWORD": sent.get("password", "")}),
    "NEW_PASSWORD_REQUIRED": Form(_new_password, _new_password_sent),
}
