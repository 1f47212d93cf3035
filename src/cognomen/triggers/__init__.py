"""Calls out to the pool owner's functions (Lambda triggers): asked before a change, awaited, for five seconds.

    targets.py              where a function is: the table of the setting `functions`, ARN to target
    functions.py            the functions a process may call: slots, time, attempts
    lambda_api.py, over_http.py, in_process.py      the three ways to one
    code_keys.py            the keys that codes for custom senders are encrypted with
    firing.py               one trigger fired: the event made, the answer read, its failures told and logged

Each of the following has a function per trigger, which makes the event's request and reads the answer; where the pool has no such
function it returns None (or does nothing) at once:

    sign_up.py              PreSignUp, PostConfirmation             before(…), after(…)
    authentication.py       PreAuthentication, PostAuthentication   before(…), after(…)
    custom_challenge.py     DefineAuthChallenge, CreateAuthChallenge, VerifyAuthChallengeResponse
    pre_token_generation.py PreTokenGeneration, versions 1 to 3
    user_migration.py       UserMigration
    inbound_federation.py   InboundFederation
    custom_message.py       CustomMessage
    custom_sender.py        CustomEmailSender, CustomSMSSender

A trigger is never fired inside a transaction, and what must count once is spent before one is; since it takes its time, the transaction
that follows looks at every guard again. All raise the Refusal of errors.py where the function fails.
"""
