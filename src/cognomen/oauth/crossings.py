"""A browser on its way to an identity provider and back: what goes along as `state`, which SAML calls RelayState.

    begin(visit, request, provider)     the crossing, its state, and the cookie that ties it to the browser
    opened(visit, state)                the crossing of a state that has come back, from whomever
    check(visit, crossing)              whether it was this browser that was sent
    claim(visit, crossing)              the same, and once

The state is the sealed authorization request, so nothing is written of a browser that never comes back; only one that is too long
for the URLs of providers lies in a row. All tabs of a browser share the cookie, which is drawn at random and whose digest is sealed
into each state: who brings the state of another browser has nothing. Tabs that leave at once know nothing of one another and draw one
each, under names of their own; whoever leaves later goes with one that is there, so there are never more than left at once.
Developer guide, "Managed login: cookies": `csrf-state`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import base64url, hashes
from cognomen.crypto.sealing import CannotUnseal
from cognomen.oauth import authorization, cookies
from cognomen.oauth.authorization import LIFE, AuthorizationRequest
from cognomen.oauth.places import Visit
from cognomen.store import sealed_rows, spent
from cognomen.store.identity_providers import IdentityProvider

LONGEST_STATE = 2_000
"""Characters; a provider's server may refuse URLs of some thousands."""

_COOKIE = "csrf-state"
_COOKIE_LIFE = 60 * MINUTE
"""Longer than a crossing: whoever comes back too late is told how to begin anew, which is for this browser alone."""

_COOKIE_BYTES = 32
_COOKIES_MAX = 20
_NAME_LENGTH = 8  # characters of a digest, with which no two tabs meet
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_PURPOSE = "crossing"


@dataclass(frozen=True, slots=True)
class Crossed:
    """The authorization request that a provider answers, and of which type the provider is, by its name."""

    request: AuthorizationRequest
    provider: str
    type: str


class Crossing(msgspec.Struct, frozen=True, array_like=True):
    """The way of a browser that was sent to `provider`, by its name, of this `type`.

    `reference` is random, and what counts once. `browser` is the digest of the browser's cookie.
    """

    request: AuthorizationRequest
    provider: str
    type: str
    reference: str
    browser: str

    def __repr__(self) -> str:
        return f"Crossing({self.provider})"

    @property
    def crossed(self) -> Crossed:
        return Crossed(self.request, self.provider, self.type)

    @property
    def request_id(self) -> str:
        """The ID of the request to a SAML provider, which its answer repeats; a name of XML does not begin with a digit."""
        return f"_{self.reference}"

    @property
    def expires_at(self) -> int:
        return self.request.read_at + LIFE


class _State(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed into a state; `crossing` is None where it lies in a row."""

    pool_id: str
    reference: str
    crossing: Crossing | None


@dataclass(frozen=True, slots=True)
class Departure:
    """`cookie` is the Set-Cookie header."""

    crossing: Crossing
    state: str = field(repr=False)
    cookie: str = field(repr=False)


_decoder = msgspec.msgpack.Decoder(_State)
_crossing_decoder = msgspec.msgpack.Decoder(Crossing)


async def begin(visit: Visit, request: AuthorizationRequest, provider: IdentityProvider) -> Departure:
    """`request` has just been read."""
    call = visit.call
    held = _held(visit)
    value = held[0] if held else base64url.encode(clock.random_bytes(_COOKIE_BYTES))
    crossing = Crossing(request, provider.name, provider.type, clock.uuid4(), hashes.digest(value))
    state = _sealed(call, _State(request.pool_id, crossing.reference, crossing))
    if len(state) > LONGEST_STATE:
        await sealed_rows.add(
            call, f"crossing/{crossing.reference}", msgspec.msgpack.encode(crossing), crossing.expires_at
        )
        state = _sealed(call, _State(request.pool_id, crossing.reference, None))
    return Departure(
        crossing, state, cookies.header(visit, _name(visit, value), value, _COOKIE_LIFE // SECOND)
    )


async def opened(visit: Visit, state: str) -> Crossing:
    """Puts client and pool into the call, and how to begin anew. Raises PROVIDER_STATE for any other text, OAUTH_AUTHORIZATION_EXPIRED."""
    call = visit.call
    try:
        found = _decoder.decode(call.vault.unseal_text(_PURPOSE, state, b""))
        packed = (
            None
            if found.crossing
            else await sealed_rows.get(call, found.pool_id, f"crossing/{found.reference}")
        )
        crossing = found.crossing if packed is None else _crossing_decoder.decode(packed)
    except (CannotUnseal, msgspec.DecodeError):
        raise errors.PROVIDER_STATE() from None
    if crossing is None:
        raise errors.OAUTH_AUTHORIZATION_EXPIRED()
    # In the request is the app's own state, which is no other browser's business.
    if _was_sent(visit, crossing):
        call.anew = authorization.whole_query_of(crossing.request)
    await authorization.recall(call, crossing.request)
    return crossing


def check(visit: Visit, crossing: Crossing) -> None:
    """Raises PROVIDER_STATE for another browser than was sent."""
    if not _was_sent(visit, crossing):
        raise errors.PROVIDER_STATE()


async def claim(visit: Visit, crossing: Crossing) -> None:
    """Raises PROVIDER_STATE for another browser than was sent, and for whoever comes second."""
    check(visit, crossing)
    call = visit.call
    is_first = await call.store.write(
        spent.spend, call.pool.id, _PURPOSE, crossing.reference, crossing.expires_at
    )
    if not is_first:
        raise errors.PROVIDER_STATE()


def _sealed(call: Call, state: _State) -> str:
    return call.vault.seal_text(_PURPOSE, msgspec.msgpack.encode(state), b"")


def _was_sent(visit: Visit, crossing: Crossing) -> bool:
    return any(hashes.matches(hashes.digest(value), crossing.browser) for value in _held(visit))


def _held(visit: Visit) -> list[str]:
    """The cookies that the browser has brought, each under its name; of many the first."""
    prefix = cookies.of_host(visit, _COOKIE)
    named = [each for each in visit.cookies.items() if each[0].startswith(prefix)][:_COOKIES_MAX]
    return [value for name, value in named if _TOKEN.fullmatch(value) and name == _name(visit, value)]


def _name(visit: Visit, value: str) -> str:
    return f"{cookies.of_host(visit, _COOKIE)}-{hashes.digest(value)[:_NAME_LENGTH]}"
