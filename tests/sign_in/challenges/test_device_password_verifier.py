"""DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: devices that are remembered prove themselves, and may stand in for a second factor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE, SECOND
from tests import srp_client
from tests.conftest import PASSWORD
from tests.device_client import SECRET, Device, DeviceClient
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import App, Client
from tests.server import Server

Make = Callable[..., Any]

INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
INVALID = ("NotAuthorizedException", "Invalid session for the user.")
SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
NO_DEVICE = ("ResourceNotFoundException", "Device does not exist.")
TRACKED: Any = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    """A pool that remembers every device, in which anna is."""
    made = str(make_pool(DeviceConfiguration=TRACKED, AliasAttributes=["email"])["Id"])
    make_user(made, "anna", email="anna@example.com", email_verified="true")
    return made


@pytest.fixture
def client(anonymous: Cognito, pool_id: str, make_client: Make, clock: HeldClock) -> DeviceClient:
    client_id = make_client(pool_id, ExplicitAuthFlows=FLOWS)["ClientId"]
    return DeviceClient(anonymous, pool_id, client_id, clock)


@pytest.fixture
def device(client: DeviceClient) -> Device:
    """A device that anna has remembered."""
    return client.new_device()


def claims_of(tokens: Any) -> Any:
    return jwt.decode(tokens["AccessToken"], options={"verify_signature": False})


# -- the way through --------------------------------------------------------------------------------------------------


def test_a_remembered_device_proves_itself_behind_the_password(
    anonymous: Cognito, client: DeviceClient, device: Device, clock: HeldClock
) -> None:
    clock.advance(2 * MINUTE + 345)
    asked = client.sign_in(device.key)
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert asked["ChallengeParameters"] == {"USERNAME": "anna"}
    asked = client.begin(device)
    assert asked["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    parameters = asked["ChallengeParameters"]
    assert parameters.keys() == {"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "DEVICE_KEY"}
    assert bytes.fromhex(parameters["SALT"]) == b"a device's salt!"
    tokens = client.prove(asked, device)["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert claims_of(tokens)["device_key"] == device.key
    (shown,) = anonymous.list_devices(AccessToken=tokens["AccessToken"])["Devices"]
    assert shown["DeviceLastAuthenticatedDate"].timestamp() == clock.now // SECOND
    assert shown["DeviceCreateDate"] < shown["DeviceLastAuthenticatedDate"]
    refreshed = anonymous.initiate_auth(
        ClientId=client.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.key},
    )["AuthenticationResult"]
    assert claims_of(refreshed)["device_key"] == device.key


def test_a_password_may_be_proven_by_srp(client: DeviceClient, device: Device) -> None:
    asked = client.answer_srp(client.begin_srp(device.key), device.key)
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert client.prove(client.begin(device), device)["AuthenticationResult"]


def test_administrators_go_the_same_way(cognito: Cognito, client: DeviceClient, device: Device) -> None:
    named: Any = {"UserPoolId": client.pool_id, "ClientId": client.client_id}
    asked: Any = cognito.admin_initiate_auth(
        **named,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD, "DEVICE_KEY": device.key},
    )
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    asked = cognito.admin_respond_to_auth_challenge(
        **named,
        ChallengeName="DEVICE_SRP_AUTH",
        ChallengeResponses={"USERNAME": "anna", "DEVICE_KEY": device.key, "SRP_A": srp_client.SRP_A},
    )
    given = srp_client.device_answer_to(
        asked["ChallengeParameters"], device.group_key, SECRET, client.clock.now
    )
    done = cognito.admin_respond_to_auth_challenge(
        **named, ChallengeName="DEVICE_PASSWORD_VERIFIER", ChallengeResponses=given
    )
    assert done["AuthenticationResult"]


def test_any_name_of_the_user_will_do(client: DeviceClient, device: Device) -> None:
    client.sign_in(device.key, username="anna@example.com")
    asked = client.begin(device, username="anna@example.com")
    assert asked["ChallengeParameters"]["USERNAME"] == "anna"
    assert client.prove(asked, device, USERNAME="anna@example.com")["AuthenticationResult"]


def test_a_user_whose_name_is_a_sub_is_called_by_it(
    anonymous: Cognito, make_pool: Make, make_user: Make, make_client: Make, clock: HeldClock
) -> None:
    pool_id = make_pool(DeviceConfiguration=TRACKED, UsernameAttributes=["email"])["Id"]
    sub = make_user(pool_id, "anna@example.com")
    client_id = make_client(pool_id, ExplicitAuthFlows=FLOWS)["ClientId"]
    client = DeviceClient(anonymous, pool_id, client_id, clock)
    device = client.new_device("anna@example.com")
    asked = client.sign_in(device.key, username="anna@example.com")
    assert asked["ChallengeParameters"] == {"USERNAME": sub}
    assert client.prove(client.begin(device, username=sub), device)["AuthenticationResult"]


def test_a_session_that_comes_along_is_not_looked_at(client: DeviceClient, device: Device) -> None:
    session = client.sign_in(device.key)["Session"]
    given = {"USERNAME": "anna", "DEVICE_KEY": device.key, "SRP_A": srp_client.SRP_A}
    asked = client.respond("DEVICE_SRP_AUTH", given, Session="x" * 20)
    answer = srp_client.device_answer_to(
        asked["ChallengeParameters"], device.group_key, SECRET, client.clock.now
    )
    assert client.respond("DEVICE_PASSWORD_VERIFIER", answer, Session=session)["AuthenticationResult"]


def test_a_temporary_password_is_replaced_before(
    cognito: Cognito, client: DeviceClient, device: Device
) -> None:
    cognito.admin_set_user_password(UserPoolId=client.pool_id, Username="anna", Password="T3mp-orary!")
    owed = client.sign_in(device.key, password="T3mp-orary!")
    assert owed["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    given = {"USERNAME": "anna", "NEW_PASSWORD": PASSWORD}
    asked = client.respond("NEW_PASSWORD_REQUIRED", given, Session=owed["Session"])
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert client.prove(client.begin(device), device)["AuthenticationResult"]


# -- devices that do not count ----------------------------------------------------------------------------------------


def test_a_device_that_the_user_does_not_have_is_told_of_before_anything_is_spent(
    cognito: Cognito, client: DeviceClient, device: Device, make_user: Make
) -> None:
    """So amazon-cognito-identity-js does: it forgets the device, and sends the same proof again."""
    make_user(client.pool_id, "bob")
    of_bob = client.new_device("bob")
    cognito.admin_forget_device(UserPoolId=client.pool_id, Username="anna", DeviceKey=device.key)
    for key in (device.key, of_bob.key, "us-east-1_00000000-0000-4000-8000-000000000000", "x"):
        with refused(*NO_DEVICE):
            client.sign_in(key)
        asked = client.begin_srp(key)
        with refused(*NO_DEVICE):
            client.answer_srp(asked, key)
        tokens = client.answer_srp(asked, None)["AuthenticationResult"]
        assert tokens["NewDeviceMetadata"]["DeviceKey"] not in {device.key, of_bob.key}


def test_a_name_that_nobody_has_is_refused_like_a_user_without_the_device(
    anonymous: Cognito, client: DeviceClient, device: Device, make_client: Make, make_user: Make
) -> None:
    make_user(client.pool_id, "bob")
    hiding = replace(
        client,
        client_id=make_client(client.pool_id, ExplicitAuthFlows=FLOWS, PreventUserExistenceErrors="ENABLED")[
            "ClientId"
        ],
    )
    for username in ("bob", "nobody"):
        with refused(*NO_DEVICE):
            hiding.sign_in(device.key, username=username)
        with refused(*INVALID):
            hiding.begin(device, username=username)


def test_a_device_that_is_not_remembered_is_as_good_as_none(
    cognito: Cognito, client: DeviceClient, device: Device
) -> None:
    cognito.admin_update_device_status(
        UserPoolId=client.pool_id,
        Username="anna",
        DeviceKey=device.key,
        DeviceRememberedStatus="not_remembered",
    )
    tokens = client.sign_in(device.key)["AuthenticationResult"]
    offered = tokens["NewDeviceMetadata"]["DeviceKey"]
    assert claims_of(tokens)["device_key"] == offered != device.key


def test_where_devices_are_not_tracked_a_key_means_nothing(
    cognito: Cognito, client: DeviceClient, device: Device, server: Server
) -> None:
    cognito.update_user_pool(UserPoolId=client.pool_id)
    writes = server.store.counts.writes
    assert "device_key" not in claims_of(client.sign_in(device.key)["AuthenticationResult"])
    assert "device_key" not in claims_of(client.sign_in("x")["AuthenticationResult"])

    def reads_with(key: str | None) -> int:
        """The fewest of some: the server's jobs read too."""
        return min(_reads(server, partial(client.sign_in, key)) for _ in range(3))

    assert reads_with(device.key) == reads_with("x") == reads_with(None)
    assert server.store.counts.writes == writes


