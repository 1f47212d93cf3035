"""What stands in `iss`: the same in tokens, in the discovery document, and for whoever verifies them."""

from __future__ import annotations

from cognomen.settings import Settings


def issuer_of(settings: Settings, pool_id: str) -> str:
    """The issuer of a pool: this server's own address, the address Amazon Cognito has, or one the operator names.

    A pool that moved here with verifiers deployed has its own line in `settings.issuers`.
    """
    kind = settings.issuers.get(pool_id, settings.issuer)
    if kind == "server":
        return f"{settings.own_url}/{pool_id}"
    if kind == "aws":
        return f"https://cognito-idp.{pool_id.partition('_')[0]}.amazonaws.com/{pool_id}"
    return kind.replace("{pool_id}", pool_id)
