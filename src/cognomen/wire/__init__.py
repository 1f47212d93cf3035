"""The AWS JSON 1.1 protocol: shapes, signatures and HTTP. Nothing here knows a user.

    model          what the service description says: operations, shapes, who may call
    corrections    where the live service differs from that description, each with its source
    checks         a request against its input shape: the quick yes
    violations     the slow no: all that is violated, in AWS's own words
    patterns       the description's regular expressions, as this language has them
    answers        an answer to bytes; in tests, an answer against its output shape
    signatures     SigV4: who signed this request, and is it so
    signing        SigV4 of requests of ours to other services
    bodies         the body of a request, within its limits
    cors           what pages of other sites may send
    forwarded      whose request it is behind a trusted proxy
    hosts          the host a request names, and whether a stranger could have pointed it here
    protocol       limits on the head of a request, below the ASGI callable
    watching       what is told of every request to those who keep count
    front          the ASGI callable of `POST /` and `OPTIONS /`

A request comes in at `front`, which hands it to the function it was given (operations' dispatch); that one uses
`model`, `signatures` and `checks` and gives back bytes made by `answers`.
"""
