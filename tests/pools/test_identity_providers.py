"""Names of providers and what is mapped by itself."""

from __future__ import annotations

import pytest

from cognomen.errors import Refusal
from cognomen.pools import identity_providers
from cognomen.pools.identity_providers import AMAZON, APPLE, FACEBOOK, GOOGLE, OIDC, SAML, SOCIAL


@pytest.mark.parametrize("name", sorted(SOCIAL))
def test_a_social_provider_has_the_name_of_its_type(name: str) -> None:
    identity_providers.check_name(name, name)
    for other in {OIDC, SAML, *SOCIAL} - {name}:
        for given in ((name, other), (other, name)):
            with pytest.raises(Refusal):
                identity_providers.check_name(*given)


@pytest.mark.parametrize("name", ["OIDC", "SAML", "corp", "google", "Google2"])
def test_others_have_any_name(name: str) -> None:
    for provider_type in (OIDC, SAML):
        identity_providers.check_name(name, provider_type)


@pytest.mark.parametrize(
    ("provider_type", "expected"),
    [
        (GOOGLE, {"username": "sub"}),
        (FACEBOOK, {"username": "id"}),
        (AMAZON, {"username": "user_id"}),
        (APPLE, {"username": "sub"}),
        (OIDC, {"username": "sub"}),
        (SAML, {}),
    ],
)
def test_the_subject_is_the_user_name_unless_another_claim_is(
    provider_type: str, expected: dict[str, str]
) -> None:
    assert identity_providers.mapping_of(provider_type, {}) == expected
    mapped = identity_providers.mapping_of(provider_type, {"email": "mail"})
    assert mapped == expected | {"email": "mail"}
    assert identity_providers.mapping_of(provider_type, {"username": "oid"}) == {"username": "oid"}
