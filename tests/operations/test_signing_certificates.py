"""The certificate that a pool's SAML requests are signed with."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY
from cognomen.pools import signing_certificates
from cognomen.store.opening import open_store
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

MakePool = Callable[..., Any]


def certificate(cognito: Cognito, pool: Any) -> x509.Certificate:
    text = cognito.get_signing_certificate(UserPoolId=pool["Id"])["Certificate"]
    assert "\n" not in text
    assert "CERTIFICATE" not in text
    return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))


def test_a_pool_has_a_certificate_of_its_own_that_it_signed_itself(
    cognito: Cognito, make_pool: MakePool, clock: HeldClock
) -> None:
    pool, other = make_pool(), make_pool()
    found = certificate(cognito, pool)
    found.verify_directly_issued_by(found)
    assert found.subject.rfc4514_string() == f"CN={pool['Id']}"
    made_at = datetime.fromtimestamp(clock.now // 1_000, UTC)
    assert found.not_valid_before_utc == made_at
    assert found.not_valid_after_utc - made_at > timedelta(days=3_650)
    assert certificate(cognito, other).public_key() != found.public_key()


def test_it_is_the_same_whenever_it_is_asked_for_and_however_many_ask_first(
    cognito: Cognito, make_pool: MakePool
) -> None:
    pool = make_pool()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: certificate(cognito, pool), range(4)))
    assert len(set(found)) == 1


def test_another_node_finds_the_same_and_can_sign_with_its_key(
    server: Server, cognito: Cognito, make_pool: MakePool
) -> None:
    pool = make_pool()
    found = certificate(cognito, pool)
    vault, now = server.node.vault, server.clock.now
    other = open_store(server.store.url)
    try:
        theirs = server.run(signing_certificates.of_pool(other, vault, pool["Id"], now))
    finally:
        other.close()
    assert x509.load_der_x509_certificate(theirs.certificate) == found
    signature = signing_certificates.private_key(vault, theirs).sign(b"request", PKCS1v15(), SHA256())
    public = found.public_key()
    assert isinstance(public, RSAPublicKey)
    public.verify(signature, b"request", PKCS1v15(), SHA256())


def test_after_a_year_there_is_a_new_one_of_the_same_key(
    cognito: Cognito, make_pool: MakePool, clock: HeldClock
) -> None:
    pool = make_pool()
    first = certificate(cognito, pool)
    clock.advance(365 * DAY - 1)
    assert certificate(cognito, pool) == first
    clock.advance(1)
    with ThreadPoolExecutor(4) as threads:
        (second,) = set(threads.map(lambda _: certificate(cognito, pool), range(4)))
    assert second != first
    assert second.serial_number != first.serial_number
    assert second.public_key() == first.public_key()
    assert second.not_valid_before_utc > first.not_valid_before_utc


def test_a_pool_that_is_not_there_is_told(cognito: Cognito) -> None:
    with refused("ResourceNotFoundException", "User pool us-east-1_Nothing12 does not exist."):
        cognito.get_signing_certificate(UserPoolId="us-east-1_Nothing12")
