"""The challenges: a table from the wire's names to what each module makes (see turn.py).

To add one: write its module, name it here, and give next_step.py the row that asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from cognomen import challenge_names as names
from cognomen.errors import Refusal
from cognomen.messages import compose
from cognomen.sign_in.challenges import (
    custom_challenge,
    device_password_verifier,
    device_srp_auth,
    mfa_setup,
    new_password_required,
    password,
    password_srp,
    password_verifier,
    select_challenge,
    select_mfa_type,
    sent_codes,
    software_token_mfa,
    web_authn,
)
from cognomen.sign_in.turn import Challenge

CHALLENGES: Mapping[str, Challenge] = {
    names.SELECT_CHALLENGE: select_challenge.CHALLENGE,
    names.PASSWORD: password.CHALLENGE,
    names.PASSWORD_SRP: password_srp.CHALLENGE,
    names.PASSWORD_VERIFIER: password_verifier.CHALLENGE,
    names.WEB_AUTHN: web_authn.CHALLENGE,
    names.SMS_OTP: sent_codes.challenge(names.SMS_OTP, compose.SMS),
    names.NEW_PASSWORD_REQUIRED: new_password_required.CHALLENGE,
    names.CUSTOM_CHALLENGE: custom_challenge.CHALLENGE,
    names.MFA_SETUP: mfa_setup.CHALLENGE,
    names.SELECT_MFA_TYPE: select_mfa_type.CHALLENGE,
    names.SMS_MFA: sent_codes.challenge(names.SMS_MFA, compose.SMS),
    names.SOFTWARE_TOKEN_MFA: software_token_mfa.CHALLENGE,
    names.EMAIL_OTP: sent_codes.challenge(names.EMAIL_OTP, compose.EMAIL),
    names.DEVICE_SRP_AUTH: device_srp_auth.CHALLENGE,
    names.DEVICE_PASSWORD_VERIFIER: device_password_verifier.CHALLENGE,
}


def told(challenge: str, refusal: Refusal) -> Refusal:
    """What the client is told in the place of `refusal`, which came of opening its attempt."""
    carrier = CHALLENGES[challenge].carrier
    return carrier.told(refusal) if carrier else refusal
