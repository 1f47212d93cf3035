"""Messages to users: composed from a pool's texts, queued with what they tell of, carried after the commit.

    compose.py        what a message says and to whom: pure
    code_delivery.py  codes on their way to users, for everything that sends one
    courier.py        the outbox: queue in the transaction, carry after it, carry later what was left
    carriers/         the ways out, a module each, and the table of them
    inbox.py          reading the messages that stayed here, and those that wait or were given up

A request does three things, in this order:

    message = compose.invitation(pool, user, password, compose.EMAIL)
    queued = await call.store.write(f)      # f changes the rows and ends with courier.queue(db, vault, ..., message, now)
    await courier.carry(call.node, queued)

A message is sealed from the moment it is queued; nothing of it is ever logged but its id.
"""
