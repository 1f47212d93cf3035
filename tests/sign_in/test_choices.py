"""Choice-based sign-in (USER_AUTH): what is offered, what is chosen, and passwords in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import msgspec
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Call
from cognomen.clock import HOUR, MINUTE
from cognomen.sign_in import engine
from cognomen.sign_in.engine import Ask, SignedIn
from cognomen.sign_in.flows import FLOWS
from cognomen.store import passkeys as stored
from cognomen.users import decoys
from tests import srp_client
from tests.authenticator import Authenticator, new_key
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server
from tests.sign_in.test_engine import outcome_of

Make = Callable[..., Any]

PASSWORD = "Passw0rd!"
PASSWORDS = ["PASSWORD_SRP", "PASSWORD"]
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
SESSION_INVALID = ("NotAuthorizedException", "Invalid session for the user.")
SESSION_SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def policy(*factors: str) -> dict[str, Any]:
    return {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", *factors]}}}


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool(**policy("EMAIL_OTP", "SMS_OTP"))["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"])


@pytest.fixture
def anna(pool_id: str, make_user: Make) -> str:
    return str(make_user(pool_id, "anna", email="anna@example.com"))


def begin(anonymous: Cognito, client_id: str, username: str = "anna", **parameters: str) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters={"USERNAME": username, **parameters}
    )


def respond(
    anonymous: Cognito, client_id: str, challenge: Any, session: str, username: str = "anna", **answer: str
) -> Any:
    return anonymous.respond_to_auth_challenge(
        ChallengeName=challenge,
        ClientId=client_id,
        Session=session,
        ChallengeResponses={"USERNAME": username, **answer},
    )


def told(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


# -- choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("anna")
def test_who_says_no_preference_is_told_what_there_is_to_choose_from(
    anonymous: Cognito, client_id: str
) -> None:
    asked = told(begin(anonymous, client_id))
    assert len(asked.pop("Session")) >= 20
    assert asked == {
        "ChallengeName": "SELECT_CHALLENGE",
        "ChallengeParameters": {},
        "AvailableChallenges": [*PASSWORDS, "EMAIL_OTP"],
    }


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("preferred", ["WEB_AUTHN", "SMS_OTP", "PASSWORD_VERIFIER", "SMS_MFA", "nonsense"])
def test_a_preference_that_is_not_there_is_no_error(
    anonymous: Cognito, client_id: str, preferred: str
) -> None:
    asked = begin(anonymous, client_id, PREFERRED_CHALLENGE=preferred)
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == [*PASSWORDS, "EMAIL_OTP"]


@pytest.mark.usefixtures("anna")
def test_a_password_that_comes_along_with_the_choice_signs_in(anonymous: Cognito, client_id: str) -> None:
    session = begin(anonymous, client_id)["Session"]
    done = respond(anonymous, client_id, "SELECT_CHALLENGE", session, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    assert "AuthenticationResult" in done
    assert "AvailableChallenges" not in done
    with refused(*SESSION_SPENT):
        respond(anonymous, client_id, "SELECT_CHALLENGE", session, ANSWER="PASSWORD", PASSWORD=PASSWORD)


@pytest.mark.usefixtures("anna")
def test_a_password_may_be_asked_for_after_the_choice(anonymous: Cognito, client_id: str) -> None:
    session = begin(anonymous, client_id)["Session"]
    asked = told(respond(anonymous, client_id, "SELECT_CHALLENGE", session, ANSWER="PASSWORD"))
    session = asked.pop("Session")
    assert asked == {
        "ChallengeName": "PASSWORD",
        "ChallengeParameters": {},
        "AvailableChallenges": [*PASSWORDS, "EMAIL_OTP"],
    }
    with refused(*INCORRECT):
        respond(anonymous, client_id, "PASSWORD", session, PASSWORD="wrong")
    assert "AuthenticationResult" in respond(anonymous, client_id, "PASSWORD", session, PASSWORD=PASSWORD)
    with refused(*SESSION_SPENT):
        respond(anonymous, client_id, "PASSWORD", session, PASSWORD=PASSWORD)


@pytest.mark.usefixtures("anna")
def test_what_is_not_offered_cannot_be_chosen_and_the_choice_stays_open(
    anonymous: Cognito, client_id: str
) -> None:
    session = begin(anonymous, client_id)["Session"]
    for wrong in ("WEB_AUTHN", "SMS_OTP", "PASSWORD_VERIFIER", "SELECT_CHALLENGE", ""):
        with refused("InvalidParameterException", f"The challenge {wrong} is not available."):
            respond(anonymous, client_id, "SELECT_CHALLENGE", session, ANSWER=wrong)
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        respond(anonymous, client_id, "SELECT_CHALLENGE", session)
    assert respond(anonymous, client_id, "SELECT_CHALLENGE", session, ANSWER="PASSWORD")


@pytest.mark.usefixtures("anna")
def test_a_choice_expires_with_its_session(anonymous: Cognito, client_id: str, clock: HeldClock) -> None:
    session = begin(anonymous, client_id)["Session"]
    clock.now += 3 * MINUTE
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        respond(anonymous, client_id, "SELECT_CHALLENGE", session, ANSWER="PASSWORD")


@pytest.mark.usefixtures("anna")
def test_a_choice_is_of_its_user_its_client_and_its_turn(
    anonymous: Cognito, pool_id: str, client_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "bert")
    session = begin(anonymous, client_id)["Session"]
    other = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"]
    with refused(*SESSION_INVALID):
        respond(anonymous, client_id, "SELECT_CHALLENGE", session, "bert", ANSWER="PASSWORD")
    with refused(*SESSION_INVALID):
        respond(anonymous, other, "SELECT_CHALLENGE", session, ANSWER="PASSWORD")
    with refused(*SESSION_INVALID):
        respond(anonymous, client_id, "PASSWORD", session, PASSWORD=PASSWORD)
    with refused("InvalidParameterException", "Missing required parameter Session"):
        anonymous.respond_to_auth_challenge(
            ChallengeName="SELECT_CHALLENGE",
            ClientId=client_id,
            ChallengeResponses={"USERNAME": "anna", "ANSWER": "PASSWORD"},
        )


def test_the_client_must_allow_the_flow(anonymous: Cognito, pool_id: str, make_client: Make) -> None:
    client_id = make_client(pool_id)["ClientId"]
    with refused("InvalidParameterException", "USER_AUTH flow not enabled for this client"):
        begin(anonymous, client_id)


@pytest.mark.usefixtures("anna")
def test_an_administrator_chooses_for_a_user_too(cognito: Cognito, pool_id: str, client_id: str) -> None:
    asked = cognito.admin_initiate_auth(
        UserPoolId=pool_id, ClientId=client_id, AuthFlow="USER_AUTH", AuthParameters={"USERNAME": "anna"}
    )
    assert asked["AvailableChallenges"] == [*PASSWORDS, "EMAIL_OTP"]
    done = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool_id,
        ClientId=client_id,
        ChallengeName="SELECT_CHALLENGE",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "anna", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD},
    )
    assert done["AuthenticationResult"]


# -- passwords --------------------------------------------------------------------------------------------------------


def test_a_preferred_password_that_comes_along_signs_in(
    anonymous: Cognito, client_id: str, anna: str
) -> None:
    done = begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    token = done["AuthenticationResult"]["AccessToken"]
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == anna
    with refused(*INCORRECT):
        begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD", PASSWORD="wrong")


@pytest.mark.usefixtures("anna")
def test_a_preferred_password_that_does_not_come_along_is_asked_for(
    anonymous: Cognito, client_id: str
) -> None:
    asked = begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD")
    assert (asked["ChallengeName"], asked["AvailableChallenges"]) == ("PASSWORD", [*PASSWORDS, "EMAIL_OTP"])
    assert respond(anonymous, client_id, "PASSWORD", asked["Session"], PASSWORD=PASSWORD)[
        "AuthenticationResult"
    ]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("way", ["preferred", "chosen", "asked"])
def test_a_password_that_never_leaves_the_client_signs_in(
    anonymous: Cognito, pool_id: str, client_id: str, clock: HeldClock, way: str
) -> None:
    if way == "preferred":
        asked = begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=srp_client.SRP_A)
    elif way == "chosen":
        session = begin(anonymous, client_id)["Session"]
        asked = respond(
            anonymous,
            client_id,
            "SELECT_CHALLENGE",
            session,
            ANSWER="PASSWORD_SRP",
            SRP_A=srp_client.SRP_A,
        )
    else:
        asked = begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD_SRP")
        assert (asked["ChallengeName"], asked["ChallengeParameters"]) == ("PASSWORD_SRP", {})
        asked = respond(anonymous, client_id, "PASSWORD_SRP", asked["Session"], SRP_A=srp_client.SRP_A)
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    answer = srp_client.answer_to(asked["ChallengeParameters"], pool_id, PASSWORD, clock.now)
    done = respond(
        anonymous, client_id, "PASSWORD_VERIFIER", asked["Session"], answer.pop("USERNAME"), **answer
    )
    assert done["AuthenticationResult"]
    with refused(*INCORRECT):
        respond(anonymous, client_id, "PASSWORD_VERIFIER", asked["Session"], **answer)


@pytest.mark.usefixtures("anna")
def test_a_wrong_password_that_never_leaves_the_client_is_refused(
    anonymous: Cognito, pool_id: str, client_id: str, clock: HeldClock
) -> None:
    asked = begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=srp_client.SRP_A)
    answer = srp_client.answer_to(asked["ChallengeParameters"], pool_id, "wrong", clock.now)
    with refused(*INCORRECT):
        respond(anonymous, client_id, "PASSWORD_VERIFIER", asked["Session"], answer.pop("USERNAME"), **answer)
    with refused("InvalidParameterException", "SRP_A is not a number of the group."):
        begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A="0")


@pytest.mark.usefixtures("anna")
def test_five_wrong_passwords_lock_the_password(anonymous: Cognito, client_id: str) -> None:
    session = begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD")["Session"]
    for _ in range(5):
        with refused(*INCORRECT):
            respond(anonymous, client_id, "PASSWORD", session, PASSWORD="wrong")
    locked = ("NotAuthorizedException", "Password attempts exceeded")
    with refused(*locked):
        respond(anonymous, client_id, "PASSWORD", session, PASSWORD=PASSWORD)
    with refused(*locked):
        begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD")
    with refused(*locked):
        begin(anonymous, client_id, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=srp_client.SRP_A)
    assert begin(anonymous, client_id)["ChallengeName"] == "SELECT_CHALLENGE"


def test_a_temporary_password_is_the_only_choice_and_is_replaced(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False, email="anna@example.com")
    asked = begin(anonymous, client_id, PREFERRED_CHALLENGE="EMAIL_OTP")
    assert asked["AvailableChallenges"] == PASSWORDS
    asked = respond(
        anonymous, client_id, "SELECT_CHALLENGE", asked["Session"], ANSWER="PASSWORD", PASSWORD=PASSWORD
    )
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AvailableChallenges" not in asked
    done = respond(
        anonymous, client_id, "NEW_PASSWORD_REQUIRED", asked["Session"], NEW_PASSWORD="An0ther-one"
    )
    assert done["AuthenticationResult"]


def test_a_user_without_anything_is_asked_for_a_password_that_is_never_right(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str
) -> None:
    cognito.admin_create_user(UserPoolId=pool_id, Username="bert", MessageAction="SUPPRESS")
    assert begin(anonymous, client_id, "bert")["AvailableChallenges"] == PASSWORDS
    with refused(*INCORRECT):
        begin(anonymous, client_id, "bert", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)


@pytest.mark.usefixtures("anna")
def test_a_password_that_changed_meanwhile_ends_the_choice(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str
) -> None:
    session = begin(anonymous, client_id)["Session"]
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="anna", Password="An0ther-one", Permanent=True
    )
    with refused(*SESSION_INVALID):
        respond(anonymous, client_id, "SELECT_CHALLENGE", session, ANSWER="PASSWORD", PASSWORD="An0ther-one")


@pytest.mark.usefixtures("anna")
def test_who_may_not_sign_in_is_told_so_at_once(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str
) -> None:
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        begin(anonymous, client_id)


# -- strangers --------------------------------------------------------------------------------------------------------


def test_who_is_not_there_is_told_where_the_client_tells(anonymous: Cognito, client_id: str) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        begin(anonymous, client_id, "nobody")


def test_a_stranger_is_offered_the_same_each_time_and_names_differ(
    anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    client_id = make_client(
        pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"], PreventUserExistenceErrors="ENABLED"
    )["ClientId"]

    def offered_to(name: str) -> tuple[str, ...]:
        first, again = (begin(anonymous, client_id, name) for _ in "12")
        assert first["ChallengeName"] == again["ChallengeName"] == "SELECT_CHALLENGE"
        assert first["AvailableChallenges"] == again["AvailableChallenges"]
        assert first["AvailableChallenges"][:2] == PASSWORDS
        return tuple(first["AvailableChallenges"][2:])

    offers = {offered_to(f"nobody{number}") for number in range(20)}
    assert len(offers) > 1
    assert offers <= {(), ("EMAIL_OTP",), ("SMS_OTP",), ("EMAIL_OTP", "SMS_OTP")}


def test_some_addresses_nobody_has_are_offered_what_an_invited_user_is(
    server: Server, anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    """And what a user is with a second factor: passwords alone, to choose from and whatever is preferred."""
    pool_id = make_pool(UsernameAttributes=["email"], **policy("EMAIL_OTP"))["Id"]
    settings = {"ExplicitAuthFlows": ["ALLOW_USER_AUTH"], "PreventUserExistenceErrors": "ENABLED"}
    client_id = make_client(pool_id, **settings)["ClientId"]
    make_user(pool_id, "invited@example.com", permanent=False)
    make_user(pool_id, "anna@example.com", email_verified="true")
    call = server.run(call_of(server.node, pool_id))

    def told_of(name: str) -> tuple[list[str], str]:
        available = begin(anonymous, client_id, name)["AvailableChallenges"]
        return available, begin(anonymous, client_id, name, PREFERRED_CHALLENGE="EMAIL_OTP")["ChallengeName"]

    of_nobody = {
        name: "invited@example.com"
        if decoys.decoy(call, name).begins_with_passwords_alone
        else "anna@example.com"
        for name in (f"nobody{number}@example.com" for number in range(30))
    }
    assert set(of_nobody.values()) == {"invited@example.com", "anna@example.com"}
    of_users = {name: told_of(name) for name in set(of_nobody.values())}
    assert of_users["invited@example.com"] == (PASSWORDS, "SELECT_CHALLENGE")
    assert of_users["anna@example.com"] == ([*PASSWORDS, "EMAIL_OTP"], "EMAIL_OTP")
    for name, user in of_nobody.items():
        assert told_of(name) == of_users[user], name


def test_no_password_of_a_stranger_is_right(
    anonymous: Cognito, pool_id: str, make_client: Make, clock: HeldClock
) -> None:
    client_id = make_client(
        pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"], PreventUserExistenceErrors="ENABLED"
    )["ClientId"]
    with refused(*INCORRECT):
        begin(anonymous, client_id, "nobody", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    session = begin(anonymous, client_id, "nobody")["Session"]
    with refused(*INCORRECT):
        respond(
            anonymous, client_id, "SELECT_CHALLENGE", session, "nobody", ANSWER="PASSWORD", PASSWORD=PASSWORD
        )
    asked = begin(anonymous, client_id, "nobody", PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=srp_client.SRP_A)
    answer = srp_client.answer_to(asked["ChallengeParameters"], pool_id, PASSWORD, clock.now)
    with refused(*INCORRECT):
        respond(anonymous, client_id, "PASSWORD_VERIFIER", asked["Session"], answer.pop("USERNAME"), **answer)


# -- what it costs ----------------------------------------------------------------------------------------------------


@pytest.fixture
def call(server: Server, cognito: Cognito, make_pool: Make, make_client: Make, make_user: Make) -> Call:
    """About a pool with every factor, that does not tell who exists, and has anna."""
    pool_id = make_pool(**policy("EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"))["Id"]
    passkeys = {"RelyingPartyId": "example.com"}
    cognito.set_user_pool_mfa_config(UserPoolId=pool_id, WebAuthnConfiguration=passkeys)  # type: ignore[arg-type]
    sub = make_user(pool_id, "anna@example.com", email="anna@example.com")
    call = server.run(
        call_of(server.node, pool_id, make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"])
    )
    passkey = replace(decoys.passkeys(decoys.decoy(call, "anna"), "example.com")[0], id="anna")
    server.run(server.store.write(stored.add, pool_id, sub, passkey))
    return call


def stranger_with_passkey(call: Call) -> str:
    """And with a code, as anna has; its name is as long."""
    found = (decoys.decoy(call, f"n{number:03}@example.com") for number in range(100))
    return next(
        each.attributes["email"]
        for each in found
        if each.has_passkey and not each.begins_with_passwords_alone
    )


@pytest.mark.parametrize("preferred", ["", "PASSWORD", "EMAIL_OTP", "WEB_AUTHN"])
def test_a_stranger_costs_what_a_user_costs(server: Server, call: Call, preferred: str) -> None:
    answers = {
        "PASSWORD": {"PASSWORD": "wrong"},
        "EMAIL_OTP": {"EMAIL_OTP_CODE": "00000000"},
        "SELECT_CHALLENGE": {"ANSWER": "nothing"},
    }
    ran, told = [], []
    for name in ("anna@example.com", stranger_with_passkey(call)):
        given = {"USERNAME": name, "PREFERRED_CHALLENGE": preferred}
        asked, of_begin = server.run(
            outcome_of(call, lambda watched: engine.begin(watched, FLOWS["USER_AUTH"], name, given))  # noqa: B023
        )
        assert isinstance(asked, Ask)
        answer = answers.get(asked.challenge) or {"CREDENTIAL": proof_of_nobody(asked)}
        outcome, of_answer = server.run(
            outcome_of(
                call,
                lambda watched: engine.answer(watched, asked.challenge, asked.session, name, answer),  # noqa: B023
            )
        )
        told.append((asked.challenge, asked.available[:3], outcome))
        ran.append((of_begin.ran, of_answer.ran))
    assert told[0] == told[1]
    assert isinstance(told[0][2], str), "it was refused"
    assert ran[0] == ran[1]


def test_a_stranger_costs_what_a_user_costs_when_the_codes_of_an_hour_are_used_up(
    server: Server, call: Call
) -> None:
    call.now += HOUR - call.now % HOUR
    given, stranger = {"PREFERRED_CHALLENGE": "EMAIL_OTP"}, stranger_with_passkey(call)

    def ask(name: str) -> tuple[int, list[str]]:
        asked, store = server.run(
            outcome_of(call, lambda watched: engine.begin(watched, FLOWS["USER_AUTH"], name, given))
        )
        assert isinstance(asked, Ask)
        return len(asked.session or ""), store.ran

    for number in range(23):
        of_user, of_stranger = ask("anna@example.com"), ask(stranger)
        assert of_user == of_stranger, number
    assert "write" not in of_user[1]


def proof_of_nobody(asked: Ask) -> str:
    options = msgspec.json.decode(asked.parameters["CREDENTIAL_REQUEST_OPTIONS"])
    allowed = options["allowCredentials"][0]
    return Authenticator().get(options, "https://example.com", id=allowed["id"], key=new_key())


def test_a_sign_in_without_the_choice_reads_nothing_of_passkeys(server: Server, call: Call) -> None:
    given = {"USERNAME": "anna@example.com", "PASSWORD": PASSWORD}
    outcome, store = server.run(
        outcome_of(
            call, lambda watched: engine.begin(watched, FLOWS["USER_PASSWORD_AUTH"], given["USERNAME"], given)
        )
    )
    assert isinstance(outcome, SignedIn)
    assert store.transactions == ["read", "read"]
    assert not any("passkeys" in statement for statement in store.ran)
