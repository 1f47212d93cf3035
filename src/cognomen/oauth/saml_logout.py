"""Single logout: the session that a browser has at its SAML provider ends with ours, where the provider's `IDPSignout` says so.

    url(visit, session, location)   the provider's address that ends it; `location` is where the browser shall go on to afterwards
    saml_logout(visit, request)     POST /saml2/logout, where the provider sends the browser back

The answer is not looked at: our session has ended, whatever became of the other. Where it goes on to comes sealed in RelayState, so
nobody can name another place. Developer guide, "Signing out SAML users with single sign-out".
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.clock import MINUTE
from cognomen.crypto.sealing import CannotUnseal
from cognomen.federation import saml_requests
from cognomen.oauth import answers, browser_sessions, forms, identity_providers, saml_idp_response
from cognomen.oauth.places import Visit
from cognomen.pools import signing_certificates
from cognomen.pools.identity_providers import SAML
from cognomen.store.browser_sessions import BrowserSession

LIFE = 5 * MINUTE
_PURPOSE = "single logout"


class _Onward(msgspec.Struct, frozen=True, array_like=True):
    """Where a browser goes after the provider, and until when it may come back; `base_url` is where it left."""

    location: str
    base_url: str
    expires_at: int


_decoder = msgspec.msgpack.Decoder(_Onward)


async def url(visit: Visit, session: BrowserSession, location: str) -> str | None:
    """None where nothing is to be ended there: another kind of provider, one without single logout, one that is gone."""
    call = visit.call
    saml_session = browser_sessions.saml_session_of(call, session)
    if saml_session is None:
        return None
    found = await identity_providers.known(call, session.provider)
    if found is None:
        return None
    provider, configuration = found
    if provider.type != SAML or configuration.details.get("IDPSignout") != "true":
        return None
    certificate = await signing_certificates.of_pool(call.store, call.vault, call.pool.id, call.now)
    onward = _Onward(location, visit.base_url, call.now + LIFE)
    return saml_requests.logout_url(
        configuration,
        signing_certificates.private_key(call.vault, certificate),
        session=saml_session,
        request_id=saml_requests.new_id(),
        audience=identity_providers.audience(call),
        relay_state=call.vault.seal_text(_PURPOSE, msgspec.msgpack.encode(onward), b""),
        now=call.now,
    )


async def saml_logout(visit: Visit, request: Request) -> Response:
    """Raises SAML_UNASKED for who was not sent by `url`, or comes too late."""
    call = visit.call
    sent = await forms.once(request, call.settings.request_timeout_s, saml_idp_response.BODY_MAX)
    try:
        onward = _decoder.decode(call.vault.unseal_text(_PURPOSE, sent.get("RelayState", ""), b""))
    except (CannotUnseal, msgspec.DecodeError):
        raise errors.SAML_UNASKED() from None
    if onward.expires_at < call.now or onward.base_url != visit.base_url:
        raise errors.SAML_UNASKED()
    return answers.redirect(onward.location, status=answers.SEE_OTHER)
