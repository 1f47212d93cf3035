"""Everything that is signed, refreshed, revoked.

    issuer.py           what stands in `iss`
    assurance.py        how surely it is the user, by what was proven
    claims.py           what the access and the id token say
    overrides.py        what a function of the pool's owner may change of it
    scopes.py           what a sign-in was granted, and what scopes show of a user
    minting.py          what makes tokens, whichever door they leave by: of users, and of machines
    standing.py         whether a sign-in still counts, whatever came of it
    access_tokens.py    an access token that comes back: whose is it, and does it still count
    refresh_tokens.py   a refresh token: sealed by us, opened by us, and whether it still counts
    revocation.py       the end of the sign-in that one comes from
    exchange.py         a token presented for another one
    user_sessions.py    sessions as users and administrators see them, where a pool tracks them
    user_agents.py      what they are told of the device behind one

Every token knows the sign-in it comes from: its origin, a UUID that begins with the millisecond of the sign-in. A
sign-in is revoked by a row for its origin (RevokeToken), all sign-ins of a user at once by the user's `signed_out_at`;
store/tokens.py reads both with the user in one query. Signing keys are in pools/configuration.py.
"""
