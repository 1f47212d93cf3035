from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cognomen.crypto import hashes, powers, srp
from cognomen.crypto.powers import MODULUS
from tests import srp_client

POOL_NAME = "AbCdEf123"
USERNAME = "11111111-2222-3333-4444-555555555555"
PASSWORD = "Passw0rd!"
SALT = bytes.fromhex("b704a27deb8455d5c2d2a3e5b1c0f9aa")
SECRET_A = int("1" * 64, 16)
SECRET_B = int("2" * 64, 16)
SECRET_BLOCK = b"secret-block-bytes"
TIMESTAMP = "Mon Jan 5 09:08:07 UTC 2026"

salts = st.binary(min_size=16, max_size=16)
secrets = st.integers(min_value=1, max_value=(1 << 256) - 1)


@pytest.fixture(params=["gmpy2", "pow"])
def _each_arithmetic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pow":
        monkeypatch.setattr(powers, "gmpy2", None)


@pytest.mark.usefixtures("_each_arithmetic")
def test_the_handshake_gives_the_known_values() -> None:
    assert srp._MULTIPLIER == 0x538282C4354742D7CBBDE2359FCF67F9F5B3A6B08791E5011B43B8A5B66D9EE6
    x = srp.private_exponent(POOL_NAME, USERNAME, PASSWORD, SALT)
    assert x == 0xF849BADC6FB8053BCAF9E6888C8D9E230A3BE011D8DFBBD370806CA9328E0D8A

    verifier = srp.verifier(POOL_NAME, USERNAME, PASSWORD, SALT)
    assert (
        digest(int.from_bytes(verifier)) == "8a28e07a1dcd10496f3e9d525d8307b81abe2224a2a2b8c103aa493b61a5b13d"
    )

    public_a = srp.parse_public_a(format(pow(2, SECRET_A, MODULUS), "x"))
    assert digest(public_a) == "fb177c2f8a148859028b890ea60616525a0b01fee86908d6b72f135787965310"
    public_b = srp.server_public(verifier, SECRET_B)
    assert digest(public_b) == "efb7e1139933db56a276f0991f8adee41696c3edbde1019efd4f8fd3e1718cc7"

    u = srp.scrambler(public_a, public_b)
    assert u == 0x61C74F607C616A9BED39C00D3BD37671B76B707904E7A5FB6DC1C9C978904628
    premaster = srp.premaster(public_a, verifier, u, SECRET_B)
    assert digest(premaster) == "191be90ed2cfc45d18981e052f2eb3acbbc043b08aa284a498f5ece7f4958b64"

    key = srp.session_key(premaster, u)
    assert key.hex() == "daa2013e76da0f39c9ca7fdb409d3619"
    assert srp.server_session_key(public_a, verifier, u, SECRET_B) == key
    signature = srp.claim_signature(key, POOL_NAME, USERNAME, SECRET_BLOCK, TIMESTAMP)
    assert signature == "mEgMQcqMIfG9TeSWO6Vty1zxny1sF40Ri7jfjYRRs8k="


def digest(number: int) -> str:
    return sha256(srp.pad(number)).hexdigest()


# -- against a client that shares nothing with the server ------------------------------------------------------------


def server_accepts(password: str, typed: str, username: str, salt: bytes, a: int, b: int) -> bool:
    salt = srp.new_salt(salt)
    verifier = srp.verifier(POOL_NAME, username, password, salt)
    public_b = srp.server_public(verifier, b)
    given_signature = srp_client.signature(
        POOL_NAME, username, typed, salt.hex(), srp.to_hex(public_b), a, SECRET_BLOCK, TIMESTAMP
    )
    public_a = srp.parse_public_a(f"{pow(2, a, MODULUS):x}")
    key = srp.server_session_key(public_a, verifier, srp.scrambler(public_a, public_b), b)
    wanted = srp.claim_signature(key, POOL_NAME, username, SECRET_BLOCK, TIMESTAMP)
    return hashes.matches(wanted, given_signature)


encodable = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(deadline=None, max_examples=15)
@given(encodable, encodable, salts, st.integers(min_value=1, max_value=(1 << 1024) - 1), secrets)
def test_a_client_that_knows_the_password_is_accepted(
    password: str, username: str, salt: bytes, a: int, b: int
) -> None:
    assert server_accepts(password, password, username, salt, a, b)


