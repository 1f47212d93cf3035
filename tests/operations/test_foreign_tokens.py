"""A token of another identity provider exchanged for one of the pool (GetDerivedToken)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest

from cognomen.clock import MINUTE, SECOND
from tests import oidc_provider, providers
from tests.held_clock import HeldClock
from tests.oidc_provider import Provider
from tests.providers import Answer
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]
Cognito = Any  # the types of boto3 do not have this operation yet

RIGHTS = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "ALLOW_TOKEN_EXCHANGE_DELEGATION"]
INVALID = ("NotAuthorizedException", "Invalid Subject Token")


@pytest.fixture
def there() -> Iterator[Provider]:
    with oidc_provider.serving() as provider:
        yield provider


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make, make_user: Make, there: Provider) -> str:
    """A pool in which anna is, who is 1234 for a provider."""
    made = str(make_pool(UserPoolTier="ESSENTIALS")["Id"])
    make_user(made, "anna", email="anna@example.com", given_name="Anna")
    cognito.create_identity_provider(
        UserPoolId=made,
        ProviderName="corp",
        ProviderType="OIDC",
        ProviderDetails=there.details(),
        AcrMapping={"Level4": "high"},
    )
    cognito.admin_link_provider_for_user(
        UserPoolId=made,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": "anna"},
        SourceUser={
            "ProviderName": "corp",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "1234",
        },
    )
    return made


@pytest.fixture
def exchanger(pool_id: str, make_client: Make) -> Any:
    return make_client(pool_id, GenerateSecret=True, ExplicitAuthFlows=RIGHTS)


@pytest.fixture
def derive(anonymous: Cognito, exchanger: Any) -> Make:
    """Exchange an ID token of the provider, unless the members say something else."""

    def derive(subject: str, **more: Any) -> Any:
        given = {
            "ClientId": exchanger["ClientId"],
            "ClientSecret": exchanger["ClientSecret"],
            "SubjectToken": subject,
            "SubjectTokenType": "ID_TOKEN",
            "SubjectTokenProviderName": "corp",
        }
        members = given | more
        return anonymous.get_derived_token(
            **{name: value for name, value in members.items() if value is not None}
        )

    return derive


@pytest.fixture
def token(there: Provider) -> Callable[..., str]:
    """A token of the provider about 1234, unless the claims say something else."""

    def token(**claims: Any) -> str:
        return there.id_token({"sub": "1234"} | claims, {})

    return token


def said(token: str) -> Any:
    return jwt.decode(token, options={"verify_signature": False, "verify_aud": False})


def test_whoever_is_linked_to_a_provider_is_known_by_its_token(
    derive: Make, token: Make, exchanger: Any, clock: HeldClock
) -> None:
    subject = token(
        auth_time=clock.now // SECOND - 60, acr="high", email="eve@example.com", act={"sub": "eve"}
    )
    answer = derive(subject, Audiences=["billing"])
    claims = said(answer["IssuedToken"])
    assert (claims["username"], claims["client_id"], claims["aud"]) == (
        "anna",
        exchanger["ClientId"],
        "billing",
    )
    assert (claims["scope"], claims["auth_time"]) == ("", said(subject)["auth_time"])
    assert (claims["acr"], claims["amr"]) == ("urn:cognito:loa:4", ["fed"])
    assert "act" not in claims
    assert answer["ExpiresIn"] == 300, "no longer than the provider's own"


def test_an_id_token_for_it_shows_what_the_client_may_read(derive: Make, token: Make) -> None:
    claims = said(derive(token(email="eve@example.com"), RequestedTokenType="ID_TOKEN")["IssuedToken"])
    assert (claims["cognito:username"], claims["email"]) == ("anna", "anna@example.com")


def test_an_actor_may_come_from_a_provider(
    cognito: Cognito, pool_id: str, derive: Make, token: Make, there: Provider
) -> None:
    actor = {"ActorToken": token(), "ActorTokenType": "ID_TOKEN", "ActorTokenProviderName": "corp"}
    claims = said(derive(token(), **actor)["IssuedToken"])
    assert claims["act"] == {"sub": claims["sub"]}
    there.algorithm = "none"
    with refused("NotAuthorizedException", "Invalid Actor Token"):
        derive(actor["ActorToken"], **actor | {"ActorToken": token()})


@pytest.mark.parametrize("algorithm", ["none", "confused", "foreign", "HS256"])
def test_nothing_counts_but_what_the_provider_has_signed(
    derive: Make, token: Make, there: Provider, algorithm: str
) -> None:
    there.algorithm = algorithm
    with refused(*INVALID):
        derive(token())


def test_a_token_that_is_not_for_the_pool(derive: Make, token: Make, there: Provider) -> None:
    for claims in (
        {"iss": "https://elsewhere.example.com"},
        {"aud": "another client of the provider"},
        {"iat": 4_000_000_000},
        {"sub": ["1234"]},
        {"sub": None},
    ):
        there.claims = claims
        with refused(*INVALID):
            derive(token())
    with refused(*INVALID):
        derive("garbage")


def test_a_token_that_has_expired(derive: Make, token: Make, clock: HeldClock) -> None:
    subject = token()
    clock.advance(5 * MINUTE - SECOND)
    assert derive(subject)["ExpiresIn"] <= 1
    clock.advance(SECOND)
    with refused("NotAuthorizedException", "Subject Token has expired"):
        derive(subject)
    clock.advance(MINUTE)
    with refused("NotAuthorizedException", "Subject Token has expired"):
        derive(subject)


def test_whom_nobody_knows_and_who_may_not_come(
    cognito: Cognito, pool_id: str, derive: Make, token: Make, clock: HeldClock
) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        derive(token(sub="9999"))
    subject = token()
    clock.advance(MINUTE)
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "Subject Token has been revoked"):
        derive(subject)
    clock.advance(MINUTE)
    assert derive(token())
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        derive(token())


def test_what_comes_of_it_ends_with_a_sign_out_of_everywhere(
    cognito: Cognito, pool_id: str, derive: Make, token: Make, clock: HeldClock
) -> None:
    derived = derive(token())["IssuedToken"]
    clock.advance(MINUTE)
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "Subject Token has been revoked"):
        derive(derived, SubjectTokenType="ACCESS_TOKEN", SubjectTokenProviderName=None)


def test_keys_that_cannot_be_read(derive: Make, token: Make, there: Provider, clock: HeldClock) -> None:
    there.answers["/jwks"] = Answer(status=500)
    with refused(
        "NotAuthorizedException", "The keys of the identity provider corp cannot be read; try again."
    ):
        derive(token())
    there.answers.clear()
    clock.advance(10 * SECOND)
    assert derive(token())


def test_only_id_tokens_of_who_signs_them_are_exchanged(
    cognito: Cognito, pool_id: str, derive: Make, token: Make, there: Provider, server: Server
) -> None:
    with refused("ResourceNotFoundException", "Identity provider nobody does not exist."):
        derive(token(), SubjectTokenProviderName="nobody")
    told = "Of the identity provider {} only tokens of type ID_TOKEN can be exchanged, if it issues them."
    for kind in ("ACCESS_TOKEN", "SAML2"):
        with refused("InvalidParameterException", told.format("corp")):
            derive(token(), SubjectTokenType=kind)
    cognito.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName="Facebook",
        ProviderType="Facebook",
        ProviderDetails=there.details("Facebook"),
    )
    with refused("InvalidParameterException", told.format("Facebook")):
        derive(token(), SubjectTokenProviderName="Facebook")
    certificate = providers.certificate(server.clock.now)
    cognito.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName="saml",
        ProviderType="SAML",
        ProviderDetails={"MetadataFile": providers.metadata("https://idp.example.com", certificate)},
    )
    with refused(
        "InvalidParameterException",
        "Cognomen does not exchange assertions of SAML providers yet. The README says what works.",
    ):
        derive("assertion", SubjectTokenType="SAML2", SubjectTokenProviderName="saml")
