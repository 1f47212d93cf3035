"""Passwords that have leaked: what becomes of who comes with one, where threat protection looks. The server knows those of tests/leaked.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen import errors
from cognomen.errors import Refusal
from tests.adaptive import ELSEWHERE, context, notifying
from tests.codes import messages_of, newest_code
from tests.conftest import PASSWORD
from tests.late import sent
from tests.leaked import PASSWORDS
from tests.refused import refused
from tests.server import Server
from tests.watched_store import WatchedStore

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

LEAKED, LEAKED_TOO, LEAKED_AS_WELL = PASSWORDS
NEW = "N3w-Passw0rd!"
RESET = ("PasswordResetRequiredException", "Password reset required for the user")
UNFIT = ("InvalidPasswordException", "Provided password cannot be used for security reasons.")
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
FLOWS = [
    *("ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"),
    "ALLOW_REFRESH_TOKEN_AUTH",
]


class Town:
    """A pool with threat protection, a client, and Ada, who has proven her e-mail address."""

    def __init__(
        self, server: Server, cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make
    ) -> None:
        self.server, self.cognito, self.anonymous = server, cognito, anonymous
        self.pool_id = make_pool(
            UserPoolTier="PLUS",
            UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"},
            AutoVerifiedAttributes=["email"],
        )["Id"]
        hiding = {"PreventUserExistenceErrors": "ENABLED"}
        self.client_id = make_client(self.pool_id, ExplicitAuthFlows=FLOWS, **hiding)["ClientId"]

    def protect(self, action: str, *events: str, client_id: str | None = None) -> None:
        told: Any = {"Actions": {"EventAction": action}} | ({"EventFilter": list(events)} if events else {})
        of: Any = {"ClientId": client_id} if client_id else {}
        self.cognito.set_risk_configuration(
            UserPoolId=self.pool_id, CompromisedCredentialsRiskConfiguration=told, **of
        )

    def watch(self, mode: Any, **settings: Any) -> None:
        self.cognito.update_user_pool(
            UserPoolId=self.pool_id,
            UserPoolAddOns={"AdvancedSecurityMode": mode},
            AutoVerifiedAttributes=["email"],
            **settings,
        )

    def sign_in(self, name: str, password: str, client_id: str | None = None) -> Any:
        self.server.clock.advance(1)  # events are in the order of time
        return self.anonymous.initiate_auth(
            ClientId=client_id or self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )

    def sign_up(self, name: str, password: str) -> None:
        self.anonymous.sign_up(ClientId=self.client_id, Username=name, Password=password)

    def status_of(self, name: str) -> str:
        return self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=name)["UserStatus"]

    def told_of(self, name: str) -> list[tuple[str, str, str, bool]]:
        """Of each event of the user, newest first: its type, what became of it, what was decided, whether the password has leaked."""
        found = self.cognito.admin_list_user_auth_events(UserPoolId=self.pool_id, Username=name)["AuthEvents"]
        return [
            (
                event["EventType"],
                event["EventResponse"],
                event["EventRisk"]["RiskDecision"],
                event["EventRisk"]["CompromisedCredentialsDetected"],
            )
            for event in found
        ]


@pytest.fixture
def town(server: Server, cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make) -> Town:
    return Town(server, cognito, anonymous, make_pool, make_client)


@pytest.fixture
def ada(town: Town, make_user: Make) -> str:
    """Her password has leaked."""
    make_user(town.pool_id, "ada", LEAKED, email="ada@example.com", email_verified="true")
    return "ada"


# -- sign-in ----------------------------------------------------------------------------------------------------------


def test_who_is_refused_for_it_is_not_told_of_a_sign_in_that_went_on(town: Town, ada: str) -> None:
    town.sign_in(ada, LEAKED)  # so that there is something to differ from
    told: Any = notifying("NO_ACTION") | {
        "CompromisedCredentialsRiskConfiguration": {"Actions": {"EventAction": "BLOCK"}}
    }
    town.cognito.set_risk_configuration(UserPoolId=town.pool_id, **told)
    counts = town.server.node.risk_counts.copy()
    with refused(*RESET):
        town.cognito.admin_initiate_auth(
            UserPoolId=town.pool_id,
            ClientId=town.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": ada, "PASSWORD": LEAKED},
            ContextData=context(ELSEWHERE),
        )
    assert messages_of(town.server, town.pool_id) == []
    assert town.server.node.risk_counts == counts


def test_who_signs_in_with_a_leaked_password_has_to_set_another(town: Town, ada: str) -> None:
    town.protect("BLOCK")
    with refused(*INCORRECT):
        town.sign_in(ada, LEAKED_TOO)  # which has leaked too, and is not hers: nobody is told
    assert town.status_of(ada) == "CONFIRMED"
    with refused(*RESET):
        town.sign_in(ada, LEAKED)
    assert town.status_of(ada) == "RESET_REQUIRED"
    assert town.told_of(ada)[0] == ("SignIn", "Fail", "Block", True)

    town.anonymous.forgot_password(ClientId=town.client_id, Username=ada)
    answer: Any = {
        "ClientId": town.client_id,
        "Username": ada,
        "ConfirmationCode": newest_code(town.server, town.pool_id),
    }
    town.server.clock.advance(1)
    with refused(*UNFIT):
        town.anonymous.confirm_forgot_password(**answer, Password=LEAKED)
    assert town.told_of(ada)[0] == ("PasswordChange", "Fail", "Block", True)
    town.server.clock.advance(1)
    town.anonymous.confirm_forgot_password(**answer, Password=NEW)  # the code is as good as before
    assert "AuthenticationResult" in town.sign_in(ada, NEW)
    assert [each[3] for each in town.told_of(ada)[:2]] == [False, False]


def admins(town: Town) -> Any:
    parameters = {"USERNAME": "ada", "PASSWORD": LEAKED}
    return town.cognito.admin_initiate_auth(
        UserPoolId=town.pool_id,
        ClientId=town.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=parameters,
    )


def preferred(town: Town) -> Any:
    parameters = {"USERNAME": "ada", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": LEAKED}
    return town.anonymous.initiate_auth(
        ClientId=town.client_id, AuthFlow="USER_AUTH", AuthParameters=parameters
    )


def chosen(town: Town) -> Any:
    session = town.anonymous.initiate_auth(
        ClientId=town.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": "ada"},
    )["Session"]
    return town.anonymous.respond_to_auth_challenge(
        ClientId=town.client_id,
        ChallengeName="SELECT_CHALLENGE",
        Session=session,
        ChallengeResponses={"USERNAME": "ada", "ANSWER": "PASSWORD", "PASSWORD": LEAKED},
    )


@pytest.mark.parametrize("enter", [admins, preferred, chosen])
def test_each_way_in_that_carries_the_password_is_looked_at(
    town: Town, ada: str, enter: Callable[[Town], Any]
) -> None:
    town.protect("BLOCK", "SIGN_IN")
    with refused(*RESET):
        enter(town)


@pytest.mark.parametrize(
    ("mode", "protection", "has_leaked"),
    [
        ("ENFORCED", ("NO_ACTION",), True),
        ("ENFORCED", ("BLOCK", "SIGN_UP", "PASSWORD_CHANGE"), False),
        ("ENFORCED", None, True),
        ("AUDIT", ("BLOCK",), True),
    ],
)
def test_where_nothing_is_blocked_the_history_tells_of_it(
    town: Town, ada: str, mode: str, protection: tuple[str, ...] | None, has_leaked: bool
) -> None:
    if protection:
        town.protect(*protection)
    town.watch(mode)
    assert "AuthenticationResult" in town.sign_in(ada, LEAKED)
    assert town.told_of(ada) == [("SignIn", "Pass", "NoRisk", has_leaked)]


def test_a_client_of_its_own_configuration_is_looked_at_by_that_alone(
    town: Town, ada: str, make_client: Make
) -> None:
    own = make_client(town.pool_id)["ClientId"]
    town.protect("BLOCK")
    town.protect("NO_ACTION", client_id=own)
    assert "AuthenticationResult" in town.sign_in(ada, LEAKED, own)
    town.cognito.set_risk_configuration(UserPoolId=town.pool_id, ClientId=own)
    with refused(*RESET):
        town.sign_in(ada, LEAKED, own)


def test_a_temporary_password_is_replaced_and_not_looked_at_but_its_successor_is(
    town: Town, make_user: Make
) -> None:
    town.protect("BLOCK")
    make_user(town.pool_id, "anna", LEAKED, permanent=False)
    session = town.sign_in("anna", LEAKED)["Session"]

    def answer(password: str) -> Any:
        return town.anonymous.respond_to_auth_challenge(
            ClientId=town.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={"USERNAME": "anna", "NEW_PASSWORD": password},
        )

    with refused(*UNFIT):
        answer(LEAKED_TOO)
    assert "AuthenticationResult" in answer(NEW)  # the session goes on


def with_password(client_id: str) -> dict[str, Any]:
    parameters = {"USERNAME": "ada", "PASSWORD": LEAKED}
    return {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}


def test_a_password_that_was_changed_meanwhile_stays(town: Town, ada: str) -> None:
    town.protect("BLOCK")

    async def change() -> None:
        await asyncio.to_thread(
            town.cognito.admin_set_user_password,
            UserPoolId=town.pool_id,
            Username=ada,
            Password=NEW,
            Permanent=True,
        )

    with pytest.raises(Refusal) as told:
        sent(
            town.server,
            "InitiateAuth",
            with_password(town.client_id),
            WatchedStore(town.server.store, change),
        )
    assert told.value.is_(errors.INCORRECT_USERNAME_OR_PASSWORD)
    assert town.status_of(ada) == "CONFIRMED"
    assert "AuthenticationResult" in town.sign_in(ada, NEW)


def test_a_leaked_password_that_is_blocked_counts_among_the_former_ones(town: Town, ada: str) -> None:
    policies: Any = {"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}}
    town.watch("ENFORCED", Policies=policies)
    town.protect("BLOCK", "SIGN_IN")
    with refused(*RESET):
        town.sign_in(ada, LEAKED)
    with refused("PasswordHistoryPolicyViolationException"):
        town.cognito.admin_set_user_password(
            UserPoolId=town.pool_id, Username=ada, Password=LEAKED, Permanent=True
        )


# -- new passwords ----------------------------------------------------------------------------------------------------


def test_nobody_signs_up_with_a_leaked_password(town: Town) -> None:
    town.protect("BLOCK", "SIGN_UP")
    with refused(*UNFIT):
        town.sign_up("eve", LEAKED)
    town.sign_up("eve", NEW)  # the name is free
    assert town.told_of("eve") == [("SignUp", "InProgress", "NoRisk", False)]
    town.protect("NO_ACTION", "SIGN_UP")
    town.sign_up("adam", LEAKED)
    assert town.told_of("adam") == [("SignUp", "InProgress", "NoRisk", True)]


def test_a_leaked_password_takes_the_place_of_no_other(town: Town, make_user: Make) -> None:
    make_user(town.pool_id, "ada")
    town.protect("BLOCK", "PASSWORD_CHANGE")
    token = town.sign_in("ada", PASSWORD)["AuthenticationResult"]["AccessToken"]

    def change(previous: str, proposed: str) -> None:
        town.server.clock.advance(1)
        town.anonymous.change_password(
            AccessToken=token, PreviousPassword=previous, ProposedPassword=proposed
        )

    with refused(*INCORRECT):
        change("wrong", LEAKED)
    with refused(*UNFIT):
        change(PASSWORD, LEAKED)
    assert town.told_of("ada")[0] == ("PasswordChange", "Fail", "Block", True)
    change(PASSWORD, NEW)
    town.watch("AUDIT")
    change(NEW, LEAKED)
    assert town.told_of("ada")[0] == ("PasswordChange", "Pass", "NoRisk", True)


def test_what_an_administrator_sets_is_not_looked_at(town: Town, make_user: Make) -> None:
    town.protect("BLOCK", "PASSWORD_CHANGE", "SIGN_UP")
    make_user(town.pool_id, "ada", LEAKED)
    assert "AuthenticationResult" in town.sign_in("ada", LEAKED)


# -- what it costs ----------------------------------------------------------------------------------------------------


def looked_for(server: Server) -> int:
    return sum(server.node.leaked_passwords.counts.values())


def test_wrong_passwords_and_strangers_are_not_looked_for(town: Town, ada: str) -> None:
    town.protect("BLOCK")
    before = looked_for(town.server)
    for name in (ada, "nobody"):
        with refused(*INCORRECT):
            town.sign_in(name, LEAKED_TOO)
    assert looked_for(town.server) == before


def test_a_pool_without_threat_protection_pays_nothing(
    server: Server, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool()["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "ada", LEAKED)
    before, store = looked_for(server), WatchedStore(server.store)
    answer, _ = sent(server, "InitiateAuth", with_password(client_id), store)
    assert "AuthenticationResult" in answer
    assert looked_for(server) == before
    assert store.transactions == ["read", "read", "read"]  # as tests/operations/test_store_budgets.py has it
