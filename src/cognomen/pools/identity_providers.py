"""What a pool has to say about its identity providers: their names, and what becomes of the claims they send.

    check_name(name, type)          names that stand for something else
    mapping_of(type, given)         an AttributeMapping with what is always mapped
    check_mapping(pool, mapping)    whether it leads to attributes of the pool
    check_acr_mapping(type, given)

ProviderDetails are checked in federation/, which also asks the providers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognomen import errors
from cognomen.pools import schema
from cognomen.store.user_pools import UserPool

SAML = "SAML"
OIDC = "OIDC"
GOOGLE = "Google"
FACEBOOK = "Facebook"
AMAZON = "LoginWithAmazon"
APPLE = "SignInWithApple"
SOCIAL = frozenset({GOOGLE, FACEBOOK, AMAZON, APPLE})

NATIVE = "COGNITO"
"""What the pool itself is called where providers are named. Operations about a single user write `Cognito`."""

PROVIDERS_MAX = 300

USERNAME = "username"
SUBJECT_CLAIMS = {GOOGLE: "sub", FACEBOOK: "id", AMAZON: "user_id", APPLE: "sub", OIDC: "sub"}
"""The claim that tells a provider's users apart; for SAML it is no claim but the NameID."""


def is_native(name: str) -> bool:
    """Whether a provider's name means the pool itself, in either spelling."""
    return name.upper() == NATIVE


def check_name(name: str, provider_type: str) -> None:
    """Raises PROVIDER_NAME_RESERVED. A social provider has the name of its type, and no other may have that."""
    if is_native(name) or (name != provider_type and (name in SOCIAL or provider_type in SOCIAL)):
        raise errors.PROVIDER_NAME_RESERVED(name=name, type=provider_type)


def mapping_of(provider_type: str, given: Mapping[str, str]) -> dict[str, str]:
    """The mapping, with the user name where it is not mapped (developer guide, "Specifying attribute mappings")."""
    subject = SUBJECT_CLAIMS.get(provider_type)
    return dict(given) if subject is None else {USERNAME: subject, **given}


def check_mapping(pool: UserPool, mapping: Mapping[str, str]) -> None:
    """Raises INVALID_ATTRIBUTE_MAPPING for what is no attribute of the pool, for `sub`, and for a claim without name."""
    for name, claim in mapping.items():
        if not claim:
            raise errors.INVALID_ATTRIBUTE_MAPPING(name=name, reason="is mapped to nothing")
        if name == "sub":
            raise errors.INVALID_ATTRIBUTE_MAPPING(name=name, reason="cannot be mapped")
        if name != USERNAME and schema.attribute(pool, name) is None:
            raise errors.INVALID_ATTRIBUTE_MAPPING(
                name=name, reason="does not exist in the schema of the user pool"
            )


def check_acr_mapping(provider_type: str, given: Mapping[Any, str] | None) -> None:
    """Raises ACR_MAPPING_NOT_OIDC: nobody else has levels of authentication."""
    if given and provider_type != OIDC:
        raise errors.ACR_MAPPING_NOT_OIDC()
