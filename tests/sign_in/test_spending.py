"""A sign-in whose user changes while an answer is checked: whoever ended it has ended it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.errors import Refusal
from cognomen.store import users
from cognomen.store.users import Alias
from cognomen.users import foreign_passwords
from tests.authenticator import Authenticator
from tests.codes import newest_code
from tests.conftest import PASSWORD
from tests.device_client import DeviceClient
from tests.held_clock import HeldClock
from tests.late import Late
from tests.second_factors import OWN_SENDER, App, Client
from tests.server import Server

Make = Callable[..., Any]
Overtake = Callable[[], object]

INVALID = "NotAuthorizedException: Invalid session for the user."
INCORRECT = "NotAuthorizedException: Incorrect username or password."
OTHER = "0ther-Passw0rd!"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
PARTY = "example.com"


class Scene:
    """A pool in which anna signs in, and what may come to pass meanwhile."""

    def __init__(self, server: Server, client: Client) -> None:
        self.server, self.client = server, client
        self.cognito, self.pool_id, self.client_id = client.cognito, client.pool_id, client.client_id

    @property
    def anna(self) -> Any:
        return {"UserPoolId": self.pool_id, "Username": "anna"}

    def set_password(self) -> None:
        self.cognito.admin_set_user_password(**self.anna, Password=OTHER, Permanent=True)

    def disable(self) -> None:
        self.cognito.admin_disable_user(**self.anna)

    def begin(self, preferred: str, **more: str) -> Any:
        self.client.clock.advance(1)
        return self.client.anonymous.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": "anna", "PREFERRED_CHALLENGE": preferred} | more,
        )

    def answer(self, asked: Any, **responses: str) -> dict[str, Any]:
        """The request that answers."""
        return {
            "ClientId": self.client_id,
            "ChallengeName": asked["ChallengeName"],
            "Session": asked["Session"],
            "ChallengeResponses": {"USERNAME": "anna"} | responses,
        }

    def respond(self, overtake: Overtake, request: dict[str, Any]) -> str:
        """The words of the refusal of an answer that comes behind `overtake`."""
        return outcome(lambda: Late(self.server, overtake).respond_to_auth_challenge(**request))


def outcome(send: Callable[[], Any]) -> str:
    try:
        answer = send()
    except Refusal as refusal:
        return str(refusal)
    return "signed in" if "AuthenticationResult" in answer else "went on"


End = Callable[[Scene], Overtake]


@pytest.fixture
def make_scene(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Callable[..., Scene]:
    def make(*first: str, **settings: Any) -> Scene:
        policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", *first]}}
        pool_id = make_pool(Policies=policy, EmailConfiguration=OWN_SENDER, **settings)["Id"]
        client_id = make_client(pool_id, ExplicitAuthFlows=FLOWS)["ClientId"]
        make_user(pool_id, "anna", email="anna@example.com", phone_number="+17755550839")
        return Scene(server, Client(cognito, anonymous, pool_id, client_id, clock))

    return make


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    """Of a pool that offers every second factor."""
    made = make_scene()
    made.client.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    return made


@pytest.fixture(params=["set_password", "disable"])
def end(request: pytest.FixtureRequest) -> End:
    """What ends a sign-in under way."""
    ends: dict[str, End] = {
        "set_password": lambda scene: scene.set_password,
        "disable": lambda scene: scene.disable,
    }
    return ends[request.param]


# -- first factors ----------------------------------------------------------------------------------------------------


def test_a_password_that_was_asked_for(make_scene: Callable[..., Scene], end: End) -> None:
    scene = make_scene("EMAIL_OTP")
    request = scene.answer(scene.begin("PASSWORD"), PASSWORD=PASSWORD)
    assert scene.respond(end(scene), request) == INVALID


def test_a_choice_among_factors(make_scene: Callable[..., Scene], end: End) -> None:
    scene = make_scene("EMAIL_OTP")
    asked = scene.begin("WEB_AUTHN")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert scene.respond(end(scene), scene.answer(asked, ANSWER="EMAIL_OTP")) == INVALID


@pytest.mark.parametrize("factor", ["EMAIL_OTP", "SMS_OTP"])
def test_a_code_that_comes_first(make_scene: Callable[..., Scene], end: End, factor: str) -> None:
    scene = make_scene(factor)
    asked = scene.begin(factor)
    code = newest_code(scene.server, scene.pool_id)
    assert scene.respond(end(scene), scene.answer(asked, **{f"{factor}_CODE": code})) == INVALID


def test_a_code_to_a_second_address(make_scene: Callable[..., Scene]) -> None:
    """Which gets none any more once the user has verified the first."""
    scene = make_scene("SMS_OTP")
    asked = scene.begin("SMS_OTP")
    request = scene.answer(asked, SMS_OTP_CODE=newest_code(scene.server, scene.pool_id))
    verified: Any = [{"Name": "email_verified", "Value": "true"}]
    told = scene.respond(
        lambda: scene.cognito.admin_update_user_attributes(**scene.anna, UserAttributes=verified), request
    )
    assert told == "ExpiredCodeException: Invalid code provided, please request a code again."


def test_a_passkey(make_scene: Callable[..., Scene], end: End) -> None:
    scene, authenticator = make_scene("WEB_AUTHN"), Authenticator()
    scene.cognito.set_user_pool_mfa_config(
        UserPoolId=scene.pool_id, WebAuthnConfiguration={"RelyingPartyId": PARTY}
    )
    token, anonymous = scene.client.tokens("anna")["AccessToken"], scene.client.anonymous
    options: Any = anonymous.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    made: Any = authenticator.create(options, f"https://{PARTY}")
    anonymous.complete_web_authn_registration(AccessToken=token, Credential=made)
    asked = scene.begin("WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    proof = authenticator.get(options, f"https://{PARTY}")
    assert scene.respond(end(scene), scene.answer(asked, CREDENTIAL=proof)) == INVALID


# -- what comes after a password --------------------------------------------------------------------------------------


def test_a_new_password(scene: Scene, end: End) -> None:
    scene.cognito.admin_set_user_password(**scene.anna, Password="T3mp-orary!")
    asked = scene.client.sign_in("anna", "T3mp-orary!")
    assert scene.respond(end(scene), scene.answer(asked, NEW_PASSWORD="My-0wn-0ne!")) == INVALID


def test_an_attribute_that_is_owed_no_more(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(Schema=[{"Name": "given_name", "Required": True}])
    scene.cognito.admin_set_user_password(**scene.anna, Password="T3mp-orary!")
    given: Any = [{"Name": "given_name", "Value": "Anna"}]
    request = scene.answer(
        scene.client.sign_in("anna", "T3mp-orary!"),
        **{"NEW_PASSWORD": "My-0wn-0ne!", "userAttributes.given_name": "Eve"},
    )
    told = scene.respond(
        lambda: scene.cognito.admin_update_user_attributes(**scene.anna, UserAttributes=given), request
    )
    assert told == "NotAuthorizedException: Cannot modify an already provided given_name"
    assert scene.client.sign_in("anna", "T3mp-orary!")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


@pytest.mark.parametrize(("factor", "member"), [("SMS_MFA", "SMS_MFA_CODE"), ("EMAIL_OTP", "EMAIL_OTP_CODE")])
def test_a_code_that_comes_second(scene: Scene, end: End, factor: str, member: str) -> None:
    scene.client.prefer("anna", factor)
    asked = scene.client.sign_in("anna")
    code = newest_code(scene.server, scene.pool_id)
    assert scene.respond(end(scene), scene.answer(asked, **{member: code})) == INVALID


def test_a_code_of_an_app(scene: Scene, end: End) -> None:
    app = scene.client.give_app("anna")
    scene.client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    asked = scene.client.sign_in("anna")
    request = scene.answer(asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert scene.respond(end(scene), request) == INVALID


def test_a_choice_among_second_factors(scene: Scene, end: End) -> None:
    scene.client.prefer("anna", "SMS_MFA", "EMAIL_OTP")
    asked = scene.client.sign_in("anna")
    assert scene.respond(end(scene), scene.answer(asked, ANSWER="SMS_MFA")) == INVALID


# -- a second factor that is set up -----------------------------------------------------------------------------------


@pytest.fixture
def requiring(make_scene: Callable[..., Scene]) -> Scene:
    """Of a pool that requires an app, which anna does not have yet."""
    made = make_scene()
    made.client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    return made


@pytest.fixture
def owing(requiring: Scene) -> Any:
    """What anna is asked then."""
    asked = requiring.client.sign_in("anna")
    assert asked["ChallengeName"] == "MFA_SETUP"
    return asked


def test_an_app_that_is_shared_a_secret_with(requiring: Scene, owing: Any, end: End) -> None:
    late = Late(requiring.server, end(requiring))
    assert outcome(lambda: late.associate_software_token(Session=owing["Session"])) == INVALID


def test_an_app_that_shows_its_first_code(requiring: Scene, owing: Any, end: End) -> None:
    shared = requiring.client.anonymous.associate_software_token(Session=owing["Session"])
    code = App(shared["SecretCode"], requiring.client.clock).code()
    late = Late(requiring.server, end(requiring))
    told = outcome(lambda: late.verify_software_token(Session=shared["Session"], UserCode=code))
    assert told == INVALID


def test_a_sign_in_that_goes_on_when_its_app_is_set_up(requiring: Scene, owing: Any, end: End) -> None:
    anonymous = requiring.client.anonymous
    shared = anonymous.associate_software_token(Session=owing["Session"])
    code = App(shared["SecretCode"], requiring.client.clock).code()
    verified: Any = anonymous.verify_software_token(Session=shared["Session"], UserCode=code)
    request = requiring.answer(owing | {"Session": verified["Session"]})
    assert requiring.respond(end(requiring), request) == INVALID


# -- devices ----------------------------------------------------------------------------------------------------------


def test_a_device(make_scene: Callable[..., Scene], end: End) -> None:
    scene = make_scene(
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
    )
    client = DeviceClient(scene.client.anonymous, scene.pool_id, scene.client_id, scene.client.clock)
    device = client.new_device()
    client.sign_in(device.key)
    late: Any = Late(scene.server, end(scene))
    asked = client.begin(device)
    client.cognito = late
    assert outcome(lambda: client.prove(asked, device)) == INCORRECT


# -- passwords that came from elsewhere -------------------------------------------------------------------------------


def know_by_hash(scene: Scene) -> None:
    """Anna's password is known by a hash."""
    server = scene.server
    anna = server.run(server.store.read(users.by_alias, scene.pool_id, [Alias("username", "anna")]))
    assert anna is not None
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    known = foreign_passwords.with_foreign(server.node.vault, anna, "BCRYPT", hashed)
    assert server.run(server.store.write(users.change, anna, known))


def sign_in(scene: Scene, overtake: Overtake) -> str:
    late = Late(scene.server, overtake)
    return outcome(
        lambda: late.initiate_auth(
            ClientId=scene.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
        )
    )


def test_a_password_known_by_its_hash(scene: Scene, end: End) -> None:
    know_by_hash(scene)
    assert sign_in(scene, end(scene)) == INCORRECT


def test_of_two_who_come_with_it_at_the_same_moment_both_are_right(scene: Scene) -> None:
    know_by_hash(scene)
    assert sign_in(scene, lambda: scene.client.sign_in("anna")) == "signed in"
    assert "AuthenticationResult" in scene.client.sign_in("anna")


def test_who_changes_it_leaves_the_password_that_an_administrator_sets_meanwhile(scene: Scene) -> None:
    token = scene.client.tokens("anna")["AccessToken"]
    know_by_hash(scene)
    late = Late(scene.server, scene.set_password)
    told = outcome(
        lambda: late.change_password(
            AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="An0ther!!"
        )
    )
    assert told == INCORRECT
    assert "AuthenticationResult" in scene.client.sign_in("anna", OTHER)
