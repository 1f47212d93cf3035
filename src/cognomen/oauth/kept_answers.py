"""What a provider has said in a form that its page sent: kept until the browser shows that it is the one that was sent there.

    keep(call, crossing, answer)    sealed, in a row that lives as long as the crossing; the first that comes counts
    kept(call, crossing)            the answer
    to_be_continued(visit, state)   what the form is answered with (continued.py)

Browsers send no cookie of ours along with the form of another site (SameSite=Lax), so the form is answered with a redirect to an
address of ours that they do bring it to. What was said stays here meanwhile, and in no URL.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto.sealing import CannotUnseal
from cognomen.federation import details
from cognomen.federation.asserted import Asserted
from cognomen.oauth import answers
from cognomen.oauth.crossings import Crossing
from cognomen.oauth.identity_providers import CALLBACK
from cognomen.oauth.places import Visit
from cognomen.store import sealed_rows

CONTINUED = f"{CALLBACK}/{details.CONTINUED}"


class Form(msgspec.Struct, frozen=True, tag="form"):
    """The fields that Apple's page has sent."""

    sent: dict[str, str]

    def __repr__(self) -> str:
        return "Form()"  # a code is in it


Kept = Form | Asserted
"""What was read of a form at once, or the fields of one that is read then."""

_decoder: msgspec.msgpack.Decoder[Kept] = msgspec.msgpack.Decoder(Kept)


def to_be_continued(visit: Visit, state: str) -> Response:
    """An address of ours, to which the browser brings its cookies."""
    url = answers.with_parameters(f"{visit.base_url}{CONTINUED}", [("state", state)])
    return answers.redirect(url, status=answers.SEE_OTHER)


async def keep(call: Call, crossing: Crossing, answer: Kept) -> None:
    await sealed_rows.add(call, _row(crossing), msgspec.msgpack.encode(answer), crossing.expires_at)


async def kept(call: Call, crossing: Crossing) -> Kept:
    """Raises PROVIDER_STATE where there is none."""
    try:
        packed = await sealed_rows.get(call, call.pool.id, _row(crossing))
    except CannotUnseal:
        packed = None
    if packed is None:
        raise errors.PROVIDER_STATE()
    return _decoder.decode(packed)


def _row(crossing: Crossing) -> str:
    return f"answer/{crossing.reference}"
