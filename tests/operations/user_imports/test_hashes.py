"""Users who come with the hash of a password."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from cognomen.crypto import foreign_hashes
from cognomen.store import users
from cognomen.store.users import Alias
from cognomen.users import foreign_passwords
from cognomen.wire import model
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.http_requests import asked
from tests.operations.user_imports.conftest import (
    AS_DOCUMENTED,
    Make,
    a_row,
    counts,
    csv,
    hashed,
    log_of,
    sign_in,
)
from tests.refused import refused
from tests.server import Server
from tests.srp_client import SRP_A, answer_to


def sign_in_by_srp(anonymous: Cognito, pool_id: str, client_id: str, clock: HeldClock) -> Any:
    asked = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ada", "SRP_A": SRP_A},
    )
    return anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=answer_to(asked["ChallengeParameters"], pool_id, PASSWORD, clock.now),
    )


@pytest.mark.parametrize("algorithm", model.load().shapes["PasswordHashingAlgorithmType"].enum)
def test_who_comes_with_a_hash_signs_in_with_the_password_and_then_without_sending_it(
    cognito: Cognito,
    anonymous: Cognito,
    make_client: Make,
    pool_id: str,
    make_job: Make,
    run: Make,
    clock: HeldClock,
    algorithm: str,
) -> None:
    rows = [a_row("ada", password_hash=hashed(algorithm)), a_row("bob")]
    done = run(make_job(rows, PasswordHashingAlgorithm=algorithm))
    assert done["PasswordHashingAlgorithm"] == algorithm
    assert counts(done) == (2, 0, 0)
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserStatus"] == "CONFIRMED"
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="bob")["UserStatus"] == "RESET_REQUIRED"
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client_id = make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"]
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in_by_srp(anonymous, pool_id, client_id, clock)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, client_id, "ada", "another")
    assert sign_in(anonymous, client_id, "ada")["AuthenticationResult"]["AccessToken"]
    assert sign_in_by_srp(anonymous, pool_id, client_id, clock)["AuthenticationResult"]["AccessToken"]
    assert sign_in(anonymous, client_id, "ada")["AuthenticationResult"]["AccessToken"]


def test_who_has_a_hash_may_choose_the_password(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_job: Make,
    run: Make,
) -> None:
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    pool_id = make_pool(AutoVerifiedAttributes=["email"], Policies=factors)["Id"]
    rows = [a_row("ada", password_hash=hashed("BCRYPT"))]
    run(make_job(rows, pool_id, PasswordHashingAlgorithm="BCRYPT"))
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])[
        "ClientId"
    ]
    asked = anonymous.initiate_auth(
        ClientId=client_id, AuthFlow="USER_AUTH", AuthParameters={"USERNAME": "ada"}
    )
    assert "PASSWORD" in asked["AvailableChallenges"]
    answer = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": "ada", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD},
    )
    assert "AuthenticationResult" in answer


def test_a_hash_that_cannot_be_used_fails_its_row_alone(cognito: Cognito, make_job: Make, run: Make) -> None:
    rows = [
        a_row("ada", password_hash="$2b$13$" + "a" * 53),
        a_row("bob", password_hash="5f4dcc3b5aa765d61d8327deb882cf99"),
        a_row("eve", password_hash=hashed("BCRYPT")),
    ]
    done = run(make_job(rows, PasswordHashingAlgorithm="BCRYPT"))
    assert counts(done) == (1, 0, 2)
    assert log_of(cognito, done)[0] == (
        "[FAILED] Line Number 2 - The password hash cannot be used as BCRYPT: its cost is not between 4 and 12."
    )


def test_a_job_with_hashes_needs_a_column_of_them(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job(PasswordHashingAlgorithm="BCRYPT")
    file = csv(cognito, pool_id, [a_row("ada")]).replace(b",password_hash", b"")
    asked("PUT", job["PreSignedUrl"], file, headers=AS_DOCUMENTED)
    assert run(job)["Status"] == "Failed"


@pytest.fixture
def with_hash(pool_id: str, make_job: Make, run: Make, make_client: Make) -> str:
    """A client of a pool with a user, ada, whose password is known by a hash."""
    run(
        make_job(
            [a_row("ada", password_hash=hashed("PBKDF2_SHA256"))], PasswordHashingAlgorithm="PBKDF2_SHA256"
        )
    )
    return str(make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"])


def test_a_hash_is_under_the_lock_out(anonymous: Cognito, with_hash: str, clock: HeldClock) -> None:
    for _ in range(5):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            sign_in(anonymous, with_hash, "ada", "wrong")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, with_hash, "ada")
    clock.advance(SECOND)
    assert "AuthenticationResult" in sign_in(anonymous, with_hash, "ada")


def test_who_has_a_hash_and_a_token_still_proves_the_password_to_change_it(
    cognito: Cognito, anonymous: Cognito, pool_id: str, with_hash: str, server: Server, clock: HeldClock
) -> None:
    other = "An0ther!!"
    token = sign_in(anonymous, with_hash, "ada")["AuthenticationResult"]["AccessToken"]
    put_hash_back(server, pool_id)
    for previous in ({}, {"PreviousPassword": "wrong"}):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            anonymous.change_password(AccessToken=token, ProposedPassword=other, **previous)
    anonymous.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=other)
    assert "AuthenticationResult" in sign_in(anonymous, with_hash, "ada", other)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, with_hash, "ada", PASSWORD)


def put_hash_back(server: Server, pool_id: str) -> None:
    """As if ada had signed in without a password."""
    ada = server.run(server.store.read(users.by_alias, pool_id, [Alias("username", "ada")]))
    assert ada is not None
    known = foreign_passwords.with_foreign(server.node.vault, ada, "PBKDF2_SHA256", hashed("PBKDF2_SHA256"))
    assert server.run(server.store.write(users.change, ada, known))


@pytest.mark.parametrize("name", ["ada", "known", "nobody"])
def test_a_wrong_password_costs_everybody_a_hash_and_a_right_one_who_has_it(
    anonymous: Cognito,
    make_user: Make,
    pool_id: str,
    with_hash: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    computed = []
    matches = foreign_hashes.matches

    def watched(algorithm: str, text: str, password: str) -> bool:
        computed.append(text.split("$")[:3])
        return matches(algorithm, text, password)

    monkeypatch.setattr(foreign_hashes, "matches", watched)
    make_user(pool_id, "known")
    with pytest.raises(ClientError):
        sign_in(anonymous, with_hash, name, "wrong")
    assert computed == [["", "pbkdf2-sha256", "10"]]
    if name == "known":
        sign_in(anonymous, with_hash, name)
        assert len(computed) == 1
