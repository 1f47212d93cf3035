"""Identities by subject, which are told apart letter for letter: as they stand in the users' attributes."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_KEY_MAX = 256
_FIND = sa.text(
    "SELECT identities.pool_id, identities.provider, identities.value, users.attributes FROM identities "
    "JOIN users ON users.pool_id = identities.pool_id AND users.sub = identities.sub "
    "WHERE identities.attribute = 'Cognito_Subject'"
)
_CHANGE = sa.text(
    "UPDATE identities SET value = :exact "
    "WHERE pool_id = :pool_id AND provider = :provider AND attribute = 'Cognito_Subject' AND value = :value"
)


def upgrade() -> None:
    """Pools in which case does not count had them in lower case."""
    connection = op.get_bind()
    for pool_id, provider, value, attributes in connection.execute(_FIND).all():
        for each in json.loads(json.loads(attributes).get("identities", "[]")):
            subject = each["userId"]
            folded = subject.lower().replace(
                "\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}"
            )
            is_meant = each["providerName"] == provider and _key_of(folded) == value != _key_of(subject)
            if is_meant:
                row = {"pool_id": pool_id, "provider": provider, "value": value}
                connection.execute(_CHANGE, {**row, "exact": _key_of(subject)})


def _key_of(value: str) -> str:
    """As store/users.py had it at this step."""
    return value if len(value) < _KEY_MAX else value[:192] + hashlib.sha256(value.encode()).hexdigest()
