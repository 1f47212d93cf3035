"""Back from an identity provider: the person is signed in here, and the app gets its answer.

admit(call)                         the rate of answers of providers (UserFederation)
finish(visit, request, asserted)    the answer to an authorization request
told(call, request, answering)      any answer, with what goes wrong told to the app
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
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

T = TypeVar("T")

log = logging.getLogger(__name__)


def admit(call: Call) -> None:
    """Raises OAUTH_TOO_MANY."""
    if call.limiter is not None:
        with places.told_as_too_many():
            call.limiter.admit_answer_of_provider(call.now)


async def finish(visit: Visit, request: AuthorizationRequest, asserted: Asserted) -> Response:
    """Raises SentBack, and what a person of a provider is refused with."""
    signed_in = await federated.sign_in(visit.call, asserted)
    done = await finishing.finish(
        visit, request, signed_in, provider=asserted.provider.name, saml_session=asserted.saml_session
    )
    return answers.redirect(done.location, done.cookies)


async def told(call: Call, request: AuthorizationRequest, answering: Awaitable[T]) -> T:
    """Raises SentBack for whatever goes wrong: its request is known, so the app hears of it, and the log the place."""
    try:
        return await answering
    except SentBack:
        raise
    except Refusal as refusal:
        is_of_oauth = refusal.type.islower()  # those of the API are written in capitals
        tell = authorization.sent_back if is_of_oauth else authorization.told_of
        raise tell(request, refusal) from None
    except Exception as fault:  # noqa: BLE001  whatever it is, the app gets an answer and the log the place
        log.error("request %s failed: %s", call.request_id, logs.place(fault))  # noqa: TRY400  the message may quote the request
        raise authorization.sent_back(request, errors.OAUTH_SERVER_ERROR()) from None
