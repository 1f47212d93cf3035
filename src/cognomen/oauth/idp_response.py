"""/oauth2/idpresponse and /{pool id}/oauth2/idpresponse: the answer of an OpenID Connect or social provider.

    GET         a redirect with a code, or an error (RFC 6749, 4.1.2)
    POST        the same in a form of the provider's page, as Apple sends it; it is read once the browser is known (continued.py)

A code is exchanged at the provider that the sealed state names, if it came to the redirect URL of that one and, where the provider says who
it is (`iss`, RFC 9207), from there. Providers that share a redirect URL and do not say that could be sent each other's codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.errors import Refusal
from cognomen.federation import details, relying_party
from cognomen.federation.asserted import Asserted
from cognomen.federation.configuration import Configuration
from cognomen.oauth import arriving, crossings, forms, identity_providers, kept_answers
from cognomen.oauth.arriving import Said
from cognomen.oauth.crossings import Crossing
from cognomen.oauth.kept_answers import Form
from cognomen.oauth.places import Visit
from cognomen.pools.identity_providers import SAML
from cognomen.store.identity_providers import IdentityProvider

_KEPT = ("state", "code", "user", "error", "error_description", "iss")
_LONGEST_CODE = 4_096  # characters
_LONGEST_FORM = 8_192
_LONGEST_DESCRIPTION = 500
_ERROR = re.compile(r"(?=[0-9_.-]*[a-z])[a-z0-9_.-]{1,100}")


async def idp_response(visit: Visit, request: Request) -> Response:
    """Raises PROVIDER_STATE, OAUTH_AUTHORIZATION_EXPIRED; any other fault is the app's to hear."""
    if request.method == "HEAD":
        return Response(b"")  # whoever only asks what is behind a link has not come back
    sent, repeated = forms.of_query(request.url.query)
    forms.refuse_repeated(repeated)
    crossing = await crossings.opened(visit, sent.get("state", ""))
    crossings.check(visit, crossing)
    await arriving.heard(visit.call, crossing.crossed, _admitted(visit.call))
    await crossings.claim(visit, crossing)
    asserting = _in_a_query(visit, crossing, sent, request.scope["path"])
    return await arriving.answer(visit, crossing.crossed, asserting)


async def idp_response_sent(visit: Visit, request: Request) -> Response:
    """Raises PROVIDER_STATE; what comes too late is told where the browser goes on, which brings its cookie there."""
    sent = await forms.once(request, visit.call.settings.request_timeout_s)
    state = sent.get("state", "")
    try:
        crossing = await crossings.opened(visit, state)
    except Refusal as refusal:
        if refusal.is_(errors.OAUTH_AUTHORIZATION_EXPIRED):
            return kept_answers.to_be_continued(visit, state)
        raise
    keeping = _kept(visit, crossing, sent, request.scope["path"])
    await arriving.heard(visit.call, crossing.crossed, keeping)
    return kept_answers.to_be_continued(visit, state)


async def _kept(visit: Visit, crossing: Crossing, sent: Mapping[str, str], path: str) -> None:
    """Raises OAUTH_TOO_MANY, OAUTH_MALFORMED: who sends it is not known yet, so there must not be much.

    Raises PROVIDER_ANOTHER where it was sent to another's redirect URL.
    """
    call = visit.call
    arriving.admit(call)
    _refuse_elsewhere(visit, *await identity_providers.find(call, crossing.provider), path)
    form = Form({name: sent[name] for name in _KEPT if name in sent})
    if sum(map(len, form.sent.values())) > _LONGEST_FORM:
        raise errors.OAUTH_MALFORMED(reason="it is too long")
    await kept_answers.keep(call, crossing, form)


async def _admitted(call: Call) -> None:
    """Raises OAUTH_TOO_MANY: whoever comes too early may come again with the same answer."""
    arriving.admit(call)


async def _in_a_query(visit: Visit, crossing: Crossing, sent: Mapping[str, str], path: str) -> Said:
    provider, configuration = await identity_providers.find(visit.call, crossing.provider)
    _refuse_elsewhere(visit, provider, configuration, path)
    return provider, await asserted(visit, crossing, provider, configuration, sent)


async def asserted(
    visit: Visit,
    crossing: Crossing,
    provider: IdentityProvider,
    configuration: Configuration,
    sent: Mapping[str, str],
) -> Asserted:
    """Who the provider says it is. Raises its own error, and those of its answers."""
    call, asked = visit.call, crossing.request
    _refuse_another(provider, configuration, sent)
    if "error" in sent:
        raise _told(sent)
    code = sent.get("code", "")
    if not code or len(code) > _LONGEST_CODE:
        raise errors.OAUTH_MISSING(name="code")
    return await relying_party.asserted(
        call.node,
        provider,
        configuration,
        code=code,
        redirect_uri=f"{visit.base_url}{identity_providers.callback(visit, provider, configuration)}",
        state=sent["state"],
        now=call.now,
        user=sent.get("user"),
        authenticated_since=None if asked.max_age is None else asked.read_at - asked.max_age * SECOND,
    )


def _refuse_elsewhere(
    visit: Visit, provider: IdentityProvider, configuration: Configuration, path: str
) -> None:
    """Raises PROVIDER_ANOTHER for what came to a redirect URL that is not that of the provider.

    Its code is another's then, whose redirect URL that is, and must not be sent to this one.
    """
    if path != identity_providers.callback(visit, provider, configuration):
        raise errors.PROVIDER_ANOTHER()


def _refuse_another(
    provider: IdentityProvider, configuration: Configuration, sent: Mapping[str, str]
) -> None:
    """Raises PROVIDER_ANOTHER where the answer is not from whom it was asked, or does not say so though that one always does."""
    if provider.type == SAML:
        raise errors.PROVIDER_ANOTHER()
    issuer = details.effective(provider.type, configuration).get("oidc_issuer")
    said = sent.get("iss")
    if said is None:
        is_another = configuration.names_itself
    else:
        is_another = issuer is not None and said.rstrip("/") != issuer.rstrip("/")
    if is_another:
        raise errors.PROVIDER_ANOTHER()


def _told(sent: Mapping[str, str]) -> Refusal:
    """The error of the provider, in its words."""
    error = sent["error"] if _ERROR.fullmatch(sent["error"]) else errors.OAUTH_REQUEST.type
    description = "".join(filter(str.isprintable, sent.get("error_description", "")))[:_LONGEST_DESCRIPTION]
    return Refusal(error, description or None)