@settings(deadline=None, max_examples=10)
@given(encodable, encodable, salts, secrets, secrets)
def test_a_client_that_knows_another_password_is_not(
    password: str, typed: str, salt: bytes, a: int, b: int
) -> None:
    assume(password != typed)
    assert not server_accepts(password, typed, USERNAME, salt, a, b)


def test_a_signature_counts_for_its_own_secret_block_time_and_user_only() -> None:
    key = bytes(16)
    signatures = {
        srp.claim_signature(key, POOL_NAME, USERNAME, SECRET_BLOCK, TIMESTAMP),
        srp.claim_signature(key, POOL_NAME, USERNAME, b"another", TIMESTAMP),
        srp.claim_signature(key, POOL_NAME, "another", SECRET_BLOCK, TIMESTAMP),
        srp.claim_signature(key, "another", USERNAME, SECRET_BLOCK, TIMESTAMP),
        srp.claim_signature(key, POOL_NAME, USERNAME, SECRET_BLOCK, "Mon Jan 5 09:08:08 UTC 2026"),
        srp.claim_signature(bytes(15) + b"\x01", POOL_NAME, USERNAME, SECRET_BLOCK, TIMESTAMP),
    }
    assert len(signatures) == 6


def test_nobody_gets_a_key_when_the_scrambling_parameter_is_zero() -> None:
    with pytest.raises(ValueError, match="scrambling"):
        srp.server_session_key(5, srp.verifier(POOL_NAME, USERNAME, PASSWORD, SALT), 0, SECRET_B)


# -- passwords at rest ------------------------------------------------------------------------------------------------


def test_a_password_is_known_by_its_verifier() -> None:
    kept = srp.verifier(POOL_NAME, USERNAME, PASSWORD, SALT)
    assert len(kept) == 384
    assert srp.verify_password(POOL_NAME, USERNAME, PASSWORD, SALT, kept)


@pytest.mark.parametrize(
    ("pool_name", "username", "password", "salt"),
    [
        ("AbCdEf124", USERNAME, PASSWORD, SALT),
        (POOL_NAME, USERNAME.upper()[:-1] + "6", PASSWORD, SALT),
        (POOL_NAME, USERNAME, PASSWORD + " ", SALT),
        (POOL_NAME, USERNAME, "", SALT),
        (POOL_NAME, USERNAME, "\ud800", SALT),
        (POOL_NAME, USERNAME, PASSWORD, SALT[::-1]),
    ],
)
def test_anything_else_is_another_password(pool_name: str, username: str, password: str, salt: bytes) -> None:
    kept = srp.verifier(POOL_NAME, USERNAME, PASSWORD, SALT)
    assert not srp.verify_password(pool_name, username, password, salt, kept)


def test_a_small_verifier_is_as_wide_as_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(srp, "private_exponent", lambda *_: 3)
    assert srp.verifier(POOL_NAME, USERNAME, PASSWORD, SALT) == bytes(383) + b"\x08"


@given(salts)
def test_a_salt_keeps_its_random_bytes_but_never_begins_with_zero(random: bytes) -> None:
    salt = srp.new_salt(random)
    assert len(salt) == 16
    assert salt[0]
    assert salt[1:] == random[1:]
    assert salt[0] == random[0] or random[0] == 0


def test_a_salt_takes_sixteen_bytes() -> None:
    assert srp.new_salt(bytes(16)) == b"\x01" + bytes(15)
    with pytest.raises(ValueError, match="16 random bytes"):
        srp.new_salt(bytes(15))


def test_a_device_that_sends_its_salt_padded_gets_the_same_exponent() -> None:
    padded = srp.pad(int.from_bytes(SALT))
    assert padded == b"\0" + SALT
    assert srp.private_exponent("group", "device", "p", padded) == srp.private_exponent(
        "group", "device", "p", SALT
    )


@pytest.mark.parametrize("number", [2, 255, 1 << 3071, MODULUS - 2])
def test_a_verifier_from_elsewhere_is_taken_in_any_width(number: int) -> None:
    assert srp.parse_verifier(srp.pad(number)) == number.to_bytes(384)
    assert srp.parse_verifier(number.to_bytes(384)) == number.to_bytes(384)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"\1",
        bytes(384),
        srp.pad(MODULUS - 1),
        srp.pad(MODULUS),
        srp.pad(MODULUS + 5),
        bytes(385) + b"\5",
    ],
    ids=len,
)
def test_a_verifier_that_proves_nothing_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not a verifier"):
        srp.parse_verifier(raw)


