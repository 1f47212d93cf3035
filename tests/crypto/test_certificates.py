"""Certificates as other libraries read them."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509

from cognomen.crypto import certificates, rsa_keys


def test_a_certificate_says_whose_it_is_and_how_long_it_counts() -> None:
    key = rsa_keys.generate()
    serial = bytes(certificates.SERIAL_BYTES - 1) + b"\x06"
    der = certificates.self_signed(key, "us-east-1_AbCdEf123", serial, 1_700_000_000_999, 10)
    found = x509.load_der_x509_certificate(der)
    found.verify_directly_issued_by(found)
    assert found.public_key() == key.public_key()
    assert found.subject.rfc4514_string() == "CN=us-east-1_AbCdEf123"
    assert found.serial_number == 7
    assert found.not_valid_before_utc == datetime.fromtimestamp(1_700_000_000, UTC)
    assert (found.not_valid_after_utc - found.not_valid_before_utc).days == 10
    constraints = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, False)


def test_the_largest_serial_number_is_one_that_certificates_may_have() -> None:
    serial = b"\xff" * certificates.SERIAL_BYTES
    der = certificates.self_signed(rsa_keys.generate(), "a pool", serial, 0, 1)
    assert x509.load_der_x509_certificate(der).serial_number.bit_length() < 160
