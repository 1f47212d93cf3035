"""Dynamic client registration."""

from __future__ import annotations

from cognomen.store.user_pools import UserPool


def is_on(pool: UserPool) -> bool:
    """Whether apps may register themselves with the pool."""
    return (pool.settings.dcr_configuration or {}).get("EnableStatus") == "Enabled"
