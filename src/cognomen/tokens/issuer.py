"""What stands in `iss`: the same in tokens, in the discovery document, and for whoever verifies them."""

from __future__ import annotations

from cognomen.pools import ids
from cognomen.settings import Settings
from cognomen.store.user_pools import UserPool


def issuer_of(settings: Settings, pool: UserPool) -> str:
    """The issuer of a pool: this server's own address, the address Amazon Cognito has, or one the operator names.

    A pool that moved here with verifiers deployed has its own line in `settings.issuers`. Amazon's address has two forms
    (API reference, IssuerConfigurationType); ours is the same in all regions and needs none.
    """
    kind = settings.issuers.get(pool.id, settings.issuer)
    if kind == "server":
        return f"{settings.own_url}/{pool.id}"
    if kind == "aws":
        updated = (pool.settings.issuer_configuration or {}).get("Type") == "UPDATED"
        host = "issuer-cognito-idp" if updated else "cognito-idp"
        return f"https://{host}.{ids.region_of(pool.id)}.amazonaws.com/{pool.id}"
    return kind.replace("{pool_id}", pool.id)
