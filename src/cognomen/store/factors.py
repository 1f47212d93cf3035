"""What is set of a user's second factors: a member of its row (users.py), as JSON; none for most users."""

from __future__ import annotations

import msgspec

from cognomen.challenge_names import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from cognomen.store.tables import json_text

ALL = (SMS_MFA, SOFTWARE_TOKEN_MFA, EMAIL_OTP)
"""The second factors as UserMFASettingList calls them, and the challenges that ask for them, in the order they are told."""


class Factors(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a user or an administrator has set; whether it is asked for is users/factors.py's to say.

    `sms_by_options`: SMS_MFA was enabled in the old way, by MFAOptions. `totp_name` is what a client calls the device.
    `passkeys`: a passkey that verifies its user stands for both factors.
    """

    enabled: tuple[str, ...] = ()
    preferred: str | None = None
    sms_by_options: bool = False
    totp_name: str | None = None
    passkeys: bool = False


NO_FACTORS = Factors()

_decoder = msgspec.json.Decoder(Factors)


def text_of(factors: Factors) -> str | None:
    return None if factors == NO_FACTORS else json_text(factors)


def of_text(text: str | None) -> Factors:
    return _decoder.decode(text) if text else NO_FACTORS
