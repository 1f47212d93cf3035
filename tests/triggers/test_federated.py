"""People whom an identity provider vouches for: what functions are told, and what they decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.functions import Event, Failure, Functions, arn
from tests.server import Server
from tests.vouching import TOLD, Vouching, claims_of

Make = Callable[..., Any]

ADA = {"email": "ada@example.com", "given_name": "Ada"}
INBOUND = {"InboundFederation": {"LambdaVersion": "V1_0", "LambdaArn": arn("api", "InboundFederation")}}
EVERY = ("PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "PreTokenGeneration")
METADATA = {"hint": "from the client"}


@pytest.fixture
def corp(server: Server, cognito: Cognito, make_pool: Make, make_client: Make) -> Vouching:
    pool_id = make_pool()["Id"]
    made = Vouching(server, cognito, pool_id, make_client(pool_id)["ClientId"])
    made.provider()
    return made


def fail(_: Event) -> object:
    raise Failure("no")


def test_functions_are_told_of_a_first_sign_in_and_of_later_ones(
    corp: Vouching, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(corp.pool_id, *EVERY, **INBOUND)
    signed_in = corp.comes("1234", ADA, client_metadata=METADATA)
    corp.tokens(signed_in)
    first = functions.sources()
    corp.tokens(corp.comes("1234", ADA))
    assert first == [
        "InboundFederation_ExternalProvider",
        "PreSignUp_ExternalProvider",
        "PostConfirmation_ConfirmSignUp",
        "TokenGeneration_HostedAuth",
    ]
    assert functions.sources()[4:] == [
        "InboundFederation_ExternalProvider",
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_HostedAuth",
    ]
    inbound, before, after = functions.events[:3]
    assert inbound == {
        "version": "1",
        "triggerSource": "InboundFederation_ExternalProvider",
        "region": "us-east-1",
        "userPoolId": corp.pool_id,
        "userName": "1234",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": corp.client_id},
        "request": {"providerName": "corp", "providerType": "OIDC", "attributes": TOLD},
        "response": {"userAttributesToMap": {}},
    }
    assert before["userName"] == after["userName"] == "corp_1234"
    assert before["request"] == {
        "userAttributes": {
            "cognito:email_alias": "",
            "cognito:phone_number_alias": "",
            "email_verified": "false",
        }
        | ADA,
        "validationData": None,
        "clientMetadata": METADATA,
    }
    told = after["request"]["userAttributes"]
    assert (told["sub"], told["cognito:user_status"]) == (signed_in.user.sub, "EXTERNAL_PROVIDER")
    assert "identities" in told


def test_a_function_says_what_counts_of_the_claims(
    corp: Vouching, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(corp.pool_id, **INBOUND)
    functions.answer_with("InboundFederation", userAttributesToMap={"email": "new@example.com", "n": 1})
    attributes = corp.comes("1234", ADA).user.attributes
    assert (attributes["email"], "given_name" in attributes) == ("new@example.com", False)
    functions.answer_with("InboundFederation", userAttributesToMap={})
    assert corp.comes("1234", ADA).user.attributes["email"] == "ada@example.com"
    functions.answer_with("InboundFederation", userAttributesToMap={"given_name": True, "email": None})
    assert corp.comes("1234", ADA).user.attributes["given_name"] == "true"


def test_a_function_may_verify_a_new_users_address(
    corp: Vouching, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(corp.pool_id, "PreSignUp")
    functions.answer_with("PreSignUp", autoConfirmUser=True, autoVerifyEmail=True)
    assert corp.comes("1", ADA).user.attributes["email_verified"] == "true"
    assert corp.comes("1", ADA).user.attributes["email_verified"] == "false"
    assert corp.refused("2") == ("invalid_request", "Email is required to verify/un-verify an email ")


@pytest.mark.parametrize(
    ("trigger", "leaves"),
    [("InboundFederation", 0), ("PreSignUp", 0), ("PostConfirmation", 1)],
)
def test_a_function_may_refuse_somebody_new(
    corp: Vouching, functions: Functions, set_triggers: Make, trigger: str, leaves: int
) -> None:
    set_triggers(corp.pool_id, *EVERY, **INBOUND)
    functions.does[trigger] = fail
    assert corp.refused("1234", ADA) == ("invalid_request", f"{trigger} failed with error no. ")
    assert len(corp.cognito.list_users(UserPoolId=corp.pool_id)["Users"]) == leaves


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication"])
def test_a_function_may_refuse_who_was_here(
    corp: Vouching, functions: Functions, set_triggers: Make, trigger: str
) -> None:
    corp.comes("1234", ADA)
    set_triggers(corp.pool_id, *EVERY)
    functions.does[trigger] = fail
    assert corp.refused("1234", ADA | {"given_name": "Augusta"}) == (
        "invalid_request",
        f"{trigger} failed with error no. ",
    )
    kept = "Ada" if trigger == "PreAuthentication" else "Augusta"
    assert corp.attributes("corp_1234")["given_name"] == kept


def test_who_is_linked_before_the_sign_up_comes_in_at_the_second_time(
    corp: Vouching, functions: Functions, set_triggers: Make, make_user: Make
) -> None:
    sub = make_user(corp.pool_id, "ada")
    set_triggers(corp.pool_id, *EVERY)

    def link(event: Event) -> Event:
        corp.link("ada", event["userName"].partition("_")[2])
        return event

    functions.does["PreSignUp"] = link
    assert corp.refused() == ("invalid_request", "Already found an entry for username corp_1234")
    assert corp.comes().user.sub == sub
    assert functions.sources()[1:] == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
    ]


def test_who_is_unlinked_while_a_function_is_asked_is_somebody_new(
    corp: Vouching, functions: Functions, set_triggers: Make, make_user: Make
) -> None:
    make_user(corp.pool_id, "ada")
    corp.link("ada", "1234")
    set_triggers(corp.pool_id, "PreAuthentication", "PreSignUp")

    def unlink(event: Event) -> Event:
        corp.unlink("1234")
        return event

    functions.does["PreAuthentication"] = unlink
    assert corp.comes().user.username == "corp_1234"
    assert functions.sources() == ["PreAuthentication_Authentication", "PreSignUp_ExternalProvider"]


def test_who_is_linked_to_another_while_a_function_is_asked_is_asked_about_as_that_one(
    corp: Vouching, functions: Functions, set_triggers: Make, make_user: Make
) -> None:
    for name in ("ada", "bob"):
        make_user(corp.pool_id, name)
    corp.link("ada", "1234")
    set_triggers(corp.pool_id, "PreAuthentication")

    def link_to_bob(event: Event) -> Event:
        if event["userName"] == "ada":
            corp.unlink("1234")
            corp.link("bob", "1234")
        return event

    functions.does["PreAuthentication"] = link_to_bob
    assert corp.comes("1234", ADA).user.username == "bob"
    assert [event["userName"] for event in functions.events] == ["ada", "bob"]


def test_no_function_is_asked_about_claims_that_cannot_be(
    corp: Vouching, functions: Functions, set_triggers: Make
) -> None:
    corp.comes("1", ADA)
    set_triggers(corp.pool_id, *EVERY)
    for subject in ("1", "2"):
        corp.refused(subject, {"email": "no address"})
    assert functions.sources() == []


@pytest.mark.parametrize("trigger", ["PostConfirmation", "PreAuthentication", "PostAuthentication"])
def test_who_is_disabled_while_a_function_is_asked_does_not_come_in(
    corp: Vouching, functions: Functions, set_triggers: Make, trigger: str
) -> None:
    if trigger != "PostConfirmation":
        corp.comes()
    set_triggers(corp.pool_id, trigger)

    def disable(event: Event) -> Event:
        corp.cognito.admin_disable_user(UserPoolId=corp.pool_id, Username="corp_1234")
        return event

    functions.does[trigger] = disable
    assert corp.refused() == ("invalid_request", "User is not enabled")


def test_who_is_deleted_while_a_function_is_asked_does_not_come_in(
    corp: Vouching, functions: Functions, set_triggers: Make
) -> None:
    corp.comes()
    set_triggers(corp.pool_id, "PostAuthentication")

    def delete(event: Event) -> Event:
        corp.cognito.admin_delete_user(UserPoolId=corp.pool_id, Username="corp_1234")
        return event

    functions.does["PostAuthentication"] = delete
    assert corp.refused() == ("invalid_request", "User does not exist.")


def test_a_new_user_may_be_given_a_password_while_told_of(
    corp: Vouching, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(corp.pool_id, "PostConfirmation")

    def set_password(event: Event) -> Event:
        corp.cognito.admin_set_user_password(
            UserPoolId=corp.pool_id, Username=event["userName"], Password="Passw0rd!", Permanent=True
        )
        return event

    functions.does["PostConfirmation"] = set_password
    signed_in = corp.comes()
    assert signed_in.user.status == "CONFIRMED"
    assert claims_of(corp.tokens(signed_in).access)["username"] == "corp_1234"
