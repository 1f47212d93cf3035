"""What is true of a user, whoever asks.

    names.py            the names that find a user, and the values it is searched by, in each kind of pool
    attributes.py       what may stand in an attribute, and who may read and write it
    creation.py         a user who does not exist yet
    passwords.py        the policy, how a password is kept and compared, the former ones
    factors.py          the second factors that a sign-in asks for, and what users may set of them
    software_tokens.py  the secrets that users share with apps that show codes
    first_factors.py    what a user may prove first, where it has the choice
    passkeys.py         for whom they are made, and the challenge that one is registered with
    identities.py       who a user is at other providers, and the links to them
    status.py           the states of a user, and the moves between them
    rows.py             a user's rows, which are written together: the row, its names, its search values
    lookup.py           whom a name means, at sign-in and in a signed operation
    filters.py          the Filter of ListUsers
    search.py           a page of the users it finds
    lockout.py          how many failed proofs a user may have
    codes.py            codes that are sent and come back: kept, counted, spent
    devices.py          devices: offered, confirmed, remembered, forgotten
    recovery.py         where a code for a forgotten password goes
    foreign_passwords.py, old_pool.py   passwords that came from elsewhere, and the pool that is asked about one
    imports.py, import_rows.py, import_links.py     import jobs: the work, what a row says, the address of the file
    decoys.py           the users nobody has, who are answered for as if they were there

Most of it is pure: a function is handed a pool, a user and the time, and returns a user or raises what the caller is
told. Only rows.py, lookup.py, search.py, lockout.py, codes.py, identities.py, devices.py, foreign_passwords.py, imports.py, the
domain of passkeys.py and the history in passwords.py ask the store.
"""
