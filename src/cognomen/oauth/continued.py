"""GET /oauth2/idpresponse/continued: where a browser is sent after a form of a provider, since it brings its cookies there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cognomen.federation.asserted import Asserted
from cognomen.oauth import arriving, crossings, forms, identity_providers, idp_response, kept_answers
from cognomen.oauth.crossings import Crossing
from cognomen.oauth.kept_answers import Kept
from cognomen.oauth.places import Visit
from cognomen.store.identity_providers import IdentityProvider


async def idp_response_continued(visit: Visit, request: Request) -> Response:
    """Raises PROVIDER_STATE, OAUTH_AUTHORIZATION_EXPIRED; any other fault is the app's to hear."""
    if request.method == "HEAD":
        return Response(b"")
    sent, _ = forms.of_query(request.url.query)
    crossing = await crossings.opened(visit, sent.get("state", ""))
    await crossings.claim(visit, crossing)
    kept = await kept_answers.kept(visit.call, crossing)
    return await arriving.answer(visit, crossing.crossed, _said(visit, crossing, kept))


async def _said(visit: Visit, crossing: Crossing, kept: Kept) -> tuple[IdentityProvider, Asserted]:
    if isinstance(kept, Asserted):
        return await identity_providers.of_client(visit.call, crossing.provider), kept
    provider, configuration = await identity_providers.find(visit.call, crossing.provider)
    return provider, await idp_response.asserted(visit, crossing, provider, configuration, kept.sent)
