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
from cognomen.federation import saml_reading, saml_responses
from cognomen.federation.asserted import Asserted
from cognomen.oauth import (
    arriving,
    authorization,
    crossings,
    departing,
    forms,
    idp_response,
    kept_answers,
    places,
)
from cognomen.oauth.arriving import Crossed
from cognomen.oauth.authorization import AuthorizationRequest, SentBack
from cognomen.oauth.crossings import Crossing
from cognomen.oauth.places import Visit
from cognomen.pools.identity_providers import SAML
from cognomen.store import spent

BODY_MAX = 3 * saml_responses.RESPONSE_MAX + forms.BODY_MAX
"""Bytes: a careful encoder writes three for a character."""

_ASSERTION, _ANSWER = "saml-assertion", "saml-answer"


async def saml_response(visit: Visit, request: Request) -> Response:
    """Raises SAML_UNASKED, OAUTH_AUTHORIZATION_EXPIRED; any other fault is the app's to hear."""
    call = visit.call
    sent = await forms.once(request, call.settings.request_timeout_s, BODY_MAX)
    response, relay_state = sent.get("SAMLResponse", ""), sent.get("RelayState", "")
    if not response:
        raise errors.SAML_UNASKED()
    try:
        crossing = await crossings.opened(call, relay_state)
    except Refusal as refusal:
        if not refusal.is_(errors.PROVIDER_STATE):
            raise
        return await _unasked(visit, response, relay_state)
    verifying = _verified(visit, crossing.provider, response, crossing)
    asserted = await arriving.heard(call, crossing.crossed, verifying)
    await kept_answers.keep(call, crossing, kept_answers.verified(asserted))
    return idp_response.to_be_continued(visit, relay_state)


async def _unasked(visit: Visit, response: str, relay_state: str) -> Response:
    call = visit.call
    try:
        asked = replace(await authorization.read(call, relay_state), state=None)
        name = departing.wanted(call.client, asked) or ""
        provider, _ = await departing.find(call, name)
    except (Refusal, SentBack):  # what is wrong with a stranger's request is nobody's business
        raise errors.SAML_UNASKED() from None
    if provider.type != SAML or not provider.starts_sign_in:
        raise errors.SAML_UNASKED()
    crossed = Crossed(asked, name, SAML)
    return await arriving.heard(call, crossed, _answered(visit, asked, name, response))


async def _answered(visit: Visit, asked: AuthorizationRequest, name: str, response: str) -> Response:
    return await arriving.finish(visit, asked, await _verified(visit, name, response, None))


async def _verified(visit: Visit, name: str, response: str, crossing: Crossing | None) -> Asserted:
    """What the response says, which counts once; `crossing` is None where nobody asked for it. Raises the faults of responses."""
    call = visit.call
    arriving.admit(call)
    provider, configuration = await departing.find(call, name)
    if provider.type != SAML:
        raise errors.PROVIDER_ANOTHER()
    if (
        crossing is not None
    ):  # before there is any work, so that whoever has a state has one answer read, and not as many as he likes
        await _spend(call, _ANSWER, crossing.reference, crossing.expires_at)
    with places.told_as_too_many():
        asserted, assertion_id, end = await saml_reading.asserted(
            call.node.saml_threads,
            provider,
            configuration,
            response,
            acs_url=f"{visit.base_url}{departing.ACS}",
            audience=departing.audience(call),
            in_response_to=crossing.request_id if crossing else None,
            now=call.now,
        )
    # An assertion's ID is the provider's own, and of any length.
    await _spend(call, _ASSERTION, hashes.digest(f"{name}/{assertion_id}"), end)
    return asserted


async def _spend(call: Call, kind: str, id: str, end: int) -> None:
    """Raises SAML_RESPONSE for whoever comes second."""
    if not await call.store.write(spent.spend, call.pool.id, kind, id, end):
        raise errors.SAML_RESPONSE(reason="It was received before.")
