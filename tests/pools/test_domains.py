"""What a domain may be called and say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen import errors
from cognomen.errors import Refusal, Sentence
from cognomen.pools import domains
from cognomen.settings import Settings
from cognomen.store.domains import CUSTOM, HOME, PREFIX, Domain, DomainSettings
from cognomen.store.user_pools import UserPool

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1a2b3c"


@pytest.mark.parametrize("name", ["a", "7", "my-login", "a--b", "laws", "amazonian", "x" * 63])
def test_a_prefix_is_one_label(name: str) -> None:
    assert domains.kind_of(name, has_certificate=False) == PREFIX


@pytest.mark.parametrize(
    "name", ["auth.example.com", "a.b", "aws.example.com", "1.2.x", "xn--bcher-kva.example"]
)
def test_a_custom_domain_has_a_parent_and_may_have_any_word(name: str) -> None:
    assert domains.kind_of(name, has_certificate=True) == CUSTOM


@pytest.mark.parametrize(
    ("base_url", "kind", "name", "is_own"),
    [
        ("https://id.example.com", CUSTOM, "id.example.com", True),
        ("https://ID.Example.com/", CUSTOM, "id.example.com", True),
        ("http://id.example.com:4600", PREFIX, "id", True),
        ("http://id.localhost:4600", PREFIX, "id", True),
        ("http://id.auth.us-east-1.localhost", PREFIX, "id", True),
        ("https://id.example.com", PREFIX, "idx", False),
        ("https://id.example.com", CUSTOM, "login.example.com", False),
        ("https://id.example.net", PREFIX, "id", False),
        ("", PREFIX, "id", False),
    ],
)
def test_the_servers_own_name_is_no_pools(base_url: str, kind: str, name: str, is_own: bool) -> None:
    settings = Settings(base_url=base_url, domain_suffix="example.com")
    assert domains.is_own(settings, kind, name) == is_own


@pytest.mark.parametrize(
    ("name", "has_certificate", "sentence"),
    [
        ("", False, errors.INVALID_DOMAIN),
        ("A", False, errors.INVALID_DOMAIN),
        ("-a", False, errors.INVALID_DOMAIN),
        ("a-", False, errors.INVALID_DOMAIN),
        ("a.b", False, errors.INVALID_DOMAIN),
        ("a\n", False, errors.INVALID_DOMAIN),
        ("\u00e4", False, errors.INVALID_DOMAIN),
        ("x" * 64, False, errors.INVALID_DOMAIN),
        ("aws", False, errors.RESERVED_WORD_IN_DOMAIN),
        ("my-amazon", False, errors.RESERVED_WORD_IN_DOMAIN),
        ("a.-b.c", True, errors.INVALID_DOMAIN),
        (".b", True, errors.INVALID_DOMAIN),
        ("b.c.", True, errors.INVALID_DOMAIN),
        ("a.b:80", True, errors.INVALID_DOMAIN),
        ("localhost", True, errors.NO_SUBDOMAIN),
        ("127.0.0.1", True, errors.NO_SUBDOMAIN),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, has_certificate: bool, sentence: Sentence) -> None:
    with pytest.raises(Refusal) as caught:
        domains.kind_of(name, has_certificate=has_certificate)
    assert (caught.value.message or "").startswith((sentence.text or "").partition("{word}")[0])


@given(st.text(), st.booleans())
def test_any_text_is_a_domain_of_a_safe_alphabet_or_is_refused(name: str, has_certificate: bool) -> None:
    """It will stand in URLs and be compared with Host headers."""
    try:
        kind = domains.kind_of(name, has_certificate=has_certificate)
    except Refusal:
        return
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert ("." in name) == (kind == CUSTOM)


def settings(**members: Any) -> DomainSettings:
    return DomainSettings(**members)


@pytest.mark.parametrize(
    "arn",
    [
        CERTIFICATE.replace("us-east-1", "eu-west-1"),
        CERTIFICATE.replace(":acm:", ":iam:"),
        CERTIFICATE.replace("certificate/1a2b3c", "certificate/"),
        CERTIFICATE.replace("certificate/", "certificate-authority/"),
    ],
)
def test_a_certificate_is_one_of_acm_in_us_east_1(make_record: Callable[..., UserPool], arn: str) -> None:
    domains.check(settings(custom_domain_config={"CertificateArn": CERTIFICATE}), make_record())
    with pytest.raises(Refusal, match="SSL certificate"):
        domains.check(settings(custom_domain_config={"CertificateArn": arn}), make_record())


@pytest.mark.parametrize(("tier", "is_refused"), [("LITE", True), ("ESSENTIALS", False), ("PLUS", False)])
def test_managed_login_needs_more_than_the_lite_plan(
    make_record: Callable[..., UserPool], tier: str, is_refused: bool
) -> None:
    pool = make_record(UserPoolTier=tier)
    domains.check(settings(managed_login_version=1), pool)
    if is_refused:
        with pytest.raises(Refusal, match="FeatureUnavailableInTierException"):
            domains.check(settings(managed_login_version=2), pool)
    else:
        domains.check(settings(managed_login_version=2), pool)


@pytest.mark.parametrize(
    ("base_url", "suffix", "kinds", "host"),
    [
        ("https://id.example.com", "auth.example.com", {PREFIX: "shop"}, "shop.auth.example.com"),
        ("https://id.example.com", "auth.example.com", {CUSTOM: "my.shop", PREFIX: "shop"}, "my.shop"),
        ("https://id.example.com", "", {PREFIX: "shop"}, None),
        ("https://id.example.com", "", {CUSTOM: "my.shop"}, "my.shop"),
        ("http://localhost:9229", "", {PREFIX: "shop"}, "shop.localhost"),
        ("http://127.0.0.1:9229", "", {PREFIX: "shop"}, None),
        ("https://id.example.com", "auth.example.com", {}, None),
    ],
)
def test_the_public_host_is_where_the_pages_are(
    base_url: str, suffix: str, kinds: dict[str, str], host: str | None
) -> None:
    of_pool = [
        Domain("a pool", HOME, kind, name, DomainSettings(), created_at=0, modified_at=0)
        for kind, name in kinds.items()
    ]
    assert domains.public_host(Settings(base_url=base_url, domain_suffix=suffix), of_pool) == host