def _reads(server: Server, sign_in: Callable[[], object]) -> int:
    before = server.store.counts.reads
    sign_in()
    return server.store.counts.reads - before


# -- answers that count for nothing -----------------------------------------------------------------------------------


def test_a_device_that_does_not_know_the_secret_does_not_get_in(client: DeviceClient, device: Device) -> None:
    client.sign_in(device.key)
    asked = client.begin(device)
    with refused(*INCORRECT):
        client.prove(asked, device, "something else")
    with refused(*INCORRECT):
        client.prove(asked, device)  # its turn is spent


def test_whoever_knows_the_key_of_a_device_cannot_end_what_its_user_has_begun(
    client: DeviceClient, device: Device
) -> None:
    client.sign_in(device.key)
    of_another = client.begin(device)
    asked = client.begin(device)
    with refused(*INCORRECT):
        client.prove(of_another, device, "something else")
    assert client.prove(asked, device)["AuthenticationResult"]


def test_failures_lock_devices_and_nothing_else(
    client: DeviceClient, device: Device, clock: HeldClock
) -> None:
    for _ in range(5):
        client.sign_in(device.key)
        with refused(*INCORRECT):
            client.prove(client.begin(device), device, "something else")
    client.sign_in(device.key)
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        client.begin(device)
    assert client.sign_in()["AuthenticationResult"]
    clock.advance(SECOND)
    client.sign_in(device.key)
    assert client.prove(client.begin(device), device)["AuthenticationResult"]
    # All is forgotten with it.
    client.sign_in(device.key)
    with refused(*INCORRECT):
        client.prove(client.begin(device), device, "something else")
    client.sign_in(device.key)
    assert client.begin(device)["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"


def test_each_step_counts_once(client: DeviceClient, device: Device) -> None:
    client.sign_in(device.key)
    asked, again = client.begin(device), client.begin(device)
    assert client.prove(asked, device)["AuthenticationResult"]
    for each in (asked, again):
        with refused(*INCORRECT):
            client.prove(each, device)
    with refused(*SPENT):
        client.begin(device)


@pytest.mark.parametrize("begun", [1, 4])
def test_of_proofs_at_the_same_moment_one_counts(client: DeviceClient, device: Device, begun: int) -> None:
    client.sign_in(device.key)
    asked = [client.begin(device) for _ in range(begun)]
    together = threading.Barrier(4)

    def try_it(number: int) -> str:
        together.wait(10)
        try:
            client.prove(asked[number % begun], device)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "signed in"

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(try_it, range(4)))
    assert outcomes == [INCORRECT[1]] * 3 + ["signed in"]


