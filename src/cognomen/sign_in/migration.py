"""A user who is not here yet, and whom the pool owner's function knows from a former directory (UserMigration).

    at_sign_in              with a password, which the function judges and which becomes the user's
    at_forgot_password      without one

Guesses are counted under the name, as those at any name that nobody has. Developer guide, "Migrate user Lambda trigger"; what callers
read where nobody was migrated was publicly reported (docs/unsure.md).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import SMS_MFA
from cognomen.errors import Refusal
from cognomen.messages import compose, courier
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.compose import Composed, Medium
from cognomen.messages.courier import Queued
from cognomen.pools import app_clients
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.triggers import user_migration
from cognomen.triggers.user_migration import Migrated
from cognomen.users import codes, creation, factors, lockout, lookup, names, passwords, rows, status

_REFUSALS = frozenset({errors.TRIGGER_FAILED.type, errors.USER_ACCOUNT_EXISTS.type, errors.VALIDATION.type})
"""A function that fails says no; what it says of a user may not fit the pool. All else is a fault that is told as it is."""

log = logging.getLogger(__name__)


async def at_sign_in(
    call: Call, typed: str, password: str, *, validation_data: Mapping[str, str] | None
) -> User:
    """The user `typed` whose password this is, now one of the pool. Raises what is told where there is none."""
    key = lockout.key_of_stranger(call, names.key(call.pool, typed))
    async with lockout.one_at_a_time(call, key, lockout.PASSWORD):
        found = await lookup.at_sign_in(call, typed)
        if found is not None:
            return found  # an attempt before this one has migrated it
        if lockout.is_locked(await lockout.so_far(call, key, lockout.PASSWORD), call.now):
            raise errors.PASSWORD_ATTEMPTS_EXCEEDED()
        asked = user_migration.at_sign_in(call, typed, password, validation_data=validation_data)
        user = await _migrated(call, typed, asked, password)
        if user is None:
            await lockout.count(call, key, lockout.PASSWORD)
            raise _refused(call)
        return user


async def at_forgot_password(
    call: Call, typed: str, *, client_metadata: Mapping[str, str] | None
) -> User | None:
    """The user `typed`, now one of the pool if not before; None where the function knows nobody, or there is none."""
    if not user_migration.is_configured(call):
        return None
    found = await lookup.at_sign_in(call, typed)
    if found is not None:
        return found
    # Whoever asks need prove nothing, so the function is asked about a name only so often.
    await call.store.write(codes.count, call, codes.stranger(call, typed), codes.MIGRATE_QUOTA)
    asked = user_migration.at_forgot_password(call, typed, client_metadata=client_metadata)
    return await _migrated(call, typed, asked, None)


def _refused(call: Call) -> Refusal:
    if app_clients.hides_unknown_users(call.client):
        return errors.INCORRECT_USERNAME_OR_PASSWORD()
    return errors.MIGRATION_FAILED(id=call.client.id)


async def _migrated(
    call: Call, typed: str, asked: Awaitable[Migrated | None], password: str | None
) -> User | None:
    """The user that the function answers, written; None where it says no, or describes one that does not fit the pool."""
    try:
        answer = await asked
        if answer is None or not answer.user_attributes:
            return None
        return await _write(call, typed, answer, answer.user_attributes, password)
    except Refusal as refusal:
        if refusal.type not in _REFUSALS:
            raise
        log.info(
            "a user was not migrated",
            extra={"request_id": call.request_id, "pool_id": call.pool.id, "outcome": refusal.type},
        )
        return None


async def _write(
    call: Call, typed: str, answer: Migrated, given: Mapping[str, str], password: str | None
) -> User:
    user = _new_user(call, typed, answer, given)
    if password is not None:
        user = passwords.with_password(call.vault, user, password, call.now)
    welcome = _welcome(call, user, answer)

    def add(db: Db) -> list[Queued]:
        rows.add(db, call.pool, user, move_aliases=answer.force_alias_creation is True)
        return [courier.queue(db, call.vault, call.pool.id, message, call.now) for message in welcome]

    try:
        queued = await rows.write(call.store, add)
    except Refusal:
        found = await lookup.at_sign_in(call, typed)
        if found is None:
            raise
        return found  # another node has migrated it at the same moment
    with suppress(Undelivered):  # it is tried again; the sign-in goes on
        await courier.carry(call.node, *queued, waits=False)
    return user


def _new_user(call: Call, typed: str, answer: Migrated, given: Mapping[str, str]) -> User:
    """The user as the function describes it; `username` is for pools where something else was typed to sign in with."""
    values = dict(given)
    named = values.pop(names.USERNAME, "")
    name = typed if call.pool.settings.username_attributes else named or typed
    confirmed = answer.final_user_status == status.CONFIRMED
    final = status.CONFIRMED if confirmed else status.RESET_REQUIRED
    user = creation.described(call.pool, name, values, final, call.now, complete=False)
    wants_sms = answer.enable_sms_mfa is True and names.PHONE_NUMBER in user.attributes
    return factors.enabling(user, SMS_MFA) if wants_sms else user


def _welcome(call: Call, user: User, answer: Migrated) -> list[Composed]:
    """A message that tells the new user's name: by SMS where nothing else is asked for, if there is a number."""
    if answer.message_action == "SUPPRESS":
        return []
    asked = answer.desired_delivery_mediums or [compose.SMS]
    mediums: list[Medium] = [medium for medium in (compose.EMAIL, compose.SMS) if medium in asked]
    return [
        compose.for_sender(
            call.pool,
            user,
            compose.invitation(call.pool, user, None, medium),
            client_id=call.client.id,
            client_metadata=None,
        )
        for medium in mediums
        if compose.ADDRESS_ATTRIBUTES[medium] in user.attributes
    ]
