"""Where an identity provider comes in: which one is meant, and the way there.

    wanted(client, request)             the provider that a request leads to; None where the person chooses, or the pool itself is meant
    to_provider(visit, request, name)   the redirect to it
    is_plain(call, name)                whether the way to a provider is one without TLS

Developer guide, "Authorize endpoint": with `identity_provider` or `idp_identifier` nobody is shown a page, nor where the client has
one provider only.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.responses import Response

from cognomen import errors
from cognomen.call import Call
from cognomen.federation import details, levels, relying_party, saml_requests
from cognomen.oauth import answers, crossings, identity_providers
from cognomen.oauth.authorization import AuthorizationRequest
from cognomen.oauth.places import Visit
from cognomen.pools import signing_certificates
from cognomen.pools.identity_providers import NATIVE, OIDC, SAML
from cognomen.store.app_clients import AppClient
from cognomen.tokens import assurance


def wanted(client: AppClient, request: AuthorizationRequest) -> str | None:
    name = request.identity_provider
    if name is None:
        supported = client.settings.supported_identity_providers or ()
        name = supported[0] if len(supported) == 1 else None
    return None if name == NATIVE else name


async def to_provider(visit: Visit, request: AuthorizationRequest, name: str) -> Response:
    """Of a request that lets the person be asked. Raises OAUTH_PROVIDER_UNKNOWN, OAUTH_LEVEL where nobody comes back sure enough."""
    call = visit.call
    provider, configuration = await identity_providers.find(call, name)
    wanted_levels = assurance.wanted(call.pool, request.acr_values)
    if wanted_levels and levels.highest(provider) < min(wanted_levels):
        raise errors.OAUTH_LEVEL()
    departure = await crossings.begin(visit, request, provider)
    if provider.type == SAML:
        url = saml_requests.redirect_url(
            configuration,
            await _signing_key(call) if saml_requests.is_signed(configuration) else None,
            request_id=departure.crossing.request_id,
            acs_url=f"{visit.base_url}{identity_providers.ACS}",
            audience=identity_providers.audience(call),
            relay_state=departure.state,
            now=call.now,
        )
    else:
        url = relying_party.authorization_url(
            provider,
            configuration,
            redirect_uri=f"{visit.base_url}{identity_providers.callback(visit, provider, configuration)}",
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


async def is_plain(call: Call, name: str) -> bool:
    """Only a developer's own has none (setting `plain_http_hosts`)."""
    provider, configuration = await identity_providers.find(call, name)
    if provider.type == SAML:
        url = configuration.metadata.sso_url
    else:
        url = details.effective(provider.type, configuration)["authorize_url"]
    return not url.startswith("https:")
