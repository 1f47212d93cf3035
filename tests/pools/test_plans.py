"""What each feature plan includes."""

from __future__ import annotations

from typing import Any

import pytest

from cognomen.errors import Refusal
from cognomen.pools import plans
from cognomen.pools.settings import settings_of
from cognomen.store.user_pool_settings import UserPoolSettings

ARN = "arn:aws:lambda:us-east-1:000000000000:function:sender"


def factors(*names: str) -> dict[str, Any]:
    return {"SignInPolicy": {"AllowedFirstAuthFactors": list(names)}}


V2_TRIGGER = {"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": ARN}}


@pytest.mark.parametrize(
    ("request_members", "feature"),
    [
        ({"Policies": {"PasswordPolicy": {"PasswordHistorySize": 1}}}, "Password History"),
        ({"Policies": factors("PASSWORD", "EMAIL_OTP")}, "Passwordless Sign-In"),
        ({"LambdaConfig": V2_TRIGGER}, "Token Customization with Pre-Token Generation Lambda V2_0"),
        ({"DcrConfiguration": {}}, "Dynamic Client Registration"),
        ({"AcrConfiguration": {"Level4": {"AcrValue": "best"}}}, "Custom ACR Levels"),
    ],
)
def test_a_feature_of_essentials_is_refused_by_lite(request_members: dict[str, Any], feature: str) -> None:
    for tier in ("ESSENTIALS", "PLUS"):
        plans.check_pool(settings_of(request_members | {"UserPoolTier": tier}))
    with pytest.raises(Refusal) as refusal:
        plans.check_pool(settings_of(request_members | {"UserPoolTier": "LITE"}))
    assert refusal.value.type == "FeatureUnavailableInTierException"
    assert refusal.value.message == (
        f"The following features need to be disabled for the LITE pricing tier configured: {feature}"
    )


@pytest.mark.parametrize(
    ("configured", "feature"),
    [
        ({"email_mfa_configuration": {}}, "Email MFA"),
        (
            {"web_authn_configuration": {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}},
            "Passkey MFA",
        ),
    ],
)
def test_a_factor_of_essentials_is_refused_by_lite(configured: dict[str, Any], feature: str) -> None:
    plans.check_pool(UserPoolSettings(**configured))
    with pytest.raises(Refusal, match=f"configured: {feature}$"):
        plans.check_pool(UserPoolSettings(user_pool_tier="LITE", **configured))


@pytest.mark.parametrize("tier", ["LITE", "ESSENTIALS"])
@pytest.mark.parametrize(
    "add_ons",
    [
        {"AdvancedSecurityMode": "AUDIT"},
        {"AdvancedSecurityMode": "ENFORCED"},
        {"AdvancedSecurityMode": "OFF", "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}},
    ],
)
def test_threat_protection_needs_plus(tier: str, add_ons: dict[str, Any]) -> None:
    plans.check_pool(settings_of({"UserPoolAddOns": add_ons, "UserPoolTier": "PLUS"}))
    with pytest.raises(Refusal) as refusal:
        plans.check_pool(settings_of({"UserPoolAddOns": add_ons, "UserPoolTier": tier}))
    assert refusal.value.message == (
        f"The following features need to be disabled for the {tier} pricing tier configured: Threat Protection"
    )


@pytest.mark.parametrize(
    "request_members",
    [
        {},
        {"Policies": factors("PASSWORD")},
        {"LambdaConfig": {"PreTokenGeneration": ARN}},
        {"DcrConfiguration": {"EnableStatus": "Disabled"}},
        {"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}},
    ],
)
def test_lite_takes_what_every_plan_has(request_members: dict[str, Any]) -> None:
    plans.check_pool(settings_of(request_members | {"UserPoolTier": "LITE"}))


def test_a_downgrade_with_features_in_use_is_refused_as_such() -> None:
    settings = settings_of({"UserPoolTier": "LITE", "DcrConfiguration": {}})
    with pytest.raises(Refusal, match=r"^FeatureUnavailableInTierException"):
        plans.check_pool(settings, former_plan="LITE")
    with pytest.raises(Refusal, match=r"^TierChangeNotAllowedException"):
        plans.check_pool(settings, former_plan="ESSENTIALS")


def test_features_that_the_settings_do_not_show_are_told_once_each() -> None:
    elsewhere = [plans.STEP_UP, plans.MANAGED_LOGIN, plans.STEP_UP]
    with pytest.raises(Refusal, match=r"configured: Managed Login Version 2, Step-Up Authentication$"):
        plans.check_pool(settings_of({"UserPoolTier": "LITE"}), "PLUS", elsewhere)
    plans.check_pool(settings_of({}), "PLUS", elsewhere)
    with pytest.raises(Refusal, match=r"^TierChangeNotAllowedException: .* ESSENTIALS .*: User Activity Log"):
        plans.check_pool(settings_of({}), "PLUS", [plans.ACTIVITY_EXPORT])


@pytest.mark.parametrize("feature", plans.FEATURES, ids=lambda feature: feature.name)
def test_a_feature_is_in_its_plan_and_those_above(feature: plans.Feature) -> None:
    lowest = plans.PLANS.index(feature.plan)
    assert lowest > 0, "what every plan has is no feature of a plan"
    for place, plan in enumerate(plans.PLANS):
        settings = UserPoolSettings(user_pool_tier=plan)
        if place >= lowest:
            plans.require(settings, feature)
            continue
        with pytest.raises(Refusal) as refusal:
            plans.require(settings, feature)
        assert refusal.value.type == "FeatureUnavailableInTierException"
        assert refusal.value.message == (
            f"The following feature is not available for the {plan} pricing tier configured: {feature.name}"
        )
