"""A token presented for another (RFC 8693): whose it is, whether it still counts, and what may be made of it.

    Party           whoever a presented token is about: the user, or the service that acts for it
    read            the party behind an access or id token of the pool
    of_provider     the party behind an id token of another identity provider
    check           the user of a party as it is now
    scope_of        the scopes that a token made for another has
    acting          the `act` claim

Tokens of other identity providers are verified in federation/. API reference, GetDerivedToken; what it leaves open is in
docs/unsure.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.crypto import jws
from cognomen.store import tokens
from cognomen.store.app_clients import AppClient
from cognomen.store.users import User
from cognomen.tokens import assurance, standing
from cognomen.tokens.assurance import Assurance

TokenUse = Literal["access", "id"]

ACT = "act"
AUTHORIZED = "azp"
"""Which client got an id token, where that is for another audience (OpenID Connect Core, 2)."""


@dataclass(frozen=True, slots=True)
class Party:
    """What a verified token says of whom it is about; `role` is what it was presented as, for what callers are told.

    `moment` (milliseconds) is when its sign-in was; a sign-out after it ends the token. `is_machine`: an app client got it for itself.
    """

    role: Literal["Subject", "Actor"]
    token_use: TokenUse
    claims: Mapping[str, Any] = field(repr=False)
    moment: int
    is_machine: bool

    @property
    def sub(self) -> str:
        return str(self.claims["sub"])

    @property
    def client_id(self) -> str:
        """The client that the token was made for."""
        named = self.claims.get("client_id") or self.claims.get(AUTHORIZED) or self.claims.get("aud")
        return named if isinstance(named, str) else ""

    @property
    def origin(self) -> str | None:
        """The sign-in the token comes from; None where the client's tokens do not say."""
        return self.claims.get("origin_jti")

    @property
    def assurance(self) -> Assurance:
        return Assurance(self.claims.get("acr"), tuple(self.claims.get("amr", ())))

    @property
    def scopes(self) -> tuple[str, ...]:
        """An id token allows nothing."""
        return tuple(self.claims.get("scope", "").split())


async def read(call: Call, text: str, token_use: TokenUse, role: Literal["Subject", "Actor"]) -> Party:
    """The party behind a token of call.pool, whichever of its clients the token was made for.

    Raises PRESENTED_TOKEN_INVALID, PRESENTED_TOKEN_EXPIRED.
    """
    try:
        parsed = jws.parse(text)
    except ValueError:
        raise errors.PRESENTED_TOKEN_INVALID(role=role) from None
    key = call.configuration.keys.get(parsed.header["kid"])
    if key is None or key.token_use != token_use or not jws.verify(key.public, parsed):
        raise errors.PRESENTED_TOKEN_INVALID(role=role)
    claims = parsed.claims
    if claims["exp"] * SECOND <= call.now:
        raise errors.PRESENTED_TOKEN_EXPIRED(role=role)
    client_id = claims.get("client_id")
    if client_id is not None and await call.configurations.client(call.configuration, client_id) is None:
        raise errors.PRESENTED_TOKEN_INVALID(role=role)
    return Party(role, token_use, claims, _moment(claims), is_machine=claims["sub"] == client_id)


def of_provider(
    call: Call, role: Literal["Subject", "Actor"], sub: str, claims: Mapping[str, Any], proven: Iterable[str]
) -> Party:
    """The user with this `sub`, of whom the verified claims of another provider's id token are; `proven` is what that stands for.

    The token is nothing that a client of the pool was given, so what call.client may read is not limited by another's.
    Raises PRESENTED_TOKEN_EXPIRED.
    """
    if claims["exp"] * SECOND <= call.now:
        raise errors.PRESENTED_TOKEN_EXPIRED(role=role)
    issued_at, signed_in_at = int(claims["iat"]), claims.get("auth_time")
    is_told = isinstance(signed_in_at, int) and 0 <= signed_in_at <= issued_at
    reached = assurance.of(call.pool, proven)
    said: dict[str, Any] = {
        "sub": sub,
        "exp": int(claims["exp"]),
        "auth_time": signed_in_at if is_told else issued_at,
        "acr": reached.acr,
        "amr": reached.amr,
        AUTHORIZED: call.client.id,
    }
    return Party(role, "id", said, issued_at * SECOND, is_machine=False)


async def check(call: Call, party: Party) -> User:
    """The user of a party, if the sign-in its token comes from still counts.

    Raises USER_NOT_FOUND, USER_DISABLED, PRESENTED_TOKEN_REVOKED.
    """
    holder = await call.store.read(tokens.holder, call.pool.id, party.sub, party.origin or "")
    return standing.user_of(holder, party.moment, errors.PRESENTED_TOKEN_REVOKED, role=party.role)


def scope_of(subject: Party, client: AppClient, known: Collection[str], asked: Iterable[str]) -> str:
    """The scopes of a token that `client` gets for the subject's, blank separated: never more than that one has.

    Of those it asks for it gets what it is allowed, as far as they are `known`; when it asks for none, what the subject has.
    """
    wanted = list(dict.fromkeys(asked))
    if not wanted:
        return " ".join(subject.scopes)
    allowed = client.settings.allowed_oauth_scopes or ()
    return " ".join(
        scope for scope in wanted if scope in subject.scopes and scope in allowed and scope in known
    )


def acting(subject: Party, actor: Party | None) -> dict[str, Any] | None:
    """Who acts for the subject, the last one outermost (RFC 8693, 4.1); without an actor those who did before."""
    before: dict[str, Any] | None = subject.claims.get(ACT)
    if actor is None:
        return before
    return {"sub": actor.sub} if before is None else {"sub": actor.sub, ACT: before}


def _moment(claims: Mapping[str, Any]) -> int:
    """When the sign-in was. Without an id of ours there are whole seconds, and the earliest moment of one is taken."""
    known = claims.get("origin_jti") or claims.get("jti")
    try:
        return clock.moment_of(known or "")
    except ValueError:
        return int(claims["iat"]) * SECOND
