"""Back from an identity provider: the person is signed in here, and the app gets its answer.

admit(call)                         the rate of answers of providers (UserFederation)
finish(visit, request, asserted)    the answer to an authorization request
told(call, request, answering)      any answer, with what goes wrong told to the app
heard(call, crossed, answering)     the same of a provider's, with what became of it counted
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from starlette.responses import Response

from cognomen import errors, logs
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.federation.asserted import Asserted
from cognomen.oauth import answers, authorization, finishing, places
from cognomen.oauth.authorization import AuthorizationRequest, SentBack
from cognomen.oauth.places import Visit
from cognomen.sign_in import federated
from cognomen.store.database import Unavailable

T = TypeVar("T")

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


async def finish(visit: Visit, request: AuthorizationRequest, asserted: Asserted) -> Response:
    """Raises SentBack, and what a person of a provider is refused with."""
    call = visit.call
    # Before anybody is made a user for nothing.
    finishing.check_level(call, request, federated.proven(asserted))
    signed_in = await federated.sign_in(call, asserted)
    done = await finishing.finish(
        visit, request, signed_in, provider=asserted.provider.name, saml_session=asserted.saml_session
    )
    call.node.answers_of_providers[asserted.provider.type, SIGNED_IN] += 1
    return answers.redirect(done.location, done.cookies)


@dataclass(frozen=True, slots=True)
class Crossed:
    """The authorization request that a provider answers, and of which type the provider is, by its name."""

    request: AuthorizationRequest
    provider: str
    type: str


async def heard(call: Call, crossed: Crossed, answering: Awaitable[T]) -> T:
    """As `told`, of an answer of a provider. What was refused is in the log, but not what it says of the person."""
    return await told(call, crossed.request, _noted(call, crossed, answering))


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
    return " ".join(filter(None, (text or refused.type, refused.advice)))


async def told(call: Call, request: AuthorizationRequest, answering: Awaitable[T]) -> T:
    """Raises SentBack for whatever goes wrong: its request is known, so the app hears of it, and the log the place.

    A Refusal that `answering` raises is of OAuth.
    """
    try:
        return await answering
    except SentBack:
        raise
    except Refusal as refusal:
        raise authorization.sent_back(request, refusal) from None
    except Unavailable as fault:
        log.warning("the database is not available: %s", fault)
        raise authorization.sent_back(request, errors.OAUTH_UNAVAILABLE()) from None
    except Exception as fault:  # noqa: BLE001  whatever it is, the app gets an answer and the log the place
        log.error("request %s failed: %s", call.request_id, logs.place(fault))  # noqa: TRY400  the message may quote the request
        raise authorization.sent_back(request, errors.OAUTH_SERVER_ERROR()) from None
