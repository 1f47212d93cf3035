"""The sessions of users, where their pool tracks them: what a sign-in, a refresh and a revocation make of them.

    is_tracked          whether the pool of a call tracks sessions; nothing else here is asked where it does not
    id_of               the session that tokens of an origin belong to
    began, refreshed    a session of tokens begins, goes on
    began_in_browser    a browser's session begins (oauth/browser_sessions.py)
    living              the sessions that a user has
    revoke              a session ended, with those that hang together with it where that is asked for
    end_browser         a browser's session ended

All but the first two run in a transaction. A session of tokens is one sign-in: its id is the origin of its tokens in other
characters. Sources: API reference, SetUserPoolSessionConfiguration and RevokeUserSession.
"""

from __future__ import annotations

import uuid
from operator import attrgetter

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import DAY
from cognomen.pools import app_clients
from cognomen.store import browser_sessions, tokens, users
from cognomen.store import user_sessions as stored_sessions
from cognomen.store.browser_sessions import BrowserSession
from cognomen.store.database import Db
from cognomen.store.user_sessions import UserSession
from cognomen.store.users import User
from cognomen.tokens import refresh_tokens, standing, user_agents
from cognomen.tokens.refresh_tokens import RefreshToken

TOKENS = "tkn"
BROWSERS_MAX = 25
"""How many sessions of browsers a user has: the API lists 125, of which 100 at most are of tokens."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 25  # digits that a UUID takes in this alphabet


def is_tracked(call: Call) -> bool:
    return call.configuration.tracking.is_on


def id_of(origin: str) -> str:
    """The id of the session with this origin, a UUID."""
    value, text = uuid.UUID(origin).int, ""
    for _ in range(_LENGTH):
        value, digit = divmod(value, len(_DIGITS))
        text = _DIGITS[digit] + text
    return TOKENS + text


def began(db: Db, call: Call, token: RefreshToken) -> None:
    """A session of tokens; where the user has as many as it may, those that were active the longest ago end.

    Raises USER_NOT_FOUND, and REFRESH_TOKEN_REVOKED where the browser's session ended with all that comes through it.
    """
    user = _locked(db, call, token.sub)
    if token.browser_session is not None and tokens.is_revoked(db, call.pool.id, token.browser_session):
        raise errors.REFRESH_TOKEN_REVOKED()
    _make_room(db, call, user)
    stored_sessions.add(db, call.pool.id, token.sub, _of_tokens(call, token, call.now))
    if token.browser_session is not None:
        _touch(db, call, token.sub, token.browser_session)


def refreshed(db: Db, call: Call, token: RefreshToken) -> None:
    """The session goes on. One of before the pool tracked sessions begins, as that of a sign-in does.

    Raises REFRESH_TOKEN_REVOKED for one that was ended meanwhile.
    """
    if not _touch(db, call, token.sub, id_of(token.origin)):
        _begin_late(db, call, token)
    if token.browser_session is not None and app_clients.rotates(call.client):
        _touch(db, call, token.sub, token.browser_session)


def began_in_browser(db: Db, call: Call, session: BrowserSession) -> None:
    """A browser's session, which this transaction has written; the oldest end where there are too many."""
    user = _locked(db, call, session.sub)
    present = [session for session in _without_dead(db, call, user) if session.origin is None]
    _evict(db, call, user, present, BROWSERS_MAX)
    row = UserSession(
        id=session.id,
        origin=None,
        parent=None,
        client_id=call.client.id,
        device=user_agents.device(call.user_agent),
        ip_address=call.client_ip,
        created_at=call.now,
        last_active_at=call.now,
        expires_at=session.expires_at,
    )
    stored_sessions.add(db, call.pool.id, session.sub, row)


def living(db: Db, call: Call, user: User) -> list[UserSession]:
    """The sessions that count, the most recently active first."""
    found = [session for session, lives in _kept(db, call, user) if lives]
    return sorted(found, key=attrgetter("last_active_at", "id"), reverse=True)


