"""What a pool's owner has set and Cognomen does not do yet: what hangs on it is refused rather than let through.

    refuse_sign_in      PreAuthentication and threat protection may refuse it, PreTokenGeneration changes its tokens
    refuse_tokens       PreTokenGeneration changes what new tokens say
    refuse_new_user     PreSignUp may refuse it

Each is called where its trigger will be fired, and goes when that is. What only watches (PostAuthentication,
PostConfirmation, threat protection that audits) is passed over; the README says so. MFA is sign_in/next_step.py's.
"""

from __future__ import annotations

from cognomen import errors
from cognomen.store.user_pools import UserPool

_OF_TOKENS = ("PreTokenGeneration", "PreTokenGenerationConfig")


def refuse_sign_in(pool: UserPool) -> None:
    """Raises TRIGGER_NOT_YET_AVAILABLE, THREAT_PROTECTION_NOT_YET_AVAILABLE."""
    _refuse_with(pool, "PreAuthentication", *_OF_TOKENS)
    if (pool.settings.user_pool_add_ons or {}).get("AdvancedSecurityMode") == "ENFORCED":
        raise errors.THREAT_PROTECTION_NOT_YET_AVAILABLE()


def refuse_tokens(pool: UserPool) -> None:
    """Raises TRIGGER_NOT_YET_AVAILABLE. A refresh fires no trigger but this one."""
    _refuse_with(pool, *_OF_TOKENS)


def refuse_new_user(pool: UserPool) -> None:
    """Raises TRIGGER_NOT_YET_AVAILABLE."""
    _refuse_with(pool, "PreSignUp")


def _refuse_with(pool: UserPool, *triggers: str) -> None:
    for trigger in triggers:
        if pool.settings.lambda_config.get(trigger):
            raise errors.TRIGGER_NOT_YET_AVAILABLE(trigger=trigger)
