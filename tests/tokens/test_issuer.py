from __future__ import annotations

import pytest

from cognomen.settings import Settings
from cognomen.store.user_pool_settings import UserPoolSettings
from cognomen.store.user_pools import UserPool
from cognomen.tokens.issuer import issuer_of

POOL_ID = "eu-west-1_AbCdEf123"


def pool(**issuer: str) -> UserPool:
    settings = UserPoolSettings(issuer_configuration=issuer or None)
    return UserPool(POOL_ID, "a pool", settings, (), b"", 1, 0, 0)


@pytest.mark.parametrize(
    ("settings", "issuer"),
    [
        (Settings(port=4500), f"http://localhost:4500/{POOL_ID}"),
        (Settings(base_url="https://id.example.com/"), f"https://id.example.com/{POOL_ID}"),
        (Settings(issuer="aws"), f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"),
        (Settings(issuer="https://id.example.com/{pool_id}"), f"https://id.example.com/{POOL_ID}"),
        (Settings(issuers={POOL_ID: "aws"}), f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"),
        (Settings(issuers={POOL_ID: "https://old.example.com"}), "https://old.example.com"),
        (Settings(issuers={"eu-west-1_Other": "aws"}, port=1), f"http://localhost:1/{POOL_ID}"),
    ],
)
def test_the_issuer_is_the_server_s_address_amazon_s_or_one_s_own(settings: Settings, issuer: str) -> None:
    assert issuer_of(settings, pool()) == issuer


@pytest.mark.parametrize(
    ("type_", "issuer"),
    [
        ("ORIGINAL", f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"),
        ("UPDATED", f"https://issuer-cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"),
    ],
)
def test_the_pool_says_which_of_amazon_s_addresses_it_has(type_: str, issuer: str) -> None:
    assert issuer_of(Settings(issuer="aws"), pool(Type=type_)) == issuer
    assert issuer_of(Settings(port=4500), pool(Type=type_)) == f"http://localhost:4500/{POOL_ID}"
