"""Keys that take long to make are made once."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cognomen.crypto import rsa_keys


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    return rsa_keys.generate()


@pytest.fixture(scope="session")
def other_rsa_key() -> RSAPrivateKey:
    return rsa_keys.generate()
