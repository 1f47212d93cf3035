"""What is set of a user's second factors: a member of its row (users.py), as JSON; none for most users."""

from __future__ import annotations

import msgspec


class Factors(msgspec.Struct, frozen=True, omit_defaults=True):
    """The factors are called as in UserMFASettingList.

    `sms_by_options`: SMS_MFA was enabled in the old way, by MFAOptions. `totp_name` is what a client calls the device.
    """

    enabled: tuple[str, ...] = ()
    preferred: str | None = None
    sms_by_options: bool = False
    totp_name: str | None = None


NO_FACTORS = Factors()

_decoder = msgspec.json.Decoder(Factors)


def text_of(factors: Factors) -> str | None:
    return None if factors == NO_FACTORS else msgspec.json.encode(factors).decode()


def of_text(text: str | None) -> Factors:
    return _decoder.decode(text) if text else NO_FACTORS
