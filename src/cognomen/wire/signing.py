"""SigV4 for requests of ours to other services: the headers that say who sends one, and prove it (signatures.py)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cognomen import clock
from cognomen.wire import signatures


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key of ours at another service; `session_token` is empty for one that does not expire."""

    access_key_id: str
    secret: str = field(repr=False)
    session_token: str = field(repr=False, default="")


def sign(
    credentials: Credentials,
    *,
    service: str,
    region: str,
    method: str,
    raw_path: str,
    headers: Mapping[str, str],
    body: bytes,
    now: int,
) -> dict[str, str]:
    """The headers of a signed request without a query: those given (lower-case, `host` among them), and those that sign."""
    timestamp = datetime.fromtimestamp(now // clock.SECOND, UTC).strftime(signatures.BASIC_FORMAT)
    signed = {**headers, "x-amz-date": timestamp}
    if credentials.session_token:
        signed["x-amz-security-token"] = credentials.session_token
    claim = signatures.Signature(
        access_key_id=credentials.access_key_id,
        date=timestamp[:8],
        region=region,
        service=service,
        terminator="aws4_request",
        timestamp=timestamp,
        signed_at=now,
        signed_headers=tuple(sorted(signed)),
        value="",
        presigned=False,
        expires=None,
    )
    proof = signatures.proof_of(
        claim,
        signatures.Secret.known(credentials.secret),
        method=method,
        raw_path=raw_path,
        query="",
        headers=signed,
        payload_hash=hashlib.sha256(body).hexdigest(),
    )
    return signed | {
        "authorization": f"{signatures.ALGORITHM} Credential={claim.access_key_id}/{claim.scope}, "
        f"SignedHeaders={';'.join(claim.signed_headers)}, Signature={proof}"
    }
