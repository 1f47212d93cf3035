"""Every table and every query; SQL stops here.

    database.py     the seam between SQLite and PostgreSQL: how a transaction is run
    opening.py, sqlite.py, postgresql.py    the store behind a URL, on the one or the other
    threads.py      the threads in which both wait
    tables.py       the metadata, and the kinds of column there are
    clearing.py     taking away all there is, of a pool or of all pools
    one_moment.py   a transaction whose statements all see the same
    resealing.py    sealed columns under a new master key, whatever table they are in
    moving.py       the rows of a pool's users on their way to another database
    migrations/     numbered steps from an empty database to this one

The others have one thing each: its record, its table, its statements, its functions. Of the deployment:

    nodes.py, master_keys.py, access_keys.py, provisioned_limits.py

Of pools and their clients:

    user_pools.py, user_pool_settings.py, domains.py, replicas.py, resource_servers.py
    app_clients.py, app_client_settings.py
    identity_providers.py, signing_certificates.py, foreign_passwords.py
    branding.py, terms.py, threat_protection.py, log_delivery.py

Of users:

    users.py, search.py, factors.py, groups.py, identities.py, user_imports.py
    passwords.py, passkeys.py, devices.py
    attempts.py, codes.py, failures.py, spent.py    a proof under way: kept, counted, used once
    sealed_rows.py          what waits in attempts, sealed and opened
    browser_sessions.py, authorization_codes.py, user_sessions.py, refresh_tokens.py, tokens.py
    auth_events.py, messages.py, log_records.py

A transaction is a plain function: `await store.write(users.add, user)` runs `f(db, ...)` in one transaction, so nothing
can wait for a trigger or a mail server while it holds the database, and `f` may be run again after a serialization
failure. `await store.read(users.by_sub, pool_id, sub)` runs a function that only reads; that is no
transaction, and two of its statements may see a change between them. Inside, functions call one another with the same `db`.

To add a query: write the statement as a module-level constant with `bindparam`, and a function that runs it. `by_...` may
return None, `all_...` returns a page, `add`, `change`, `remove`, `spend` (once), `sweep` (expired). To add a table:
docs/adding-a-table.md. Every table of a pool begins its primary key with `pool_id`, and every query of a request names
its pool; that is what lets a distributed database spread the rows.
"""
