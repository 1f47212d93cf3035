"""The names of the challenges, as requests, sealed attempts and rows have them; a factor is called as the challenge that asks for it.

A table of all of them is sign_in/challenges/.
"""

from __future__ import annotations

SELECT_CHALLENGE = "SELECT_CHALLENGE"
PASSWORD = "PASSWORD"
PASSWORD_SRP = "PASSWORD_SRP"
PASSWORD_VERIFIER = "PASSWORD_VERIFIER"
WEB_AUTHN = "WEB_AUTHN"
SMS_OTP = "SMS_OTP"
NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
CUSTOM_CHALLENGE = "CUSTOM_CHALLENGE"
MFA_SETUP = "MFA_SETUP"
SELECT_MFA_TYPE = "SELECT_MFA_TYPE"
SMS_MFA = "SMS_MFA"
SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"
EMAIL_OTP = "EMAIL_OTP"
DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"
DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"

PROVIDER_1 = "PROVIDER_1"
PROVIDER_2 = "PROVIDER_2"
PROVIDER_3 = "PROVIDER_3"
PROVIDER_4 = "PROVIDER_4"

OF_PROVIDERS = (PROVIDER_1, PROVIDER_2, PROVIDER_3, PROVIDER_4)
"""No challenges: they stand among those that were proven where an identity provider vouches for the user, up to the level of the digit."""

OF_DEVICES = (DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER)
"""What a device proves itself with, in this order."""
