"""A vault with a key of its own, and a message to seal."""

from __future__ import annotations

import pytest

from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault
from cognomen.messages import compose
from cognomen.messages.compose import Composed


@pytest.fixture
def vault() -> Vault:
    keyring = sealing.keyring([sealing.master_key(b"k" * 32)])
    return Vault(lambda: keyring)


@pytest.fixture
def message() -> Composed:
    return Composed(
        medium=compose.EMAIL,
        destination="ada@example.com",
        subject="Your temporary password",
        body="Your username is ada and temporary password is S3cret-word. ",
        sub="9d3c1f0e-0000-4000-8000-000000000001",
        username="ada",
        purpose=compose.INVITATION,
        password="S3cret-word",
    )
