"""An identity provider as a browser meets it: found for its client, and the addresses here that are registered with it.

of_client(call, name)       a provider of call.client
find(call, name)            the same with its configuration
known(call, name)           any provider of the pool, with its configuration
callback(visit, ...)        the path that a provider of OpenID Connect or a social one sends the browser back to
audience(call)              what SAML providers call the pool
"""

from __future__ import annotations

from cognomen import errors
from cognomen.call import Call
from cognomen.federation import saml_refresh
from cognomen.federation.configuration import Configuration
from cognomen.oauth.places import Visit
from cognomen.store import identity_providers
from cognomen.store.identity_providers import IdentityProvider

CALLBACK = "/oauth2/idpresponse"
"""The redirect URL that is registered with OpenID Connect and social providers, at a pool's own domain."""

ACS = "/saml2/idpresponse"
"""The assertion consumer service that is registered with SAML providers."""


async def of_client(call: Call, name: str) -> IdentityProvider:
    """Raises OAUTH_PROVIDER_UNKNOWN for one that the client does not have, or has not any more."""
    is_of_client = name in (call.client.settings.supported_identity_providers or ())
    found = await _by_name(call, name) if is_of_client else None
    if found is None:
        raise errors.OAUTH_PROVIDER_UNKNOWN()
    return found


async def find(call: Call, name: str) -> tuple[IdentityProvider, Configuration]:
    """Raises OAUTH_PROVIDER_UNKNOWN, as `of_client`."""
    provider = await of_client(call, name)
    return provider, await saml_refresh.current(call, provider)


async def known(call: Call, name: str) -> tuple[IdentityProvider, Configuration] | None:
    provider = await _by_name(call, name)
    return None if provider is None else (provider, await saml_refresh.current(call, provider))


async def _by_name(call: Call, name: str) -> IdentityProvider | None:
    found: IdentityProvider | None = await call.store.read(identity_providers.by_name, call.pool.id, name)
    return found


def callback(visit: Visit, provider: IdentityProvider, configuration: Configuration) -> str:
    """What a code was issued for is what says whose it is, since a provider that sends browsers to another chooses all the rest.

    So a redirect URL is never that of two pools, and that of one provider alone where its `own_redirect_uri` says so.
    """
    begin = "" if visit.domain is not None else f"/{visit.call.pool.id}"
    is_own = configuration.details.get("own_redirect_uri") == "true"
    return f"{begin}{CALLBACK}" + (f"/{provider.name}" if is_own else "")


def audience(call: Call) -> str:
    """The entity ID of the pool, as SAML providers know it."""
    return f"urn:amazon:cognito:sp:{call.pool.id}"
