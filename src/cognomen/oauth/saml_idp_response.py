"""POST /saml2/idpresponse: the answer of a SAML provider, to a request of ours or unasked.

An answer to a request is verified, kept, and goes on where the browser brings its cookies (kept_answers.py). A provider that may begin
(`IDPInit`) sends the authorization request of the app itself, as a query string in RelayState; nothing ties such an answer to a
browser, so it is answered at once. Developer guide, "SAML session initiation", "The saml2/idpresponse endpoint".
"""

from __future__ import annotations

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import hashes
from cognomen.errors import Refusal
from cognomen.federation import saml_reading, saml_refresh, saml_responses
from cognomen.federation.asserted import Asserted
from cognomen.oauth import (
    arriving,
    authorization,
    crossings,
    departing,
    forms,
    identity_providers,
    kept_answers,
    places,
)
from cognomen.oauth.arriving import Said
from cognomen.oauth.authorization import SentBack
from cognomen.oauth.crossings import Crossed, Crossing
from cognomen.oauth.places import Visit
from cognomen.pools.identity_providers import SAML
from cognomen.store import spent
from cognomen.store.identity_providers import IdentityProvider

BODY_MAX = 3 * saml_responses.RESPONSE_MAX + forms.BODY_MAX
"""Bytes: a careful encoder writes three for a character."""

_ASSERTION, _ANSWER = "saml-assertion", "saml-answer"


async def saml_idp_response(visit: Visit, request: Request) -> Response:
    """Raises SAML_UNASKED; what comes too late is told where the browser goes on; any other fault is the app's to hear."""
    call = visit.call
    sent = await forms.once(request, call.settings.request_timeout_s, BODY_MAX)
    response, relay_state = sent.get("SAMLResponse", ""), sent.get("RelayState", "")
    if not response:
        raise errors.SAML_UNASKED()
    try:
        crossing = await crossings.opened(visit, relay_state)
    except Refusal as refusal:
        if refusal.is_(errors.OAUTH_AUTHORIZATION_EXPIRED):
            return kept_answers.to_be_continued(visit, relay_state)
        if not refusal.is_(errors.PROVIDER_STATE):
            raise
        return await _unasked(visit, response, relay_state)
    asserted = await arriving.heard(call, crossing.crossed, _asked(visit, crossing, response))
    await kept_answers.keep(call, crossing, asserted)
    return kept_answers.to_be_continued(visit, relay_state)


async def _asked(visit: Visit, crossing: Crossing, response: str) -> Asserted:
    arriving.admit(visit.call)
    provider = await identity_providers.of_client(visit.call, crossing.provider)
    return await _verified(visit, provider, response, crossing)


async def _unasked(visit: Visit, response: str, relay_state: str) -> Response:
    call = visit.call
    try:
        asked = replace(await authorization.read(call, relay_state), state=None)
        provider = await identity_providers.of_client(call, departing.wanted(call.client, asked) or "")
    except (Refusal, SentBack):  # what is wrong with a stranger's request is nobody's business
        raise errors.SAML_UNASKED() from None
    if provider.type != SAML or not provider.starts_sign_in:
        raise errors.SAML_UNASKED()
    crossed = Crossed(asked, provider.name, SAML)
    return await arriving.answer(visit, crossed, _said(visit, provider, response))


async def _said(visit: Visit, provider: IdentityProvider, response: str) -> Said:
    arriving.admit(visit.call)
    return provider, await _verified(visit, provider, response, None)


async def _verified(
    visit: Visit, provider: IdentityProvider, response: str, crossing: Crossing | None
) -> Asserted:
    """What the response says, which counts once; `crossing` is None where nobody asked for it. Raises the faults of responses."""
    call = visit.call
    if provider.type != SAML:
        raise errors.PROVIDER_ANOTHER()
    # Before there is any work, so that whoever has a state has one answer read, and not as many as he likes.
    if crossing is not None:
        await _spend(call, _ANSWER, crossing.reference, crossing.expires_at)
    configuration = await saml_refresh.current(call, provider)
    with places.told_as_too_many():
        asserted, assertion_id, end = await saml_reading.asserted(
            call.node.saml_threads,
            configuration,
            response,
            acs_url=f"{visit.base_url}{identity_providers.ACS}",
            audience=identity_providers.audience(call),
            in_response_to=crossing.request_id if crossing else None,
            now=call.now,
        )
    # An assertion's ID is the provider's own, and of any length.
    await _spend(call, _ASSERTION, hashes.digest(f"{provider.name}/{assertion_id}"), end)
    return asserted


async def _spend(call: Call, kind: str, id: str, end: int) -> None:
    """Raises SAML_RESPONSE for whoever comes second."""
    if not await call.store.write(spent.spend, call.pool.id, kind, id, end):
        raise errors.SAML_RESPONSE(reason="It was received before.")
