from __future__ import annotations

import pytest

from cognomen.errors import Refusal
from cognomen.pools.oauth_settings import STANDARD_SCOPES
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.app_clients import AppClient
from cognomen.tokens import scopes

CUSTOM = frozenset({"shop/read", "shop/write", "bank/pay"})
VALUES = {
    "sub": "s",
    "email": "anna@example.com",
    "email_verified": "true",
    "phone_number": "+15550100",
    "phone_number_verified": "false",
    "given_name": "Anna",
    "custom:shoe": "38",
    "identities": "[]",
}


def client(*allowed: str) -> AppClient:
    settings = AppClientSettings(allowed_oauth_scopes=allowed or None)
    return AppClient("us-east-1_a", "1client", "a client", settings, 0, 0)


@pytest.mark.parametrize(
    ("allowed", "asked", "granted"),
    [
        (("shop/read", "shop/write"), None, "shop/read shop/write"),
        (("shop/read", "shop/write"), [], "shop/read shop/write"),
        (("shop/read", "shop/write"), ["shop/write"], "shop/write"),
        (("shop/read", "shop/write"), ["shop/write", "shop/write", "shop/read"], "shop/write shop/read"),
        (("shop/read", "shop/gone"), None, "shop/read"),
        (("shop/read", "shop/gone"), ["shop/gone", "shop/read"], "shop/read"),
        (("shop/gone",), ["shop/gone"], ""),
        (("shop/read", "openid"), None, "shop/read"),
        ((), None, ""),
    ],
)
def test_a_machine_gets_the_custom_scopes_it_has(
    allowed: tuple[str, ...], asked: list[str] | None, granted: str
) -> None:
    assert scopes.granted(client(*allowed), CUSTOM, asked) == granted


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ("bank/pay", "The scope bank/pay is not allowed for this client."),
        ("bank/unknown", "Invalid scope requested: bank/unknown"),
        ("openid", "Invalid scope requested: openid"),
    ],
)
def test_a_machine_does_not_get_what_it_does_not_have(asked: str, refusal: str) -> None:
    with pytest.raises(Refusal) as refused:
        scopes.granted(client("shop/read", "openid"), CUSTOM, ["shop/read", asked])
    assert refused.value.message == refusal


def test_a_user_s_client_gets_standard_scopes_too() -> None:
    known = CUSTOM | STANDARD_SCOPES
    assert scopes.granted(client("openid", "shop/read"), known, None) == "openid shop/read"
    with pytest.raises(Refusal, match="email is not allowed"):
        scopes.granted(client("openid"), known, ["openid", "email"])


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        ("openid", set(VALUES)),
        ("openid shop/read", set(VALUES)),
        ("openid email", {"sub", "email", "email_verified", "identities"}),
        ("openid phone", {"sub", "phone_number", "phone_number_verified", "identities"}),
        ("openid profile", {"sub", "given_name", "custom:shoe", "identities"}),
        (
            "openid profile email",
            {"sub", "given_name", "custom:shoe", "email", "email_verified", "identities"},
        ),
    ],
)
def test_scopes_limit_what_is_shown_of_a_user(scope: str, shown: set[str]) -> None:
    assert scopes.attributes_of(scope, VALUES) == {name: VALUES[name] for name in VALUES if name in shown}


def test_a_scope_shows_all_its_attributes_or_none() -> None:
    assert scopes.unreadable("openid email phone", {"email", "phone_number", "phone_number_verified"}) == (
        "email",
    )
    assert scopes.unreadable("openid profile", ()) == ()
