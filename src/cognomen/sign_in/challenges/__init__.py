"""The challenges: a table from the wire's names to modules, each with `ask` and `check` (see turn.py).

To add one: write its module, name it here, and give next_step.py the row that asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from cognomen.sign_in.challenges import (
    custom_challenge,
    device_password_verifier,
    device_srp_auth,
    email_otp,
    mfa_setup,
    new_password_required,
    password,
    password_verifier,
    select_mfa_type,
    sms_mfa,
    software_token_mfa,
)
from cognomen.sign_in.turn import Challenge

CHALLENGES: Mapping[str, Challenge] = {
    "PASSWORD": password,
    "PASSWORD_VERIFIER": password_verifier,
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
