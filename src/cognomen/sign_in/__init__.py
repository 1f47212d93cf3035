"""The sign-in machine: one engine for the API, and later for the pages and federation.

    engine.py           begin, answer: load, check, ask what comes next
    next_step.py        what comes next: a pure function, a table
    flows.py            the flows of the API: who may use them, what they need, which challenge comes first
    attempt.py          a sign-in under way, sealed into the Session string
    turn.py             what a challenge is given, and what it may say
    challenges/         a module per challenge, each with `ask` and `check`; none calls another

                     begin                            answer (with a Session)
                       │                                 │
                 find the user,                    open the attempt, read the
                 or make a decoy                   user again, compare versions
                       │                                 │
                       ▼                                 ▼
      ┌──────────► next_step ──── Refuse ───────────────────────────► refused
      │                │
      │                ├───────── Complete ─────────────────────────► SignedIn(user, how)
      │                │
      │             AskFor ────── ask ──────────────────────────────► Ask(challenge, parameters, session)
      │                │
      │                │ the answer came with the question (a flow's first factor), or came back with the session
      │                ▼
      │             check ─────── Wrong: counted where a secret was to be proven, the session stays good ──► refused
      │                │
      └──── Proven: the turn is spent, and what follows from it is written, in one transaction

The first factor of a password flow comes with `begin` and needs no record: such a sign-in writes nothing. The engine
knows no HTTP and mints no tokens; its callers do that with a SignedIn.
"""