def test_each_step_comes_too_late_after_some_minutes(
    client: DeviceClient, device: Device, clock: HeldClock
) -> None:
    client.sign_in(device.key)
    clock.advance(3 * MINUTE)
    with refused(*EXPIRED):
        client.begin(device)
    client.sign_in(device.key)
    asked = client.begin(device)
    clock.advance(3 * MINUTE)
    with refused(*INCORRECT):
        client.prove(asked, device)


def test_nothing_is_proven_out_of_turn(client: DeviceClient, device: Device) -> None:
    with refused(*INVALID):
        client.begin(device)  # without the password
    srp = client.begin_srp(device.key)
    with refused(*INVALID):
        client.begin(device)  # before the password is proven
    parameters = srp["ChallengeParameters"] | {"DEVICE_KEY": device.key}
    with refused(*INCORRECT):
        client.prove({"ChallengeParameters": parameters}, device)
    client.sign_in(device.key)
    asked = client.begin(device)
    parameters = asked["ChallengeParameters"] | {"USER_ID_FOR_SRP": "anna"}
    with refused(*INCORRECT):
        client.answer_srp({"ChallengeParameters": parameters}, None)
    assert client.prove(asked, device)["AuthenticationResult"]


def test_what_one_device_has_begun_no_other_can_end(
    client: DeviceClient, device: Device, make_client: Make, make_user: Make
) -> None:
    make_user(client.pool_id, "bob")
    another, of_bob = client.new_device(), client.new_device("bob")
    foreign = replace(client, client_id=make_client(client.pool_id, ExplicitAuthFlows=FLOWS)["ClientId"])
    client.sign_in(device.key)
    for who, of, username in (
        (client, another, "anna"),
        (client, of_bob, "anna"),
        (client, device, "bob"),
        (foreign, device, "anna"),
    ):
        with refused(*INVALID):
            who.begin(of, username=username)
    asked = client.begin(device)
    with refused(*INCORRECT):
        foreign.prove(asked, device)
    with refused(*INCORRECT):
        client.prove(asked, device, USERNAME="bob")
    with refused(*INCORRECT):
        client.prove(asked, device, DEVICE_KEY=another.key)


