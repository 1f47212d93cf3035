"""People of each vendor, from the button to the profile: what the pool's attributes are mapped to is what they become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests import oidc_provider
from tests.browser import Browser
from tests.federated_app import add_provider, come_back, leave, post_back, way_back
from tests.oauth_app import App
from tests.oidc_provider import Provider

EMAIL = "ann@example.com"
VENDORS: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, str]]] = {
    "OIDC": (
        {"sub": "1", "email": EMAIL, "email_verified": True, "groups": ["a b", "c"]},
        {"email": "email", "email_verified": "email_verified", "profile": "groups"},
        {"email": EMAIL, "email_verified": "true", "profile": "[a+b, c]"},
    ),
    "Google": (
        {"sub": "2", "email": EMAIL, "phoneNumbers": [{"canonicalForm": "+4917112345"}]},
        {"email": "email", "phone_number": "phoneNumbers"},
        {"email": EMAIL, "email_verified": "false", "phone_number": "+4917112345"},
    ),
    "Facebook": (
        {"id": "3", "email": EMAIL, "picture": {"data": {"height": 50}}},
        {"email": "email", "picture": "picture"},
        {"email": EMAIL, "picture": '{"data":{"height":50}}'},
    ),
    "LoginWithAmazon": (
        {"user_id": "amzn1.account.4", "email": EMAIL, "postal_code": "98052"},
        {"email": "email", "address": "postal_code"},
        {"email": EMAIL, "address": "98052"},
    ),
    "SignInWithApple": (
        {"sub": "005.x", "email": EMAIL, "email_verified": "true"},
        {"email": "email", "given_name": "firstName", "family_name": "lastName"},
        {"email": EMAIL, "given_name": "Ann", "family_name": "Other"},
    ),
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_provider.serving() as found:
        yield found


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_person_of_a_vendor_has_a_profile_of_what_is_mapped(
    browser: Browser, app: App, cognito: Cognito, provider: Provider, vendor: str
) -> None:
    person, mapping, attributes = VENDORS[vendor]
    name = "Corp" if vendor == "OIDC" else vendor
    add_provider(cognito, app, name, vendor, provider.details(vendor), AttributeMapping=mapping)
    provider.person, provider.user = person, {"name": {"firstName": "Ann", "lastName": "Other"}}
    if vendor in ("Facebook", "LoginWithAmazon"):
        provider.tokens = {"id_token": None}
    for time in ("first", "next"):
        url = leave(browser, app, name, prompt="login")
        if vendor == "SignInWithApple":
            answer = post_back(browser, way_back(app), **provider.back(url))
        else:
            answer = come_back(browser, provider, url)
        assert "code" in answer.told, (time, answer.location)
        provider.user = None
    subject = next(person[claim] for claim in ("sub", "id", "user_id") if claim in person)
    user = cognito.admin_get_user(UserPoolId=app.pool_id, Username=f"{name}_{subject}")
    known = {each["Name"]: each.get("Value") for each in user["UserAttributes"]}
    assert {each: known[each] for each in attributes} == attributes
    assert user["UserStatus"] == "EXTERNAL_PROVIDER"
