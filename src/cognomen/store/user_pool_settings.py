"""The settings of a user pool, as its owner gave them; those of its clients are in app_client_settings.py.

Structs that msgspec reads from, and writes to, the API's own member names; inside, the names are the field's. What was
never given is None. They are stored as JSON text, so a member added here needs no migration: a release that does not know
it yet, and writes the settings beside one that does, leaves it as it is (`rewritten`).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field

from cognomen.challenge_names import PASSWORD
from cognomen.store.tables import json_text


class Settings(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Members carry the API's names outside and ours inside."""


def rewritten(stored: str, settings: Struct) -> str:
    """The text of `settings` in the place of `stored`, with what that has and this release does not know."""
    known = msgspec.to_builtins(msgspec.json.decode(stored, type=type(settings)))
    merged = with_unknown(msgspec.to_builtins(settings), msgspec.json.decode(stored), known)
    return json_text(merged)


def with_unknown(new: dict[str, Any], stored: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """`new` and the members of `stored` that are not in `known`, which is what was read of it; at every depth."""
    merged = dict(new)
    for name, value in stored.items():
        if name not in known:
            merged.setdefault(name, value)
        elif isinstance(value, dict) and isinstance(known[name], dict) and isinstance(new.get(name), dict):
            merged[name] = with_unknown(new[name], value, known[name])
    return merged


TEMPORARY_PASSWORD_DAYS = 7
"""How long a temporary password is good for, where the pool does not say, or says 0."""


class PasswordPolicy(Settings, frozen=True):
    minimum_length: int = 8
    require_uppercase: bool = True
    require_lowercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True
    password_history_size: int | None = None
    temporary_password_validity_days: int = TEMPORARY_PASSWORD_DAYS


class SignInPolicy(Settings, frozen=True):
    allowed_first_auth_factors: tuple[str, ...] = (PASSWORD,)


class Policies(Settings, frozen=True):
    password_policy: PasswordPolicy = PasswordPolicy()
    sign_in_policy: SignInPolicy | None = SignInPolicy()


class MessageTemplate(Settings, frozen=True):
    sms_message: str | None = field(default=None, name="SMSMessage")
    email_message: str | None = None
    email_subject: str | None = None


class AdminCreateUserConfig(Settings, frozen=True):
    allow_admin_create_user_only: bool = False
    unused_account_validity_days: int = 7
    invite_message_template: MessageTemplate | None = None


class VerificationMessageTemplate(Settings, frozen=True):
    sms_message: str | None = None
    email_message: str | None = None
    email_subject: str | None = None
    email_message_by_link: str | None = None
    email_subject_by_link: str | None = None
    default_email_option: str = "CONFIRM_WITH_CODE"


class EmailConfiguration(Settings, frozen=True):
    source_arn: str | None = None
    reply_to_email_address: str | None = None
    email_sending_account: str = "COGNITO_DEFAULT"
    from_: str | None = field(default=None, name="From")
    configuration_set: str | None = None


class RecoveryMechanism(Settings, frozen=True):
    priority: int
    name: str


class AccountRecoverySetting(Settings, frozen=True):
    recovery_mechanisms: tuple[RecoveryMechanism, ...] = ()


class UsernameConfiguration(Settings, frozen=True):
    case_sensitive: bool


class UserAttributeUpdateSettings(Settings, frozen=True):
    attributes_require_verification_before_update: tuple[str, ...] = ()


class UserPoolSettings(Settings, frozen=True):
    """Everything UpdateUserPool may change, and the few things only CreateUserPool may set.

    Members that no rule of ours looks into are kept as JSON documents in the API's own names.
    """

    policies: Policies = Policies()
    deletion_protection: str = "INACTIVE"
    lambda_config: dict[str, Any] = {}
    auto_verified_attributes: tuple[str, ...] | None = None
    alias_attributes: tuple[str, ...] | None = None
    username_attributes: tuple[str, ...] | None = None
    username_configuration: UsernameConfiguration | None = None
    verification_message_template: VerificationMessageTemplate = VerificationMessageTemplate()
    sms_authentication_message: str | None = None
    mfa_configuration: str = "OFF"
    user_attribute_update_settings: UserAttributeUpdateSettings | None = None
    device_configuration: dict[str, Any] | None = None
    email_configuration: EmailConfiguration = EmailConfiguration()
    sms_configuration: dict[str, Any] | None = None
    user_pool_tags: dict[str, str] = {}
    admin_create_user_config: AdminCreateUserConfig = AdminCreateUserConfig()
    user_pool_add_ons: dict[str, Any] | None = None
    dcr_configuration: dict[str, Any] | None = None
    account_recovery_setting: AccountRecoverySetting | None = None
    user_pool_tier: str = "ESSENTIALS"
    key_configuration: dict[str, Any] | None = None
    issuer_configuration: dict[str, Any] | None = None
    acr_configuration: dict[str, Any] | None = None
    # SetUserPoolMfaConfig's own: UpdateUserPool neither says nor changes them.
    software_token_mfa_configuration: dict[str, Any] | None = None
    email_mfa_configuration: dict[str, Any] | None = None
    web_authn_configuration: dict[str, Any] | None = None


REGIONAL = ("lambda_config", "email_configuration", "sms_configuration", "user_pool_tags")
"""The settings of a pool that a replica has of its own."""


class RegionalSettings(Settings, frozen=True):
    """What a replica has of its own: its triggers, senders, tags, logs, and who notifications of threat protection are from.

    `notification_senders` are by client, as risk configurations are.
    """

    lambda_config: dict[str, Any] = {}
    email_configuration: EmailConfiguration = EmailConfiguration()
    sms_configuration: dict[str, Any] | None = None
    user_pool_tags: dict[str, str] = {}
    log_configurations: list[dict[str, Any]] = []
    notification_senders: dict[str, dict[str, str]] = {}


class SchemaAttribute(Settings, frozen=True):
    """One attribute of a pool's schema; `name` is the full name, with `custom:` or `dev:custom:`."""

    name: str
    attribute_data_type: str = "String"
    developer_only_attribute: bool = False
    mutable: bool = True
    required: bool = False
    number_attribute_constraints: dict[str, str] | None = None
    string_attribute_constraints: dict[str, str] | None = None


def rewritten_schema(stored: str, schema: tuple[SchemaAttribute, ...]) -> str:
    """As `rewritten`, of every attribute that was there."""
    former = {attribute["Name"]: json_text(attribute) for attribute in msgspec.json.decode(stored)}
    texts = (
        rewritten(former[attribute.name], attribute) if attribute.name in former else json_text(attribute)
        for attribute in schema
    )
    return f"[{','.join(texts)}]"