# -- how numbers and moments are written ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["2", "0a", "ABCDEF", "abcdef", f"{MODULUS - 1:x}", f"00{MODULUS - 1:X}"], ids=len
)
def test_a_public_number_is_read_from_hexadecimal(text: str) -> None:
    assert srp.parse_public_a(text) == int(text, 16)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "00000",
        "0x12",
        "-5",
        "+5",
        "1_0",
        " 5",
        "5\n",
        "xyz",
        "\u0663",
        "\ud800",
        f"{MODULUS:x}",
        f"{MODULUS + 2:x}",
        f"{2 * MODULUS:x}",
        "f" * 770,
        "1" * 771,
        "1" * 100_000,
    ],
    ids=lambda text: ascii(text[:20]) + str(len(text)),
)
def test_a_public_number_outside_the_group_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number of the group"):
        srp.parse_public_a(text)


@given(st.text(max_size=60))
def test_no_text_makes_the_public_number_fail_otherwise(text: str) -> None:
    try:
        assert 0 < srp.parse_public_a(text) < MODULUS
    except ValueError as error:
        assert str(error) == "SRP_A is not a number of the group"  # noqa: PT017  both ends are fine


@pytest.mark.parametrize(
    ("number", "padded"),
    [(0, "00"), (1, "01"), (127, "7f"), (128, "0080"), (255, "00ff"), (256, "0100"), (32768, "008000")],
)
def test_numbers_are_padded_as_two_s_complement(number: int, padded: str) -> None:
    assert srp.pad(number).hex() == padded


@given(st.integers(min_value=0))
def test_padding_agrees_with_the_client_s(number: int) -> None:
    assert srp.pad(number).hex() == srp_client.padded_hex(number)


def test_a_number_is_sent_without_leading_zeros() -> None:
    assert srp.to_hex(0xAB) == "ab"
    assert srp.to_hex(0x0F) == "f"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (1_767_604_087_000, "Mon Jan 5 09:08:07 UTC 2026"),
        (1_767_604_087_999, "Mon Jan 5 09:08:07 UTC 2026"),
        (0, "Thu Jan 1 00:00:00 UTC 1970"),
        (1_709_251_199_000, "Thu Feb 29 23:59:59 UTC 2024"),
        (1_798_761_599_000, "Thu Dec 31 23:59:59 UTC 2026"),
    ],
)
def test_a_moment_is_written_in_one_way(moment: int, text: str) -> None:
    assert srp.format_timestamp(moment) == text
    assert srp.parse_timestamp(text) == moment // 1000 * 1000


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_every_moment_is_read_back_to_the_second(moment: int) -> None:
    assert srp.parse_timestamp(srp.format_timestamp(moment)) == moment // 1000 * 1000


@pytest.mark.parametrize(
    "text",
    [
        "Mon Jan 05 09:08:07 UTC 2026",
        "Tue Jan 5 09:08:07 UTC 2026",
        "Mon Jan 5 9:08:07 UTC 2026",
        "Mon Jan 5 24:00:00 UTC 2026",
        "Sun Feb 29 09:08:07 UTC 2026",
        "Mon Jan 5 09:08:60 UTC 2026",
        "Mon Jan 5 09:08:07 GMT 2026",
        "Mon Jan  5 09:08:07 UTC 2026",
        "mon jan 5 09:08:07 utc 2026",
        "Mo Jan 5 09:08:07 UTC 2026",
        "Mon Jan 5 09:08:07 UTC 2026 ",
        "Mon Jan 5 09:08:07 UTC 2026\n",
        "Mon Jan \u0665 09:08:07 UTC 2026",
        "Mon Jan 0 09:08:07 UTC 2026",
        "Sat Jan 1 00:00:00 UTC 0000",
        "2026-01-05T09:08:07Z",
        "1767604087",
        "",
        "\ud800",
    ],
    ids=ascii,
)
def test_other_ways_to_write_a_moment_are_refused(text: str) -> None:
    assert srp.parse_timestamp(text) is None
