"""What fails on the way of an operation outside of it: the pool owner's function, or the carrier of its message.

Each operation that declares such an error is here with a deed that meets it; a new one is missed by the last tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cognomen import errors
from cognomen.messages.carriers.failures import Undelivered
from cognomen.operations.registry import REGISTRY
from tests.carriers import Double
from tests.codes import newest_code
from tests.conftest import PASSWORD
from tests.functions import Failure, Functions, arn
from tests.server import Server

Cognito = Any  # what editors know of boto3 lacks some of these operations
Deed = Callable[[], object]

NEW_PASSWORD = "N3w-Passw0rd!"
IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/example.com"
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}
ADDRESSES = {
    "phone_number": ("+17755550839", "+17755550840"),
    "email": ("ada@example.com", "ada@example.org"),
}
CARRIED_BY = {"phone_number": "_of_sms", "email": "_of_email"}
DELIVERED_BY = {"phone_number": "SMS", "email": "EMAIL"}
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]


def settings_of(attribute: str) -> dict[str, Any]:
    """What a pool must have to send codes there, also as second factors."""
    sender: dict[str, Any] = {"SmsConfiguration": SMS}
    if attribute == "email":
        sender = {
            "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": IDENTITY},
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Name": "verified_email", "Priority": 1},
                    {"Name": "verified_phone_number", "Priority": 2},
                ]
            },
        }
    return {"AutoVerifiedAttributes": [attribute]} | sender


@dataclass
class Place:
    """A pool that sends its codes to one attribute, with a client; `ada` is there when a deed asks for her."""

    server: Server
    cognito: Cognito
    anonymous: Cognito
    attribute: str
    pool_id: str
    client_id: str
    has_second_factor: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        return settings_of(self.attribute)

    def address(self, *, other: bool = False) -> list[dict[str, str]]:
        return [{"Name": self.attribute, "Value": ADDRESSES[self.attribute][other]}]

    @property
    def whose(self) -> dict[str, str]:
        return {"UserPoolId": self.pool_id, "Username": "ada"}

    @property
    def own(self) -> dict[str, str]:
        return {"ClientId": self.client_id, "Username": "ada"}

    def add(self, *, permanent: bool = True) -> None:
        attributes = [*self.address(), {"Name": f"{self.attribute}_verified", "Value": "true"}]
        self.cognito.admin_create_user(**self.whose, UserAttributes=attributes, MessageAction="SUPPRESS")
        self.cognito.admin_set_user_password(**self.whose, Password=PASSWORD, Permanent=permanent)
        if self.has_second_factor and self.attribute == "email":
            self.cognito.admin_set_user_mfa_preference(**self.whose, EmailMfaSettings={"Enabled": True})

    def sign_up(self) -> None:
        self.anonymous.sign_up(**self.own, Password=PASSWORD, UserAttributes=self.address())

    def sign_in(self) -> Any:
        return self.anonymous.initiate_auth(
            ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=self.proof
        )

    @property
    def proof(self) -> dict[str, str]:
        return {"USERNAME": "ada", "PASSWORD": PASSWORD}

    def tokens(self) -> Any:
        self.add()
        return self.sign_in()["AuthenticationResult"]

    def service(self, **settings: Any) -> Any:
        return self.cognito.create_user_pool_client(
            UserPoolId=self.pool_id, ClientName="a service", GenerateSecret=True, **settings
        )["UserPoolClient"]

    def want_second_factor(self) -> None:
        self.has_second_factor = True
        factor = (
            {"EmailMfaConfiguration": {}}
            if self.attribute == "email"
            else {"SmsMfaConfiguration": {"SmsConfiguration": SMS}}
        )
        self.cognito.set_user_pool_mfa_config(UserPoolId=self.pool_id, MfaConfiguration="ON", **factor)


# -- deeds: what must be there is made, and the call is given back ----------------------------------------------------


def sign_up(place: Place) -> Deed:
    return place.sign_up


def confirm_sign_up(place: Place) -> Deed:
    place.sign_up()
    code = newest_code(place.server, place.pool_id)
    return lambda: place.anonymous.confirm_sign_up(**place.own, ConfirmationCode=code)


def admin_confirm_sign_up(place: Place) -> Deed:
    place.sign_up()
    return lambda: place.cognito.admin_confirm_sign_up(**place.whose)


def resend_confirmation_code(place: Place) -> Deed:
    place.sign_up()
    return lambda: place.anonymous.resend_confirmation_code(**place.own)


def forgot_password(place: Place) -> Deed:
    place.add()
    return lambda: place.anonymous.forgot_password(**place.own)


def confirm_forgot_password(place: Place) -> Deed:
    place.add()
    place.anonymous.forgot_password(**place.own)
    code = newest_code(place.server, place.pool_id)
    return lambda: place.anonymous.confirm_forgot_password(
        **place.own, ConfirmationCode=code, Password=NEW_PASSWORD
    )


def admin_reset_user_password(place: Place) -> Deed:
    place.add()
    return lambda: place.cognito.admin_reset_user_password(**place.whose)


def admin_create_user(place: Place) -> Deed:
    medium = DELIVERED_BY[place.attribute]
    return lambda: place.cognito.admin_create_user(
        **place.whose, UserAttributes=place.address(), DesiredDeliveryMediums=[medium]
    )


def update_user_attributes(place: Place) -> Deed:
    token = place.tokens()["AccessToken"]
    changed = place.address(other=True)
    return lambda: place.anonymous.update_user_attributes(AccessToken=token, UserAttributes=changed)


def admin_update_user_attributes(place: Place) -> Deed:
    place.add()
    changed = place.address(other=True)
    return lambda: place.cognito.admin_update_user_attributes(**place.whose, UserAttributes=changed)


def get_user_attribute_verification_code(place: Place) -> Deed:
    token = place.tokens()["AccessToken"]
    return lambda: place.anonymous.get_user_attribute_verification_code(
        AccessToken=token, AttributeName=place.attribute
    )


def initiate_auth(place: Place) -> Deed:
    place.add()
    return place.sign_in


def admin_initiate_auth(place: Place) -> Deed:
    place.add()
    return lambda: place.cognito.admin_initiate_auth(
        UserPoolId=place.pool_id,
        ClientId=place.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=place.proof,
    )


def _answer(place: Place) -> dict[str, Any]:
    place.add(permanent=False)
    return {
        "ClientId": place.client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": place.sign_in()["Session"],
        "ChallengeResponses": {"USERNAME": "ada", "NEW_PASSWORD": NEW_PASSWORD},
    }


def respond_to_auth_challenge(place: Place) -> Deed:
    answer = _answer(place)
    return lambda: place.anonymous.respond_to_auth_challenge(**answer)


def admin_respond_to_auth_challenge(place: Place) -> Deed:
    answer = _answer(place)
    return lambda: place.cognito.admin_respond_to_auth_challenge(UserPoolId=place.pool_id, **answer)


def get_tokens_from_refresh_token(place: Place) -> Deed:
    tokens = place.tokens()
    return lambda: place.anonymous.get_tokens_from_refresh_token(
        ClientId=place.client_id, RefreshToken=tokens["RefreshToken"]
    )


def get_derived_token(place: Place) -> Deed:
    service = place.service(
        ExplicitAuthFlows=["ALLOW_TOKEN_EXCHANGE_IMPERSONATION"],
        AllowedOAuthScopes=["aws.cognito.signin.user.admin"],
    )
    token = place.tokens()["AccessToken"]
    return lambda: place.anonymous.get_derived_token(
        ClientId=service["ClientId"],
        ClientSecret=service["ClientSecret"],
        SubjectToken=token,
        SubjectTokenType="ACCESS_TOKEN",
    )


def get_client_token(place: Place) -> Deed:
    service = place.service(ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"])
    return lambda: place.anonymous.get_client_token(
        ClientId=service["ClientId"], Secret=service["ClientSecret"]
    )


# -- functions -----------------------------------------------------------------------------------------------------------

ASKS: dict[Callable[[Place], Deed], str] = {
    sign_up: "PreSignUp",
    confirm_sign_up: "PostConfirmation",
    admin_confirm_sign_up: "PostConfirmation",
    resend_confirmation_code: "CustomMessage",
    forgot_password: "CustomMessage",
    confirm_forgot_password: "PostConfirmation",
    admin_reset_user_password: "CustomMessage",
    admin_create_user: "PreSignUp",
    update_user_attributes: "CustomMessage",
    admin_update_user_attributes: "CustomMessage",
    get_user_attribute_verification_code: "CustomMessage",
    initiate_auth: "PreAuthentication",
    admin_initiate_auth: "PreAuthentication",
    respond_to_auth_challenge: "PostAuthentication",
    admin_respond_to_auth_challenge: "PostAuthentication",
    get_tokens_from_refresh_token: "PreTokenGeneration",
    get_derived_token: "PreTokenGeneration",
    get_client_token: "PreTokenGeneration",
}
# ConfirmDevice declares that a function answered nonsense, and is asked of none.
ASKS_NOBODY = {"ConfirmDevice"}


def name_of(make: Callable[[Place], Deed]) -> str:
    return "".join(part.capitalize() for part in make.__name__.split("_"))


def declaring(error: str) -> set[str]:
    return {name for name, entry in REGISTRY.items() if error in entry.model.errors}


def outcome(deed: Deed) -> str:
    try:
        deed()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


@pytest.fixture
def new_place(server: Server, cognito: Cognito, anonymous: Cognito) -> Callable[..., Place]:
    def make(attribute: str = "phone_number") -> Place:
        settings = settings_of(attribute)
        pool_id = cognito.create_user_pool(PoolName="a pool", **settings)["UserPool"]["Id"]
        client_id = cognito.create_user_pool_client(
            UserPoolId=pool_id, ClientName="a client", ExplicitAuthFlows=FLOWS
        )["UserPoolClient"]["ClientId"]
        return Place(server, cognito, anonymous, attribute, pool_id, client_id)

    return make


def fail(_: object) -> object:
    raise Failure("no")


@pytest.mark.parametrize("make", ASKS, ids=name_of)
def test_a_function_that_fails_is_told_in_three_ways(
    new_place: Callable[..., Place], functions: Functions, make: Callable[[Place], Deed]
) -> None:
    acts: dict[str, tuple[str, Any]] = {
        "UserLambdaValidationException": ("api", fail),
        "InvalidLambdaResponseException": ("api", lambda _: ["no event"]),
        "UnexpectedLambdaException": ("closed", None),  # a way by which nobody is reached
    }
    for error, (way, act) in acts.items():
        place = new_place()
        deed = make(place)
        functions.does[ASKS[make]] = act
        function = arn(way, ASKS[make])
        config: Any = {ASKS[make]: function}
        if ASKS[make] == "PreTokenGeneration":  # machines are told of in the latest version alone
            config = {"PreTokenGenerationConfig": {"LambdaVersion": "V3_0", "LambdaArn": function}}
        place.cognito.update_user_pool(UserPoolId=place.pool_id, LambdaConfig=config, **place.settings)
        assert outcome(deed) == error
        functions.clear()


def test_each_operation_that_declares_what_functions_do_has_its_deed() -> None:
    told = set(map(name_of, ASKS))
    assert told == declaring("UserLambdaValidationException") == declaring("UnexpectedLambdaException")
    assert told == declaring("InvalidLambdaResponseException") - ASKS_NOBODY


# -- carriers ------------------------------------------------------------------------------------------------------------

WITH_SECOND_FACTOR = (
    initiate_auth,
    admin_initiate_auth,
    respond_to_auth_challenge,
    admin_respond_to_auth_challenge,
)
SENDS = (
    sign_up,
    resend_confirmation_code,
    forgot_password,
    admin_create_user,
    update_user_attributes,
    get_user_attribute_verification_code,
    *WITH_SECOND_FACTOR,
)
# What a pool is configured with is not tried out; an administrator's change is made, whether or not its message arrives.
TELLS_NOTHING = {
    "CreateUserPool",
    "UpdateUserPool",
    "SetUserPoolMfaConfig",
    "SetRiskConfiguration",
    "AdminResetUserPassword",
    "AdminUpdateUserAttributes",
}
SENDERS_FAULTS = {
    "InvalidSmsRoleAccessPolicyException": ("phone_number", errors.SMS_NOT_PERMITTED),
    "InvalidSmsRoleTrustRelationshipException": ("phone_number", errors.SMS_ROLE_NOT_ASSUMABLE),
    "InvalidEmailRoleAccessPolicyException": ("email", errors.EMAIL_NOT_PERMITTED),
    "CodeDeliveryFailureException": ("phone_number", None),
}


@pytest.mark.parametrize("make", SENDS, ids=name_of)
def test_a_message_that_is_not_taken_is_told_with_its_reason(
    new_place: Callable[..., Place], monkeypatch: pytest.MonkeyPatch, make: Callable[[Place], Deed]
) -> None:
    for error, (attribute, sentence) in SENDERS_FAULTS.items():
        if name_of(make) not in declaring(error):
            continue
        place = new_place(attribute)
        if make in WITH_SECOND_FACTOR:
            place.want_second_factor()
        deed = make(place)
        with monkeypatch.context() as patched:
            down = Double(Undelivered("not taken", sentence=sentence))
            patched.setattr(place.server.node.carriers, CARRIED_BY[attribute], {"*": down})
            assert outcome(deed) == error


@pytest.mark.parametrize("error", SENDERS_FAULTS)
def test_each_operation_that_declares_a_sender_s_fault_has_its_deed(error: str) -> None:
    assert declaring(error) - TELLS_NOTHING <= set(map(name_of, SENDS))
