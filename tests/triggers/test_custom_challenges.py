"""Sign-ins whose challenges the pool's owner makes up: which function is asked when, what it is told, and what comes of what it says."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from cognomen.store import attempts
from tests import srp_client
from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import Client
from tests.server import Server

Make = Callable[..., Any]

ALL = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
INVALID = ("NotAuthorizedException", "Invalid session for the user.")
SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
UNRECOGNIZABLE = ("InvalidLambdaResponseException", "Unrecognizable lambda output")
METADATA = {"hint": "from the client"}


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool()["Id"]
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    id: str = make_client(pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])[
        "ClientId"
    ]
    return id


@pytest.fixture
def sub(pool_id: str, make_user: Make) -> str:
    id: str = make_user(pool_id, "anna", email="anna@example.com")
    return id


@pytest.fixture
def quiz(functions: Functions, set_triggers: Make, pool_id: str, sub: str) -> Functions:
    """Two riddles must be solved, with two wrong answers at most; where a password is proven first, that too."""
    numbers = itertools.count(1)

    def define(event: Event) -> Event:
        session = event["request"]["session"]
        last = session[-1]["challengeName"] if session else None
        solved = [each for each in session if each["challengeName"] == "CUSTOM_CHALLENGE"]
        right = sum(each["challengeResult"] for each in solved)
        response: dict[str, Any] = {"challengeName": "CUSTOM_CHALLENGE"}
        if last == "SRP_A":
            response = {"challengeName": "PASSWORD_VERIFIER"}
        elif right == 2:
            response = {"issueTokens": True}
        elif len(solved) - right > 2:
            response = {"failAuthentication": True}
        return event | {"response": response}

    def create(event: Event) -> Event:
        number = str(next(numbers))
        response = {
            "publicChallengeParameters": {"riddle": number},
            "privateChallengeParameters": {"answer": f"answer {number}"},
            "challengeMetadata": f"RIDDLE-{number}",
        }
        return event | {"response": response}

    def verify(event: Event) -> Event:
        request = event["request"]
        right = request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]
        return event | {"response": {"answerCorrect": right}}

    functions.does |= {"DefineAuthChallenge": define, "CreateAuthChallenge": create}
    functions.does["VerifyAuthChallengeResponse"] = verify
    set_triggers(pool_id, *ALL)
    return functions


@pytest.fixture
def begin(anonymous: Cognito, client_id: str) -> Make:
    def begin(username: str = "anna", client_id: str = client_id, **parameters: str) -> Any:
        return anonymous.initiate_auth(
            ClientId=client_id,
            AuthFlow="CUSTOM_AUTH",
            AuthParameters={"USERNAME": username, **parameters},
            ClientMetadata=METADATA,
        )

    return begin


@pytest.fixture
def answer(anonymous: Cognito, client_id: str) -> Make:
    """Answer what was asked: rightly, unless an answer is given."""

    def answer(asked: Any, given: str | None = None, **changed: Any) -> Any:
        username = changed.pop("username", "anna")
        right = f"answer {asked['ChallengeParameters'].get('riddle')}"
        usual = {
            "ClientId": client_id,
            "ChallengeName": "CUSTOM_CHALLENGE",
            "Session": asked["Session"],
            "ChallengeResponses": {"USERNAME": username, "ANSWER": right if given is None else given},
            "ClientMetadata": METADATA,
        }
        return anonymous.respond_to_auth_challenge(**usual | changed)

    return answer


@pytest.fixture
def prove(anonymous: Cognito, client_id: str, pool_id: str, clock: HeldClock) -> Make:
    """Answer a PASSWORD_VERIFIER."""

    def prove(asked: Any, password: str = PASSWORD) -> Any:
        return anonymous.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=srp_client.answer_to(
                asked["ChallengeParameters"], pool_id, password, clock.now
            ),
        )

    return prove


def is_signed_in(outcome: Any) -> bool:
    return "AccessToken" in outcome.get("AuthenticationResult", {})


def fail(_: Event) -> object:
    raise Failure("no")


# -- the way through --------------------------------------------------------------------------------------------------


def test_riddles_are_asked_judged_and_told_of_until_tokens_are_issued(
    begin: Make, answer: Make, quiz: Functions, sub: str, pool_id: str, client_id: str
) -> None:
    asked = begin()
    assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert asked["ChallengeParameters"] == {"riddle": "1", "USERNAME": "anna"}
    again = answer(asked, "wrong")
    assert again["ChallengeParameters"] == {"riddle": "2", "USERNAME": "anna"}
    assert is_signed_in(answer(answer(again)))
    user = {"sub": sub, "cognito:user_status": "CONFIRMED", "email": "anna@example.com"}
    assert quiz.events[0] == {
        "version": "1",
        "triggerSource": "DefineAuthChallenge_Authentication",
        "region": "us-east-1",
        "userPoolId": pool_id,
        "userName": "anna",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "request": {"userAttributes": user, "session": []},
        "response": {"challengeName": None, "issueTokens": None, "failAuthentication": None},
    }
    assert quiz.events[1]["request"] == {
        "userAttributes": user,
        "challengeName": "CUSTOM_CHALLENGE",
        "session": [],
    }
    assert quiz.events[2]["request"] == {
        "userAttributes": user,
        "privateChallengeParameters": {"answer": "answer 1"},
        "challengeAnswer": "wrong",
        "clientMetadata": METADATA,
    }
    told = [
        {
            "challengeName": "CUSTOM_CHALLENGE",
            "challengeResult": number > 1,
            "challengeMetadata": f"RIDDLE-{number}",
        }
        for number in (1, 2, 3)
    ]
    asked_what_next = [event for event in quiz.events if "Define" in event["triggerSource"]]
    assert [event["request"]["session"] for event in asked_what_next] == [told[:count] for count in range(4)]
    assert [event["request"].get("clientMetadata") for event in asked_what_next] == [None] + [METADATA] * 3
    assert quiz.sources() == [
        "DefineAuthChallenge_Authentication",
        "CreateAuthChallenge_Authentication",
        *[
            "VerifyAuthChallengeResponse_Authentication",
            "DefineAuthChallenge_Authentication",
            "CreateAuthChallenge_Authentication",
        ]
        * 2,
        "VerifyAuthChallengeResponse_Authentication",
        "DefineAuthChallenge_Authentication",
    ]


def test_administrators_go_the_same_way(
    cognito: Cognito, pool_id: str, client_id: str, quiz: Functions
) -> None:
    named: Any = {"UserPoolId": pool_id, "ClientId": client_id}
    asked: Any = cognito.admin_initiate_auth(
        **named, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": "anna"}
    )
    for _ in range(2):
        given = {"USERNAME": "anna", "ANSWER": f"answer {asked['ChallengeParameters']['riddle']}"}
        asked = cognito.admin_respond_to_auth_challenge(
            **named,
            ChallengeName="CUSTOM_CHALLENGE",
            Session=asked["Session"],
            ChallengeResponses=given,
        )
    assert is_signed_in(asked)
    assert quiz.events


def test_a_password_may_come_first(begin: Make, prove: Make, answer: Make, quiz: Functions) -> None:
    asked = begin(CHALLENGE_NAME="SRP_A", SRP_A=srp_client.SRP_A)
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    riddle = prove(asked)
    assert riddle["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert is_signed_in(answer(answer(riddle)))
    password = [
        {"challengeName": name, "challengeResult": True, "challengeMetadata": None}
        for name in ("SRP_A", "PASSWORD_VERIFIER")
    ]
    defined = [event["request"]["session"] for event in quiz.events if "Define" in event["triggerSource"]]
    assert (defined[0], defined[1]) == (password[:1], password)
    assert [each["challengeName"] for each in defined[-1][2:]] == ["CUSTOM_CHALLENGE"] * 2


def test_a_wrong_password_ends_it_and_counts_for_the_lock_out(
    anonymous: Cognito, begin: Make, prove: Make, quiz: Functions
) -> None:
    for _ in range(5):
        with refused(*INCORRECT):
            prove(begin(CHALLENGE_NAME="SRP_A", SRP_A=srp_client.SRP_A), "wrong")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        begin(CHALLENGE_NAME="SRP_A", SRP_A=srp_client.SRP_A)
    # Without a password there is none to be guessed.
    assert begin()["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert quiz.sources()[-1] == "CreateAuthChallenge_Authentication"


def test_the_functions_may_issue_tokens_at_once(
    begin: Make, functions: Functions, set_triggers: Make, pool_id: str, sub: str
) -> None:
    set_triggers(pool_id, *ALL)
    functions.answer_with("DefineAuthChallenge", issueTokens=True, failAuthentication=False)
    tokens = begin()["AuthenticationResult"]
    assert jwt.decode(tokens["IdToken"], options={"verify_signature": False})["sub"] == sub


def test_other_functions_are_asked_before_and_told_after(
    begin: Make, answer: Make, quiz: Functions, set_triggers: Make, pool_id: str
) -> None:
    set_triggers(pool_id, *ALL, "PreAuthentication", "PostAuthentication", "PreTokenGeneration")
    answer(answer(begin()))
    assert quiz.sources()[0] == "PreAuthentication_Authentication"
    assert quiz.sources()[-2:] == ["PostAuthentication_Authentication", "TokenGeneration_Authentication"]
    assert quiz.events[0]["request"]["validationData"] == METADATA


# -- answers that count for nothing -----------------------------------------------------------------------------------


def test_whoever_answers_wrong_too_often_is_refused(begin: Make, answer: Make, quiz: Functions) -> None:
    asked = answer(answer(begin(), "wrong"), "wrong")
    with refused(*INCORRECT):
        answer(asked, "wrong")
    with refused(*SPENT):
        answer(asked)
    assert quiz.sources()[-1] == "DefineAuthChallenge_Authentication"


@pytest.mark.parametrize("given", [None, "wrong"], ids=["a right answer", "a wrong answer"])
def test_an_answer_counts_once_right_or_wrong(
    begin: Make, answer: Make, quiz: Functions, given: str | None
) -> None:
    asked = begin()
    answer(asked, given)
    events = len(quiz.events)
    for again in (None, "wrong"):
        with refused(*SPENT):
            answer(asked, again)
    assert len(quiz.events) == events


def test_of_answers_at_the_same_moment_one_is_judged(begin: Make, answer: Make, quiz: Functions) -> None:
    asked = begin()
    together = threading.Barrier(4)

    def try_it(given: str) -> str:
        together.wait(10)
        try:
            answer(asked, given)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "judged"

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(try_it, ["answer 1", "a", "b", "c"]))
    assert outcomes == [SPENT[1]] * 3 + ["judged"]
    assert quiz.sources().count("VerifyAuthChallengeResponse_Authentication") == 1


def test_an_answer_comes_too_late_after_some_minutes(
    begin: Make, answer: Make, clock: HeldClock, quiz: Functions
) -> None:
    asked = begin()
    clock.advance(3 * MINUTE)
    events = len(quiz.events)
    with refused(*EXPIRED):
        answer(asked)
    assert len(quiz.events) == events


def test_a_session_counts_for_its_user_client_and_challenge_alone(
    begin: Make,
    answer: Make,
    quiz: Functions,
    pool_id: str,
    make_user: Make,
    make_client: Make,
    make_pool: Make,
) -> None:
    make_user(pool_id, "bob")
    flows = ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    another = make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"]
    foreign = make_client(make_pool()["Id"], ExplicitAuthFlows=flows)["ClientId"]
    asked = begin()
    events = len(quiz.events)
    with refused("UserNotFoundException", "User does not exist."):
        answer(asked, username="nobody")
    for changed in (
        {"username": "bob"},
        {"ClientId": another},
        {"ClientId": foreign},
        {"Session": asked["Session"][:-2] + "AA"},
        {
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ChallengeResponses": {"USERNAME": "anna", "NEW_PASSWORD": "N3w-Passw0rd!"},
        },
    ):
        with refused(*INVALID):
            answer(asked, **changed)
    assert len(quiz.events) == events
    assert answer(asked)["ChallengeName"] == "CUSTOM_CHALLENGE"


def test_an_answer_needs_a_session_and_an_answer(
    anonymous: Cognito, client_id: str, begin: Make, answer: Make, quiz: Functions
) -> None:
    with refused("InvalidParameterException", "Missing required parameter Session"):
        anonymous.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="CUSTOM_CHALLENGE",
            ChallengeResponses={"USERNAME": "anna", "ANSWER": "answer 1"},
        )
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        answer(begin(), ChallengeResponses={"USERNAME": "anna"})
    assert "VerifyAuthChallengeResponse_Authentication" not in quiz.sources()


def test_a_user_who_is_disabled_or_changed_meanwhile_is_not_asked_on(
    cognito: Cognito, pool_id: str, begin: Make, answer: Make, quiz: Functions
) -> None:
    first, second = begin(), begin()
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        answer(first)
    with refused("NotAuthorizedException", "User is disabled."):
        begin()
    cognito.admin_enable_user(UserPoolId=pool_id, Username="anna")
    with refused(*INVALID):
        answer(second)
    assert "VerifyAuthChallengeResponse_Authentication" not in quiz.sources()


def test_a_user_who_is_disabled_or_gone_while_the_functions_say_yes_does_not_get_in(
    cognito: Cognito, pool_id: str, begin: Make, functions: Functions, set_triggers: Make, sub: str
) -> None:
    set_triggers(pool_id, *ALL)

    def disable(event: Event) -> Event:
        cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
        return event | {"response": {"issueTokens": True}}

    def remove(event: Event) -> Event:
        cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
        return event | {"response": {"issueTokens": True}}

    functions.does["DefineAuthChallenge"] = disable
    with refused("NotAuthorizedException", "User is disabled."):
        begin()
    cognito.admin_enable_user(UserPoolId=pool_id, Username="anna")
    functions.does["DefineAuthChallenge"] = remove
    with refused(*INVALID):
        begin()
    assert sub


# -- who has a second factor ------------------------------------------------------------------------------------------


def test_a_second_factor_is_asked_for_where_a_password_was_proven_and_functions_are_told_of_it(
    anonymous: Cognito,
    cognito: Cognito,
    pool_id: str,
    make_client: Make,
    begin: Make,
    prove: Make,
    answer: Make,
    quiz: Functions,
    clock: HeldClock,
    client_id: str,
) -> None:
    factors = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    factors.offer("SOFTWARE_TOKEN_MFA")
    app = factors.give_app("anna")
    factors.prefer("anna", "SOFTWARE_TOKEN_MFA", preferred="SOFTWARE_TOKEN_MFA")
    assert is_signed_in(answer(answer(begin())))
    asked = prove(begin(CHALLENGE_NAME="SRP_A", SRP_A=srp_client.SRP_A))
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    riddle = anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="SOFTWARE_TOKEN_MFA",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "anna", "SOFTWARE_TOKEN_MFA_CODE": app.code()},
    )
    assert riddle["ChallengeName"] == "CUSTOM_CHALLENGE"
    told = [event for event in quiz.events if "Define" in event["triggerSource"]][-1]["request"]["session"]
    assert [(each["challengeName"], each["challengeResult"]) for each in told] == [
        ("SRP_A", True),
        ("PASSWORD_VERIFIER", True),
        ("SOFTWARE_TOKEN_MFA", True),
    ]
    assert is_signed_in(answer(answer(riddle)))


# -- who has a password that is temporary -----------------------------------------------------------------------------


def test_a_temporary_password_is_replaced_where_it_was_proven_and_not_spoken_of_else(
    anonymous: Cognito,
    client_id: str,
    pool_id: str,
    make_user: Make,
    begin: Make,
    prove: Make,
    answer: Make,
    quiz: Functions,
) -> None:
    make_user(pool_id, "temp", permanent=False)
    assert is_signed_in(answer(answer(begin("temp"), username="temp"), username="temp"))
    owed = prove(begin("temp", CHALLENGE_NAME="SRP_A", SRP_A=srp_client.SRP_A))
    assert owed["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    riddle = anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=owed["Session"],
        ChallengeResponses={"USERNAME": "temp", "NEW_PASSWORD": "N3w-Passw0rd!"},
    )
    # It does not make up for the riddles, and the functions are not told of it.
    told = [event for event in quiz.events if "Define" in event["triggerSource"]][-1]["request"]["session"]
    assert [each["challengeName"] for each in told] == ["SRP_A", "PASSWORD_VERIFIER"]
    assert is_signed_in(answer(answer(riddle, username="temp"), username="temp"))


@pytest.mark.parametrize("status", ["unconfirmed", "reset"])
def test_users_who_cannot_sign_in_are_refused_before_any_function_is_asked(
    anonymous: Cognito,
    cognito: Cognito,
    pool_id: str,
    client_id: str,
    begin: Make,
    functions: Functions,
    set_triggers: Make,
    make_user: Make,
    status: str,
) -> None:
    if status == "unconfirmed":
        anonymous.sign_up(ClientId=client_id, Username="eve", Password=PASSWORD)
        expected = ("UserNotConfirmedException", "User is not confirmed.")
    else:
        make_user(pool_id, "eve", email="eve@example.com", email_verified="true")
        cognito.admin_reset_user_password(UserPoolId=pool_id, Username="eve")
        expected = ("PasswordResetRequiredException", "Password reset required for the user")
    set_triggers(pool_id, *ALL)
    with refused(*expected):
        begin("eve")
    assert functions.events == []


# -- names that nobody has --------------------------------------------------------------------------------------------


def test_a_client_that_tells_who_exists_tells_it_here_too(begin: Make, quiz: Functions) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        begin("nobody")
    assert quiz.events == []


def test_a_client_that_does_not_tell_asks_the_functions_about_nobody_and_never_lets_it_in(
    pool_id: str, make_client: Make, begin: Make, answer: Make, quiz: Functions
) -> None:
    hiding = make_client(
        pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"], PreventUserExistenceErrors="ENABLED"
    )["ClientId"]
    of_anna = begin(client_id=hiding)
    of_nobody = begin("nobody", client_id=hiding)
    assert of_nobody["ChallengeParameters"] == {"riddle": "2", "USERNAME": "nobody"}
    assert abs(len(of_nobody["Session"]) - len(of_anna["Session"])) <= 8
    for _ in range(2):
        # Even a right answer is none.
        of_nobody = answer(of_nobody, username="nobody", ClientId=hiding)
    with refused(*INCORRECT):
        answer(of_nobody, username="nobody", ClientId=hiding)
    about = [(event["userName"], event["request"]["userNotFound"]) for event in quiz.events]
    assert about == [("anna", False)] * 2 + [("nobody", True)] * (len(about) - 2)
    assert all(event["request"]["userAttributes"] == {} for event in quiz.events[2:])


def test_functions_cannot_issue_tokens_to_nobody(
    pool_id: str, make_client: Make, begin: Make, functions: Functions, set_triggers: Make, sub: str
) -> None:
    hiding = make_client(
        pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"], PreventUserExistenceErrors="ENABLED"
    )["ClientId"]
    set_triggers(pool_id, *ALL)
    functions.answer_with("DefineAuthChallenge", issueTokens=True)
    with refused(*INCORRECT):
        begin("nobody", client_id=hiding)
    assert is_signed_in(begin(client_id=hiding))
    assert sub


# -- functions that fail or talk nonsense -----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ALL)
def test_all_three_functions_are_needed(
    begin: Make, functions: Functions, set_triggers: Make, pool_id: str, sub: str, missing: str
) -> None:
    set_triggers(pool_id, *(name for name in ALL if name != missing))
    with refused(
        "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."
    ):
        begin()
    assert functions.events == []
    assert sub


@pytest.mark.parametrize("failing", ALL)
def test_a_function_that_fails_ends_the_sign_in(
    begin: Make, answer: Make, quiz: Functions, failing: str
) -> None:
    asked = begin()
    quiz.does[failing] = fail
    with refused("UserLambdaValidationException", f"{failing} failed with error no."):
        answer(asked)
    with refused(*SPENT):
        answer(asked)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"issueTokens": False, "failAuthentication": False}, id="no"),
        pytest.param({"challengeName": "PASSWORD_VERIFIER"}, id="a password that cannot be proven"),
        pytest.param({"challengeName": "NEW_PASSWORD_REQUIRED"}, id="what is not the function's to ask"),
        pytest.param({"challengeName": "RIDDLE"}, id="a challenge of another name"),
        pytest.param({"challengeName": 5}, id="a number"),
    ],
)
def test_what_cannot_come_next_is_refused(begin: Make, quiz: Functions, response: Any) -> None:
    quiz.answer_with("DefineAuthChallenge", **response)
    with refused(*UNRECOGNIZABLE):
        begin()


def test_a_password_is_proven_once(begin: Make, prove: Make, quiz: Functions) -> None:
    quiz.answer_with("DefineAuthChallenge", challengeName="PASSWORD_VERIFIER")
    with refused(*UNRECOGNIZABLE):
        prove(begin(CHALLENGE_NAME="SRP_A", SRP_A=srp_client.SRP_A))


def test_a_password_needs_its_parameter_and_a_client_that_may(
    begin: Make, quiz: Functions, pool_id: str, make_client: Make
) -> None:
    with refused("InvalidParameterException", "Missing required parameter SRP_A"):
        begin(CHALLENGE_NAME="SRP_A")
    custom_only = make_client(pool_id, ExplicitAuthFlows=["CUSTOM_AUTH_FLOW_ONLY"])["ClientId"]
    with refused("InvalidParameterException", "USER_SRP_AUTH is not enabled for the client."):
        begin(client_id=custom_only, CHALLENGE_NAME="SRP_A", SRP_A=srp_client.SRP_A)
    assert quiz.events == []
    assert begin(client_id=custom_only, CHALLENGE_NAME="CUSTOM_CHALLENGE")["Session"]


def test_functions_that_go_on_asking_are_stopped(begin: Make, answer: Make, quiz: Functions) -> None:
    quiz.answer_with("DefineAuthChallenge", challengeName="CUSTOM_CHALLENGE")
    asked = begin()
    for _ in range(99):
        asked = answer(asked, "wrong")
    with refused(*UNRECOGNIZABLE):
        answer(asked)


def test_what_is_kept_in_private_is_not_in_the_answer_and_an_odd_response_is_none(
    begin: Make, answer: Make, quiz: Functions
) -> None:
    assert "answer 1" not in str(begin())
    quiz.answer_with("CreateAuthChallenge")
    asked = begin()
    assert asked["ChallengeParameters"] == {"USERNAME": "anna"}
    quiz.answer_with("VerifyAuthChallengeResponse")
    answer(asked)
    assert quiz.events[-2]["request"]["session"][-1] == {
        "challengeName": "CUSTOM_CHALLENGE",
        "challengeResult": False,
        "challengeMetadata": None,
    }


# -- sessions that are too large to travel ----------------------------------------------------------------------------


def rows(server: Server, pool_id: str) -> int:
    def count(db: Any) -> int:
        return len(db.all(attempts.attempts.select().where(attempts.attempts.c.pool_id == pool_id)))

    return server.run(server.store.read(count))


@pytest.mark.parametrize("private", [1_000, 20_000], ids=["small", "large"])
def test_what_does_not_fit_into_a_session_lies_in_a_row_for_as_long(
    begin: Make,
    answer: Make,
    quiz: Functions,
    server: Server,
    pool_id: str,
    clock: HeldClock,
    private: int,
) -> None:
    secret = "s" * private
    quiz.answer_with("CreateAuthChallenge", privateChallengeParameters={"answer": secret})
    asked, another = begin(), begin()
    assert len(asked["Session"]) <= 2_500
    assert rows(server, pool_id) == (2 if private > 2_500 else 0)
    assert answer(asked, secret)["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert quiz.events[-2]["request"]["session"][-1]["challengeResult"] is True
    with refused(*SPENT):
        answer(asked, secret)
    clock.advance(3 * MINUTE)
    with refused(*EXPIRED):
        answer(another, secret)
    server.run(server.store.write(attempts.sweep, clock.now + 1, 100))
    assert rows(server, pool_id) == 0
    with refused(*EXPIRED):
        answer(another, secret)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param({"privateChallengeParameters": {"answer": "s" * 70_000}}, id="in private"),
        pytest.param({"publicChallengeParameters": {"riddle": "s" * 70_000}}, id="in public"),
        pytest.param({"challengeMetadata": "s" * 70_000}, id="about it"),
    ],
)
def test_functions_that_say_too_much_are_refused(begin: Make, quiz: Functions, response: Any) -> None:
    quiz.answer_with("CreateAuthChallenge", **response)
    with refused(*UNRECOGNIZABLE):
        begin()
