"""TOTP against the vectors of RFC 6238, appendix B (SHA-1), of whose eight digits the last six are ours."""

from __future__ import annotations

import pyotp
import pytest

from cognomen.crypto import totp

SECRET = b"12345678901234567890"
NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, eight_digits: str) -> None:
    step = seconds * 1_000 // totp.STEP
    assert totp.code(SECRET, step) == eight_digits[-6:]
    assert totp.step_of(SECRET, eight_digits[-6:], seconds * 1_000) == step


def test_an_app_that_is_told_the_secret_shows_the_same_codes() -> None:
    secret = bytes(range(totp.SECRET_BYTES))
    assert len(totp.shown(secret)) == 52
    assert pyotp.TOTP(totp.shown(secret)).at(NOW // 1_000) == totp.code(secret, NOW // totp.STEP)


@pytest.mark.parametrize(
    ("steps_away", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_device_may_be_one_step_from_our_time(steps_away: int, is_right: bool) -> None:
    step = NOW // totp.STEP + steps_away
    assert totp.step_of(SECRET, totp.code(SECRET, step), NOW) == (step if is_right else None)


@pytest.mark.parametrize("text", ["", "00000", "0000000", "☃" * 6, "\ud800", "٠٧٠٨٠٤"])
def test_any_other_text_is_wrong(text: str) -> None:
    assert totp.step_of(SECRET, text, NOW) is None
