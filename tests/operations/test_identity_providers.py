"""Identity providers through boto3: what an owner configures, what is asked of the providers, what is shown."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY
from cognomen.crypto.sealing import CannotUnseal
from cognomen.federation import configuration
from cognomen.pools.identity_providers import PROVIDERS_MAX
from cognomen.store import identity_providers as stored
from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.identity_providers import IdentityProvider
from cognomen.wire import model
from tests import providers
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.providers import Answer, Site
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

CLIENT = {"client_id": "id", "client_secret": "s3cret", "authorize_scopes": "openid email"}
EXPLICIT = {
    **CLIENT,
    "oidc_issuer": "https://idp.example.com",
    "attributes_request_method": "GET",
    "authorize_url": "https://idp.example.com/authorize",
    "token_url": "https://idp.example.com/token",
    "attributes_url": "https://idp.example.com/userinfo",
    "jwks_uri": "https://idp.example.com/jwks.json",
}
APPLE = {
    "client_id": "id",
    "team_id": "team",
    "key_id": "key",
    "private_key": "p3m",
    "authorize_scopes": "email",
}

# What Describe answers for the details of an example (API reference, CreateIdentityProvider).
SOCIAL: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "Google": (
        CLIENT,
        {
            **CLIENT,
            "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
            "attributes_url_add_attributes": "true",
            "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
            "oidc_issuer": "https://accounts.google.com",
            "token_request_method": "POST",
            "token_url": "https://www.googleapis.com/oauth2/v4/token",
        },
    ),
    "Facebook": (
        {**CLIENT, "api_version": "v19.0"},
        {
            **CLIENT,
            "api_version": "v19.0",
            "attributes_url": "https://graph.facebook.com/v19.0/me?fields=",
            "attributes_url_add_attributes": "true",
            "authorize_url": "https://www.facebook.com/v19.0/dialog/oauth",
            "token_request_method": "GET",
            "token_url": "https://graph.facebook.com/v19.0/oauth/access_token",
        },
    ),
    "LoginWithAmazon": (
        CLIENT,
        {
            **CLIENT,
            "attributes_url": "https://api.amazon.com/user/profile",
            "attributes_url_add_attributes": "false",
            "authorize_url": "https://www.amazon.com/ap/oa",
            "token_request_method": "POST",
            "token_url": "https://api.amazon.com/auth/o2/token",
        },
    ),
    "SignInWithApple": (
        APPLE,
        {
            **{name: value for name, value in APPLE.items() if name != "private_key"},
            "attributes_url_add_attributes": "false",
            "authorize_url": "https://appleid.apple.com/auth/authorize",
            "oidc_issuer": "https://appleid.apple.com",
            "token_request_method": "POST",
            "token_url": "https://appleid.apple.com/auth/token",
        },
    ),
}
SUBJECTS = {"Google": "sub", "Facebook": "id", "LoginWithAmazon": "user_id", "SignInWithApple": "sub"}


@pytest.fixture(scope="module")
def there() -> Iterator[Site]:
    with providers.site() as found:
        yield found


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    found: str = make_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])["Id"]
    return found


@pytest.fixture
def create(cognito: Cognito, pool_id: str) -> Make:
    """Create a provider, an OIDC one with explicit endpoints unless something else is said."""

    def make(**members: Any) -> Any:
        usual = {
            "UserPoolId": pool_id,
            "ProviderName": "corp",
            "ProviderType": "OIDC",
            "ProviderDetails": EXPLICIT,
        }
        return cognito.create_identity_provider(**usual | members)["IdentityProvider"]

    return make


@pytest.fixture
def describe(cognito: Cognito, pool_id: str) -> Make:
    def ask(name: str = "corp") -> Any:
        return cognito.describe_identity_provider(UserPoolId=pool_id, ProviderName=name)["IdentityProvider"]

    return ask


@pytest.fixture
def update(cognito: Cognito, pool_id: str) -> Make:
    def ask(name: str = "corp", **members: Any) -> Any:
        return cognito.update_identity_provider(UserPoolId=pool_id, ProviderName=name, **members)[
            "IdentityProvider"
        ]

    return ask


def saml(there: Site, now: int, **more: str) -> dict[str, str]:
    """Details of a SAML provider whose metadata is at a URL."""
    entity = there.url("/saml")
    document = providers.metadata(
        entity, providers.certificate(now), slo=providers.single_logout(f"{entity}/slo")
    )
    there.answers["/metadata"] = Answer(document.encode())
    return {"MetadataURL": there.url("/metadata"), **more}


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_a_described_provider_has_every_member_of_the_model(
    create: Make, describe: Make, pool_id: str, clock: HeldClock
) -> None:
    members = {
        "AttributeMapping": {"email": "mail", "custom:team": "groups", "username": "oid"},
        "IdpIdentifiers": ["corp.example.com", "The Corporation"],
        "AcrMapping": {"Level1": "urn:low", "Level2": "urn:high"},
    }
    made = create(**members)
    output = model.load().operations["DescribeIdentityProvider"].output
    assert output is not None
    assert made.keys() == output.members["IdentityProvider"].members.keys()
    assert describe() == made
    assert {name: made[name] for name in members} == members
    assert (made["UserPoolId"], made["ProviderName"], made["ProviderType"]) == (pool_id, "corp", "OIDC")
    assert made["CreationDate"] == made["LastModifiedDate"]
    assert made["CreationDate"].timestamp() == pytest.approx(clock.now / 1000)
    assert made["ProviderDetails"] == EXPLICIT | {"attributes_url_add_attributes": "false"}


def test_a_provider_with_the_least_has_a_user_name_and_no_identifiers(create: Make) -> None:
    made = create()
    assert made["AttributeMapping"] == {"username": "sub"}
    assert made["IdpIdentifiers"] == []
    assert "AcrMapping" not in made


@pytest.mark.parametrize("name", SOCIAL)
def test_a_social_provider_is_shown_with_the_addresses_of_its_vendor(
    create: Make, describe: Make, name: str
) -> None:
    given, shown = SOCIAL[name]
    made = create(ProviderName=name, ProviderType=name, ProviderDetails=given)
    assert made["ProviderDetails"] == shown
    assert made["AttributeMapping"] == {"username": SUBJECTS[name]}
    assert describe(name) == made


def test_the_private_key_of_apple_is_kept_though_not_shown(
    create: Make, update: Make, describe: Make, server: Server, pool_id: str
) -> None:
    create(ProviderName="SignInWithApple", ProviderType="SignInWithApple", ProviderDetails=APPLE)
    shown = describe("SignInWithApple")["ProviderDetails"]
    assert "private_key" not in shown
    update("SignInWithApple", ProviderDetails=shown | {"key_id": "another"})
    kept = server.run(server.store.read(stored.by_name, pool_id, "SignInWithApple"))
    assert kept
    details = configuration.unsealed(server.node.vault, kept).details
    assert (details["private_key"], details["key_id"]) == ("p3m", "another")


def test_a_social_provider_may_be_replaced_by_ones_own(create: Make, there: Site) -> None:
    own = {**CLIENT, "token_url": there.url("/token"), "authorize_url": "https://accounts.google.com/old"}
    shown = create(ProviderName="Google", ProviderType="Google", ProviderDetails=own)["ProviderDetails"]
    assert shown["token_url"] == there.url("/token")
    assert shown["authorize_url"] == "https://accounts.google.com/o/oauth2/v2/auth"


def test_what_is_no_detail_of_the_type_is_left_out(create: Make) -> None:
    shown = create(ProviderDetails={**EXPLICIT, "colour": "blue", "MetadataURL": "file:///etc/passwd"})
    assert shown["ProviderDetails"] == EXPLICIT | {"attributes_url_add_attributes": "false"}


def test_no_secret_lies_open(create: Make, server: Server, pool_id: str) -> None:
    create()
    kept = server.run(server.store.read(stored.by_name, pool_id, "corp"))
    assert kept
    assert b"s3cret" not in kept.sealed_configuration
    elsewhere = replace(kept, name="other")
    with pytest.raises(CannotUnseal):
        configuration.unsealed(server.node.vault, elsewhere)


# -- OpenID Connect ---------------------------------------------------------------------------------------------------


def discovered(there: Site, path: str = "/oidc", **changed: object) -> dict[str, str]:
    """Details without endpoints, of an issuer that publishes them."""
    issuer = there.url(path)
    there.answers[f"{path}/.well-known/openid-configuration"] = Answer(providers.discovery(issuer, **changed))
    return {**CLIENT, "oidc_issuer": issuer, "attributes_request_method": "POST"}


def test_endpoints_are_what_the_issuer_publishes(create: Make, describe: Make, there: Site) -> None:
    details, issuer = discovered(there), there.url("/oidc")
    made = create(ProviderDetails=details)
    assert made["ProviderDetails"] == details | {
        "authorize_url": f"{issuer}/authorize",
        "token_url": f"{issuer}/token",
        "attributes_url": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks.json",
        "attributes_url_add_attributes": "false",
    }
    asked = len(there.asked)
    assert describe() == made
    assert len(there.asked) == asked, "what was learned is kept"


def test_an_endpoint_that_is_given_counts_and_the_others_are_asked_for(create: Make, there: Site) -> None:
    given = discovered(there) | {"token_url": "https://other.example.com/token"}
    shown = create(ProviderDetails=given)["ProviderDetails"]
    assert shown["token_url"] == "https://other.example.com/token"
    assert shown["jwks_uri"] == there.url("/oidc/jwks.json")


def test_a_provider_may_be_said_to_know_no_nonce(create: Make) -> None:
    details = create(ProviderDetails=EXPLICIT | {"nonce": "false"})["ProviderDetails"]
    assert details["nonce"] == "false"
    with refused("InvalidParameterException", "Invalid value for the idp detail nonce."):
        create(ProviderName="another", ProviderDetails=EXPLICIT | {"nonce": "no"})


def test_a_provider_has_a_redirect_uri_of_its_own_where_its_name_can_stand_in_one(create: Make) -> None:
    own = EXPLICIT | {"own_redirect_uri": "true"}
    assert create(ProviderName="Corp-1", ProviderDetails=own)["ProviderDetails"] == own | {
        "attributes_url_add_attributes": "false"
    }
    create(ProviderName="Zoë", ProviderDetails=EXPLICIT | {"own_redirect_uri": "false"})
    wrong = [("another", own | {"own_redirect_uri": "yes"}), ("Zoé", own), ("a/b", own), ("continued", own)]
    for name, details in wrong:
        with refused("InvalidParameterException", "Invalid value for the idp detail own_redirect_uri."):
            create(ProviderName=name, ProviderDetails=details)


def test_nobody_is_asked_when_all_endpoints_are_given(create: Make, there: Site) -> None:
    asked = len(there.asked)
    create(ProviderDetails=EXPLICIT | {"oidc_issuer": there.url("/nowhere")})
    assert len(there.asked) == asked


def test_an_issuer_may_have_no_user_info_and_a_slash_at_its_end(create: Make, there: Site) -> None:
    details = discovered(there, issuer=there.url("/oidc/"), userinfo_endpoint=None)
    assert "attributes_url" not in create(ProviderDetails=details)["ProviderDetails"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(status=404), "Unable to contact well-known endpoint"),
        (Answer(status=500), "Unable to contact well-known endpoint"),
        (Answer(b"{" + b" " * 300_000), "Unable to contact well-known endpoint"),
        (
            Answer(status=302, headers={"Location": "file:///etc/passwd"}),
            "Unable to contact well-known endpoint",
        ),
        (Answer(never=True), "Unable to contact well-known endpoint"),
        (
            Answer(b"<html>"),
            "The document at the well-known endpoint of {issuer} is no OpenID Connect discovery document.",
        ),
        (
            Answer(b"\xff"),
            "The document at the well-known endpoint of {issuer} is no OpenID Connect discovery document.",
        ),
        (
            Answer(providers.discovery("https://x.example.com", token_endpoint=None)),
            "The document at the well-known endpoint of {issuer} is no OpenID Connect discovery document.",
        ),
        (
            Answer(providers.discovery("https://x.example.com", token_endpoint=5)),
            "The document at the well-known endpoint of {issuer} is no OpenID Connect discovery document.",
        ),
        (
            Answer(providers.discovery("https://x.example.com")),
            "The document at the well-known endpoint of {issuer} names another issuer.",
        ),
    ],
)
def test_an_issuer_that_cannot_be_read_is_refused(
    create: Make, there: Site, server: Server, monkeypatch: pytest.MonkeyPatch, answer: Answer, message: str
) -> None:
    monkeypatch.setattr(server.node.outgoing, "seconds", 0.3)
    details = discovered(there, "/bad")
    there.answers["/bad/.well-known/openid-configuration"] = answer
    with refused("InvalidParameterException", message.format(issuer=there.url("/bad"))):
        create(ProviderDetails=details)


def test_a_published_endpoint_without_tls_is_refused(create: Make, there: Site) -> None:
    details = discovered(there, jwks_uri="http://keys.example.com/jwks.json")
    with refused("InvalidParameterException", "OIDC endpoint must start with https://"):
        create(ProviderDetails=details)


# -- SAML -------------------------------------------------------------------------------------------------------------


def test_a_saml_provider_is_shown_with_what_its_metadata_says(
    create: Make, describe: Make, there: Site, clock: HeldClock
) -> None:
    details = saml(there, clock.now, IDPSignout="true", IDPInit="false", RequestSigningAlgorithm="rsa-sha256")
    made = create(ProviderType="SAML", ProviderDetails=details)
    assert made["ProviderDetails"] == details | {
        "SSORedirectBindingURI": there.url("/saml/sso"),
        "SLORedirectBindingURI": there.url("/saml/slo"),
    }
    assert made["AttributeMapping"] == {}
    assert describe() == made


def test_metadata_may_come_with_the_request(create: Make, there: Site, clock: HeldClock) -> None:
    document = providers.metadata("urn:idp", providers.certificate(clock.now)).replace(
        "urn:idp/", "https://idp/"
    )
    asked = len(there.asked)
    made = create(ProviderType="SAML", ProviderDetails={"MetadataFile": document})
    assert made["ProviderDetails"] == {"MetadataFile": document, "SSORedirectBindingURI": "https://idp/sso"}
    assert len(there.asked) == asked


def test_a_provider_that_encrypts_is_given_a_certificate_that_stays(
    create: Make, update: Make, there: Site, clock: HeldClock, server: Server, pool_id: str
) -> None:
    details = saml(there, clock.now, EncryptedResponses="True")
    shown = create(ProviderType="SAML", ProviderDetails=details)["ProviderDetails"]
    assert shown["EncryptedResponses"] == "true"
    text = shown["ActiveEncryptionCertificate"]
    certificate = load_der_x509_certificate(base64.b64decode(text))
    assert certificate.not_valid_after_utc.timestamp() == pytest.approx(
        (clock.now + 3_650 * DAY) / 1000, abs=1
    )
    assert isinstance(certificate.public_key(), RSAPublicKey)
    off = update(ProviderDetails=details | {"EncryptedResponses": "false"})["ProviderDetails"]
    assert "ActiveEncryptionCertificate" not in off
    on = update(ProviderDetails=shown)["ProviderDetails"]
    assert on["ActiveEncryptionCertificate"] == text


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(status=404), "Non-ok status code 404 returned from remote metadata source {url}"),
        (Answer(never=True), "Error retrieving metadata from {url}: it took too long to answer"),
        (
            Answer(b" " * 1_100_000),
            "Error retrieving metadata from {url}: its answer is larger than 1048576 bytes",
        ),
        (
            Answer(status=301, headers={"Location": "/metadata"}),
            "Error retrieving metadata from {url}: it redirects more than 3 times",
        ),
        (Answer(b"<html>"), "Unable to unmarshall metadata"),
        (
            Answer(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
            "Unable to unmarshall metadata",
        ),
        (Answer(b"<x/>"), "The metadata describes no identity provider."),
    ],
)
def test_metadata_that_cannot_be_had_is_refused(
    create: Make,
    there: Site,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    clock: HeldClock,
    answer: Answer,
    message: str,
) -> None:
    monkeypatch.setattr(server.node.outgoing, "seconds", 0.3)
    details = saml(there, clock.now)
    there.answers["/metadata"] = answer
    with refused("InvalidParameterException", message.format(url=there.url("/metadata"))):
        create(ProviderType="SAML", ProviderDetails=details)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://idp.example.com/metadata", "it does not begin with https://"),
        ("file:///etc/passwd", "it is not a URL of HTTPS"),
        ("http://169.254.169.254/latest/meta-data", "it does not begin with https://"),
        ("https://idp.example.com/" + "x" * 3_000, "it is not a URL of HTTPS"),
    ],
)
def test_metadata_is_fetched_from_nowhere_else(create: Make, url: str, reason: str) -> None:
    with refused(
        "InvalidParameterException",
        f"Error retrieving metadata from {url[:2_048]}: {reason}",
    ):
        create(ProviderType="SAML", ProviderDetails={"MetadataURL": url})


# -- what is refused --------------------------------------------------------------------------------------------------

OIDC_NEEDS = "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details."
SOCIAL_NEEDS = "clientId, clientSecret and authorizeScopes are all required idp details."
WRONG_METHOD = (
    "1 validation error detected: Value 'PUT' at 'attributesRequestMethod' failed to satisfy constraint: "
    "Member must satisfy enum value set: [POST, GET]"
)
APPLE_NEEDS = "clientId, privateKey, teamId, and keyId are all required idp details."


@pytest.mark.parametrize(
    ("provider_type", "details", "missing", "message"),
    [
        *(
            ("OIDC", EXPLICIT, name, OIDC_NEEDS)
            for name in ("client_id", "authorize_scopes", "oidc_issuer", "attributes_request_method")
        ),
        *(
            (name, CLIENT, missing, SOCIAL_NEEDS)
            for name in ("Google", "Facebook", "LoginWithAmazon")
            for missing in CLIENT
        ),
        *(
            ("SignInWithApple", APPLE, name, APPLE_NEEDS)
            for name in ("client_id", "private_key", "team_id", "key_id")
        ),
    ],
)
def test_a_detail_that_is_needed_is_missed(
    create: Make, provider_type: str, details: dict[str, str], missing: str, message: str
) -> None:
    name = "corp" if provider_type == "OIDC" else provider_type
    for left in ({n: v for n, v in details.items() if n != missing}, details | {missing: ""}):
        with refused("InvalidParameterException", message):
            create(ProviderName=name, ProviderType=provider_type, ProviderDetails=left)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ProviderName": "COGNITO"}, "Provider COGNITO cannot be of type OIDC."),
        ({"ProviderName": "Cognito"}, "Provider Cognito cannot be of type OIDC."),
        ({"ProviderName": "Google"}, "Provider Google cannot be of type OIDC."),
        ({"ProviderName": "Google", "ProviderType": "SAML"}, "Provider Google cannot be of type SAML."),
        (
            {"ProviderName": "Facebook", "ProviderType": "Google"},
            "Provider Facebook cannot be of type Google.",
        ),
        ({"ProviderType": "Google", "ProviderDetails": CLIENT}, "Provider corp cannot be of type Google."),
        (
            {"ProviderDetails": EXPLICIT | {"attributes_request_method": "PUT"}},
            WRONG_METHOD,
        ),
        *(
            (
                {"ProviderDetails": EXPLICIT | {name: "http://idp.example.com"}},
                "OIDC endpoint must start with https://",
            )
            for name in ("oidc_issuer", "authorize_url", "token_url", "attributes_url", "jwks_uri")
        ),
        (
            {"ProviderType": "SAML", "ProviderDetails": {"MetadataURL": "https://x", "MetadataFile": "<x/>"}},
            "Only one of the MetadataURL or MetadataFile should be provided.",
        ),
        (
            {"ProviderType": "SAML", "ProviderDetails": {"IDPSignout": "true"}},
            "At least one of the MetadataURL or MetadataFile should be provided.",
        ),
        (
            {"ProviderType": "SAML", "ProviderDetails": {"MetadataFile": "<x/>", "IDPInit": "perhaps"}},
            "Invalid value for the idp detail IDPInit.",
        ),
        (
            {
                "ProviderType": "SAML",
                "ProviderDetails": {"MetadataFile": "<x/>", "RequestSigningAlgorithm": "md5"},
            },
            "Invalid value for the idp detail RequestSigningAlgorithm.",
        ),
        (
            {
                "ProviderName": "Facebook",
                "ProviderType": "Facebook",
                "ProviderDetails": CLIENT | {"api_version": "v1.0/../x"},
            },
            "Invalid value for the idp detail api_version.",
        ),
        ({"AttributeMapping": {"sub": "sub"}}, "Invalid AttributeMapping: sub cannot be mapped."),
        ({"AttributeMapping": {"email": ""}}, "Invalid AttributeMapping: email is mapped to nothing."),
        (
            {"AttributeMapping": {"custom:none": "x"}},
            "Invalid AttributeMapping: custom:none does not exist in the schema of the user pool.",
        ),
        (
            {"AttributeMapping": {"identities": "x"}},
            "Invalid AttributeMapping: identities does not exist in the schema of the user pool.",
        ),
        (
            {
                "ProviderName": "Google",
                "ProviderType": "Google",
                "ProviderDetails": CLIENT,
                "AcrMapping": {"Level1": "low"},
            },
            "AcrMapping is supported for OIDC identity providers only.",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    cognito: Cognito, create: Make, pool_id: str, members: dict[str, Any], message: str
) -> None:
    with refused("InvalidParameterException", message):
        create(**members)
    assert cognito.list_identity_providers(UserPoolId=pool_id)["Providers"] == []


def test_a_name_is_taken_once_in_a_pool(create: Make, make_pool: Make) -> None:
    create()
    with refused("DuplicateProviderException", "A provider with the name corp already exists."):
        create()
    create(UserPoolId=make_pool()["Id"])


def test_an_identifier_leads_to_one_provider_of_a_pool(create: Make, update: Make, make_pool: Make) -> None:
    create(IdpIdentifiers=["x", "y", "x"])
    taken = "The identifier x belongs to another identity provider."
    with refused("InvalidParameterException", taken):
        create(ProviderName="second", IdpIdentifiers=["z", "x"])
    create(ProviderName="third")
    with refused("InvalidParameterException", taken):
        update("third", IdpIdentifiers=["x"])
    update(IdpIdentifiers=["y"])
    assert update("third", IdpIdentifiers=["x"])["IdpIdentifiers"] == ["x"]
    create(UserPoolId=make_pool()["Id"], IdpIdentifiers=["x"])


def test_a_pool_has_a_few_hundred_providers_at_most(create: Make, server: Server, pool_id: str) -> None:
    def fill(db: Db) -> None:
        for number in range(PROVIDERS_MAX):
            stored.add(db, a_provider(pool_id, f"provider{number}"))

    server.run(server.store.write(fill))
    with refused("LimitExceededException"):
        create()


def a_provider(pool_id: str, name: str, *identifiers: str) -> IdentityProvider:
    return IdentityProvider(pool_id, name, "OIDC", b"", False, {}, identifiers, {}, 0, 0, 1)


def test_a_provider_that_is_not_there_is_told(cognito: Cognito, make_pool: Make) -> None:
    pool_id = make_pool()["Id"]
    missing = "Identity provider corp does not exist."
    for ask in (
        cognito.describe_identity_provider,
        cognito.update_identity_provider,
        cognito.delete_identity_provider,
    ):
        with refused("ResourceNotFoundException", missing):
            ask(UserPoolId=pool_id, ProviderName="corp")
    with refused("ResourceNotFoundException", missing):
        cognito.get_identity_provider_by_identifier(UserPoolId=pool_id, IdpIdentifier="corp")


# -- changing, finding, listing, deleting -----------------------------------------------------------------------------


def test_what_is_not_sent_stays_and_what_is_sent_is_replaced(
    create: Make, update: Make, describe: Make, clock: HeldClock
) -> None:
    made = create(
        AttributeMapping={"email": "mail"},
        IdpIdentifiers=["x"],
        AcrMapping={"Level1": "low", "Level2": "high"},
    )
    clock.advance(1_000)
    same = update()
    assert same == made | {"LastModifiedDate": same["LastModifiedDate"]}
    assert same["LastModifiedDate"] > made["LastModifiedDate"]
    changed = update(AttributeMapping={"name": "cn"}, IdpIdentifiers=[], AcrMapping={})
    assert changed["AttributeMapping"] == {"name": "cn", "username": "sub"}
    assert changed["IdpIdentifiers"] == []
    assert "AcrMapping" not in changed
    assert changed["ProviderDetails"] == made["ProviderDetails"]
    moved = update(ProviderDetails=EXPLICIT | {"client_id": "new"})
    assert moved["ProviderDetails"]["client_id"] == "new"
    assert describe() == moved


def test_a_provider_is_found_by_each_identifier(cognito: Cognito, create: Make, pool_id: str) -> None:
    made = create(IdpIdentifiers=["x", "corp.example.com"])
    for identifier in ("x", "corp.example.com"):
        found = cognito.get_identity_provider_by_identifier(UserPoolId=pool_id, IdpIdentifier=identifier)
        assert found["IdentityProvider"] == made


def test_providers_are_listed_in_pages(cognito: Cognito, create: Make, pool_id: str) -> None:
    for name in ("bcd", "abc", "cde"):
        create(ProviderName=name)
    first = cognito.list_identity_providers(UserPoolId=pool_id, MaxResults=2)
    assert [found["ProviderName"] for found in first["Providers"]] == ["abc", "bcd"]
    assert first["Providers"][0].keys() == {
        "ProviderName",
        "ProviderType",
        "CreationDate",
        "LastModifiedDate",
    }
    rest = cognito.list_identity_providers(UserPoolId=pool_id, MaxResults=2, NextToken=first["NextToken"])
    assert [found["ProviderName"] for found in rest["Providers"]] == ["cde"]
    assert "NextToken" not in rest


def test_a_page_has_no_more_providers_than_an_answer_may(
    cognito: Cognito, server: Server, pool_id: str
) -> None:
    def fill(db: Db) -> None:
        for number in range(51):
            stored.add(db, a_provider(pool_id, f"provider{number:02}"))

    server.run(server.store.write(fill))
    for asked in ({}, {"MaxResults": 0}, {"MaxResults": 60}):
        page = cognito.list_identity_providers(UserPoolId=pool_id, **asked)  # type: ignore[arg-type]
        assert len(page["Providers"]) == 50
        assert "NextToken" in page


def test_a_deleted_provider_leaves_its_name_and_identifiers(
    cognito: Cognito, create: Make, pool_id: str
) -> None:
    create(IdpIdentifiers=["x"])
    cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="corp")
    with refused("ResourceNotFoundException"):
        cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="corp")
    create(IdpIdentifiers=["x"])


def test_a_client_names_providers_that_the_pool_has(
    cognito: Cognito, create: Make, make_client: Make, pool_id: str
) -> None:
    unknown = f"The provider corp does not exist for User Pool {pool_id}"
    with refused("InvalidParameterException", unknown):
        make_client(pool_id, SupportedIdentityProviders=["COGNITO", "corp"])
    create()
    client = make_client(pool_id, SupportedIdentityProviders=["COGNITO", "corp"])
    cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="corp")
    described = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])
    assert sorted(described["UserPoolClient"]["SupportedIdentityProviders"]) == ["COGNITO", "corp"]


def test_a_client_of_a_provider_whose_users_come_unasked_has_saml_providers_only(
    create: Make, make_client: Make, there: Site, clock: HeldClock, pool_id: str
) -> None:
    create()
    create(ProviderName="asked", ProviderType="SAML", ProviderDetails=saml(there, clock.now))
    create(
        ProviderName="unasked", ProviderType="SAML", ProviderDetails=saml(there, clock.now, IDPInit="true")
    )
    make_client(pool_id, SupportedIdentityProviders=["unasked", "asked"])
    make_client(pool_id, SupportedIdentityProviders=["COGNITO", "corp", "asked"])
    mixed = "A client of a SAML provider with IDPInit supports SAML identity providers only."
    for other in ("COGNITO", "corp"):
        with refused("InvalidParameterException", mixed):
            make_client(pool_id, SupportedIdentityProviders=["unasked", other])


# -- races ------------------------------------------------------------------------------------------------------------


def test_of_two_who_make_the_same_one_is_told(create: Make, server: Server, pool_id: str) -> None:
    def ahead(db: Db) -> None:
        user_pools.by_id_locked(db, pool_id)
        stored.add(db, a_provider(pool_id, "corp", "x"))

    async def race() -> None:
        await overtaken(server.store, ahead, asyncio.to_thread(create))

    with refused("DuplicateProviderException"):
        server.run(race())


def test_of_two_who_take_an_identifier_one_is_told(create: Make, server: Server, pool_id: str) -> None:
    def ahead(db: Db) -> None:
        user_pools.by_id_locked(db, pool_id)
        stored.add(db, a_provider(pool_id, "other", "x"))

    async def race() -> None:
        await overtaken(server.store, ahead, asyncio.to_thread(create, IdpIdentifiers=["x"]))

    with refused("InvalidParameterException", "The identifier x belongs to another identity provider."):
        server.run(race())


@pytest.fixture
def change_meanwhile(there: Site, update: Make) -> Make:
    """Change the endpoints of a provider; while its issuer is asked for them, something else happens."""

    def ask(happens: Callable[[], object]) -> Any:
        details = discovered(there, "/busy")
        path = "/busy/.well-known/openid-configuration"
        there.answers[path] = replace(there.answers[path], meanwhile=happens)
        return update(ProviderDetails=details)

    return ask


def test_a_change_that_another_came_before_is_not_written(
    create: Make, update: Make, describe: Make, change_meanwhile: Make
) -> None:
    create()
    changed = "Identity provider corp was changed by another request."
    with refused("ConcurrentModificationException", changed):
        change_meanwhile(lambda: update(AttributeMapping={"name": "cn"}))
    assert describe()["AttributeMapping"] == {"name": "cn", "username": "sub"}
    assert describe()["ProviderDetails"]["client_id"] == EXPLICIT["client_id"]
    assert describe()["ProviderDetails"]["oidc_issuer"] == EXPLICIT["oidc_issuer"]


def test_a_provider_that_was_deleted_meanwhile_is_not_changed(
    cognito: Cognito, create: Make, change_meanwhile: Make, pool_id: str
) -> None:
    create()
    with refused("ResourceNotFoundException", "Identity provider corp does not exist."):
        change_meanwhile(lambda: cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="corp"))


def test_a_provider_that_was_deleted_and_made_again_meanwhile_is_not_overwritten(
    cognito: Cognito, create: Make, describe: Make, change_meanwhile: Make, pool_id: str
) -> None:
    create()

    def anew() -> None:
        cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="corp")
        create(ProviderDetails=EXPLICIT | {"client_secret": "the new one"})

    with refused("ConcurrentModificationException"):
        change_meanwhile(anew)
    assert describe()["ProviderDetails"]["client_secret"] == "the new one"


def test_a_pool_that_was_deleted_meanwhile_gets_no_provider(
    cognito: Cognito, create: Make, there: Site, pool_id: str
) -> None:
    details = discovered(there, "/busy")
    path = "/busy/.well-known/openid-configuration"
    there.answers[path] = replace(
        there.answers[path], meanwhile=lambda: cognito.delete_user_pool(UserPoolId=pool_id)
    )
    with refused("ResourceNotFoundException", f"User pool {pool_id} does not exist."):
        create(ProviderDetails=details)


def test_a_provider_comes_with_a_group_for_its_users(cognito: Cognito, create: Make, pool_id: str) -> None:
    create(ProviderName="corp")
    name = f"{pool_id}_corp"
    group = cognito.get_group(UserPoolId=pool_id, GroupName=name)["Group"]
    assert group["Description"] == "Autogenerated group for users who sign in using corp"
    assert not {"RoleArn", "Precedence"} & group.keys()
    cognito.update_group(UserPoolId=pool_id, GroupName=name, Precedence=3)
    cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="corp")
    create(ProviderName="corp")
    assert cognito.get_group(UserPoolId=pool_id, GroupName=name)["Group"]["Precedence"] == 3, "it was kept"
