"""A pool as a file: its whole configuration written down, and a pool made or changed to match.

    document.py     the file: read, its members checked by the model
    parts.py        the table of what a pool has: which operations read, make, change and remove it
    reading.py      how each part is read from a pool
    completing.py   an entry as the server would tell it, for comparison
    caller.py       the operations of the API, called in this process
    export.py       a pool as a document
    plan.py         what differs between a document and a pool, and the requests that end it
    apply.py        those requests, one after the other
    seed.py         documents with users, applied when a server in open mode starts

Everything goes through the operations themselves, so no rule of theirs is written here again.
"""
