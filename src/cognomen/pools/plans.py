"""The feature plans LITE, ESSENTIALS and PLUS: one table of what each includes, and the gate before it.

    FEATURES                        every feature that is not in all plans
    require(settings, feature)      before a feature is used that a pool's or client's settings do not show
    check_pool(settings, ...)       before settings of a pool are kept: what its plan does not have is refused
    check_client(settings, plan)    the same for those of an app client
    of_client(settings)             the features an app client uses

A change to a lower plan is refused while anything above it is in use (developer guide, "User pool feature plans"). The
names are measured for passwordless sign-in, token customization, threat protection and managed login; the others are
chosen like them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cognomen import errors
from cognomen.pools import turned_on
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.user_pool_settings import UserPoolSettings

PLANS = ("LITE", "ESSENTIALS", "PLUS")
"""From the least to the most."""

CHOICE = "ALLOW_USER_AUTH"
"""The flow of choice-based sign-in, as an app client names it."""


def _nowhere(_settings: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature by the name that answers call it; `plan` is the lowest that has it.

    `in_pool` and `in_client` tell whether settings use it; what is used elsewhere is asked for with `require`.
    """

    name: str
    plan: str
    in_pool: Callable[[UserPoolSettings], bool] = _nowhere
    in_client: Callable[[AppClientSettings], bool] = _nowhere


def _customizes_tokens(version: str) -> Callable[[UserPoolSettings], bool]:
    def customizes(settings: UserPoolSettings) -> bool:
        trigger: dict[str, str] = settings.lambda_config.get("PreTokenGenerationConfig", {})
        return trigger.get("LambdaVersion") == version

    return customizes


def _has_threat_protection(settings: UserPoolSettings) -> bool:
    add_ons = settings.user_pool_add_ons or {}
    return add_ons.get("AdvancedSecurityMode", "OFF") != "OFF" or bool(
        add_ons.get("AdvancedSecurityAdditionalFlows")
    )


def _token_customization(version: str) -> Feature:
    name = f"Token Customization with Pre-Token Generation Lambda {version}"
    return Feature(name, "ESSENTIALS", in_pool=_customizes_tokens(version))


MANAGED_LOGIN = Feature("Managed Login Version 2", "ESSENTIALS")
SESSION_TRACKING = Feature("User Session Tracking", "ESSENTIALS")
STEP_UP = Feature("Step-Up Authentication", "ESSENTIALS")
REPLICATION = Feature("Multi-Region Replication", "ESSENTIALS")
ACTIVITY_EXPORT = Feature("User Activity Log Export", "PLUS")
THREAT_PROTECTION = Feature("Threat Protection", "PLUS", in_pool=_has_threat_protection)

FEATURES = (
    Feature(
        "Password History",
        "ESSENTIALS",
        in_pool=lambda settings: bool(settings.policies.password_policy.password_history_size),
    ),
    Feature("Passwordless Sign-In", "ESSENTIALS", in_pool=turned_on.is_passwordless),
    _token_customization("V2_0"),
    _token_customization("V3_0"),
    Feature("Dynamic Client Registration", "ESSENTIALS", in_pool=turned_on.registers_clients),
    Feature("Custom ACR Levels", "ESSENTIALS", in_pool=lambda settings: bool(settings.acr_configuration)),
    Feature("Email MFA", "ESSENTIALS", in_pool=lambda settings: settings.email_mfa_configuration is not None),
    Feature("Passkey MFA", "ESSENTIALS", in_pool=turned_on.passkeys_stand_for_mfa),
    Feature(
        "Choice-Based Sign-In",
        "ESSENTIALS",
        in_client=lambda settings: CHOICE in (settings.explicit_auth_flows or ()),
    ),
    Feature(
        "Refresh Token Rotation", "ESSENTIALS", in_client=lambda settings: settings.rotates_refresh_tokens
    ),
    MANAGED_LOGIN,
    SESSION_TRACKING,
    STEP_UP,
    REPLICATION,
    ACTIVITY_EXPORT,
    THREAT_PROTECTION,
)


def includes(plan: str, feature: Feature) -> bool:
    return PLANS.index(plan) >= PLANS.index(feature.plan)


def require(settings: UserPoolSettings, feature: Feature) -> None:
    """Raises FEATURE_NOT_IN_TIER when the plan of the pool with these settings does not have the feature."""
    if not includes(settings.user_pool_tier, feature):
        raise errors.FEATURE_NOT_IN_TIER(tier=settings.user_pool_tier, feature=feature.name)


def check_pool(
    settings: UserPoolSettings, former_plan: str | None = None, elsewhere: Iterable[Feature] = ()
) -> None:
    """Refuse what the pool's plan does not have.

    `former_plan` is that of a pool that is updated: a change to a lower one is refused with TIER_CHANGE, anything else
    with TIER_FEATURES. `elsewhere`: features that the pool uses and its settings do not show, such as its clients'.
    """
    plan = settings.user_pool_tier
    used = {*elsewhere, *(feature for feature in FEATURES if feature.in_pool(settings))}
    above = [feature.name for feature in FEATURES if feature in used and not includes(plan, feature)]
    if above:
        lowered = former_plan is not None and PLANS.index(plan) < PLANS.index(former_plan)
        refusal = errors.TIER_CHANGE if lowered else errors.TIER_FEATURES
        raise refusal(tier=plan, features=", ".join(above))


def check_client(settings: AppClientSettings, plan: str) -> None:
    """Raises FEATURE_NOT_IN_TIER for the first feature of an app client that the plan of its pool does not have."""
    for feature in of_client(settings):
        if not includes(plan, feature):
            raise errors.FEATURE_NOT_IN_TIER(tier=plan, feature=feature.name)


def of_client(settings: AppClientSettings) -> tuple[Feature, ...]:
    return tuple(feature for feature in FEATURES if feature.in_client(settings))
