"""What a person is told when something is refused: the sentences of the API in the words of the pages.

What a function of the pool's owner says is shown as it is. Whether a user exists is not told at sign-in, also where the client
has apps told.
"""

from __future__ import annotations

from collections.abc import Mapping

from cognomen import errors
from cognomen.errors import Refusal, Sentence
from cognomen.pages.contexts import Notice

_BY_SENTENCE: Mapping[Sentence | None, str] = {
    errors.INCORRECT_USERNAME_OR_PASSWORD: "fault_credentials",
    errors.PASSWORD_ATTEMPTS_EXCEEDED: "fault_attempts",
    errors.USER_DISABLED: "fault_disabled",
    errors.BLOCKED: "fault_blocked",
    errors.ADDRESS_BLOCKED: "fault_blocked",
    errors.PASSWORD_COMPROMISED: "fault_password_leaked",
    errors.TEMPORARY_PASSWORD_EXPIRED: "fault_temporary_expired",
    errors.SESSION_EXPIRED: "fault_session",
    errors.SESSION_SPENT: "fault_session",
    errors.SESSION_INVALID: "fault_session",
    errors.SOFTWARE_TOKEN_GONE: "fault_session",
    errors.TOTP_USED: "fault_code_used",
    errors.PASSKEY_NOT_PROVEN: "passkey_failed",
    errors.CANNOT_CONFIRM: "fault_code",  # an account that was not made by signing up has none
    errors.CONTACT_ADMINISTRATOR: "fault_no_recovery",
    errors.USERNAME_CLIENT_NOT_FOUND: "fault_no_recovery",
    errors.CANNOT_RESET: "fault_no_recovery",
    errors.SIGN_UP_NOT_PERMITTED: "fault_sign_up",
    errors.USERNAME_NOT_EMAIL: "fault_email",
    errors.USERNAME_NOT_PHONE: "fault_phone_number",
    errors.USERNAME_NOT_EMAIL_OR_PHONE: "fault_email_or_phone",
    errors.USERNAME_LIKE_EMAIL: "fault_name",
    errors.USERNAME_LIKE_PHONE: "fault_name",
    errors.PREFERRED_USERNAME_LIKE_EMAIL: "fault_name",
    errors.PREFERRED_USERNAME_LIKE_PHONE: "fault_name",
    errors.INVALID_EMAIL: "fault_email",
    errors.INVALID_PHONE_NUMBER: "fault_phone_number",
}
# What many sentences have in common: the type of each is one that clients tell apart too.
_BY_TYPE: Mapping[str, str] = {
    "UserNotFoundException": "fault_credentials",
    "UserNotConfirmedException": "fault_unconfirmed",
    "PasswordResetRequiredException": "fault_reset_required",
    "TooManyRequestsException": "fault_attempts",
    "LimitExceededException": "fault_attempts",
    "CodeMismatchException": "fault_code",
    "EnableSoftwareTokenMFAException": "fault_code",
    "ExpiredCodeException": "fault_code_expired",
    "InvalidPasswordException": "fault_password",
    "PasswordHistoryPolicyViolationException": "fault_password_used",
    "UsernameExistsException": "fault_exists",
    "AliasExistsException": "fault_exists",
    "CodeDeliveryFailureException": "fault_delivery",
    "InvalidParameterException": "fault_values",
}
_FROM_FUNCTIONS = "UserLambdaValidationException"

_OVER = (
    errors.SESSION_EXPIRED,
    errors.SESSION_SPENT,
    errors.SESSION_INVALID,
    errors.SOFTWARE_TOKEN_GONE,
    errors.USER_DISABLED,
    errors.USER_NOT_FOUND,
    errors.BLOCKED,
)


def notice(refusal: Refusal) -> Notice:
    if refusal.type == _FROM_FUNCTIONS and refusal.message:
        return Notice("error", "fault_other", said=refusal.message)
    text = _BY_SENTENCE.get(refusal.sentence) or _BY_TYPE.get(refusal.type, "fault_other")
    return Notice("error", text)


def ends_sign_in(refusal: Refusal) -> bool:
    """Whether the sign-in cannot go on, and has to begin again."""
    return refusal.is_(*_OVER)
