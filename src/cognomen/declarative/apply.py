"""The steps of a plan, one after the other; each is a request of its own, so what went before one that fails stays."""

from __future__ import annotations

from collections.abc import Sequence

from cognomen.declarative.caller import Caller
from cognomen.declarative.document import DeclarationError
from cognomen.declarative.plan import Step
from cognomen.errors import Refusal


async def apply(caller: Caller, steps: Sequence[Step]) -> None:
    """Raises DeclarationError at the first step that is refused."""
    for done, step in enumerate(steps):
        try:
            await caller.ask(step.operation, wanted_id=step.wanted_id, **step.request)
        except Refusal as refusal:
            raise DeclarationError(
                f"{step.place} ({step.operation}): {refusal.message} ({done} of {len(steps)} steps were taken before.)"
            ) from None