def test_a_proof_needs_all_its_members(client: DeviceClient, device: Device) -> None:
    client.sign_in(device.key)
    for name in ("DEVICE_KEY", "SRP_A"):
        given = {"USERNAME": "anna", "DEVICE_KEY": device.key, "SRP_A": srp_client.SRP_A}
        with refused("InvalidParameterException", f"Missing required parameter {name}"):
            client.respond("DEVICE_SRP_AUTH", {key: value for key, value in given.items() if key != name})
    with refused("InvalidParameterException", "SRP_A is not a number of the group."):
        client.begin(device, SRP_A="0")
    assert client.begin(device)["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"


@pytest.mark.parametrize(
    ("change", "expected"), [("forgotten", NO_DEVICE), ("not remembered", INVALID)], ids=str
)
@pytest.mark.parametrize("begun", [False, True], ids=["before it begins", "before it is proven"])
def test_a_device_that_is_taken_away_meanwhile_does_not_get_in(
    cognito: Cognito, client: DeviceClient, device: Device, change: str, expected: Any, begun: bool
) -> None:
    client.sign_in(device.key)
    asked = client.begin(device) if begun else None
    named: Any = {"UserPoolId": client.pool_id, "Username": "anna", "DeviceKey": device.key}
    if change == "forgotten":
        cognito.admin_forget_device(**named)
    else:
        cognito.admin_update_device_status(**named, DeviceRememberedStatus="not_remembered")
    with refused(*expected):
        client.prove(asked, device) if begun else client.begin(device)


def test_a_user_who_changes_meanwhile_does_not_get_in(
    cognito: Cognito, client: DeviceClient, device: Device
) -> None:
    client.sign_in(device.key)
    cognito.admin_set_user_password(
        UserPoolId=client.pool_id, Username="anna", Password="N3w-Passw0rd!", Permanent=True
    )
    with refused(*INVALID):
        client.begin(device)


# -- in the place of a second factor ----------------------------------------------------------------------------------


@pytest.fixture
def app(cognito: Cognito, anonymous: Cognito, client: DeviceClient, device: Device, clock: HeldClock) -> App:
    """An app that shows codes, for which anna is asked since she has the device."""
    factors = Client(cognito, anonymous, client.pool_id, client.client_id, clock)
    factors.offer("SOFTWARE_TOKEN_MFA")
    made = factors.give_app("anna")
    factors.prefer("anna", "SOFTWARE_TOKEN_MFA", preferred="SOFTWARE_TOKEN_MFA")
    return made


def set_devices(cognito: Cognito, pool_id: str, *, stand_in: bool) -> None:
    devices: Any = {"ChallengeRequiredOnNewDevice": stand_in, "DeviceOnlyRememberedOnUserPrompt": False}
    cognito.update_user_pool(UserPoolId=pool_id, DeviceConfiguration=devices)


def test_a_remembered_device_stands_in_for_a_code_until_it_is_not_remembered_any_more(
    cognito: Cognito, client: DeviceClient, device: Device, app: App
) -> None:
    set_devices(cognito, client.pool_id, stand_in=True)
    assert client.sign_in()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert client.sign_in(device.key)["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert client.prove(client.begin(device), device)["AuthenticationResult"]
    client.sign_in(device.key)
    asked = client.begin(device)
    cognito.admin_update_device_status(
        UserPoolId=client.pool_id,
        Username="anna",
        DeviceKey=device.key,
        DeviceRememberedStatus="not_remembered",
    )
    with refused(*INVALID):
        client.prove(asked, device)
    code = client.sign_in(device.key)
    assert code["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    given = {"USERNAME": "anna", "SOFTWARE_TOKEN_MFA_CODE": app.code(), "DEVICE_KEY": device.key}
    tokens = client.respond("SOFTWARE_TOKEN_MFA", given, Session=code["Session"])["AuthenticationResult"]
    assert tokens["NewDeviceMetadata"]["DeviceKey"] != device.key


def test_where_devices_stand_in_for_nothing_they_prove_themselves_behind_the_code(
    client: DeviceClient, device: Device, app: App
) -> None:
    code = client.sign_in(device.key)
    assert code["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    # The key came with the password; not every library sends it again with the code.
    given = {"USERNAME": "anna", "SOFTWARE_TOKEN_MFA_CODE": app.code()}
    asked = client.respond("SOFTWARE_TOKEN_MFA", given, Session=code["Session"])
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert client.prove(client.begin(device), device)["AuthenticationResult"]


def test_a_device_without_its_secret_does_not_stand_in_for_anything(
    cognito: Cognito, client: DeviceClient, device: Device, app: App
) -> None:
    set_devices(cognito, client.pool_id, stand_in=True)
    session = client.sign_in(device.key)["Session"]
    given = {"USERNAME": "anna", "SOFTWARE_TOKEN_MFA_CODE": app.code()}
    with refused(*INVALID):
        client.respond("SOFTWARE_TOKEN_MFA", given, Session=session)
    with refused(*INCORRECT):
        client.prove(client.begin(device), device, "something else")
