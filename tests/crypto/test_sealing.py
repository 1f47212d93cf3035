from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal, UnknownKey

OLD = sealing.master_key(bytes(range(32)))
NEW = sealing.master_key(bytes(range(1, 33)))
KEYS = sealing.keyring([OLD])
ROTATED = sealing.keyring([NEW, OLD])

# Made by the first release.
SUBKEY = "d3994ea78cab0a02cfeb3d83ce0ed48cdd294531aed1c29e91232bf7519bc0d6"
KEY_CHECK = "cc040607b5f40e354223d2b72c58fa7928d3f72a58c397e4ed49267a8a1d4365"
MAC = "a8dacbbb43680abbe6df4a9af3e60de030a0338aa7cf97c8b0b352fb1114cb46"
SEALED = "01630dcd29aefb2592e3ce4ccc4e23b8e44ee344ed51fe54111e2083398f93bec371cf5a1af84b"

contents = st.binary(max_size=100)
purposes = st.text(st.characters(codec="utf-8"), max_size=12)


@given(contents, purposes, contents)
def test_what_is_sealed_can_be_unsealed(plaintext: bytes, purpose: str, bound_to: bytes) -> None:
    blob = sealing.seal(KEYS, purpose, plaintext, bound_to)
    assert sealing.unseal(KEYS, purpose, blob, bound_to) == plaintext
    assert len(blob) == len(plaintext) + 33
    text = sealing.seal_text(KEYS, purpose, plaintext, bound_to)
    assert sealing.unseal_text(KEYS, purpose, text, bound_to) == plaintext


def test_the_same_value_is_sealed_differently_each_time() -> None:
    blobs = {sealing.seal(KEYS, "code", b"123456", b"pool") for _ in range(20)}
    assert len(blobs) == 20
    assert not any(b"123456" in blob for blob in blobs)


@given(contents, st.data())
def test_a_flipped_bit_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    blob = bytearray(sealing.seal(KEYS, "totp", plaintext, b"user"))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CannotUnseal):
        sealing.unseal(KEYS, "totp", bytes(blob), b"user")


@given(st.integers(0, 46))
def test_a_value_cut_short_is_refused(length: int) -> None:
    blob = sealing.seal(KEYS, "totp", b"some plaintext", b"user")
    assert len(blob) == 47
    with pytest.raises(CannotUnseal):
        sealing.unseal(KEYS, "totp", blob[:length], b"user")


@given(purposes, purposes, contents, contents)
def test_purposes_and_places_do_not_open_one_another(
    purpose: str, other_purpose: str, bound_to: bytes, other_bound_to: bytes
) -> None:
    assume((purpose, bound_to) != (other_purpose, other_bound_to))
    blob = sealing.seal(KEYS, purpose, b"secret", bound_to)
    with pytest.raises(CannotUnseal):
        sealing.unseal(KEYS, other_purpose, blob, other_bound_to)


@given(contents)
def test_garbage_is_refused(blob: bytes) -> None:
    with pytest.raises(CannotUnseal):
        sealing.unseal(KEYS, "totp", blob, b"user")


@given(st.text(st.characters(), max_size=80))
def test_garbage_text_is_refused(text: str) -> None:
    with pytest.raises(CannotUnseal):
        sealing.unseal_text(KEYS, "totp", text, b"user")


def test_a_text_has_one_spelling() -> None:
    text = sealing.seal_text(KEYS, "session", b"attempt", b"turn")
    for other in (text + "=", text + "\n", text.replace("A", "A ", 1) + " ", "+" + text[1:]):
        with pytest.raises(CannotUnseal):
            sealing.unseal_text(KEYS, "session", other, b"turn")


# -- rotation ---------------------------------------------------------------------------------------------------------


