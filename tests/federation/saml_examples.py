"""A SAML provider without a server, the pool that it answers, and what comes of an answer."""

from __future__ import annotations

from typing import Any

from cognomen.errors import Refusal
from cognomen.federation import saml_metadata, saml_responses
from cognomen.federation.asserted import Asserted
from cognomen.federation.configuration import Configuration, EncryptionKey
from cognomen.federation.saml_metadata import SamlMetadata
from tests.saml_provider import Asked, SamlProvider

NOW = 1_900_000_000_000
POOL = "us-east-1_AbCdEfGhI"
ACS = "https://login.example.com/saml2/idpresponse"
AUDIENCE = f"urn:amazon:cognito:sp:{POOL}"
ASKED = Asked("_request-1", ACS, AUDIENCE)
UNASKED = Asked(None, ACS, AUDIENCE)

PROVIDER = SamlProvider("https://idp.example.com", now=NOW)
METADATA = saml_metadata.parsed(PROVIDER.metadata(), NOW)


def answered(
    response: str,
    *,
    now: int = NOW,
    asked: Asked = ASKED,
    key: EncryptionKey | None = None,
    metadata: SamlMetadata = METADATA,
    **details: str,
) -> tuple[Asserted, str, int]:
    return saml_responses.asserted(
        Configuration(details, saml=metadata, encryption_key=key),
        response,
        acs_url=asked.acs_url,
        audience=asked.audience,
        in_response_to=asked.id,
        now=now,
    )


def who(response: str, **how: Any) -> Asserted:
    return answered(response, **how)[0]


def refusal(response: str, **how: Any) -> Refusal | None:
    try:
        answered(response, **how)
    except Refusal as refused:
        return refused
    return None


def response(**changed: Any) -> str:
    """A response to ASKED, issued at NOW."""
    return PROVIDER.response(ASKED, NOW, **changed)
