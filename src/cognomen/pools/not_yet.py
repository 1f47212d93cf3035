"""What a pool's owner has set and Cognomen does not do yet: what hangs on it is refused rather than let through.

    refuse_sign_in      threat protection may refuse it

It goes when that is done. Threat protection that audits is passed over; the README says so.
"""

from __future__ import annotations

from cognomen import errors
from cognomen.store.user_pools import UserPool


def refuse_sign_in(pool: UserPool) -> None:
    """Raises THREAT_PROTECTION_NOT_YET_AVAILABLE."""
    if (pool.settings.user_pool_add_ons or {}).get("AdvancedSecurityMode") == "ENFORCED":
        raise errors.THREAT_PROTECTION_NOT_YET_AVAILABLE()