def test_after_rotation_old_values_open_and_new_ones_use_the_new_key() -> None:
    before = sealing.seal(KEYS, "totp", b"secret", b"user")
    assert sealing.unseal(ROTATED, "totp", before, b"user") == b"secret"
    after = sealing.seal(ROTATED, "totp", b"secret", b"user")
    assert sealing.key_id_of(before) == OLD.id
    assert sealing.key_id_of(after) == NEW.id


def test_a_value_of_a_key_that_is_not_there_names_it() -> None:
    blob = sealing.seal(ROTATED, "totp", b"secret", b"user")
    with pytest.raises(UnknownKey, match=NEW.id) as refused:
        sealing.unseal(KEYS, "totp", blob, b"user")
    assert refused.value.key_id == NEW.id


def test_a_value_under_another_key_with_a_changed_key_id_is_refused() -> None:
    blob = sealing.seal(ROTATED, "totp", b"secret", b"user")
    with pytest.raises(CannotUnseal):
        sealing.unseal(ROTATED, "totp", blob[:1] + bytes.fromhex(OLD.id) + blob[5:], b"user")


def test_what_is_no_blob_has_no_key_id() -> None:
    for blob in (b"", b"\x01", bytes(33), b"\x02" + bytes(40)):
        with pytest.raises(CannotUnseal):
            sealing.key_id_of(blob)


# -- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_s_id_comes_from_its_bytes_and_shows_none_of_them() -> None:
    assert OLD.id == "630dcd29"  # of SHA-256 of 00 01 … 1f
    shown = repr(OLD) + repr(ROTATED) + str(UnknownKey(OLD.id))
    assert "secret" not in shown
    assert "\\x01" not in shown
    assert OLD.secret.hex() not in shown


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sealing.master_key(bytes(length))


def test_a_keyring_needs_a_key_and_each_once() -> None:
    assert ROTATED.current is NEW
    for keys in ([], [OLD, OLD]):
        with pytest.raises(ValueError, match="at least one"):
            sealing.keyring(keys)


def test_the_key_check_tells_keys_apart_and_is_none_of_what_keys_are_used_for() -> None:
    check = sealing.key_check(OLD)
    assert check == sealing.key_check(sealing.master_key(bytes(range(32))))
    assert check != sealing.key_check(NEW)
    assert check not in {OLD.secret, sealing.subkey(OLD, "key check")}


def test_subkeys_differ_by_key_and_purpose() -> None:
    keys = {
        sealing.subkey(key, purpose) for key in (OLD, NEW) for purpose in ("refresh tokens", "paging", "")
    }
    assert len(keys) == 6
    assert {len(key) for key in keys} == {32}


def test_what_is_derived_stays_the_same_from_release_to_release() -> None:
    """Databases outlive releases: these values may never change."""
    assert sealing.subkey(OLD, "refresh tokens").hex() == SUBKEY
    assert sealing.key_check(OLD).hex() == KEY_CHECK
    assert sealing.mac(OLD.secret, "lockout", b"jane", b"pool").hex() == MAC
    assert sealing.unseal(KEYS, "totp", bytes.fromhex(SEALED), b"user") == b"secret"


# -- authentication ---------------------------------------------------------------------------------------------------


parts_of_any_number = st.lists(st.binary(max_size=6), max_size=4)


@given(parts_of_any_number, parts_of_any_number)
def test_joined_parts_can_be_told_apart(parts: list[bytes], others: list[bytes]) -> None:
    assert (sealing.joined(*parts) == sealing.joined(*others)) == (parts == others)


def test_parts_do_not_run_into_one_another() -> None:
    macs = {
        sealing.mac(bytes(32), "name", b"ab", b"c"),
        sealing.mac(bytes(32), "name", b"a", b"bc"),
        sealing.mac(bytes(32), "name", b"abc"),
        sealing.mac(bytes(32), "name", b"abc", b""),
        sealing.mac(bytes(32), "namea", b"bc"),
        sealing.mac(bytes(31) + b"\x01", "name", b"abc"),
    }
    assert len(macs) == 6
