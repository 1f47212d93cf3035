"""Every operation counts in exactly one category."""

from __future__ import annotations

from collections import Counter

from cognomen.limits import categories
from cognomen.limits.buckets import NUMBERED
from cognomen.limits.categories import CATEGORIES
from cognomen.wire import model


def test_every_operation_of_the_model_is_in_one_category() -> None:
    counted = Counter(name for category in CATEGORIES for name in category.operations)
    assert counted == Counter(list(model.load().operations))


def test_the_categories_have_the_rates_of_the_guide() -> None:
    assert {category.name: category.rate for category in CATEGORIES} == {
        "UserAuthentication": 120,
        "UserCreation": 50,
        "UserFederation": 25,
        "UserAccountRecovery": 30,
        "UserRead": 120,
        "UserUpdate": 25,
        "UserToken": 120,
        "UserResourceRead": 50,
        "UserResourceUpdate": 25,
        "UserList": 30,
        "UserPoolRead": 15,
        "UserPoolUpdate": 15,
        "UserPoolResourceRead": 20,
        "UserPoolResourceUpdate": 15,
        "UserPoolClientRead": 15,
        "UserPoolClientUpdate": 15,
        "ClientAuthentication": 150,
        "LimitManagement": 1,
    }
    assert {category.name for category in CATEGORIES if category.is_adjustable} == {
        "UserAuthentication",
        "UserCreation",
        "UserFederation",
        "UserRead",
        "UserToken",
        "UserResourceRead",
    }


def test_every_category_has_a_bucket_and_one_is_left_for_answers() -> None:
    assert len(CATEGORIES) < NUMBERED


def test_no_category_counts_both_by_pool_and_by_user() -> None:
    assert not [category.name for category in CATEGORIES if category.of_pools and category.of_users]


def test_a_new_password_counts_as_one_wherever_it_is_given() -> None:
    for operation in ("RespondToAuthChallenge", "AdminRespondToAuthChallenge"):
        assert categories.of_request(operation, "NEW_PASSWORD_REQUIRED").name == "UserAccountRecovery"
        assert categories.of_request(operation, "SMS_MFA").name == "UserAuthentication"
    assert categories.of_request("InitiateAuth", None).name == "UserAuthentication"
