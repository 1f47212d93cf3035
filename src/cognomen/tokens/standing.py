"""Whether a sign-in still counts, whatever came of it: tokens, a code, a browser's session.

user_of             the user of a sign-in that counts, or why it does not
is_over             whether the sign-in was ended, alone or with all of its user's
browser_session_counts      the same of a browser's session, which also ends with a change of password
"""

from __future__ import annotations

from cognomen import errors
from cognomen.errors import Sentence
from cognomen.store.browser_sessions import BrowserSession
from cognomen.store.users import User


def user_of(holder: tuple[User, bool] | None, moment: int, ended: Sentence, **values: object) -> User:
    """The user of the sign-in that was at `moment` (milliseconds). `holder` is the user, and whether the sign-in was revoked.

    Raises USER_NOT_FOUND, USER_DISABLED, and `ended` with its `values`.
    """
    if holder is None:
        raise errors.USER_NOT_FOUND()
    user, revoked = holder
    if not user.enabled:
        raise errors.USER_DISABLED()
    if is_over(user, moment, revoked=revoked):
        raise ended(**values)
    return user


def is_over(user: User, moment: int, *, revoked: bool) -> bool:
    """Whether the sign-in of `moment` was revoked, or its user has signed out everywhere since."""
    return revoked or moment <= user.signed_out_at


def browser_session_counts(session: BrowserSession, user: User, now: int) -> bool:
    """Whether it still stands for its user, who must be enabled, and neither signed out nor have another password since."""
    return (
        session.expires_at > now
        and user.enabled
        and user.credential_version == session.credential_version
        and not is_over(user, session.moment, revoked=False)
    )
