"""Back from an identity provider: the person is signed in here, and the app gets its answer.

admit(call)                         the rate of answers of providers (UserFederation)
answer(visit, crossed, asserting)   the answer to an authorization request, of whoever a provider says it is
heard(call, crossed, answering)     an answer of a provider, with what became of it counted and what goes wrong told to the app
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import TypeVar

from starlette.responses import Response

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.federation.asserted import Asserted
from cognomen.oauth import answers, authorization, finishing, places
from cognomen.oauth.authorization import AuthorizationRequest, SentBack
from cognomen.oauth.crossings import Crossed
from cognomen.oauth.places import Visit
from cognomen.sign_in import federated
from cognomen.store.database import Unavailable
from cognomen.store.identity_providers import IdentityProvider

T = TypeVar("T")

Said = tuple[IdentityProvider, Asserted]
"""Who a provider says it is, and the provider."""

SIGNED_IN, REFUSED, FAILED = "ok", "refused", "failed"
"""What becomes of the answer of a provider, as it is counted."""

_PERSONAL = (
    errors.FEDERATION_NAME_TAKEN,
    errors.FEDERATION_REFUSED,
    errors.FEDERATION_SAML,
    errors.OAUTH_REFUSED,
)
"""What these quote may be a name, or the words of a function."""

log = logging.getLogger(__name__)


def admit(call: Call) -> None:
    """Raises OAUTH_TOO_MANY."""
    if call.limiter is not None:
        with places.told_as_too_many():
            call.limiter.admit_answer_of_provider(call.now)


async def answer(visit: Visit, crossed: Crossed, asserting: Awaitable[Said]) -> Response:
    """What a browser is answered that has brought what a provider says. Raises SentBack."""
    return await heard(visit.call, crossed, _finished(visit, crossed.request, asserting))


async def _finished(visit: Visit, request: AuthorizationRequest, asserting: Awaitable[Said]) -> Response:
    """Raises SentBack, and what a person of a provider is refused with."""
    call = visit.call
    provider, asserted = await asserting
    # Before anybody is made a user for nothing.
    finishing.check_level(call, request, federated.proven(asserted))
    signed_in = await federated.sign_in(call, provider, asserted)
    done = await finishing.finish(
        visit, request, signed_in, provider=provider.name, saml_session=asserted.saml_session
    )
    call.node.answers_of_providers[provider.type, SIGNED_IN] += 1
    return answers.redirect(done.location, done.cookies)


async def heard(call: Call, crossed: Crossed, answering: Awaitable[T]) -> T:
    """As `authorization.told`, of an answer of a provider. What was refused is in the log, but not what it says of the person."""
    return await authorization.told(call, crossed.request, _noted(call, crossed, answering))


async def _noted(call: Call, crossed: Crossed, answering: Awaitable[T]) -> T:
    counts = call.node.answers_of_providers
    try:
        return await answering
    except (Refusal, SentBack) as refused:
        counts[crossed.type, REFUSED] += 1
        log.info(
            "request %s: what %s in %s answered was refused: %s",
            call.request_id,
            crossed.provider,
            call.pool.id,
            _why(refused),
        )
        raise
    except Unavailable:  # which is nothing that the provider has answered
        raise
    except Exception:
        counts[crossed.type, FAILED] += 1
        raise


def _why(refused: Refusal | SentBack) -> str:
    if isinstance(refused, SentBack):
        return "no tokens, because of a function or of the level that the app wants"
    sentence = refused.sentence
    if sentence is None:
        return f"its own error {refused.type}"
    text = sentence.text if refused.is_(*_PERSONAL) else refused.message
    return errors.explained(text or refused.type, refused.advice)
