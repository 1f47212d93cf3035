"""What the settings of a pool must satisfy together, beyond what the shapes of the API say of each.

    check(settings, region)                 everything but the feature plan (plans.py)
    check_names(settings, schema)           how users are named, which only CreateUserPool says
    acr_names(settings), acr_name           effective names of the authentication context classes
    check_tags(tags)                        their number and their names
    is_sender, ses_region_of                who a mail may be from

Sources: developer guide and measured texts; errors.py says which texts are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cognomen import errors
from cognomen.challenge_names import PASSWORD, WEB_AUTHN
from cognomen.errors import Sentence
from cognomen.pools import turned_on
from cognomen.store.user_pool_settings import (
    EmailConfiguration,
    MessageTemplate,
    SchemaAttribute,
    UserPoolSettings,
)

TAGS_MAX = 50
RESERVED_TAG_PREFIX = "aws:"

# SES takes mail of user pools in these regions, wherever the pool is, and in the pool's own.
SES_REGIONS = ("eu-west-1", "us-east-1", "us-west-2")

_ACR_DEFAULTS = {f"Level{number}": f"urn:cognito:loa:{number}" for number in range(1, 5)}

_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_ARN_PARTS = 6


def check(settings: UserPoolSettings, region: str) -> None:
    """Raise the first fault of the settings of a pool in `region`."""
    _check_sign_in(settings)
    _check_verification(settings)
    _check_recovery(settings)
    _check_email(settings.email_configuration, region)
    _check_sms(settings, region)
    _check_invitation(settings)
    _check_mfa(settings)
    _check_triggers(settings)
    _check_keys(settings)
    _check_acr(settings)
    check_tags(settings.user_pool_tags)


def check_names(settings: UserPoolSettings, schema: Iterable[SchemaAttribute]) -> None:
    """Raises ALIAS_AND_USERNAME_ATTRIBUTES, PREFERRED_USERNAME_REQUIRED_AND_ALIAS."""
    if settings.alias_attributes and settings.username_attributes:
        raise errors.ALIAS_AND_USERNAME_ATTRIBUTES()
    required = {attribute.name for attribute in schema if attribute.required}
    if "preferred_username" in required.intersection(settings.alias_attributes or ()):
        raise errors.PREFERRED_USERNAME_REQUIRED_AND_ALIAS()


def acr_names(settings: UserPoolSettings) -> dict[str, str]:
    """The name of each authentication context class as tokens carry it, by level (`Level1` to `Level4`)."""
    return {level: acr_name(settings, level) for level in _ACR_DEFAULTS}


def acr_name(settings: UserPoolSettings, level: str) -> str:
    given: Mapping[str, Mapping[str, str]] = settings.acr_configuration or {}
    return given.get(level, {}).get("AcrValue", _ACR_DEFAULTS[level])


def check_tags(
    tags: Mapping[str, str],
    reserved: Sentence = errors.RESERVED_TAG,
    too_many: Sentence = errors.TOO_MANY_TAGS,
) -> None:
    """Raises `reserved` and `too_many`: the operations about tags alone declare another type than those about pools."""
    if any(name.lower().startswith(RESERVED_TAG_PREFIX) for name in tags):
        raise reserved()
    if len(tags) > TAGS_MAX:
        raise too_many(limit=TAGS_MAX)


def is_sender(text: str) -> bool:
    """An address, or a name with the address in angle brackets; on one line, since it becomes a header."""
    if not text.isprintable():
        return False
    name, opened, rest = text.rpartition("<")
    address = rest.removesuffix(">") if opened and rest.endswith(">") else text
    return "<" not in name and _ADDRESS.fullmatch(address) is not None


def ses_region_of(arn: str) -> str | None:
    """The region of an identity of Amazon SES; None when the ARN is of anything else."""
    _, _, service, region, _, resource = arn.split(":", _ARN_PARTS - 1)
    return region if service == "ses" and resource.startswith("identity/") else None


# -- the single rules --------------------------------------------------------------------------------------------------


def _check_sign_in(settings: UserPoolSettings) -> None:
    factors = turned_on.first_factors(settings)
    if PASSWORD not in factors:
        raise errors.PASSWORD_FACTOR_REQUIRED()
    if "SOFTWARE_TOKEN" in factors:
        raise errors.SOFTWARE_TOKEN_COMES_SECOND()


def _check_verification(settings: UserPoolSettings) -> None:
    if "phone_number" in (settings.auto_verified_attributes or ()) and not turned_on.sends_sms(settings):
        raise errors.PHONE_VERIFICATION_NEEDS_SMS()


def _check_recovery(settings: UserPoolSettings) -> None:
    recovery = settings.account_recovery_setting
    mechanisms = recovery.recovery_mechanisms if recovery else ()
    names = {mechanism.name for mechanism in mechanisms}
    priorities = {mechanism.priority for mechanism in mechanisms}
    if min(len(names), len(priorities)) < len(mechanisms):
        raise errors.RECOVERY_DUPLICATES()
    if "admin_only" in names and len(names) > 1:
        raise errors.ADMIN_ONLY_RECOVERY_MIXED()


def _check_email(email: EmailConfiguration, region: str) -> None:
    if email.from_ is not None and not is_sender(email.from_):
        raise errors.INVALID_FROM_ADDRESS()
    if email.source_arn is None:
        if email.email_sending_account == "DEVELOPER":
            raise errors.DEVELOPER_EMAIL_NEEDS_ARN()
        return
    ses_region = ses_region_of(email.source_arn)
    if ses_region is None:
        raise errors.EMAIL_IDENTITY_NOT_USABLE()
    if ses_region not in (*SES_REGIONS, region):
        raise errors.SES_REGION(regions=", ".join(SES_REGIONS))


def _check_sms(settings: UserPoolSettings, region: str) -> None:
    sms = settings.sms_configuration or {}
    end_user_messaging = sms.get("EumsSms")
    if settings.sms_configuration is not None and sms.keys().isdisjoint(("SnsCallerArn", "EumsSms")):
        raise errors.NO_SENDER_OF_SMS()
    if sms.get("SnsCallerArn") and end_user_messaging:
        raise errors.TWO_SENDERS_OF_SMS()
    if end_user_messaging and end_user_messaging.get("Region", region) != region:
        raise errors.SMS_REGION(region=region)


def _check_invitation(settings: UserPoolSettings) -> None:
    """A text names the user, and the password unless there may be none. Those of other messages the model checks."""
    template = settings.admin_create_user_config.invite_message_template or MessageTemplate()
    needed = ["{username}"] if turned_on.is_passwordless(settings) else ["{username}", "{####}"]
    texts = {"SMSMessage": template.sms_message, "EmailMessage": template.email_message}
    for member, text in texts.items():
        if text is not None and not all(each in text for each in needed):
            raise errors.INVITATION_WITHOUT_PLACES(member=member, places=" and ".join(needed))


def _check_mfa(settings: UserPoolSettings) -> None:
    if settings.email_mfa_configuration is not None and not _mails_as_developer(settings):
        raise errors.EMAIL_MFA_NEEDS_DEVELOPER()
    if settings.email_mfa_configuration is not None and _recovers_by_email_alone(settings):
        raise errors.EMAIL_MFA_AND_RECOVERY()
    if settings.mfa_configuration != "OFF" and not turned_on.second_factors(settings):
        raise errors.MFA_NEEDS_SMS()
    factors = turned_on.first_factors(settings)
    if settings.mfa_configuration == "ON" and not {PASSWORD, WEB_AUTHN}.issuperset(factors):
        raise errors.MFA_EXCLUDES_CODES()  # measured, github.com/go-to-k/cdkd, issue 1975


def _recovers_by_email_alone(settings: UserPoolSettings) -> bool:
    """The second factor and the recovery of a password may not both be the same mailbox (guide, "MFA")."""
    return turned_on.recovery(settings) == ("verified_email",)


def _mails_as_developer(settings: UserPoolSettings) -> bool:
    return settings.email_configuration.email_sending_account == "DEVELOPER"


def _check_triggers(settings: UserPoolSettings) -> None:
    triggers = settings.lambda_config
    if ("CustomSMSSender" in triggers or "CustomEmailSender" in triggers) and "KMSKeyID" not in triggers:
        raise errors.SENDER_NEEDS_KEY()


def _check_keys(settings: UserPoolSettings) -> None:
    key = settings.key_configuration or {}
    if key.get("KeyType") == "CUSTOMER_MANAGED_KEY" and "KmsKeyArn" not in key:
        raise errors.KEY_ARN_REQUIRED()


def _check_acr(settings: UserPoolSettings) -> None:
    names = acr_names(settings)
    if len(set(names.values())) < len(names):
        raise errors.ACR_NAMES_NOT_UNIQUE()
