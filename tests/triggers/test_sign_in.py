"""Which functions a sign-in asks, in which order, what each is told, and what is left when one fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests import srp_client
from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions, arn
from tests.held_clock import HeldClock
from tests.refused import refused

Make = Callable[..., Any]

ALL = ("PreAuthentication", "PostAuthentication", "PreTokenGeneration")
METADATA = {"hint": "from the client"}


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool()["Id"]
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    id: str = make_client(pool_id)["ClientId"]
    return id


@pytest.fixture
def sub(pool_id: str, make_user: Make) -> str:
    id: str = make_user(pool_id, "anna", email="anna@example.com", email_verified="true")
    return id


def sign_in(anonymous: Cognito, client_id: str, password: str = PASSWORD, user: str = "anna") -> Any:
    return anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": password},
        ClientMetadata=METADATA,
    )


def claims(tokens: Any, which: str = "IdToken") -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        tokens["AuthenticationResult"][which], options={"verify_signature": False}
    )
    return found


def fail(_: Event) -> object:
    raise Failure("no")


def test_a_sign_in_with_a_password_asks_before_tells_after_and_then_makes_tokens(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    set_triggers(pool_id, *ALL)
    sign_in(anonymous, client_id)
    user = {
        "sub": sub,
        "cognito:user_status": "CONFIRMED",
        "email": "anna@example.com",
        "email_verified": "true",
    }
    common = {
        "version": "1",
        "region": "us-east-1",
        "userPoolId": pool_id,
        "userName": "anna",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
    }
    assert functions.events == [
        common
        | {
            "triggerSource": "PreAuthentication_Authentication",
            "request": {"userAttributes": user, "validationData": METADATA},
            "response": {},
        },
        common
        | {
            "triggerSource": "PostAuthentication_Authentication",
            "request": {"userAttributes": user, "newDeviceUsed": False},
            "response": {},
        },
        common
        | {
            "triggerSource": "TokenGeneration_Authentication",
            "request": {
                "userAttributes": user,
                "groupConfiguration": {
                    "groupsToOverride": [],
                    "iamRolesToOverride": [],
                    "preferredRole": None,
                },
            },
            "response": {"claimsOverrideDetails": None},
        },
    ]


def test_a_refresh_asks_about_the_tokens_alone(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    refresh = sign_in(anonymous, client_id)["AuthenticationResult"]["RefreshToken"]
    set_triggers(pool_id, *ALL, "UserMigration")
    functions.answer_with(
        "PreTokenGeneration", claimsOverrideDetails={"claimsToAddOrOverride": {"shop": "7"}}
    )
    again = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": refresh},
        ClientMetadata=METADATA,
    )
    assert functions.sources() == ["TokenGeneration_RefreshTokens"]
    assert "clientMetadata" not in functions.events[0]["request"]
    assert claims(again)["shop"] == "7"
    functions.does["PreTokenGeneration"] = fail
    with refused("UserLambdaValidationException", "PreTokenGeneration failed with error no."):
        anonymous.initiate_auth(
            ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": refresh}
        )


def test_a_new_password_is_told_of_with_what_the_client_says_then(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    make_user: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    make_user(pool_id, "anna", "Temp-Passw0rd!", permanent=False)
    set_triggers(pool_id, *ALL, "PostConfirmation")
    asked = sign_in(anonymous, client_id, "Temp-Passw0rd!")
    assert functions.sources() == ["PreAuthentication_Authentication"]
    functions.events.clear()
    answer = {"USERNAME": "anna", "NEW_PASSWORD": PASSWORD}

    functions.does["PostAuthentication"] = fail
    with refused("UserLambdaValidationException", "PostAuthentication failed with error no."):
        respond(anonymous, client_id, asked["Session"], answer)
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="anna")["UserStatus"] == "CONFIRMED"
    with refused("NotAuthorizedException"):  # the turn is spent, and the new password stays
        respond(anonymous, client_id, asked["Session"], answer)
    assert functions.sources() == ["PostAuthentication_Authentication"]

    functions.clear()
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password="Temp-Passw0rd!")
    asked = sign_in(anonymous, client_id, "Temp-Passw0rd!")
    functions.events.clear()
    respond(anonymous, client_id, asked["Session"], answer)
    assert functions.sources() == [
        "PostAuthentication_Authentication",
        "TokenGeneration_NewPasswordChallenge",
    ]
    assert [event["request"]["clientMetadata"] for event in functions.events] == [METADATA, METADATA]
    assert {event["request"]["userAttributes"]["cognito:user_status"] for event in functions.events} == {
        "CONFIRMED"
    }


def respond(anonymous: Cognito, client_id: str, session: str, answer: dict[str, str]) -> Any:
    return anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses=answer,
        ClientMetadata=METADATA,
    )


def test_the_function_is_asked_before_the_password_is_looked_at(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    set_triggers(pool_id, *ALL)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, client_id, "wrong")
    assert functions.sources() == ["PreAuthentication_Authentication"]
    functions.does["PreAuthentication"] = fail
    for _ in range(7):  # neither password is looked at, so nobody is locked out
        with refused("UserLambdaValidationException"):
            sign_in(anonymous, client_id, "wrong")
    functions.clear()
    sign_in(anonymous, client_id)


def test_nobody_is_asked_about_a_sign_in_that_is_refused_anyway(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
    clock: HeldClock,
) -> None:
    set_triggers(pool_id, "PreAuthentication")
    for _ in range(5):
        with refused("NotAuthorizedException"):
            sign_in(anonymous, client_id, "wrong")
    functions.clear()
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, client_id)
    clock.advance(60_000)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        sign_in(anonymous, client_id)
    with refused("UserNotFoundException"):
        sign_in(anonymous, client_id, user="nobody")
    assert functions.events == []


def test_a_client_that_does_not_tell_who_exists_lets_the_function_know(
    anonymous: Cognito,
    pool_id: str,
    make_client: Make,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    set_triggers(pool_id, "PreAuthentication")
    hiding = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, hiding, user="nobody")
    sign_in(anonymous, hiding)
    stranger, user = functions.events
    assert stranger["userName"] == "nobody"
    assert stranger["request"] == {
        "userAttributes": {},
        "validationData": METADATA,
        "userNotFound": True,
    }
    assert user["request"]["userNotFound"] is False
    assert user["request"]["userAttributes"]["sub"] == sub


def test_a_user_who_is_disabled_while_a_function_is_asked_does_not_get_in(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    def disable(event: Event) -> Event:
        cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
        return event

    for trigger in ALL:
        set_triggers(pool_id, trigger)
        functions.does[trigger] = disable
        with refused("NotAuthorizedException", "User is disabled."):
            sign_in(anonymous, client_id)
        cognito.admin_enable_user(UserPoolId=pool_id, Username="anna")


def test_a_user_who_changes_or_goes_while_a_function_is_told_does_not_get_in(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    def change(event: Event) -> Event:
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username="anna", Password="An0ther-word!", Permanent=True
        )
        return event

    def remove(event: Event) -> Event:
        cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
        return event

    set_triggers(pool_id, "PostAuthentication")
    functions.does["PostAuthentication"] = change
    with refused("NotAuthorizedException"):
        sign_in(anonymous, client_id)
    functions.does["PostAuthentication"] = remove
    with refused("NotAuthorizedException"):
        sign_in(anonymous, client_id, "An0ther-word!")


def test_nobody_gets_in_by_a_name_that_was_somebody_else_s_when_the_function_was_asked(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    make_user: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    def exchange(event: Event) -> Event:
        cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
        assert make_user(pool_id, "anna") != sub
        return event

    set_triggers(pool_id, "PreAuthentication")
    functions.does["PreAuthentication"] = exchange
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, client_id)
    functions.clear()
    sign_in(anonymous, client_id)


def test_tokens_are_not_made_for_whoever_came_with_a_password_that_is_another_by_then(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    refresh = sign_in(anonymous, client_id)["AuthenticationResult"]["RefreshToken"]

    def change(event: Event) -> Event:
        another = f"An0ther-word{len(functions.events)}!"
        cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password=another, Permanent=True)
        return event

    set_triggers(pool_id, "PreTokenGeneration")
    functions.does["PreTokenGeneration"] = change
    with refused("NotAuthorizedException", "Invalid session for the user."):
        sign_in(anonymous, client_id)
    # A new password ends no sign-in that is over.
    assert anonymous.initiate_auth(
        ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": refresh}
    )["AuthenticationResult"]


def test_tokens_are_not_made_for_a_sign_in_that_was_revoked_meanwhile(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    token = sign_in(anonymous, client_id)["AuthenticationResult"]["RefreshToken"]

    def revoke(event: Event) -> Event:
        anonymous.revoke_token(ClientId=client_id, Token=token)
        return event

    set_triggers(pool_id, "PreTokenGeneration")
    functions.does["PreTokenGeneration"] = revoke
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        anonymous.initiate_auth(
            ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token}
        )


@pytest.mark.parametrize(("version", "number"), [("V2_0", "2"), ("V3_0", "3")])
def test_later_versions_are_told_of_scopes_and_change_both_tokens(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    version: str,
    number: str,
) -> None:
    cognito.create_group(UserPoolId=pool_id, GroupName="staff", RoleArn="arn:aws:iam::000000000000:role/r")
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username="anna", GroupName="staff")
    config: Any = {"LambdaVersion": version, "LambdaArn": arn("api", "f")}
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreTokenGenerationConfig": config})
    functions.answer_with(
        "f",
        claimsAndScopeOverrideDetails={
            "idTokenGeneration": {
                "claimsToAddOrOverride": {"shops": [1, 2], "sub": "someone else"},
                "claimsToSuppress": ["email"],
            },
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"tenant": {"id": 7}, "aud": client_id},
                "scopesToAdd": ["openid", "shop/read"],
            },
            "groupOverrideDetails": {"groupsToOverride": ["admins"]},
        },
    )
    tokens = sign_in(anonymous, client_id)
    (event,) = functions.events
    assert event["version"] == number
    assert event["response"] == {"claimsAndScopeOverrideDetails": None}
    assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]
    assert event["request"]["groupConfiguration"] == {
        "groupsToOverride": ["staff"],
        "iamRolesToOverride": ["arn:aws:iam::000000000000:role/r"],
        "preferredRole": "arn:aws:iam::000000000000:role/r",
    }
    of_id, of_access = claims(tokens), claims(tokens, "AccessToken")
    assert (of_id["shops"], of_id["sub"], of_id["cognito:groups"]) == ([1, 2], sub, ["admins"])
    assert not of_id.keys() & {"email", "cognito:roles", "cognito:preferred_role"}
    assert (of_access["tenant"], of_access["aud"]) == ({"id": 7}, client_id)
    assert of_access["scope"] == "aws.cognito.signin.user.admin openid shop/read"
    assert of_access["cognito:groups"] == ["admins"]
    anonymous.get_user(AccessToken=tokens["AuthenticationResult"]["AccessToken"])


def test_a_machine_s_token_is_changed_by_version_3(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, functions: Functions
) -> None:
    machine = make_client(pool_id, GenerateSecret=True, ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"])
    config: Any = {"LambdaVersion": "V3_0", "LambdaArn": arn("api", "f")}
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreTokenGenerationConfig": config})
    functions.answer_with(
        "f",
        claimsAndScopeOverrideDetails={
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"tenant": 7, "sub": "someone else", "client_id": "another"},
                "scopesToAdd": ["shop/read"],
            }
        },
    )

    def ask() -> Any:
        return anonymous.get_client_token(
            ClientId=machine["ClientId"],
            Secret=machine["ClientSecret"],
            ClientMetadata={"from": "a job"},
        )

    token = ask()["ClientAuthenticationResult"]["AccessToken"]
    (event,) = functions.events
    assert (event["triggerSource"], event["userName"]) == (
        "TokenGeneration_ClientCredentials",
        "ClientCredentials",
    )
    assert event["request"]["clientMetadata"] == {"from": "a job"}
    found = jwt.decode(token, options={"verify_signature": False})
    assert (found["tenant"], found["scope"]) == (7, "shop/read")
    assert found["sub"] == found["client_id"] == machine["ClientId"]

    def fail(event: Event) -> Event:
        raise Failure("no")

    functions.does["f"] = fail
    with refused("UserLambdaValidationException", "PreTokenGeneration failed with error no."):
        ask()


def test_a_token_made_for_another_is_changed_too_but_not_whom_it_is_for(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    make_client: Make,
    functions: Functions,
) -> None:
    made = make_client(pool_id, GenerateSecret=True, ExplicitAuthFlows=["ALLOW_TOKEN_EXCHANGE_DELEGATION"])
    exchanger = made["ClientId"]
    subject = sign_in(anonymous, client_id)["AuthenticationResult"]["AccessToken"]
    config: Any = {"LambdaVersion": "V2_0", "LambdaArn": arn("api", "f")}
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreTokenGenerationConfig": config})
    changes = {
        "claimsToAddOrOverride": {"tenant": 7, "aud": exchanger, "act": {"sub": "another"}},
        "claimsToSuppress": ["aud", "act"],
    }
    functions.answer_with(
        "f",
        claimsAndScopeOverrideDetails={"accessTokenGeneration": changes, "idTokenGeneration": changes},
    )
    client: Any = anonymous  # the types of boto3 do not have this operation yet
    for kind in ("ACCESS_TOKEN", "ID_TOKEN"):
        answer = client.get_derived_token(
            ClientId=exchanger,
            ClientSecret=made["ClientSecret"],
            SubjectToken=subject,
            SubjectTokenType="ACCESS_TOKEN",
            ActorToken=subject,
            ActorTokenType="ACCESS_TOKEN",
            Audiences=["billing"],
            RequestedTokenType=kind,
        )
        found = jwt.decode(answer["IssuedToken"], options={"verify_signature": False, "verify_aud": False})
        assert (found["tenant"], found["aud"], found["act"]) == (7, "billing", {"sub": sub})
    assert {event["triggerSource"] for event in functions.events} == {"TokenGeneration_RefreshTokens"}


@pytest.mark.parametrize(
    "details",
    [
        {"accessTokenGeneration": {"scopesToAdd": ["a b"]}},
        {"accessTokenGeneration": {"scopesToAdd": [""]}},
        {"accessTokenGeneration": {"scopesToAdd": "openid"}},
        {"idTokenGeneration": []},
        {"groupOverrideDetails": {"groupsToOverride": "staff"}},
    ],
)
def test_changes_that_cannot_be_read_make_no_tokens(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    sub: str,
    functions: Functions,
    details: dict[str, Any],
) -> None:
    config: Any = {"LambdaVersion": "V2_0", "LambdaArn": arn("api", "f")}
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreTokenGenerationConfig": config})
    functions.answer_with("f", claimsAndScopeOverrideDetails=details)
    with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
        sign_in(anonymous, client_id)


def test_srp_asks_before_it_begins_and_tells_after_it_is_proven(
    anonymous: Cognito,
    pool_id: str,
    make_client: Make,
    sub: str,
    functions: Functions,
    set_triggers: Make,
    clock: HeldClock,
) -> None:
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])["ClientId"]
    set_triggers(pool_id, *ALL, "UserMigration")
    asked = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "anna", "SRP_A": srp_client.SRP_A},
    )
    assert functions.sources() == ["PreAuthentication_Authentication"]
    assert functions.events[0]["request"]["userAttributes"]["sub"] == sub
    assert functions.events[0]["request"]["validationData"] is None
    functions.events.clear()
    anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp_client.answer_to(asked["ChallengeParameters"], pool_id, PASSWORD, clock.now),
        ClientMetadata=METADATA,
    )
    assert functions.sources() == ["PostAuthentication_Authentication", "TokenGeneration_Authentication"]
    assert [event["request"]["clientMetadata"] for event in functions.events] == [METADATA, METADATA]
