"""The events of every trigger, member by member, and that functions can read each of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import cognito_user_pool_event as powertools
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.triggers import (
    authentication,
    custom_challenge,
    custom_message,
    custom_sender,
    inbound_federation,
    pre_token_generation,
    sign_up,
    user_migration,
)
from cognomen.triggers.custom_challenge import Ask, Challenge, Fail, Issue, Shown
from cognomen.triggers.pre_token_generation import Groups, Overrides
from tests.calls import call_of
from tests.documented_triggers import DOCUMENTED
from tests.functions import Functions, arn
from tests.sdk_receiver import opened, raw_key
from tests.server import Server

Make = Callable[..., Any]
Do = Callable[[Call], Coroutine[Any, Any, Any]]

METADATA = {"hint": "from the client"}
VERSIONED = ("PreTokenGeneration", "CustomEmailSender", "CustomSMSSender", "InboundFederation")
TRIGGERS = tuple(name for name in DOCUMENTED if name not in VERSIONED)
"""Those that a pool has by an ARN alone."""
SHOWN = [Shown("SRP_A", True), Shown("CUSTOM_CHALLENGE", False, "a riddle")]
TOLD = [
    {"challengeName": "SRP_A", "challengeResult": True, "challengeMetadata": None},
    {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": False, "challengeMetadata": "a riddle"},
]
KEY = "arn:aws:kms:us-east-1:000000000000:key/k"


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make) -> str:
    id: str = make_pool()["Id"]
    versioned: Any = {"LambdaVersion": "V1_0"}
    config: Any = {name: arn("api", name) for name in TRIGGERS} | {
        "PreTokenGenerationConfig": {"LambdaVersion": "V3_0", "LambdaArn": arn("api", "PreTokenGeneration")},
        "CustomEmailSender": versioned | {"LambdaArn": arn("api", "CustomEmailSender")},
        "CustomSMSSender": versioned | {"LambdaArn": arn("api", "CustomSMSSender")},
        "InboundFederation": versioned | {"LambdaArn": arn("api", "InboundFederation")},
        "KMSKeyID": KEY,
    }
    cognito.update_user_pool(UserPoolId=id, LambdaConfig=config)
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    id: str = make_client(pool_id)["ClientId"]
    return id


@pytest.fixture
def sub(cognito: Cognito, pool_id: str) -> str:
    user = cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="anna",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": "anna@example.com"}],
    )["User"]
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password="Passw0rd!", Permanent=True)
    return user["Attributes"][0]["Value"]


@pytest.fixture
def do(server: Server, pool_id: str, client_id: str, sub: str, functions: Functions) -> Callable[[Do], Any]:
    """Do something with a call about the pool, its client and its user; events of before are forgotten."""
    functions.clear()

    async def run(what: Do) -> Any:
        from cognomen.store import users  # noqa: PLC0415  only here

        call = await call_of(server.node, pool_id, client_id)
        found = await call.store.read(users.by_sub, pool_id, sub)
        assert found is not None
        call.found_user = found
        return await what(call)

    return lambda what: server.run(run(what))


@pytest.fixture
def user(sub: str) -> dict[str, str]:
    return {"sub": sub, "cognito:user_status": "CONFIRMED", "email": "anna@example.com"}


def the_event(functions: Functions) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    (event,) = functions.events
    assert event["version"] == "1"
    return event["triggerSource"], event["userName"], event["request"], event["response"]


def define(call: Call) -> Any:
    return custom_challenge.define(call, "anna", call.user, SHOWN, client_metadata=METADATA)


def create(call: Call) -> Any:
    return custom_challenge.create(
        call, "anna", call.user, "CUSTOM_CHALLENGE", SHOWN, client_metadata=METADATA
    )


def verify(call: Call) -> Any:
    return custom_challenge.verify(call, "anna", call.user, {"answer": "42"}, "41", client_metadata=METADATA)


def verify_stranger(call: Call) -> Any:
    return custom_challenge.verify(call, "nobody", None, {"answer": "42"}, "42", client_metadata=None)


def test_define(do: Any, functions: Functions, user: dict[str, str]) -> None:
    functions.answer_with("DefineAuthChallenge", challengeName="CUSTOM_CHALLENGE", issueTokens=False)
    assert do(define) == Ask("CUSTOM_CHALLENGE")
    assert the_event(functions) == (
        "DefineAuthChallenge_Authentication",
        "anna",
        {"userAttributes": user, "session": TOLD, "clientMetadata": METADATA},
        {"challengeName": None, "issueTokens": None, "failAuthentication": None},
    )


@pytest.mark.parametrize(
    ("response", "decision"),
    [
        ({"issueTokens": True}, Issue()),
        ({"failAuthentication": True}, Fail()),
        ({"failAuthentication": True, "issueTokens": True, "challengeName": "CUSTOM_CHALLENGE"}, Fail()),
        ({"issueTokens": True, "challengeName": "CUSTOM_CHALLENGE"}, Issue()),
        ({"issueTokens": False, "challengeName": "PASSWORD_VERIFIER"}, Ask("PASSWORD_VERIFIER")),
        ({"issueTokens": "true"}, Issue()),
    ],
)
def test_what_comes_next(do: Any, functions: Functions, response: Any, decision: object) -> None:
    functions.answer_with("DefineAuthChallenge", **response)
    assert do(define) == decision


@pytest.mark.parametrize(
    "response", [{}, {"issueTokens": False, "failAuthentication": False, "challengeName": ""}]
)
def test_a_decision_that_says_nothing(do: Any, functions: Functions, response: Any) -> None:
    functions.answer_with("DefineAuthChallenge", **response)
    with pytest.raises(Refusal, match="Unrecognizable lambda output"):
        do(define)


def test_create(do: Any, functions: Functions, user: dict[str, str]) -> None:
    functions.answer_with(
        "CreateAuthChallenge",
        publicChallengeParameters={"riddle": "?"},
        privateChallengeParameters={"answer": "42"},
        challengeMetadata="a riddle",
    )
    assert do(create) == Challenge({"riddle": "?"}, {"answer": "42"}, "a riddle")
    assert "42" not in repr(do(create))
    del functions.events[1:]
    assert the_event(functions) == (
        "CreateAuthChallenge_Authentication",
        "anna",
        {
            "userAttributes": user,
            "challengeName": "CUSTOM_CHALLENGE",
            "session": TOLD,
            "clientMetadata": METADATA,
        },
        {
            "publicChallengeParameters": None,
            "privateChallengeParameters": None,
            "challengeMetadata": None,
        },
    )


def test_verify(do: Any, functions: Functions, user: dict[str, str]) -> None:
    assert do(verify) is False
    assert the_event(functions) == (
        "VerifyAuthChallengeResponse_Authentication",
        "anna",
        {
            "userAttributes": user,
            "privateChallengeParameters": {"answer": "42"},
            "challengeAnswer": "41",
            "clientMetadata": METADATA,
        },
        {"answerCorrect": None},
    )
    functions.answer_with("VerifyAuthChallengeResponse", answerCorrect=True)
    assert do(verify) is True


def test_a_stranger_is_never_right(
    do: Any, cognito: Cognito, pool_id: str, client_id: str, functions: Functions
) -> None:
    cognito.update_user_pool_client(
        UserPoolId=pool_id, ClientId=client_id, PreventUserExistenceErrors="ENABLED"
    )
    functions.answer_with("VerifyAuthChallengeResponse", answerCorrect=True)
    assert do(verify_stranger) is False
    source, name, request, _ = the_event(functions)
    assert (source, name) == ("VerifyAuthChallengeResponse_Authentication", "nobody")
    assert (request["userNotFound"], request["userAttributes"]) == (True, {})


@pytest.mark.parametrize(
    "missing", ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"]
)
def test_custom_challenges_need_all_three_functions(
    do: Any, cognito: Cognito, pool_id: str, missing: str
) -> None:
    config: Any = {name: arn("api", name) for name in TRIGGERS if name != missing}
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig=config)
    with pytest.raises(Refusal, match="Custom auth lambda trigger"):
        do(define)


def test_sign_up_with_what_the_client_says(do: Any, functions: Functions) -> None:
    functions.answer_with("PreSignUp", autoConfirmUser=True, autoVerifyEmail=True)
    answer = do(
        lambda call: sign_up.before(
            call,
            "PreSignUp_SignUp",
            "bo",
            {"email": "bo@example.com"},
            validation_data={"ticket": "42"},
            client_metadata=METADATA,
        )
    )
    assert answer.auto_confirm_user is True
    assert sign_up.verified(answer, {"email": "bo@example.com"}) == {"email_verified": "true"}
    with pytest.raises(Refusal, match="email"):
        sign_up.verified(answer, {})
    assert the_event(functions) == (
        "PreSignUp_SignUp",
        "bo",
        {
            "userAttributes": {"email": "bo@example.com"},
            "validationData": {"ticket": "42"},
            "clientMetadata": METADATA,
        },
        {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    )


@pytest.mark.parametrize(
    "source", ["PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword"]
)
def test_post_confirmation(do: Any, functions: Functions, user: dict[str, str], source: Any) -> None:
    do(lambda call: sign_up.after(call, source, call.user, client_metadata=METADATA))
    assert the_event(functions) == (
        source,
        "anna",
        {"userAttributes": user, "clientMetadata": METADATA},
        {},
    )


def test_messages_with_a_link_must_carry_one(do: Any, functions: Functions) -> None:
    def asked(call: Call) -> Any:
        return custom_message.compose(
            call, "CustomMessage_SignUp", call.user, client_metadata=None, with_link=True
        )

    functions.answer_with("CustomMessage", emailMessage="Click {##here##}", smsMessage="{####}")
    assert do(asked).email_message == "Click {##here##}"
    assert functions.events[0]["request"]["usernameParameter"] is None
    functions.answer_with("CustomMessage", emailMessage="{####}")
    with pytest.raises(Refusal, match="must contain"):
        do(asked)


def test_a_machine_s_token(do: Any, functions: Functions) -> None:
    changes = do(lambda call: pre_token_generation.for_machine(call, ["shop/read"], client_metadata=METADATA))
    assert changes == Overrides()
    (event,) = functions.events
    assert (event["version"], event["triggerSource"]) == ("3", "TokenGeneration_ClientCredentials")
    assert event["userName"] == "ClientCredentials"
    assert event["request"] == {
        "userAttributes": {},
        "groupConfiguration": None,
        "scopes": ["shop/read"],
        "clientMetadata": METADATA,
    }
    assert event["response"] == {"claimsAndScopeOverrideDetails": None}


@pytest.mark.parametrize("version", ["V1_0", "V2_0"])
def test_earlier_versions_are_not_asked_about_machines(
    do: Any, cognito: Cognito, pool_id: str, functions: Functions, version: Any
) -> None:
    config: Any = {"LambdaVersion": version, "LambdaArn": arn("api", "f")}
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreTokenGenerationConfig": config})
    assert do(lambda call: pre_token_generation.for_machine(call, [], client_metadata=None)) is None
    assert functions.events == []


OF_OIDC = {
    "tokenResponse": {"access_token": "ey..", "token_type": "Bearer", "expires_in": "3600"},
    "idToken": {"sub": "1234", "email": "anna@example.com"},
    "userInfo": {"sub": "1234", "given_name": "Anna"},
}
OF_SAML = {"samlResponse": {"email": "anna@example.com"}}


@pytest.mark.parametrize(("kind", "told"), [("OIDC", OF_OIDC), ("SAML", OF_SAML)])
def test_what_a_provider_says(do: Any, functions: Functions, kind: str, told: dict[str, object]) -> None:
    assert do(lambda call: inbound_federation.claims(call, "corp", kind, "1234", told)) is None
    (event,) = functions.events
    assert (event["version"], event["triggerSource"]) == ("1", "InboundFederation_ExternalProvider")
    assert event["request"] == {"providerName": "corp", "providerType": kind, "attributes": told}
    assert event["response"] == {"userAttributesToMap": {}}


@pytest.mark.parametrize(
    ("answered", "claims"),
    [
        ({}, None),
        ({"userAttributesToMap": None}, None),
        ({"userAttributesToMap": {}}, None),
        ({"userAttributesToMap": {"email": "a@b.example", "n": 1}}, {"email": "a@b.example", "n": 1}),
    ],
)
def test_what_counts_of_it(do: Any, functions: Functions, answered: Any, claims: object) -> None:
    functions.answer_with("InboundFederation", **answered)
    assert do(lambda call: inbound_federation.claims(call, "corp", "SAML", "1234", OF_SAML)) == claims


def test_claims_that_are_none(do: Any, functions: Functions) -> None:
    functions.answer_with("InboundFederation", userAttributesToMap=["email"])
    with pytest.raises(Refusal, match="Unrecognizable lambda output"):
        do(lambda call: inbound_federation.claims(call, "corp", "SAML", "1234", OF_SAML))


def told_of(call: Call, occasion: Any, metadata: dict[str, str] | None) -> custom_sender.Event:
    return custom_sender.event_of(occasion, call.user, {}, client_id=None, client_metadata=metadata)


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ("CustomEmailSender", "customEmailSenderRequestV1"),
        ("CustomSMSSender", "customSMSSenderRequestV1"),
    ],
)
def test_a_sender_gets_the_code_encrypted(
    do: Any, server: Server, functions: Functions, user: dict[str, str], trigger: Any, kind: str
) -> None:
    def send(call: Call) -> Any:
        event = told_of(call, "AdminCreateUser", None)
        return custom_sender.send(call, trigger, event, "a<&>b", is_password=True)

    do(send)
    source, name, request, response = the_event(functions)
    key = server.node.code_keys.secret_of(KEY)
    assert key is not None
    code, _ = opened(base64.b64decode(request.pop("code")), raw_key(key, KEY))
    assert code == b"a&lt;&amp;&gt;b"
    assert (source, name, response) == (f"{trigger}_AdminCreateUser", "anna", {})
    assert request == {"type": kind, "userAttributes": user}


# -- the library that functions read events with ----------------------------------------------------------------------

EVERY: list[tuple[Do, type[Any]]] = [
    (
        lambda call: sign_up.before(
            call, "PreSignUp_SignUp", "bo", {"email": "b@x.de"}, validation_data=None, client_metadata=None
        ),
        powertools.PreSignUpTriggerEvent,
    ),
    (
        lambda call: sign_up.after(
            call, "PostConfirmation_ConfirmSignUp", call.user, client_metadata=METADATA
        ),
        powertools.PostConfirmationTriggerEvent,
    ),
    (
        lambda call: authentication.before(call, "anna", call.user, validation_data=METADATA),
        powertools.PreAuthenticationTriggerEvent,
    ),
    (
        lambda call: authentication.after(call, call.user, new_device_used=True, client_metadata=METADATA),
        powertools.PostAuthenticationTriggerEvent,
    ),
    (define, powertools.DefineAuthChallengeTriggerEvent),
    (create, powertools.CreateAuthChallengeTriggerEvent),
    (verify, powertools.VerifyAuthChallengeResponseTriggerEvent),
    (
        lambda call: pre_token_generation.for_user(
            call, "TokenGeneration_HostedAuth", call.user, Groups(["a"]), ["openid"], client_metadata=METADATA
        ),
        powertools.PreTokenGenerationV2TriggerEvent,
    ),
    (
        lambda call: user_migration.at_sign_in(call, "bo", "Passw0rd!", validation_data=METADATA),
        powertools.UserMigrationTriggerEvent,
    ),
    (
        lambda call: user_migration.at_forgot_password(call, "bo", client_metadata=METADATA),
        powertools.UserMigrationTriggerEvent,
    ),
    (
        lambda call: custom_message.compose(
            call, "CustomMessage_ForgotPassword", call.user, client_metadata=METADATA
        ),
        powertools.CustomMessageTriggerEvent,
    ),
    (
        lambda call: custom_sender.send(
            call, "CustomEmailSender", told_of(call, "SignUp", METADATA), "123456"
        ),
        powertools.CustomEmailSenderTriggerEvent,
    ),
    (
        lambda call: custom_sender.send(call, "CustomSMSSender", told_of(call, "SignUp", METADATA), "123456"),
        powertools.CustomSMSSenderTriggerEvent,
    ),
]


@pytest.mark.parametrize(("fire", "reader"), EVERY)
def test_powertools_reads_every_event(do: Any, functions: Functions, fire: Do, reader: type[Any]) -> None:
    functions.answer_with("DefineAuthChallenge", issueTokens=True)
    do(fire)
    event: Any = reader(functions.events[0])
    assert event.caller_context.client_id
    founds: list[Any] = [event, event.request, getattr(event, "response", None)]
    for found in founds:
        for name in dir(found):
            if not (name.startswith("_") or (name == "password" and name not in found.raw_event)):
                getattr(found, name)  # a password is not there when it is forgotten


def test_powertools_reads_the_first_version_of_token_events(
    do: Any, cognito: Cognito, pool_id: str, functions: Functions
) -> None:
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreTokenGeneration": arn("api", "f")})
    functions.answer_with("f", claimsOverrideDetails={"claimsToAddOrOverride": {"a": "1"}})
    do(
        lambda call: pre_token_generation.for_user(
            call, "TokenGeneration_Authentication", call.user, Groups(["a"]), [], client_metadata=None
        )
    )
    event = powertools.PreTokenGenerationTriggerEvent(functions.events[0])
    assert event.request.group_configuration.groups_to_override == ["a"]
    event.response.claims_override_details.claims_to_add_or_override = {"b": "2"}
    assert event.raw_event["response"]["claimsOverrideDetails"]["claimsToAddOrOverride"] == {"b": "2"}
