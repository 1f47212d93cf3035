"""Where an identity provider comes in: which one is meant, and the way there.

    wanted(client, request)             the provider that a request leads to; None where the person chooses, or the pool itself is meant
    to_provider(visit, request, name)   the redirect to it
    find(call, name)                    a provider of call.client, with its configuration
    known(call, name)                   the same of any provider of the pool
    is_plain(call, name)                whether the way to a provider is one without TLS
    callback(visit, ...)                the path that a provider of OpenID Connect or a social one sends the browser back to

Developer guide, "Authorize endpoint": with `identity_provider` or `idp_identifier` nobody is shown a page, nor where the client has
one provider only.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.responses import Response

from cognomen import errors
from cognomen.call import Call
from cognomen.federation import details, levels, relying_party, saml_refresh, saml_requests
from cognomen.federation.configuration import Configuration
from cognomen.oauth import answers, crossings
from cognomen.oauth.authorization import AuthorizationRequest
from cognomen.oauth.places import Visit
from cognomen.pools import signing_certificates
from cognomen.pools.identity_providers import NATIVE, OIDC, SAML
from cognomen.store import identity_providers
from cognomen.store.app_clients import AppClient
from cognomen.store.identity_providers import IdentityProvider
from cognomen.tokens import assurance

CALLBACK = "/oauth2/idpresponse"
"""The redirect URL that is registered with OpenID Connect and social providers, at a pool's own domain."""

ACS = "/saml2/idpresponse"
"""The assertion consumer service that is registered with SAML providers."""


def wanted(client: AppClient, request: AuthorizationRequest) -> str | None:
    name = request.identity_provider
    if name is None:
        supported = client.settings.supported_identity_providers or ()
        name = supported[0] if len(supported) == 1 else None
    return None if name == NATIVE else name


async def to_provider(visit: Visit, request: AuthorizationRequest, name: str) -> Response:
    """Of a request that lets the person be asked. Raises OAUTH_PROVIDER_UNKNOWN, OAUTH_LEVEL where nobody comes back sure enough."""
    call = visit.call
    provider, configuration = await find(call, name)
    wanted_levels = assurance.wanted(call.pool, request.acr_values)
    if wanted_levels and levels.highest(provider) < min(wanted_levels):
        raise errors.OAUTH_LEVEL()
    departure = await crossings.begin(visit, request, provider)
    if provider.type == SAML:
        url = saml_requests.redirect_url(
            configuration,
            await _signing_key(call) if saml_requests.is_signed(configuration) else None,
            request_id=departure.crossing.request_id,
            acs_url=f"{visit.base_url}{ACS}",
            audience=audience(call),
            relay_state=departure.state,
            now=call.now,
        )
    else:
        url = relying_party.authorization_url(
            provider,
            configuration,
            redirect_uri=f"{visit.base_url}{callback(visit, provider, configuration)}",
            state=departure.state,
            login_hint=request.login_hint if provider.type == OIDC else None,
            prompt=request.prompt,
            max_age=request.max_age if provider.type == OIDC else None,
            acr_values=levels.asked(provider, wanted_levels),
        )
    return answers.redirect(url, (departure.cookie,))


async def _signing_key(call: Call) -> RSAPrivateKey:
    certificate = await signing_certificates.of_pool(call.store, call.vault, call.pool.id, call.now)
    return signing_certificates.private_key(call.vault, certificate)


async def find(call: Call, name: str) -> tuple[IdentityProvider, Configuration]:
    """Raises OAUTH_PROVIDER_UNKNOWN for one that the client does not have, or has not any more."""
    is_of_client = name in (call.client.settings.supported_identity_providers or ())
    found = await known(call, name) if is_of_client else None
    if found is None:
        raise errors.OAUTH_PROVIDER_UNKNOWN()
    return found


async def known(call: Call, name: str) -> tuple[IdentityProvider, Configuration] | None:
    provider = await call.store.read(identity_providers.by_name, call.pool.id, name)
    return None if provider is None else (provider, await saml_refresh.current(call, provider))


async def is_plain(call: Call, name: str) -> bool:
    """Only a developer's own has none (setting `plain_http_hosts`)."""
    provider, configuration = await find(call, name)
    if provider.type == SAML:
        url = configuration.metadata.sso_url
    else:
        url = details.effective(provider.type, configuration)["authorize_url"]
    return not url.startswith("https:")


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
