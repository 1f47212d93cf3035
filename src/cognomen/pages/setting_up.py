"""MFA_SETUP on a page: a second factor is chosen, set up and proven, in as many steps as that takes.

several ways        the person chooses one
authenticator app   AssociateSoftwareToken gives the secret that a QR code shows, VerifySoftwareToken takes the first code
e-mail address      the address is the answer; the engine asks for the code that is sent there
"""

from __future__ import annotations

import msgspec
import pyotp
import segno
from markupsafe import Markup
from msgspec.structs import replace

from cognomen.call import Call
from cognomen.challenge_names import EMAIL_OTP, SOFTWARE_TOKEN_MFA
from cognomen.pages import acting
from cognomen.pages.contexts import Choose, Page, SetUpApp, SetUpEmail
from cognomen.pages.questions import Outcome, Question, Sent, typed_code

WAYS = (SOFTWARE_TOKEN_MFA, EMAIL_OTP)
"""What can be set up here; a phone number cannot (developer guide, "MFA")."""

_WAY, _SECRET = "way", "secret"


async def begin(call: Call, asked: Question) -> Outcome:
    """Nobody is asked to choose where there is one way."""
    ways = _ways(asked)
    return await _chosen(call, asked, ways[0]) if len(ways) == 1 else asked


def page(call: Call, asked: Question, _sent: Sent) -> Page:
    way = asked.kept.get(_WAY)
    if way == SOFTWARE_TOKEN_MFA:
        secret = asked.kept[_SECRET]
        return SetUpApp(picture=_qr_code(call, asked.typed, secret), secret=secret)
    if way == EMAIL_OTP:
        return SetUpEmail()
    return Choose(title="set_up_heading", text="set_up_text", username=asked.typed, ways=_ways(asked))


async def answer(call: Call, asked: Question, sent: Sent) -> Outcome:
    way = asked.kept.get(_WAY)
    if way is None:
        chosen = sent.get("way", "")
        return await _chosen(call, asked, chosen) if chosen in _ways(asked) else asked
    given = {}
    session = asked.session
    if way == EMAIL_OTP:
        given["EMAIL"] = sent.get("email", "")
    else:
        session = await acting.verify_app(call, asked.session, typed_code(sent))
    return await acting.answer(call, asked.challenge, session, asked.typed, given)


def kept(asked: Question, sent: Sent) -> dict[str, str]:
    """What sending another code takes: the address, which is not the user's yet."""
    return {"EMAIL": sent.get("email", "")} if asked.kept.get(_WAY) == EMAIL_OTP else {}


async def _chosen(call: Call, asked: Question, way: str) -> Question:
    if way == EMAIL_OTP:
        return replace(asked, kept={_WAY: way})
    secret, session = await acting.associate_app(call, asked.session)
    return replace(asked, session=session, kept={_WAY: way, _SECRET: secret})


def _ways(asked: Question) -> tuple[str, ...]:
    offered: list[str] = msgspec.json.decode(asked.parameters["MFAS_CAN_SETUP"])
    return tuple(way for way in WAYS if way in offered)


def _qr_code(call: Call, typed: str, secret: str) -> Markup:
    """Drawn without styles, which the page's policy would not let in; apps show the names of pool and user."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=typed, issuer_name=call.pool.name)
    return Markup(segno.make(uri, micro=False).svg_inline(omitsize=True, border=0))  # noqa: S704  shapes alone
