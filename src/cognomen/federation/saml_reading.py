"""Answers of SAML providers are read in threads of their own, few at a time, since whoever likes may send one.

    asserted(threads, ...)      as saml_responses.asserted; who comes when too many wait is told to come again

What is refused because it could not be opened or verified once it was is told at a moment that is fixed before it is looked at. Nobody
is kept from a thread meanwhile.
"""

from __future__ import annotations

import asyncio

from cognomen import clock, errors
from cognomen.errors import Refusal
from cognomen.federation import saml_responses
from cognomen.federation.asserted import Asserted
from cognomen.federation.configuration import Configuration
from cognomen.threads import Threads

THREADS = 2
WAITING_MAX = 64  # of the slowest documents, some seconds

REFUSED_AFTER = 0.5
"""Seconds: several times what it takes to read the largest and slowest document that is read at all."""


async def asserted(
    threads: Threads,
    configuration: Configuration,
    response: str,
    *,
    acs_url: str,
    audience: str,
    in_response_to: str | None,
    now: int,
) -> tuple[Asserted, str, int]:
    """Raises TOO_MANY_REQUESTS, and what saml_responses does."""
    began = clock.elapsed()

    def read() -> tuple[Asserted, str, int]:
        nonlocal began
        began = clock.elapsed()  # what waits has not begun
        return saml_responses.asserted(
            configuration,
            response,
            acs_url=acs_url,
            audience=audience,
            in_response_to=in_response_to,
            now=now,
        )

    try:
        return await threads.run(read)
    except Refusal as refusal:
        if refusal.is_(errors.SAML_UNOPENED):
            await asyncio.sleep(began + REFUSED_AFTER - clock.elapsed())
        raise