def revoke(db: Db, call: Call, sub: str, id: str, *, linked: bool, current: str | None) -> None:
    """End a session of the user, and the tokens that came of it.

    `linked`: for a session of tokens the browser's session that it came through too, for one of a browser all that came
    through it or has yet to. `current` is the session of whoever asks, who may not end it by its id.
    Raises USER_NOT_FOUND, SESSION_NOT_FOUND, SESSION_IS_CURRENT.
    """
    user = _locked(db, call, sub)
    sessions = living(db, call, user)
    target = next((session for session in sessions if session.id == id), None)
    if target is None:
        raise errors.SESSION_NOT_FOUND()
    if id == current:
        raise errors.SESSION_IS_CURRENT()
    _end(db, call, sub, target)
    if linked and target.origin is None:
        # A code that came through it may be out, whose session is yet to begin; none lives for a day.
        tokens.revoke(db, call.pool.id, id, call.now + DAY)
    for session in sessions:
        if linked and (session.id == target.parent or session.parent == id):
            _end(db, call, sub, session)


def end_browser(db: Db, call: Call, sub: str, id: str) -> None:
    for session in browser_sessions.all_of_user(db, call.pool.id, sub):
        if session.id == id:
            browser_sessions.remove(db, call.pool.id, session.digest)
    stored_sessions.remove(db, call.pool.id, sub, id)


def _begin_late(db: Db, call: Call, token: RefreshToken) -> None:
    user = _locked(db, call, token.sub)
    session = _of_tokens(call, token, token.auth_time)
    revoked = tokens.is_revoked(db, call.pool.id, token.origin)
    if not _lives(session, user, call.now, revoked=revoked, in_browsers=set()):
        raise errors.REFRESH_TOKEN_REVOKED()
    if not _touch(db, call, token.sub, session.id):  # another refresh of the token may have been faster
        _make_room(db, call, user)
        stored_sessions.add(db, call.pool.id, token.sub, session)


def _locked(db: Db, call: Call, sub: str) -> User:
    """The user, so that two who come at the same moment count one another's sessions."""
    user = users.by_sub_locked(db, call.pool.id, sub)
    if user is None:
        raise errors.USER_NOT_FOUND()
    return user


def _without_dead(db: Db, call: Call, user: User) -> list[UserSession]:
    """The sessions that count; the rows of the others are removed."""
    found = []
    for session, lives in _kept(db, call, user):
        if lives:
            found.append(session)
        else:
            stored_sessions.remove(db, call.pool.id, user.sub, session.id)
    return found


def _kept(db: Db, call: Call, user: User) -> list[tuple[UserSession, bool]]:
    """The sessions there are rows of, each with the word whether it counts."""
    in_browsers = {
        session.id
        for session in browser_sessions.all_of_user(db, call.pool.id, user.sub)
        if standing.browser_session_counts(session, user, call.now)
    }
    return [
        (session, _lives(session, user, call.now, revoked=revoked, in_browsers=in_browsers))
        for session, revoked in stored_sessions.all_of_user(db, call.pool.id, user.sub)
    ]


def _lives(session: UserSession, user: User, now: int, *, revoked: bool, in_browsers: set[str]) -> bool:
    if session.origin is None:
        return session.id in in_browsers
    ended = standing.is_over(user, clock.moment_of(session.origin), revoked=revoked)
    return session.expires_at > now and user.enabled and not ended


def _make_room(db: Db, call: Call, user: User) -> None:
    """For one more session of tokens."""
    present = [session for session in _without_dead(db, call, user) if session.origin is not None]
    _evict(db, call, user, present, call.configuration.tracking.per_user)


def _evict(db: Db, call: Call, user: User, present: list[UserSession], most: int) -> None:
    """End sessions until there is room for one more of `most`."""
    surplus = max(len(present) - most + 1, 0)
    for session in sorted(present, key=attrgetter("last_active_at", "created_at"))[:surplus]:
        _end(db, call, user.sub, session)


def _end(db: Db, call: Call, sub: str, session: UserSession) -> None:
    if session.origin is None:
        end_browser(db, call, sub, session.id)
        return
    tokens.revoke(db, call.pool.id, session.origin, refresh_tokens.forgotten_at(call, session.expires_at))
    stored_sessions.remove(db, call.pool.id, sub, session.id)


def _of_tokens(call: Call, token: RefreshToken, created_at: int) -> UserSession:
    return UserSession(
        id=id_of(token.origin),
        origin=token.origin,
        parent=token.browser_session,
        client_id=token.client_id,
        device=user_agents.device(call.user_agent),
        ip_address=call.client_ip,
        created_at=created_at,
        last_active_at=call.now,
        expires_at=token.expires_at,
    )


def _touch(db: Db, call: Call, sub: str, id: str) -> bool:
    return stored_sessions.touch(
        db,
        call.pool.id,
        sub,
        id,
        device=user_agents.device(call.user_agent),
        ip_address=call.client_ip,
        now=call.now,
    )
