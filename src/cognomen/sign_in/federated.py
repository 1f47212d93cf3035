"""The sign-in of a person whom an identity provider vouches for: who it is here, and what becomes of that user.

    InboundFederation       the pool's function may say what counts of the claims
    mapping                 claims to attributes (federation/mapping.py)
    the first time          PreSignUp, the profile with its group, PostConfirmation
    later                   PreAuthentication, what has changed, PostAuthentication

Whoever was linked to a user is that user, and never comes for the first time. A name that somebody has here who did not come from
this provider is nobody else's: no password of theirs opens what a provider vouches for. Developer guide, "Customizing user pool
workflows with Lambda triggers" and "Linking federated users to an existing user profile".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.federation import levels, mapping, values
from cognomen.federation.asserted import Asserted
from cognomen.pools import groups, ids
from cognomen.sign_in import recording
from cognomen.sign_in.engine import SignedIn
from cognomen.store import groups as stored_groups
from cognomen.store import identities as stored
from cognomen.store import users
from cognomen.store.database import Db
from cognomen.store.identities import IdentityKey
from cognomen.store.identity_providers import IdentityProvider
from cognomen.store.users import User
from cognomen.tokens import assurance
from cognomen.triggers import authentication, inbound_federation, sign_up
from cognomen.users import creation, identities, names, rows
from cognomen.users.identities import SUBJECT, Identity

_NO_ALIASES = {"cognito:email_alias": "", "cognito:phone_number_alias": ""}
"""What PreSignUp is told besides of somebody who comes from a provider (publicly reported events)."""


@dataclass(frozen=True, slots=True)
class _Coming:
    """A person at the door.

    `known_by` is how a user of ours may be known to be them, the subject first, and `known_as` the same as keys. `mapped` is
    what their claims become.
    """

    call: Call
    provider: IdentityProvider
    asserted: Asserted
    known_as: tuple[IdentityKey, ...]
    known_by: Mapping[str, str]
    mapped: Mapping[str, str]
    client_metadata: Mapping[str, str] | None


async def sign_in(
    call: Call,
    provider: IdentityProvider,
    asserted: Asserted,
    *,
    client_metadata: Mapping[str, str] | None = None,
) -> SignedIn:
    """Sign in whoever `asserted` is by the word of `provider`, by call.client; `client_metadata` is for the pool's functions.

    Raises a Refusal of OAuth.
    """
    coming = await _coming(call, provider, asserted, client_metadata)
    user = None
    while user is None:
        found = await call.store.read(stored.holder, call.pool.id, coming.known_as)
        # None where another request came between: they are known now, or no longer.
        user = await _first(coming) if found is None else await _again(coming, *found)
    return SignedIn(user, proven(asserted), client_metadata, event=await recording.vouched(call, user))


def proven(asserted: Asserted) -> tuple[str, ...]:
    return assurance.vouched(asserted.acr or levels.LOWEST)


async def _coming(
    call: Call, provider: IdentityProvider, asserted: Asserted, client_metadata: Mapping[str, str] | None
) -> _Coming:
    pool = call.pool
    with _told():
        chosen = await inbound_federation.claims(
            call, provider.name, provider.type, asserted.subject, asserted.told
        )
    claims = asserted.claims if chosen is None else values.texts(chosen)
    known_by = mapping.known_by(provider, asserted.subject, claims)
    keys = (identities.key_of(pool, provider.name, name, value) for name, value in known_by.items())
    mapped = mapping.mapped(pool, call.client, provider, claims)
    return _Coming(call, provider, asserted, tuple(keys), known_by, mapped, client_metadata)


# -- the first time ---------------------------------------------------------------------------------------------------


async def _first(coming: _Coming) -> User | None:
    """The new user; None where there is one by now."""
    call, provider = coming.call, coming.provider
    if call.configuration.replica is not None:
        raise errors.FEDERATION_NOT_HERE(region=ids.region_of(call.pool.id))
    username = mapping.username(provider, coming.asserted.subject)
    given = mapping.new(call.pool, provider, coming.mapped)
    with _told():
        answer = await sign_up.before(
            call,
            sign_up.EXTERNAL_PROVIDER,
            names.fold(call.pool, username),
            _NO_ALIASES | given,
            validation_data=None,
            client_metadata=coming.client_metadata,
        )
        flags = sign_up.verified(answer, given)
    user = creation.federated(call.pool, username, given | flags, call.now)
    added = await rows.write(call.store, _add, coming, user)
    if added is None or not sign_up.tells_after(call):
        return added
    with _told():
        await sign_up.after(call, sign_up.CONFIRMED, added, client_metadata=coming.client_metadata)
    return await _present(call, added.sub)


def _add(db: Db, coming: _Coming, user: User) -> User | None:
    """The profile, with its identity and its group; None where another sign-in of the same person has made it.

    Raises FEDERATION_NAME_TAKEN, also where they were linked to somebody since: they may come again.
    """
    call, provider, asserted = coming.call, coming.provider, coming.asserted
    found = stored.holder(db, call.pool.id, coming.known_as)
    if found is not None and identities.is_own(found[0], provider.name, asserted.subject):
        return None
    taken = errors.FEDERATION_NAME_TAKEN(name=user.username)
    if found is not None:
        raise taken
    identity = Identity(
        user_id=asserted.subject,
        provider_name=provider.name,
        provider_type=provider.type,
        issuer=asserted.issuer,
        primary=True,
        date_created=call.now,
    )
    group = groups.of_provider(db, call.pool.id, provider.name, call.now)
    added = identities.add(db, call.pool, user, identity, taken=lambda _: taken)
    stored_groups.add_member(db, group, user.sub)
    return added


# -- later ------------------------------------------------------------------------------------------------------------


async def _again(coming: _Coming, user: User, key: IdentityKey) -> User | None:
    """The user as the provider knows it now; None where it is not this one any more."""
    call = coming.call
    _refuse_disabled(user)
    edited = _edited(coming, user, key)
    if authentication.asks_before(call):
        with _told():
            await authentication.before(call, user.username, user, validation_data=coming.client_metadata)
        found = await call.store.read(_still, coming, user.sub)
        if found is None:
            return None
        user, key = found
        edited = _edited(coming, user, key)
    # A replica writes nothing of users.
    if edited is not user and call.configuration.replica is None:
        changed = await rows.write(call.store, _change, coming, user.sub)
        if changed is None:
            return None
        user = changed
    if not authentication.tells_after(call):
        return user
    with _told():
        await authentication.after(call, user, new_device_used=False, client_metadata=coming.client_metadata)
    return await _present(call, user.sub)


def _still(db: Db, coming: _Coming, sub: str) -> tuple[User, IdentityKey] | None:
    """The user with this sub and how it is known, if the person is still that user."""
    found = stored.holder(db, coming.call.pool.id, coming.known_as)
    if found is None or found[0].sub != sub:
        return None
    _refuse_disabled(found[0])
    return found


def _change(db: Db, coming: _Coming, sub: str) -> User | None:
    call = coming.call
    found = _still(db, coming, sub)
    if found is None:
        return None
    user, key = found
    after = rows.change_found(
        db, call.pool, user, lambda each: _edited(coming, each, key), taken=_address_taken
    )
    if key.attribute != SUBJECT:
        identities.know_by_subject(db, call.pool, user, key, coming.asserted.subject)
    return after


def _edited(coming: _Coming, user: User, key: IdentityKey) -> User:
    """The user with what is not as it was; who was linked by an attribute is from now on told by its subject."""
    call, asserted = coming.call, coming.asserted
    after = mapping.changed(call.pool, coming.provider, user, coming.mapped, call.now)
    if key.attribute == SUBJECT:
        return after
    value = coming.known_by[key.attribute]
    return identities.with_subject(call.pool, after, key, value, asserted.subject, call.now)


# -- faults -----------------------------------------------------------------------------------------------------------


async def _present(call: Call, sub: str) -> User:
    """The user as it is now that a function was asked."""
    user = await call.store.read(users.by_sub, call.pool.id, sub)
    if user is None:
        raise errors.FEDERATION_REFUSED(reason=errors.USER_NOT_FOUND().message)
    _refuse_disabled(user)
    return user


def _refuse_disabled(user: User) -> None:
    if not user.enabled:
        raise errors.FEDERATION_USER_DISABLED()


def _address_taken(attribute: str) -> Refusal:
    """A linked user whose address is a name of another's."""
    return errors.FEDERATION_REFUSED(reason=rows.alias_exists(attribute).message)


@contextmanager
def _told() -> Iterator[None]:
    """What a function refuses, in the API's words with a blank behind them (publicly reported)."""
    try:
        yield
    except Refusal as refusal:
        raise errors.OAUTH_REFUSED(reason=refusal.message or refusal.type) from refusal
