"""OAuth 2.0 and OpenID Connect: the endpoints beside the API.

    front.py        the addresses, what is asked and answered over HTTP
    discovery.py    the two documents that tell verifiers where they are and which keys they may believe

The endpoints of a pool's domain (authorize, token, userInfo, revoke, logout) are not provided yet.
"""
