from __future__ import annotations

import pytest

from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault


@pytest.fixture
def vault() -> Vault:
    keyring = sealing.keyring([sealing.master_key(b"k" * 32)])
    return Vault(lambda: keyring)
