"""Hashes made by the libraries that applications make them with, and texts that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import foreign_hashes
from cognomen.crypto.foreign_hashes import NoHash

SALT, HASH = "c2FsdHNhbHRzYWx0", "A" * 43

# Vectors of others: OpenBSD's bcrypt (the tests of Openwall's crypt_blowfish), RFC 7914, the tests of Argon2.
KNOWN = [
    ("BCRYPT", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    ("BCRYPT", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"),
    (
        "SCRYPT",
        (
            "16384$8$1$536f6469756d43686c6f72696465$"
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
        "pleaseletmein",
    ),
    (
        "PBKDF2_SHA256",
        "$pbkdf2-sha256$1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw",
        "passwd",
    ),
    (
        "ARGON2ID",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "password",
    ),
]


@pytest.mark.parametrize(("algorithm", "text", "password"), KNOWN)
def test_hashes_of_others_are_taken_and_verified(algorithm: str, text: str, password: str) -> None:
    foreign_hashes.check(algorithm, text)
    assert foreign_hashes.matches(algorithm, text, password)
    assert not foreign_hashes.matches(algorithm, text, "another")


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("BCRYPT", "$2b$13$" + "a" * 53),
        ("BCRYPT", "$2b$03$" + "a" * 53),
        ("BCRYPT", "$2c$10$" + "a" * 53),
        ("BCRYPT", "$2b$10$" + "a" * 52),
        ("BCRYPT", "$2b$10$" + "a" * 53 + "\n"),
        ("BCRYPT", "$2b$10$" + "!" * 53),
        ("SCRYPT", f"131072$8$1${'00' * 16}${'00' * 32}"),
        ("SCRYPT", f"16384$9$1${'00' * 16}${'00' * 32}"),
        ("SCRYPT", f"16384$8$2${'00' * 16}${'00' * 32}"),
        ("SCRYPT", f"16383$8$1${'00' * 16}${'00' * 32}"),
        ("SCRYPT", f"1$8$1${'00' * 16}${'00' * 32}"),
        ("SCRYPT", f"16384$8$1${'00' * 16}${'00' * 8}"),
        ("SCRYPT", f"16384$8$1${'0' * 33}${'00' * 32}"),
        ("SCRYPT", f"16384$8$1$${'00' * 32}"),
        ("ARGON2ID", f"$argon2id$v=19$m=19457,t=2,p=1${SALT}${HASH}"),
        ("ARGON2ID", f"$argon2id$v=19$m=19456,t=3,p=1${SALT}${HASH}"),
        ("ARGON2ID", f"$argon2id$v=19$m=19456,t=2,p=2${SALT}${HASH}"),
        ("ARGON2ID", f"$argon2id$v=19$m=7,t=2,p=1${SALT}${HASH}"),
        ("ARGON2ID", f"$argon2id$v=16$m=1024,t=2,p=1${SALT}${HASH}"),
        ("ARGON2ID", f"$argon2i$v=19$m=1024,t=2,p=1${SALT}${HASH}"),
        ("ARGON2ID", f"$argon2id$v=19$m=1024,t=2,p=1${SALT}$AAAA"),
        ("PBKDF2_SHA256", f"$pbkdf2-sha256$600001${SALT}${HASH}"),
        ("PBKDF2_SHA256", f"$pbkdf2-sha256$0${SALT}${HASH}"),
        ("PBKDF2_SHA256", f"$pbkdf2-sha256$1000${SALT}$AAAA"),
        ("PBKDF2_SHA256", f"$pbkdf2-sha512$1000${SALT}${HASH}"),
        ("PBKDF2_SHA256", f"$pbkdf2-sha256$1000${SALT}${'A' * 45}"),
    ],
)
def test_what_is_no_hash_or_too_dear_is_not_taken(algorithm: str, text: str) -> None:
    with pytest.raises(NoHash):
        foreign_hashes.check(algorithm, text)


@given(st.sampled_from(sorted(foreign_hashes._FORMATS)), st.text(max_size=600))
def test_any_text_is_taken_or_refused_and_nothing_else(algorithm: str, text: str) -> None:
    with pytest.raises(NoHash):
        foreign_hashes.check(algorithm, text)


@pytest.mark.parametrize(("algorithm", "text"), [(algorithm, text) for algorithm, text, _ in KNOWN])
def test_a_decoy_costs_the_same_and_is_nobodys(algorithm: str, text: str) -> None:
    decoy = foreign_hashes.decoy(algorithm, text)
    foreign_hashes.check(algorithm, decoy)
    assert decoy != text
    assert len(decoy) == len(text)
    assert decoy.split("$")[:-2] == text.split("$")[:-2] or algorithm == "BCRYPT"
    assert decoy[:7] == text[:7]
    assert not foreign_hashes.matches(algorithm, decoy, "password")


def test_bcrypt_reads_the_beginning_of_a_long_password() -> None:
    text = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"  # crypt_blowfish, of 72 characters
    password = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    assert foreign_hashes.matches("BCRYPT", text, password)
    assert foreign_hashes.matches("BCRYPT", text, password + "chars after 72 are ignored")
    assert not foreign_hashes.matches("BCRYPT", text, password[:-1])


@pytest.mark.parametrize("password", ["with\0nul", "\ud800", "x" * 300, ""])
@pytest.mark.parametrize(("algorithm", "text"), [(algorithm, text) for algorithm, text, _ in KNOWN])
def test_any_password_is_right_or_wrong(algorithm: str, text: str, password: str) -> None:
    assert not foreign_hashes.matches(algorithm, text, password)


def test_the_fault_of_2x_is_not_made_again() -> None:
    text = (
        "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"  # crypt_blowfish, of a byte above 127
    )
    assert not foreign_hashes.matches("BCRYPT", text, "\u00a3")
