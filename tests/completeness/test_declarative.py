"""Whatever makes or sets something of a pool has its place in a file, or its reason why not."""

from __future__ import annotations

from cognomen.declarative.parts import ELSEWHERE, PARTS
from cognomen.wire import model

_MAKES = ("Create", "Set", "Add", "Tag", "UpdateProvisioned", "AdminCreate")


def test_every_operation_that_makes_or_sets_has_its_place_or_its_reason() -> None:
    signed = {
        name
        for name, operation in model.load().operations.items()
        if operation.auth == "signed" and name.startswith(_MAKES)
    }
    assert {part.create for part in PARTS} | set(ELSEWHERE) == signed
    assert {part.create for part in PARTS}.isdisjoint(ELSEWHERE)
