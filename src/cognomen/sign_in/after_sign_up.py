"""Signing in right after signing up, with no proof but the code that confirmed the user (API reference, Session in InitiateAuth).

    begun       the session in the answer of SignUp, which may come along with the code
    check       whether it is of this user
    confirmed   the session in the answer of ConfirmSignUp: an attempt that waits for no answer but `engine.resume`

The first proves nothing; aws-amplify does not even send it. The second is worth a sign-in, once, and as short as any session:
whoever brought the code would have signed in with one like it.
"""

from __future__ import annotations

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal
from cognomen.pools import app_clients
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in.flows import CHOICE, FLOWS
from cognomen.store.users import User
from cognomen.users import first_factors, names

PURPOSE = "sign-up"
WAITS = "CONFIRMED_SIGN_UP"
"""What an attempt waits for then: no challenge of the API, so that no answer to one is taken for it."""


def begun(call: Call, user: User, attribute: str) -> str | None:
    """The session of a new user whose code goes to the address in `attribute`; None where a code does not sign in."""
    if _factor(call, user, attribute) is None:
        return None
    return call.vault.seal_text(PURPOSE, user.sub.encode(), _binding(call))


def check(call: Call, session: str, sub: str) -> None:
    """Raises SESSION_INVALID for any but what `begun` gave for this user and client."""
    try:
        signed_up = call.vault.unseal_text(PURPOSE, session, _binding(call))
    except CannotUnseal:
        raise errors.SESSION_INVALID() from None
    if signed_up != sub.encode():
        raise errors.SESSION_INVALID()


def confirmed(call: Call, typed: str, user: User, attribute: str) -> str | None:
    """The session of a user who was just confirmed by a code to `attribute`; None where a code does not sign in."""
    factor = _factor(call, user, attribute)
    if factor is None:
        return None
    name = names.key(call.pool, typed)
    attempt = attempts.new(call, CHOICE, name, user, stranger=False, chosen=factor)
    return attempts.seal(call, attempts.asked(call, attempt, WAITS))


def _factor(call: Call, user: User, attribute: str) -> str | None:
    """The first factor that a code to this address is for the user, by this client."""
    if FLOWS[CHOICE].allowed_by not in app_clients.flows_of(call.client):
        return None
    offered = first_factors.offered(call.pool, user, has_password=False, has_passkey=False)
    by_code = {of: factor for factor, of in first_factors.ADDRESSES.items() if factor in offered}
    return by_code.get(attribute)


def _binding(call: Call) -> bytes:
    return sealing.joined(call.pool.id.encode(), call.client.id.encode())
