"""What a provider has said in a form that its page sent: kept until the browser shows that it is the one that was sent there.

    keep(call, crossing, answer)    sealed, in a row that lives as long as the crossing; the first that comes counts
    kept(call, crossing)            the answer

Browsers send no cookie of ours along with the form of another site (SameSite=Lax), so the form is answered with a redirect to an
address of ours that they do bring it to. What was said stays here meanwhile, and in no URL.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto.sealing import CannotUnseal
from cognomen.federation.asserted import Asserted, SamlSession
from cognomen.oauth import crossings
from cognomen.oauth.crossings import Crossing
from cognomen.store.identity_providers import IdentityProvider


class Form(msgspec.Struct, frozen=True, tag="form"):
    """The fields that Apple's page has sent."""

    sent: dict[str, str]

    def __repr__(self) -> str:
        return "Form()"  # a code is in it


class Verified(msgspec.Struct, frozen=True, tag="verified"):
    """What a verified assertion says: an Asserted without its provider, which is read anew."""

    subject: str
    issuer: str | None
    claims: dict[str, str]
    told: dict[str, Any]
    acr: str | None
    amr: tuple[str, ...]
    saml_session: SamlSession | None

    def __repr__(self) -> str:
        return "Verified()"

    def of(self, provider: IdentityProvider) -> Asserted:
        return Asserted(
            provider=provider,
            subject=self.subject,
            claims=self.claims,
            told=self.told,
            issuer=self.issuer,
            acr=self.acr,
            amr=self.amr,
            saml_session=self.saml_session,
        )


Kept = Form | Verified

_decoder: msgspec.msgpack.Decoder[Kept] = msgspec.msgpack.Decoder(Kept)


def verified(asserted: Asserted) -> Verified:
    return Verified(
        subject=asserted.subject,
        issuer=asserted.issuer,
        claims=dict(asserted.claims),
        told=dict(asserted.told),
        acr=asserted.acr,
        amr=asserted.amr,
        saml_session=asserted.saml_session,
    )


async def keep(call: Call, crossing: Crossing, answer: Kept) -> None:
    await crossings.put(call, _row(crossing), msgspec.msgpack.encode(answer), crossing.expires_at)


async def kept(call: Call, crossing: Crossing) -> Kept:
    """Raises PROVIDER_STATE where there is none."""
    try:
        packed = await crossings.get(call, call.pool.id, _row(crossing))
    except CannotUnseal:
        packed = None
    if packed is None:
        raise errors.PROVIDER_STATE()
    return _decoder.decode(packed)


def _row(crossing: Crossing) -> str:
    return f"answer/{crossing.reference}"
