"""What a test suite may ask of a server in open mode, under /_cognomen/. In signed mode none of it is there.

    front.py    who may ask, what is there, and how it is answered
    asked.py    a question, read and checked
    inbox.py    the messages of a pool, with the codes and passwords in them
    reset.py    begin anew: all pools, or the users of one
    kms.py      open the data keys of codes for custom senders, as AWS KMS does
    clock.py    move the server's time forwards, and put it right

docs/testing-with-cognomen.md is what those read who use it.
"""
