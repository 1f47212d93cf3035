"""Pure functions of cryptography: every input an argument, nothing known of users or HTTP.

The nonce of a seal is the exception: it is drawn where it is used, since a caller could only use it wrongly.

    srp.py, powers.py   the password proof, and the group it is done in
    totp.py             codes of authenticator apps
    openssl.py          the one function that is OpenSSL's own
    sealing.py          values sealed under a master key; MACs and derived keys
    jws.py, rsa_keys.py signed tokens and the keys that sign them
    foreign_jws.py      tokens that others sign
    certificates.py     certificates that a key makes for itself
    jwe.py              refresh tokens: sealed, in the form clients expect
    encryption_sdk.py   codes for custom senders: the message format of the AWS Encryption SDK
    passkeys.py         what authenticators answer (WebAuthn)
    foreign_hashes.py   password hashes that were made elsewhere
    hashes.py           the client's SECRET_HASH, comparison in constant time
    base64url.py        the encoding of all of these
"""
