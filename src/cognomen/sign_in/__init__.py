"""The sign-in machine: one engine for the API and the pages, and beside it the way in of those whom a provider vouches for.

    engine.py           begin, answer, resume: load, check, ask what comes next
    answers.py          an answer checked, its turn spent
    next_step.py        what comes next: a pure function, a table
    flows.py            the flows of the API: who may use them, what they need, which challenge comes first
    assessing.py        it is judged by threat protection, once its first factor is proven
    risks.py            what a risk asks for, pure
    levels.py           which factors are missing for a level that was asked for, pure
    step_up.py          what a client wants to be reached, and what counts that was proven before
    federated.py        somebody whom an identity provider vouches for, beside the engine: nothing is left to prove
    migration.py        a user who is not here, and whom the pool owner's function knows
    devices.py          on which of the user's devices it is, where the pool tracks them
    handshake.py        SRP, for a password and for a device
    custom.py           what comes next where the pool's functions say it
    opening.py          the turn that an answer belongs to
    choices.py          what may be proven first by a user who has the choice
    after_sign_up.py    signing in right after signing up
    attempt.py          a sign-in under way, sealed into the Session string
    waiting.py          one that is too large for it, in a row
    spending.py         the end of a turn, which counts once, and is held against the user as it is then
    recording.py        a sign-in in the history of its user, where the pool keeps one
    turn.py             what a challenge is, what it is given, and what it may say
    set_up.py           a sign-in in which two operations set up a second factor
    challenges/         a table of them: each asks and checks, and none calls another

                     begin                            answer (with a Session)
                       │                                 │
                 find the user,                    open the attempt, read the
                 or make a decoy                   user again, compare versions
                       │                                 │
                       ▼                                 │
      ┌──────────► next_step ──── Refuse ────────────────┼──────────► refused
      │                │                                 │
      │                ├───────── Complete ──────────────┼──────────► SignedIn(user)
      │                │                                 │
      │             AskFor ── its answer did not ────────┼── ask ───► Ask(challenge, parameters, session)
      │                │      come along                 │
      │                │ it did (`unasked`)              │
      │                ▼                                 │
      │             check ◄──────────────────────────────┘
      │                │  └────── Wrong: counted under the challenge's kind, the session stays good ──► refused
      │                │
      └──── Proven: the turn is spent, and what follows from it is written, in one transaction

Whom a provider vouches for comes by federated.py to the same SignedIn: found by provider and subject or made, with the pool's functions
asked, and nothing to prove (docs/decisions/0020-federated-sign-ins-stand-beside-the-engine.md).

Whoever failed too often at a factor must wait before the next try at it; at other factors not (users/lockout.py). Failures
are forgotten once all is proven: who knows a password alone must not open more guesses at the next factor.

`resume` (after ConfirmSignUp) opens an attempt as `answer` does, and comes in at Proven: the code that confirmed the user was
the answer.

In a custom sign-in next_step says Decide where the others are Complete: the pool's functions are asked, and what they say is
kept with the attempt. An answer to CUSTOM_CHALLENGE is Judged by one of them, right or wrong, when its turn is spent.

A device that the user has remembered proves itself last (DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER), in the place of a second
factor where the pool says so. Its attempt waits in a row, since clients answer without a Session.

A password comes along with `begin` and needs no record: such a sign-in writes nothing. The engine knows no HTTP and
mints no tokens; its callers do that with a SignedIn.

PASSWORD_VERIFIER (SRP) is asked, since the client needs something to answer. Its attempt travels in a parameter and a
member of the answer instead of the Session, as clients know it, and any answer spends its turn, a wrong one too.
"""
