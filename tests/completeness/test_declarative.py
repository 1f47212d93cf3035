"""Whatever makes or sets something of a pool has its place in a file, or its reason why not."""

from __future__ import annotations

from cognomen.declarative.parts import PARTS
from cognomen.wire import model

_MAKES = ("Create", "Set", "Add", "Tag", "UpdateProvisioned", "AdminCreate")

ELSEWHERE = {
    "AddCustomAttributes": "called for what UserPool.Schema has more than the pool",
    "TagResource": "tags are UserPool.UserPoolTags",
    "AddUserPoolClientSecret": "a second secret is for the days of a change from one to the other",
    "UpdateProvisionedLimit": "a limit is of the whole server, not of a pool",
    "CreateUserImportJob": "users are no configuration",
    "CreateUserPoolReplica": "a replica is set up in its own region",
    "AdminCreateUser": "users are made by seed files only",
}
"""Operations that make or set something and have no part of their own, with the reason."""


def test_every_operation_that_makes_or_sets_has_its_place_or_its_reason() -> None:
    signed = {
        name
        for name, operation in model.load().operations.items()
        if operation.auth == "signed" and name.startswith(_MAKES)
    }
    assert {part.create for part in PARTS} | set(ELSEWHERE) == signed
    assert {part.create for part in PARTS}.isdisjoint(ELSEWHERE)
