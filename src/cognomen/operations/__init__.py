"""The operations of the API, a module per thing they act on.

    dispatch.py     the numbered steps every request goes through
    registry.py     the table from names to functions, filled by `@operation`
    access.py, policies.py  who may call the operations that need a signature
    regions.py      what is answered where a pool is not at home
    paging.py       sealed paging tokens
    secret_hashes.py    the proof that a client has its secret
    user_context.py     the device of a person whose sign-in comes through a backend
    user_answers.py a user as answers show it

The others have one thing each, named as in store/ and in the tests. Of pools and their clients:

    user_pools.py, mfa.py, tags.py, domains.py, replicas.py
    app_clients.py, client_secrets.py, resource_servers.py
    identity_providers.py, signing_certificates.py
    branding.py, terms.py           how the pages look, and what they link to
    threat_protection.py, log_delivery.py, limits.py

Of users:

    users.py, attributes.py, groups.py, identities.py, user_imports.py
    sign_up.py, passwords.py        whatever takes a code that was sent
    sign_in.py, tokens.py, user_sessions.py
    factors.py, first_factors.py, software_tokens.py, passkeys.py, devices.py

A handler is an async function of (call, request). By the time it runs, the request has been checked against its shape
and `call` has the pool, the client and the user that the model says the request names: docs/adding-an-operation.md.
"""
