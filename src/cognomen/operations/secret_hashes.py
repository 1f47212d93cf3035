"""The proof that a request comes from whoever has the client's secret: a hash over the user name and the client's id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import hashes
from cognomen.errors import Sentence


def check(
    call: Call, username: str, sent: str | None, *, missing: Sentence = errors.SECRET_HASH_MISSING
) -> None:
    """Where the client has a secret, the request proves it: over the user name as it stands in this very request.

    Raises `missing` and SECRET_HASH_MISMATCH.
    """
    secrets = call.configuration.secrets[call.client.id]
    if not secrets:
        if sent is not None:
            raise errors.SECRET_HASH_MISMATCH(id=call.client.id)
        return
    if sent is None:
        raise missing(id=call.client.id)
    if not any(hashes.secret_hash_matches(secret, username, call.client.id, sent) for secret in secrets):
        raise errors.SECRET_HASH_MISMATCH(id=call.client.id)


def check_member(call: Call, request: Mapping[str, Any]) -> None:
    """The same for a request of sign-up or recovery, which has members of its own for name and hash."""
    check(call, request["Username"], request.get("SecretHash"), missing=errors.CLIENT_SECRET_MISSING)
