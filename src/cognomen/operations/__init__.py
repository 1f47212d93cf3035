"""The operations of the API, a module per thing they act on.

    dispatch.py     the numbered steps every request goes through
    registry.py     the table from names to functions, filled by `@operation`
    access.py       who may call the operations that need a signature; policies.py decides
    paging.py       sealed paging tokens
    secret_hashes.py    the proof that a client has its secret
    user_context.py     the device of a person whose sign-in comes through a backend
    the others      one thing each, named as in store/ and in the tests

A handler is an async function of (call, request). By the time it runs, the request has been checked against its shape
and `call` has the pool, the client and the user that the model says the request names: docs/adding-an-operation.md.
"""
