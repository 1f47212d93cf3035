"""Every table and every query; SQL stops here.

    database.py     the seam between SQLite and PostgreSQL: how a transaction is run
    opening.py      the store behind a URL, on the one or the other
    tables.py       the metadata, and the kinds of column there are
    clearing.py     taking away all there is, of a pool or of all pools
    migrations/     numbered steps from an empty database to this one
    the others      one thing each: its record, its table, its statements, its functions

A transaction is a plain function: `await store.write(users.add, user)` runs `f(db, ...)` in one transaction, so nothing
can wait for a trigger or a mail server while it holds the database, and `f` may be run again after a serialization
failure. `await store.read(users.by_sub, pool_id, sub)` runs a function that only reads; on PostgreSQL that is no
transaction, and two of its statements may see a change between them. Inside, functions call one another with the same `db`.

To add a query: write the statement as a module-level constant with `bindparam`, and a function that runs it. `by_...` may
return None, `all_...` returns a page, `add`, `change`, `remove`, `spend` (once), `sweep` (expired). To add a table:
docs/adding-a-table.md. Every table of a pool begins its primary key with `pool_id`, and every query of a request names
its pool; that is what lets a distributed database spread the rows.
"""
