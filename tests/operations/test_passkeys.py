"""A user's passkeys: registered, listed, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.crypto import base64url
from cognomen.store import passkeys
from tests.authenticator import PRESENT, Authenticator
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

PASSWORD = "Passw0rd!"
PARTY = "example.com"
ORIGIN = "https://login.example.com"
FACTORS = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}

CHALLENGE_NOT_FOUND = (
    "WebAuthnChallengeNotFoundException",
    "The challenge has expired, or was not found. Start registration again.",
)
RELYING_PARTY = (
    "WebAuthnRelyingPartyMismatchException",
    "The credential is for another relying party ID than the user pool's.",
)


def configure(cognito: Any, pool_id: str, **configuration: Any) -> None:
    cognito.set_user_pool_mfa_config(UserPoolId=pool_id, WebAuthnConfiguration=configuration)


def token(anonymous: Cognito, client_id: str, username: str) -> str:
    answer = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )
    return answer["AuthenticationResult"]["AccessToken"]


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make) -> str:
    id = str(make_pool(Policies=FACTORS)["Id"])
    configure(cognito, id, RelyingPartyId=PARTY)
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def sub(pool_id: str, make_user: Make) -> str:
    return str(make_user(pool_id, "anna"))


@pytest.fixture
def anna(anonymous: Cognito, client_id: str, sub: str) -> str:
    """An access token of hers."""
    assert sub
    return token(anonymous, client_id, "anna")


def start(anonymous: Cognito, access_token: str) -> Any:
    return anonymous.start_web_authn_registration(AccessToken=access_token)["CredentialCreationOptions"]


def complete(anonymous: Cognito, access_token: str, credential: Any) -> None:
    answer = anonymous.complete_web_authn_registration(AccessToken=access_token, Credential=credential)
    assert set(answer) == {"ResponseMetadata"}


def register(anonymous: Cognito, access_token: str, authenticator: Authenticator | None = None) -> str:
    """The id of a new passkey."""
    made = (authenticator or Authenticator()).create(start(anonymous, access_token), ORIGIN)
    complete(anonymous, access_token, made)
    return str(made["id"])


def listed(anonymous: Cognito, access_token: str) -> list[str]:
    found = anonymous.list_web_authn_credentials(AccessToken=access_token)["Credentials"]
    return [each["CredentialId"] for each in found]


@pytest.mark.parametrize(
    ("kinds", "username", "attributes", "shown"),
    [
        (["email"], "anna@example.com", {}, "anna@example.com"),
        (["phone_number", "email"], "+15555550100", {"email": "anna@example.com"}, "+15555550100"),
        (["email", "phone_number"], "+15555550100", {}, "+15555550100"),
        ([], "4b1c8c3e-0000-4000-8000-000000000001", {"preferred_username": "anna"}, "anna"),
        ([], "4b1c8c3e-0000-4000-8000-000000000001", {}, "4b1c8c3e-0000-4000-8000-000000000001"),
        ([], "anna", {"email": "anna@example.com"}, "anna"),
    ],
)
def test_a_browser_lists_a_passkey_by_a_name_that_its_user_knows(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    kinds: list[str],
    username: str,
    attributes: dict[str, str],
    shown: str,
) -> None:
    aliases = {"UsernameAttributes": kinds} if kinds else {}
    pool_id = make_pool(Policies=FACTORS, **aliases)["Id"]
    configure(cognito, pool_id, RelyingPartyId=PARTY)
    make_user(pool_id, username, **attributes)
    options = start(anonymous, token(anonymous, make_client(pool_id)["ClientId"], username))
    assert (options["user"]["name"], options["user"]["displayName"]) == (shown, shown)


def test_a_passkey_is_registered_listed_and_deleted(
    anonymous: Cognito, clock: HeldClock, anna: str, sub: str
) -> None:
    options = start(anonymous, anna)
    assert base64url.decode(options["user"].pop("id")) == sub.encode()
    assert len(base64url.decode(options.pop("challenge"))) >= 16
    assert options == {
        "rp": {"id": PARTY, "name": PARTY},
        "user": {"name": "anna", "displayName": "anna"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "timeout": 60_000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": "preferred",
        },
    }
    chrome = Authenticator(aaguid=bytes.fromhex("ea9b8d664d011d213ce4b6b48cb575d4"))
    first = register(anonymous, anna, chrome)
    clock.now += 1_000
    second = register(anonymous, anna)
    answer: Any = anonymous.list_web_authn_credentials(AccessToken=anna)["Credentials"]
    created = [int(each.pop("CreatedAt").timestamp()) for each in answer]
    assert answer == [
        {
            "CredentialId": first,
            "FriendlyCredentialName": "Google Password Manager",
            "RelyingPartyId": PARTY,
            "AuthenticatorAttachment": "platform",
            "AuthenticatorTransports": ["internal", "hybrid"],
        },
        {
            "CredentialId": second,
            "FriendlyCredentialName": "Passkey",
            "RelyingPartyId": PARTY,
            "AuthenticatorAttachment": "platform",
            "AuthenticatorTransports": ["internal", "hybrid"],
        },
    ]
    assert created == [clock.now // 1000 - 1, clock.now // 1000]
    excluded = start(anonymous, anna)["excludeCredentials"]
    assert excluded == [{"type": "public-key", "id": id} for id in (first, second)]
    anonymous.delete_web_authn_credential(AccessToken=anna, CredentialId=first)
    assert listed(anonymous, anna) == [second]
    with refused("ResourceNotFoundException", "Credential does not exist."):
        anonymous.delete_web_authn_credential(AccessToken=anna, CredentialId=first)


def test_passkeys_are_listed_by_pages(anonymous: Cognito, clock: HeldClock, anna: str) -> None:
    ids = []
    for _ in range(5):
        ids.append(register(anonymous, anna))
        clock.now += 1_000
    assert listed(anonymous, anna) == ids
    seen: list[str] = []
    page: dict[str, Any] = {}
    while True:
        answer = anonymous.list_web_authn_credentials(AccessToken=anna, MaxResults=2, **page)
        seen += [each["CredentialId"] for each in answer["Credentials"]]
        if "NextToken" not in answer:
            break
        page = {"NextToken": answer["NextToken"]}
    assert seen == ids
    whole = anonymous.list_web_authn_credentials(AccessToken=anna, MaxResults=0)["Credentials"]
    assert [each["CredentialId"] for each in whole] == ids


def test_a_user_has_at_most_twenty(anonymous: Cognito, anna: str) -> None:
    waiting = start(anonymous, anna)
    for _ in range(20):
        register(anonymous, anna)
    limit = ("LimitExceededException", "Passkey limit exceeded: at most 20.")
    with refused(*limit):
        start(anonymous, anna)
    with refused(*limit):
        complete(anonymous, anna, Authenticator().create(waiting, ORIGIN))
    anonymous.delete_web_authn_credential(AccessToken=anna, CredentialId=listed(anonymous, anna)[7])
    complete(anonymous, anna, Authenticator().create(waiting, ORIGIN))


def test_of_two_last_ones_at_once_one_is_taken(server: Server, anonymous: Cognito, anna: str) -> None:
    for _ in range(19):
        register(anonymous, anna)
    made = [Authenticator().create(start(anonymous, anna), ORIGIN) for _ in range(2)]

    async def both() -> list[str]:
        return [
            type(outcome).__name__
            for outcome in await asyncio.gather(
                *(asyncio.to_thread(complete, anonymous, anna, each) for each in made),
                return_exceptions=True,
            )
        ]

    assert sorted(server.run(both())) == ["LimitExceededException", "NoneType"]
    assert len(listed(anonymous, anna)) == 20


# -- what a pool must say ---------------------------------------------------------------------------------------------


def test_a_pool_without_the_factor_takes_no_passkeys(
    cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str
) -> None:
    made = Authenticator().create(start(anonymous, anna), ORIGIN)
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    cognito.update_user_pool(UserPoolId=pool_id, Policies=policy)  # type: ignore[arg-type]
    not_enabled = (
        "WebAuthnNotEnabledException",
        "WEB_AUTHN is not one of the allowed first auth factors of this user pool.",
    )
    with refused(*not_enabled):
        start(anonymous, anna)
    with refused(*not_enabled):
        complete(anonymous, anna, made)


def test_the_relying_party_is_the_pools_domain_where_none_is_configured(
    server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str
) -> None:
    configure(cognito, pool_id)
    with refused(
        "WebAuthnConfigurationMissingException", "The user pool has neither a relying party ID nor a domain."
    ):
        start(anonymous, anna)
    prefix = pool_id.partition("_")[2].lower()
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=prefix)
    assert server.node.settings.own_url.startswith("http://localhost")
    assert start(anonymous, anna)["rp"]["id"] == f"{prefix}.localhost"
    name = f"login.{prefix}.example.com"
    certificate = "arn:aws:acm:us-east-1:000000000000:certificate/a"
    cognito.create_user_pool_domain(
        UserPoolId=pool_id, Domain=name, CustomDomainConfig={"CertificateArn": certificate}
    )
    made = Authenticator().create(start(anonymous, anna), f"https://{name}")
    complete(anonymous, anna, made)
    configure(cognito, pool_id, RelyingPartyId=PARTY)
    assert start(anonymous, anna)["rp"]["id"] == PARTY
    assert start(anonymous, anna)["excludeCredentials"] == [], "it is for the other one"


@pytest.mark.parametrize(
    "configuration",
    [{"UserVerification": "required"}, {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}],
)
def test_a_pool_may_require_that_the_user_is_verified(
    cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str, configuration: dict[str, str]
) -> None:
    configure(cognito, pool_id, RelyingPartyId=PARTY, **configuration)
    options = start(anonymous, anna)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    with refused("WebAuthnCredentialNotSupportedException"):
        complete(anonymous, anna, Authenticator(verifies=False).create(options, ORIGIN))
    complete(anonymous, anna, Authenticator().create(options, ORIGIN))


# -- what is refused --------------------------------------------------------------------------------------------------


def test_a_challenge_counts_once(anonymous: Cognito, anna: str) -> None:
    options = start(anonymous, anna)
    complete(anonymous, anna, Authenticator().create(options, ORIGIN))
    with refused(*CHALLENGE_NOT_FOUND):
        complete(anonymous, anna, Authenticator().create(options, ORIGIN))
    assert len(listed(anonymous, anna)) == 1


def test_of_two_registrations_with_one_challenge_one_counts(
    server: Server, anonymous: Cognito, anna: str
) -> None:
    options = start(anonymous, anna)
    made = [Authenticator().create(options, ORIGIN) for _ in range(2)]

    async def both() -> list[str]:
        outcomes = await asyncio.gather(
            *(asyncio.to_thread(complete, anonymous, anna, each) for each in made), return_exceptions=True
        )
        return [type(outcome).__name__ for outcome in outcomes]

    assert sorted(server.run(both())) == ["NoneType", "WebAuthnChallengeNotFoundException"]
    assert len(listed(anonymous, anna)) == 1


def test_a_challenge_expires(anonymous: Cognito, clock: HeldClock, anna: str) -> None:
    made = Authenticator().create(start(anonymous, anna), ORIGIN)
    clock.now += 5 * 60_000 - 1
    complete(anonymous, anna, made)
    made = Authenticator().create(start(anonymous, anna), ORIGIN)
    clock.now += 5 * 60_000
    with refused(*CHALLENGE_NOT_FOUND):
        complete(anonymous, anna, made)


def test_a_challenge_is_of_its_user_its_pool_and_its_client(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    anna: str,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
) -> None:
    made = Authenticator().create(start(anonymous, anna), ORIGIN)
    other_client = make_client(pool_id)["ClientId"]
    with refused(
        "WebAuthnClientMismatchException",
        "The registration was started with an access token of another client.",
    ):
        complete(anonymous, token(anonymous, other_client, "anna"), made)
    make_user(pool_id, "bert")
    with refused(*CHALLENGE_NOT_FOUND):
        complete(anonymous, token(anonymous, other_client, "bert"), made)
    other_pool = make_pool(Policies=FACTORS)["Id"]
    configure(cognito, other_pool, RelyingPartyId=PARTY)
    make_user(other_pool, "anna")
    elsewhere = token(anonymous, make_client(other_pool)["ClientId"], "anna")
    with refused(*CHALLENGE_NOT_FOUND):
        complete(anonymous, elsewhere, made)
    complete(anonymous, anna, made)


@pytest.mark.parametrize(
    ("instead", "origin", "error"),
    [
        ({}, "https://example.org", "WebAuthnOriginNotAllowedException"),
        ({}, "http://example.com", "WebAuthnOriginNotAllowedException"),
        ({"cross_origin": True}, ORIGIN, "WebAuthnOriginNotAllowedException"),
        ({"relying_party": "example.org"}, ORIGIN, "WebAuthnRelyingPartyMismatchException"),
        ({"form": "compound"}, ORIGIN, "WebAuthnCredentialNotSupportedException"),
        ({"challenge": base64url.encode(bytes(100))}, ORIGIN, "WebAuthnChallengeNotFoundException"),
        ({"challenge": ""}, ORIGIN, "WebAuthnChallengeNotFoundException"),
        ({"kind": "webauthn.get"}, ORIGIN, "InvalidParameterException"),
        ({"flags": PRESENT - 1}, ORIGIN, "InvalidParameterException"),
        ({"attestation": b"x"}, ORIGIN, "InvalidParameterException"),
    ],
)
def test_a_registration_that_is_wrong_in_one_way_is_refused(
    anonymous: Cognito, anna: str, instead: dict[str, Any], origin: str, error: str
) -> None:
    options = start(anonymous, anna)
    made = Authenticator().create(options, origin, **instead)
    text = "Credential data is not valid" if error == "InvalidParameterException" else None
    with refused(error, text):
        complete(anonymous, anna, made)
    assert listed(anonymous, anna) == []
    complete(anonymous, anna, Authenticator().create(options, ORIGIN))


@pytest.mark.parametrize("credential", [{}, {"id": "x"}, [], "text", 7])
def test_what_is_no_credential_is_refused(anonymous: Cognito, anna: str, credential: Any) -> None:
    with refused("InvalidParameterException", "Credential data is not valid"):
        complete(anonymous, anna, credential)


def test_a_passkey_made_for_a_former_relying_party_is_refused(
    cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str
) -> None:
    options = start(anonymous, anna)
    configure(cognito, pool_id, RelyingPartyId="login.example.com")
    with refused(*RELYING_PARTY):
        complete(anonymous, anna, Authenticator().create(options, ORIGIN))
    configure(cognito, pool_id)
    with refused(*RELYING_PARTY):
        complete(anonymous, anna, Authenticator().create(options, ORIGIN))


def test_an_id_is_of_one_user(
    anonymous: Cognito, pool_id: str, client_id: str, anna: str, make_user: Make
) -> None:
    make_user(pool_id, "bert")
    bert = token(anonymous, client_id, "bert")
    authenticator = Authenticator()
    register(anonymous, anna, authenticator)
    for access_token in (anna, bert):
        again = authenticator.again(start(anonymous, access_token), ORIGIN)
        with refused("InvalidParameterException", "The credential is registered already."):
            complete(anonymous, access_token, again)
    assert listed(anonymous, bert) == []


def test_a_user_sees_and_deletes_only_its_own(
    anonymous: Cognito, pool_id: str, client_id: str, anna: str, make_user: Make
) -> None:
    make_user(pool_id, "bert")
    bert = token(anonymous, client_id, "bert")
    id = register(anonymous, anna)
    assert listed(anonymous, bert) == []
    with refused("ResourceNotFoundException"):
        anonymous.delete_web_authn_credential(AccessToken=bert, CredentialId=id)
    assert listed(anonymous, anna) == [id]


def test_with_a_user_go_its_passkeys(
    server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str, sub: str
) -> None:
    register(anonymous, anna)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    assert server.run(server.store.read(passkeys.all_of_user, pool_id, sub)) == []
    with refused("UserNotFoundException"):
        start(anonymous, anna)


def test_a_user_whose_password_was_reset_is_told_so(
    cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str
) -> None:
    made = Authenticator().create(start(anonymous, anna), ORIGIN)
    attributes = [{"Name": "email", "Value": "a@example.com"}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id,
        Username="anna",
        UserAttributes=attributes,  # type: ignore[arg-type]
    )
    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="anna")
    for ask in (
        lambda: start(anonymous, anna),
        lambda: complete(anonymous, anna, made),
        lambda: listed(anonymous, anna),
        lambda: anonymous.delete_web_authn_credential(AccessToken=anna, CredentialId="x"),
    ):
        with refused("PasswordResetRequiredException"):
            ask()
