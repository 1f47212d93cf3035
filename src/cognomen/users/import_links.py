"""The address of an import job's file: where it is uploaded to, and where its log is read.

It needs no other right than itself, so it is signed with the pool's decoy key, and good for a quarter of an hour.
"""

from __future__ import annotations

from cognomen.call import Call
from cognomen.clock import MINUTE
from cognomen.crypto import base64url, hashes, sealing
from cognomen.pools.configuration import PoolConfiguration

PATH = "/user-imports/"
VALID_FOR = 15 * MINUTE


def url(call: Call, job_id: str) -> str:
    """The address, good from now on."""
    until = call.now + VALID_FOR
    signature = _signature(call.configuration, job_id, str(until))
    return f"{call.settings.own_url}{PATH}{call.pool.id}/{job_id}?expires={until}&signature={signature}"


def is_ours(configuration: PoolConfiguration, job_id: str, expires: str, signature: str) -> bool:
    """Whether an address was made by `url`; it may have expired."""
    return hashes.matches(_signature(configuration, job_id, expires), signature)


def _signature(configuration: PoolConfiguration, job_id: str, expires: str) -> str:
    parts = (job_id.encode(), expires.encode("utf-8", "surrogatepass"))
    return base64url.encode(sealing.mac(configuration.decoy_key, "user import", *parts))
