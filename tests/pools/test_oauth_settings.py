from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.pools import oauth_settings
from cognomen.pools.app_clients import settings_of
from cognomen.store.app_client_settings import AppClientSettings

POOL_ID = "us-east-1_AbCdEf123"


def code_client(**members: Any) -> dict[str, Any]:
    return {
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "CallbackURLs": ["https://example.com/back"],
    } | members


NEEDS_BOTH = (
    "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
)
NEEDS_CALLBACK = "CallbackUrls can not be empty when code flow or implicit flow is selected"


@pytest.mark.parametrize(
    ("members", "type_", "message"),
    [
        (code_client(AllowedOAuthFlows=[]), "InvalidParameterException", NEEDS_BOTH),
        (code_client(AllowedOAuthScopes=[]), "InvalidParameterException", NEEDS_BOTH),
        (code_client(CallbackURLs=[]), "InvalidParameterException", NEEDS_CALLBACK),
        (
            code_client(CallbackURLs=[], AllowedOAuthFlows=["implicit"]),
            "InvalidParameterException",
            NEEDS_CALLBACK,
        ),
        (
            code_client(AllowedOAuthFlows=["code", "client_credentials"]),
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected along with code flow or implicit flow.",
        ),
        (
            {"AllowedOAuthFlows": ["client_credentials"]},
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected if client does not have a client secret.",
        ),
        (
            code_client(DefaultRedirectURI="https://example.com/other"),
            "InvalidParameterException",
            "The default redirect URI https://example.com/other is not in the callback URIs list.",
        ),
        (
            {"DefaultRedirectURI": "https://example.com"},
            "InvalidParameterException",
            "The default redirect URI https://example.com is not in the callback URIs list.",
        ),
    ],
)
def test_grants_and_urls_that_do_not_go_together_are_refused(
    members: dict[str, Any], type_: str, message: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        oauth_settings.check(settings_of(members), has_secret=False)
    assert (refusal.value.type, refusal.value.message) == (type_, message)


@pytest.mark.parametrize(
    "members",
    [
        {},
        code_client(),
        code_client(DefaultRedirectURI="https://example.com/back"),
        {"AllowedOAuthFlows": ["code"]},
        {"AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["api/read"]},
    ],
)
def test_grants_and_urls_that_go_together_are_taken(members: dict[str, Any]) -> None:
    oauth_settings.check(settings_of(members), has_secret=True)


HTTP = "{} cannot use the HTTP protocol."
FRAGMENT = "{} cannot use fragment"
NO_URL = "{} is not a valid URL."


@pytest.mark.parametrize("member", ["CallbackURLs", "LogoutURLs"])
@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://example.com", HTTP),
        ("HTTP://example.com", HTTP),
        ("http://localhost.example.com", HTTP),
        ("http://shoplocalhost/", HTTP),
        ("http://localhost@example.com", NO_URL),
        ("http://127.0.0.1.example.com/", HTTP),
        ("http://10.0.0.1", HTTP),
        ("https://example.com/#", FRAGMENT),
        ("https://example.com/#top", FRAGMENT),
        ("myapp://back#x", FRAGMENT),
        ("example.com", NO_URL),
        ("/back", NO_URL),
        ("//example.com", NO_URL),
        ("https://", NO_URL),
        ("https:///back", NO_URL),
        ("https://[::1", NO_URL),
        ("http://example.com\\@localhost", NO_URL),
        ("javascript:alert(1)", NO_URL),
        ("JavaScript:alert(1)", NO_URL),
        ("data:text/html,x", NO_URL),
        ("blob:https://example.com/1", NO_URL),
        ("file:///etc/passwd", NO_URL),
        ("filesystem:https://example.com/1", NO_URL),
        ("view-source:https://example.com", NO_URL),
        ("About:blank", NO_URL),
        ("https://a;sandbox/cb", NO_URL),
        ("https://a,b.example/cb", NO_URL),
        ("https://a'b.example/cb", NO_URL),
        ("https://a b.example/cb", NO_URL),
        ("https://good.example@evil.example/cb", NO_URL),
        ("https://b\u00fccher.example/cb", NO_URL),
    ],
)
def test_a_url_that_browsers_must_not_be_sent_to_is_refused(member: str, url: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        oauth_settings.check(settings_of({member: [url]}), has_secret=False)
    assert (refusal.value.type, refusal.value.message) == ("InvalidParameterException", message.format(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/a?b=c",
        "http://localhost",
        "http://localhost:8001/back",
        "http://127.0.0.1:3000",
        "http://shop.localhost:4500/oauth2/idpresponse",
        "http://[::1]:3000/",
        "myapp://example",
        "com.example.app:/back",
    ],
)
def test_a_url_of_an_application_is_taken(url: str) -> None:
    oauth_settings.check(settings_of({"CallbackURLs": [url], "LogoutURLs": [url]}), has_secret=False)


@given(st.text(min_size=1, max_size=40).map("http://{}".format) | st.text(min_size=1, max_size=40))
def test_any_url_is_taken_or_refused(url: str) -> None:
    """No text a request can hold is a defect of ours."""
    refused_with = None
    try:
        oauth_settings.check(AppClientSettings(callback_urls=(url,)), has_secret=False)
    except Refusal as refusal:
        refused_with = refusal.type
    assert refused_with in {None, "InvalidParameterException"}


@pytest.mark.parametrize(("member", "path"), [("CallbackURLs", "callbackURLs"), ("LogoutURLs", "logoutURLs")])
def test_a_url_named_twice_is_refused(member: str, path: str) -> None:
    with pytest.raises(Refusal, match=f"^InvalidParameterException: 1 validation error .* at '{path}'"):
        settings_of({member: ["https://a.example", "https://a.example"]})


# -- what a pool has ---------------------------------------------------------------------------------------------------

STANDARD = ["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"]


def refuse_unknown(members: dict[str, Any]) -> None:
    oauth_settings.refuse_unknown(
        settings_of(members), POOL_ID, custom_scopes={"api/read"}, providers={"Google"}
    )


def test_scopes_and_providers_of_the_pool_are_taken() -> None:
    refuse_unknown(
        {
            "AllowedOAuthScopes": [*STANDARD, "api/read"],
            "SupportedIdentityProviders": ["COGNITO", "Google"],
        }
    )
    refuse_unknown({"AllowedOAuthScopes": ["api/read"], "AllowedOAuthFlows": ["client_credentials"]})


@pytest.mark.parametrize(
    ("members", "scope"),
    [
        ({"AllowedOAuthScopes": ["openid", "api/write"]}, "api/write"),
        ({"AllowedOAuthScopes": ["OpenID"]}, "OpenID"),
        ({"AllowedOAuthScopes": ["openid"], "AllowedOAuthFlows": ["client_credentials"]}, "openid"),
    ],
)
def test_a_scope_the_pool_does_not_have_is_refused(members: dict[str, Any], scope: str) -> None:
    with pytest.raises(Refusal) as refusal:
        refuse_unknown(members)
    assert (refusal.value.type, refusal.value.message) == (
        "ScopeDoesNotExistException",
        f"Invalid scope requested: {scope}",
    )


def test_a_provider_the_pool_does_not_have_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        refuse_unknown({"SupportedIdentityProviders": ["COGNITO", "Facebook"]})
    assert (refusal.value.type, refusal.value.message) == (
        "InvalidParameterException",
        f"The provider Facebook does not exist for User Pool {POOL_ID}",
    )
