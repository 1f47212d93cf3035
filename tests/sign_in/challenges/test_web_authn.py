"""Signing in with a passkey: stories as a browser lives them, and every way to answer that is not the right one."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from cognomen.crypto import base64url
from tests.authenticator import PRESENT, RS256, VERIFIED, Authenticator, new_key
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import BY_FACTOR, OWN_SENDER, SMS, Client

Make = Callable[..., Any]

PASSWORD = "Passw0rd!"
PARTY = "example.com"
ORIGIN = "https://login.example.com"
NOT_PROVEN = ("NotAuthorizedException", "Passkey authentication failed.")
SESSION_SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
TWO_IN_ONE = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}


def configure(cognito: Any, pool_id: str, mfa: dict[str, Any] | None = None, **configuration: str) -> None:
    passkeys = {"RelyingPartyId": PARTY} | configuration
    cognito.set_user_pool_mfa_config(UserPoolId=pool_id, WebAuthnConfiguration=passkeys, **(mfa or {}))


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make) -> str:
    factors = ["PASSWORD", "WEB_AUTHN"]
    id = str(make_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": factors}})["Id"])
    configure(cognito, id)
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"])


@pytest.fixture
def register(anonymous: Cognito, client_id: str) -> Callable[..., Authenticator]:
    """A new passkey of a user, in an authenticator."""

    def register(username: str = "anna", authenticator: Authenticator | None = None) -> Authenticator:
        authenticator = authenticator or Authenticator()
        parameters = {"USERNAME": username, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}
        token = anonymous.initiate_auth(AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters=parameters)[
            "AuthenticationResult"
        ]["AccessToken"]
        options: Any = anonymous.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
        made: Any = authenticator.create(options, ORIGIN)
        anonymous.complete_web_authn_registration(AccessToken=token, Credential=made)
        return authenticator

    return register


@pytest.fixture
def anna(pool_id: str, make_user: Make, register: Callable[..., Authenticator]) -> Authenticator:
    """Her authenticator."""
    make_user(pool_id, "anna", email="anna@example.com")
    return register()


def begin(anonymous: Cognito, client_id: str, username: str = "anna") -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": username, "PREFERRED_CHALLENGE": "WEB_AUTHN"},
    )


def options_in(asked: Any) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    return options


def respond(anonymous: Cognito, client_id: str, session: str, credential: str, username: str = "anna") -> Any:
    return anonymous.respond_to_auth_challenge(
        ChallengeName="WEB_AUTHN",
        ClientId=client_id,
        Session=session,
        ChallengeResponses={"USERNAME": username, "CREDENTIAL": credential},
    )


# -- the right answer -------------------------------------------------------------------------------------------------


def test_a_passkey_signs_in(anonymous: Cognito, client_id: str, anna: Authenticator) -> None:
    asked = begin(anonymous, client_id)
    assert asked["ChallengeName"] == "WEB_AUTHN"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "WEB_AUTHN"]
    assert asked["ChallengeParameters"].keys() == {"CREDENTIAL_REQUEST_OPTIONS"}
    options = options_in(asked)
    (id,) = anna.keys
    assert len(base64url.decode(options["challenge"])) == 32
    assert options == {
        "challenge": options["challenge"],
        "timeout": 180_000,
        "rpId": PARTY,
        "allowCredentials": [{"type": "public-key", "id": id, "transports": ["internal", "hybrid"]}],
        "userVerification": "preferred",
    }
    proof = anna.get(options, ORIGIN)
    done = respond(anonymous, client_id, asked["Session"], proof)
    token = done["AuthenticationResult"]["AccessToken"]
    assert jwt.decode(token, options={"verify_signature": False})["username"] == "anna"
    with refused(*SESSION_SPENT):
        respond(anonymous, client_id, asked["Session"], proof)
    with refused(*SESSION_SPENT):
        respond(anonymous, client_id, asked["Session"], anna.get(options, ORIGIN))


def test_each_question_has_a_challenge_of_its_own(
    anonymous: Cognito, client_id: str, anna: Authenticator
) -> None:
    first, second = (begin(anonymous, client_id) for _ in "12")
    proof = anna.get(options_in(first), ORIGIN)
    with refused(*NOT_PROVEN):
        respond(anonymous, client_id, second["Session"], proof)
    assert respond(anonymous, client_id, first["Session"], proof)["AuthenticationResult"]


def test_a_passkey_may_be_chosen(anonymous: Cognito, client_id: str, anna: Authenticator) -> None:
    asked = anonymous.initiate_auth(
        AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": "anna"}
    )
    asked = anonymous.respond_to_auth_challenge(
        ChallengeName="SELECT_CHALLENGE",
        ClientId=client_id,
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "anna", "ANSWER": "WEB_AUTHN"},
    )
    assert asked["ChallengeName"] == "WEB_AUTHN"
    proof = anna.get(options_in(asked), ORIGIN)
    assert respond(anonymous, client_id, asked["Session"], proof)["AuthenticationResult"]


@pytest.mark.parametrize(
    "authenticator",
    [Authenticator(RS256), Authenticator(counter=None), Authenticator(verifies=False)],
    ids=["RSA", "without a counter", "without verification"],
)
@pytest.mark.usefixtures("anna")
def test_any_passkey_of_the_user_signs_in_again_and_again(
    anonymous: Cognito, client_id: str, register: Callable[..., Authenticator], authenticator: Authenticator
) -> None:
    register(authenticator=authenticator)
    for _ in range(3):
        asked = begin(anonymous, client_id)
        assert len(options_in(asked)["allowCredentials"]) == 2
        proof = authenticator.get(options_in(asked), ORIGIN)
        assert respond(anonymous, client_id, asked["Session"], proof)["AuthenticationResult"]


def test_a_passkey_must_verify_the_user_where_the_pool_says_so(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, anna: Authenticator
) -> None:
    configure(cognito, pool_id, UserVerification="required")
    asked = begin(anonymous, client_id)
    options = options_in(asked)
    assert options["userVerification"] == "required"
    with refused(*NOT_PROVEN):
        respond(anonymous, client_id, asked["Session"], anna.get(options, ORIGIN, flags=PRESENT))
    assert respond(anonymous, client_id, asked["Session"], anna.get(options, ORIGIN))["AuthenticationResult"]


# -- wrong answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instead", "origin"),
    [
        ({}, "https://example.org"),
        ({}, "http://login.example.com"),
        ({"cross_origin": True}, ORIGIN),
        ({"relying_party": "example.org"}, ORIGIN),
        ({"challenge": base64url.encode(bytes(32))}, ORIGIN),
        ({"kind": "webauthn.create"}, ORIGIN),
        ({"flags": VERIFIED}, ORIGIN),
        ({"user_handle": base64url.encode(b"somebody")}, ORIGIN),
        ({"raw_id": "AAAA"}, ORIGIN),
        ({"key": new_key()}, ORIGIN),
        ({"id": "AAAA", "key": new_key()}, ORIGIN),
    ],
)
def test_a_proof_that_is_wrong_in_one_way_is_refused_and_the_session_stays(
    anonymous: Cognito, client_id: str, anna: Authenticator, instead: dict[str, Any], origin: str
) -> None:
    asked = begin(anonymous, client_id)
    options = options_in(asked)
    with refused(*NOT_PROVEN):
        respond(anonymous, client_id, asked["Session"], anna.get(options, origin, **instead))
    assert respond(anonymous, client_id, asked["Session"], anna.get(options, ORIGIN))["AuthenticationResult"]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("credential", ["", "{}", "null", "[]", "\u00e9", '{"id": 7}', "x" * 5_000])
def test_what_is_no_proof_is_refused(anonymous: Cognito, client_id: str, credential: str) -> None:
    asked = begin(anonymous, client_id)
    with refused(*NOT_PROVEN):
        respond(anonymous, client_id, asked["Session"], credential)


@pytest.mark.usefixtures("anna")
def test_an_answer_needs_a_proof(anonymous: Cognito, client_id: str) -> None:
    asked = begin(anonymous, client_id)
    with refused("InvalidParameterException", "Missing required parameter CREDENTIAL"):
        anonymous.respond_to_auth_challenge(
            ChallengeName="WEB_AUTHN",
            ClientId=client_id,
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "anna"},
        )


def test_a_session_expires(anonymous: Cognito, client_id: str, clock: HeldClock, anna: Authenticator) -> None:
    asked = begin(anonymous, client_id)
    clock.now += 3 * MINUTE
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        respond(anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN))


def test_a_passkey_is_of_one_user(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    anna: Authenticator,
    make_user: Make,
    register: Callable[..., Authenticator],
) -> None:
    make_user(pool_id, "bert")
    register("bert")
    asked = begin(anonymous, client_id, "bert")
    (hers,) = anna.keys
    for user_handle in (anna.handles[hers], None):
        proof = anna.get(options_in(asked), ORIGIN, id=hers, user_handle=user_handle)
        with refused(*NOT_PROVEN):
            respond(anonymous, client_id, asked["Session"], proof, "bert")
    with refused("NotAuthorizedException", "Invalid session for the user."):
        respond(anonymous, client_id, asked["Session"], proof, "anna")


def test_a_session_is_of_its_client_and_its_challenge(
    anonymous: Cognito, pool_id: str, client_id: str, anna: Authenticator, make_client: Make
) -> None:
    asked = begin(anonymous, client_id)
    proof = anna.get(options_in(asked), ORIGIN)
    other = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"]
    invalid = ("NotAuthorizedException", "Invalid session for the user.")
    with refused(*invalid):
        respond(anonymous, other, asked["Session"], proof)
    with refused(*invalid):
        anonymous.respond_to_auth_challenge(
            ChallengeName="PASSWORD",
            ClientId=client_id,
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "anna", "PASSWORD": PASSWORD},
        )
    assert respond(anonymous, client_id, asked["Session"], proof)["AuthenticationResult"]


def test_a_counter_that_does_not_move_is_refused(
    anonymous: Cognito, client_id: str, anna: Authenticator
) -> None:
    asked = begin(anonymous, client_id)
    assert respond(anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN, counter=7))
    asked = begin(anonymous, client_id)
    for counter in (7, 6, 0):
        with refused(*NOT_PROVEN):
            respond(
                anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN, counter=counter)
            )
    assert respond(anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN, counter=8))


def outcomes(*answers: Callable[[], Any]) -> list[str]:
    """What comes of answers at the same moment."""

    def outcome(answer: Callable[[], Any]) -> str:
        try:
            answer()
        except ClientError as refusal:
            return str(refusal.response["Error"]["Message"])
        return "signed in"

    with ThreadPoolExecutor() as threads:
        return sorted(threads.map(outcome, answers))


def test_of_two_proofs_with_one_counter_at_once_one_counts(
    anonymous: Cognito, client_id: str, anna: Authenticator
) -> None:
    asked = [begin(anonymous, client_id) for _ in "12"]
    proofs = [anna.get(options_in(each), ORIGIN, counter=1) for each in asked]
    told = outcomes(
        lambda: respond(anonymous, client_id, asked[0]["Session"], proofs[0]),
        lambda: respond(anonymous, client_id, asked[1]["Session"], proofs[1]),
    )
    assert told == [NOT_PROVEN[1], "signed in"]


def test_of_two_answers_to_one_question_at_once_one_counts(
    anonymous: Cognito, client_id: str, anna: Authenticator
) -> None:
    asked = begin(anonymous, client_id)
    proof = anna.get(options_in(asked), ORIGIN)
    answers = [lambda: respond(anonymous, client_id, asked["Session"], proof)] * 2
    told = outcomes(*answers)
    assert told[-1] == "signed in"
    assert told[0] in (NOT_PROVEN[1], SESSION_SPENT[1])


def test_a_passkey_that_was_deleted_meanwhile_is_refused(
    anonymous: Cognito, client_id: str, anna: Authenticator, register: Callable[..., Authenticator]
) -> None:
    register()
    asked = begin(anonymous, client_id)
    done = respond(anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN))
    token = done["AuthenticationResult"]["AccessToken"]
    asked = begin(anonymous, client_id)
    (id,) = anna.keys
    anonymous.delete_web_authn_credential(AccessToken=token, CredentialId=id)
    with refused(*NOT_PROVEN):
        respond(anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN))


def test_a_passkey_of_a_former_relying_party_is_not_offered(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, anna: Authenticator
) -> None:
    asked = begin(anonymous, client_id)
    configure(cognito, pool_id, RelyingPartyId="login.example.com")
    with refused("NotAuthorizedException", "Invalid session for the user."):
        respond(anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN))
    assert begin(anonymous, client_id)["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]
    configure(cognito, pool_id)
    assert begin(anonymous, client_id)["ChallengeName"] == "WEB_AUTHN"


def test_who_was_disabled_meanwhile_is_refused(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, anna: Authenticator
) -> None:
    asked = begin(anonymous, client_id)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        respond(anonymous, client_id, asked["Session"], anna.get(options_in(asked), ORIGIN))


# -- strangers --------------------------------------------------------------------------------------------------------


def test_a_stranger_is_asked_for_a_passkey_that_nobody_has(
    anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    client_id = make_client(
        pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"], PreventUserExistenceErrors="ENABLED"
    )["ClientId"]
    asked = {name: begin(anonymous, client_id, name) for name in (f"nobody{n}" for n in range(80))}
    with_passkey = {name: each for name, each in asked.items() if each["ChallengeName"] == "WEB_AUTHN"}
    assert 0 < len(with_passkey) < len(asked)
    name, each = with_passkey.popitem()
    options, again = options_in(each), options_in(begin(anonymous, client_id, name))
    assert options["challenge"] != again["challenge"]
    assert options["allowCredentials"] == again["allowCredentials"]
    id = options["allowCredentials"][0]["id"]
    proof = Authenticator().get(options, ORIGIN, id=id, key=new_key())
    with refused(*NOT_PROVEN):
        respond(anonymous, client_id, each["Session"], proof, name)


# -- second factors ---------------------------------------------------------------------------------------------------


@pytest.fixture
def choosing(cognito: Cognito, client: Client) -> Client:
    """A pool with every second factor and passkeys, whose users may choose."""
    policies: Any = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}}
    cognito.update_user_pool(
        UserPoolId=client.pool_id,
        Policies=policies,
        EmailConfiguration=OWN_SENDER,  # type: ignore[arg-type]
        SmsConfiguration=SMS,  # type: ignore[arg-type]
    )
    configure(cognito, client.pool_id, {"MfaConfiguration": "OPTIONAL"} | BY_FACTOR["SOFTWARE_TOKEN_MFA"])
    cognito.update_user_pool_client(
        UserPoolId=client.pool_id,
        ClientId=client.client_id,
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
    )
    return client


def give_passkey(client: Client, token: str) -> Authenticator:
    authenticator = Authenticator()
    options: Any = client.anonymous.start_web_authn_registration(AccessToken=token)[
        "CredentialCreationOptions"
    ]
    made: Any = authenticator.create(options, ORIGIN)
    client.anonymous.complete_web_authn_registration(AccessToken=token, Credential=made)
    return authenticator


def test_a_password_that_was_chosen_goes_on_to_the_second_factor(choosing: Client) -> None:
    app = choosing.give_app("anna")
    choosing.prefer("anna", "SOFTWARE_TOKEN_MFA")
    asked = begin(choosing.anonymous, choosing.client_id)
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"], "no code, no passkey"
    asked = choosing.answer("anna", asked, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "AvailableChallenges" not in asked
    done = choosing.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert done["AuthenticationResult"]


def test_a_passkey_is_enough_only_where_pool_and_user_say_so(cognito: Cognito, choosing: Client) -> None:
    app = choosing.give_app("anna")
    passkey = give_passkey(choosing, choosing.tokens("anna")["AccessToken"])
    choosing.prefer("anna", "SOFTWARE_TOKEN_MFA")
    offered = ["PASSWORD_SRP", "PASSWORD"]
    assert begin(choosing.anonymous, choosing.client_id)["AvailableChallenges"] == offered
    totp = {"MfaConfiguration": "OPTIONAL"} | BY_FACTOR["SOFTWARE_TOKEN_MFA"]
    configure(cognito, choosing.pool_id, totp, **TWO_IN_ONE)
    assert begin(choosing.anonymous, choosing.client_id)["AvailableChallenges"] == offered
    cognito.admin_set_user_mfa_preference(
        UserPoolId=choosing.pool_id, Username="anna", WebAuthnMfaSettings={"Enabled": True}
    )
    asked = begin(choosing.anonymous, choosing.client_id)
    assert asked["AvailableChallenges"] == [*offered, "WEB_AUTHN"]
    options = options_in(asked)
    assert options["userVerification"] == "required"
    with refused(*NOT_PROVEN):
        choosing.answer("anna", asked, CREDENTIAL=passkey.get(options, ORIGIN, flags=PRESENT))
    done = choosing.answer("anna", asked, CREDENTIAL=passkey.get(options, ORIGIN))
    assert done["AuthenticationResult"], "without the app"
    asked = choosing.sign_in("anna")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA", "a password still needs it"
    assert choosing.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())["AuthenticationResult"]


def test_a_passkey_signs_in_where_every_user_needs_a_second_factor(
    cognito: Cognito, choosing: Client
) -> None:
    choosing.give_app("anna")
    passkey = give_passkey(choosing, choosing.tokens("anna")["AccessToken"])
    choosing.prefer("anna", "SOFTWARE_TOKEN_MFA")
    policies: Any = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    cognito.update_user_pool(UserPoolId=choosing.pool_id, Policies=policies)
    totp = {"MfaConfiguration": "ON"} | BY_FACTOR["SOFTWARE_TOKEN_MFA"]
    configure(cognito, choosing.pool_id, totp, **TWO_IN_ONE)
    cognito.admin_set_user_mfa_preference(
        UserPoolId=choosing.pool_id, Username="anna", WebAuthnMfaSettings={"Enabled": True}
    )
    asked = begin(choosing.anonymous, choosing.client_id)
    done = choosing.answer("anna", asked, CREDENTIAL=passkey.get(options_in(asked), ORIGIN))
    assert done["AuthenticationResult"]
    bert = begin(choosing.anonymous, choosing.client_id, "bert")
    assert bert["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


def test_what_was_asked_for_without_a_second_factor_is_worth_nothing_once_there_is_one(
    choosing: Client,
) -> None:
    choosing.give_app("anna")
    passkey = give_passkey(choosing, choosing.tokens("anna")["AccessToken"])
    asked = begin(choosing.anonymous, choosing.client_id)
    assert asked["ChallengeName"] == "WEB_AUTHN"
    choosing.prefer("anna", "SOFTWARE_TOKEN_MFA")
    with refused("NotAuthorizedException", "Invalid session for the user."):
        choosing.answer("anna", asked, CREDENTIAL=passkey.get(options_in(asked), ORIGIN))
