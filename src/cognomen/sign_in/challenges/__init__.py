"""The challenges: a table from the wire's names to modules, each with `ask` and `check` (see turn.py).

To add one: write its module, name it here, and give next_step.py the row that asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from cognomen.errors import Refusal
from cognomen.sign_in.challenges import (
    custom_challenge,
    device_password_verifier,
    device_srp_auth,
    email_otp,
    mfa_setup,
    new_password_required,
    password,
    password_srp,
    password_verifier,
    select_challenge,
    select_mfa_type,
    sms_mfa,
    sms_otp,
    software_token_mfa,
    web_authn,
)
from cognomen.sign_in.turn import Challenge

CHALLENGES: Mapping[str, Challenge] = {
    "SELECT_CHALLENGE": select_challenge,
    "PASSWORD": password,
    "PASSWORD_SRP": password_srp,
    "PASSWORD_VERIFIER": password_verifier,
    "WEB_AUTHN": web_authn,
    "SMS_OTP": sms_otp,
    "NEW_PASSWORD_REQUIRED": new_password_required,
    "CUSTOM_CHALLENGE": custom_challenge,
    "MFA_SETUP": mfa_setup,
    "SELECT_MFA_TYPE": select_mfa_type,
    "SMS_MFA": sms_mfa,
    "SOFTWARE_TOKEN_MFA": software_token_mfa,
    "EMAIL_OTP": email_otp,
    "DEVICE_SRP_AUTH": device_srp_auth,
    "DEVICE_PASSWORD_VERIFIER": device_password_verifier,
}


def told(challenge: str, refusal: Refusal) -> Refusal:
    """What the client is told in the place of `refusal`, which came of opening its attempt."""
    carrier = CHALLENGES[challenge].CARRIER
    return carrier.told(refusal) if carrier else refusal
