"""The challenges that pages can put to a person: for each its page, and how its form becomes the engine's answer.

To add one: a page in contexts.py, its template, and a row here. A challenge of clients' own (CUSTOM_CHALLENGE) has no page, as the
service has none, and neither have those of devices.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import (
    EMAIL_OTP,
    MFA_SETUP,
    NEW_PASSWORD_REQUIRED,
    PASSWORD,
    PASSWORD_SRP,
    SELECT_CHALLENGE,
    SELECT_MFA_TYPE,
    SMS_MFA,
    SMS_OTP,
    SOFTWARE_TOKEN_MFA,
    WEB_AUTHN,
)
from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal
from cognomen.pages import acting, fields, setting_up
from cognomen.pages.contexts import Choose, Code, NewPassword, Page, Passkey, Password
from cognomen.pages.questions import Outcome, Question, Sent, destination, typed_code
from cognomen.sign_in.challenges import new_password_required

SESSION = "session"
"""The field that carries a question until its answer comes."""

AGAIN = "again"
"""The button that wants another code instead."""

_PURPOSE = "question of a page"
_decoder = msgspec.msgpack.Decoder(Question)


@dataclass(frozen=True, slots=True)
class Form:
    """`page` shows a question, with what was sent before where that was refused; `answer` takes what was sent to the engine.

    `begin` may go on without the person, where there is nothing to ask yet.
    """

    page: Callable[[Call, Question, Sent], Page]
    answer: Callable[[Call, Question, Sent], Awaitable[Outcome]]
    begin: Callable[[Call, Question], Awaitable[Outcome]] | None = None


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


# -- forms whose fields are the members of the answer ------------------------------------------------------------------


def _form(page: Callable[[Call, Question, Sent], Page], read: Callable[[Sent], dict[str, str]]) -> Form:
    async def answer(call: Call, asked: Question, sent: Sent) -> Outcome:
        return await acting.answer(call, asked.challenge, asked.session, asked.typed, read(sent))

    return Form(page, answer)


def _code(title: str, graphic: str, member: str) -> Form:
    def page(_call: Call, asked: Question, _sent: Sent) -> Page:
        return Code(title=title, graphic=graphic, destination=destination(asked))

    return _form(page, lambda sent: {member: typed_code(sent)})


def _password(_call: Call, asked: Question, _sent: Sent) -> Page:
    return Password(username=asked.typed)


def _ways(asked: Question) -> tuple[str, ...]:
    """What there is to choose from; a page proves a password in one way."""
    return tuple(way for way in asked.available if way != PASSWORD_SRP)


def _choice(_call: Call, asked: Question, _sent: Sent) -> Page:
    return Choose(username=asked.typed, ways=_ways(asked))


def _chosen(sent: Sent) -> dict[str, str]:
    return {"ANSWER": sent.get("way", "")}


async def _choose_the_only_one(call: Call, asked: Question) -> Outcome:
    ways = _ways(asked)
    return await _CHOICE.answer(call, asked, {"way": ways[0]}) if len(ways) == 1 else asked


def _passkey(_call: Call, asked: Question, _sent: Sent) -> Page:
    return Passkey(options=asked.parameters["CREDENTIAL_REQUEST_OPTIONS"])


def _second_factors(_call: Call, asked: Question, _sent: Sent) -> Page:
    ways: list[str] = msgspec.json.decode(asked.parameters["MFAS_CAN_CHOOSE"])
    return Choose(title="choose_second_heading", username=asked.typed, ways=tuple(ways))


def _new_password(call: Call, asked: Question, sent: Sent) -> Page:
    owed: list[str] = msgspec.json.decode(asked.parameters["requiredAttributes"])
    return NewPassword(
        username=asked.typed,
        rules=fields.rules(call.pool, sent.get("password", "")),
        fields=tuple(
            fields.of_attribute(name.removeprefix(new_password_required.PREFIX), sent) for name in owed
        ),
    )


def _new_password_sent(sent: Sent) -> dict[str, str]:
    given = {
        new_password_required.PREFIX + name.removeprefix(fields.PREFIX): value
        for name, value in sent.items()
        if name.startswith(fields.PREFIX) and value
    }
    return {"NEW_PASSWORD": sent.get("password", ""), **given}


_CHOICE = _form(_choice, _chosen)

FORMS: Mapping[str, Form] = {
    SELECT_CHALLENGE: replace(_CHOICE, begin=_choose_the_only_one),
    PASSWORD: _form(_password, lambda sent: {"PASSWORD": sent.get("password", "")}),
    NEW_PASSWORD_REQUIRED: _form(_new_password, _new_password_sent),
    WEB_AUTHN: _form(_passkey, lambda sent: {"CREDENTIAL": sent.get("credential", "")}),
    SMS_MFA: _code("code_sms_heading", "SMS_GRAPHIC", "SMS_MFA_CODE"),
    SMS_OTP: _code("code_sms_heading", "SMS_GRAPHIC", "SMS_OTP_CODE"),
    EMAIL_OTP: _code("code_email_heading", "EMAIL_GRAPHIC", "EMAIL_OTP_CODE"),
    SOFTWARE_TOKEN_MFA: _code("code_app_heading", "AUTH_APP_GRAPHIC", "SOFTWARE_TOKEN_MFA_CODE"),
    SELECT_MFA_TYPE: _form(_second_factors, _chosen),
    MFA_SETUP: Form(setting_up.page, setting_up.answer, setting_up.begin),
}
