"""What stories of import jobs have in common: a pool, its jobs and their files, and nodes that work when a story says so."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Node
from cognomen.store import user_imports
from cognomen.store.user_imports import ImportJob
from cognomen.users import imports
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.http_requests import asked
from tests.server import Server

ROLE = "arn:aws:iam::000000000000:role/imports"
AS_DOCUMENTED = {"x-amz-server-side-encryption": "aws:kms"}
Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool(AutoVerifiedAttributes=["email"])["Id"])


@pytest.fixture
def make_job(cognito: Cognito, pool_id: str) -> Make:
    """A job, and the upload of rows by column where there are some."""

    def make(rows: list[dict[str, str]] | None = None, pool: str = pool_id, **members: Any) -> Any:
        job = cognito.create_user_import_job(
            **{"UserPoolId": pool, "JobName": "a job", "CloudWatchLogsRoleArn": ROLE} | members
        )["UserImportJob"]
        if rows is not None:
            answer = asked("PUT", job["PreSignedUrl"], csv(cognito, pool, rows), headers=AS_DOCUMENTED)
            assert (answer.status, answer.text) == (200, "")
        return job

    return make


def csv(cognito: Cognito, pool_id: str, rows: list[dict[str, str]]) -> bytes:
    """A file in the form of the template."""
    header = cognito.get_csv_header(UserPoolId=pool_id)["CSVHeader"]
    lines = [",".join(row.get(name, "").replace(",", "\\,") for name in header) for row in rows]
    return "\n".join([",".join(header), *lines]).encode()


def a_row(name: str, /, **others: str) -> dict[str, str]:
    email = {"email": f"{name}@example.com", "email_verified": "TRUE"}
    return {"cognito:username": name} | email | others


def described(cognito: Cognito, job: Any) -> Any:
    return cognito.describe_user_import_job(UserPoolId=job["UserPoolId"], JobId=job["JobId"])["UserImportJob"]


carry_on = imports.carry_on


@pytest.fixture(autouse=True)
def _nobody_works_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own jobs leave imports alone, so that a test decides what happens when."""

    async def rest(_node: Node, _now: int) -> bool:
        return False

    monkeypatch.setattr(imports, "carry_on", rest)


def work(server: Server, clock: HeldClock) -> None:
    """Do what there is to do, as a node does beside requests."""
    while server.run(carry_on(server.node, clock.now)):
        pass


@pytest.fixture
def run(cognito: Cognito, server: Server, clock: HeldClock) -> Make:
    """Start a job and see it through."""

    def start(job: Any) -> Any:
        cognito.start_user_import_job(UserPoolId=job["UserPoolId"], JobId=job["JobId"])
        work(server, clock)
        return described(cognito, job)

    return start


def log_of(cognito: Cognito, job: Any) -> list[str]:
    answer = asked("GET", described(cognito, job)["PreSignedUrl"])
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text.splitlines()


def counts(job: Any) -> tuple[int, int, int]:
    return job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]


def sign_in(anonymous: Cognito, client_id: str, name: str, password: str = PASSWORD) -> Any:
    return anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )


def held_of(server: Server, job: Any) -> ImportJob:
    found = server.run(server.store.read(user_imports.by_id, job["UserPoolId"], job["JobId"]))
    assert found is not None
    return found


def upload_of(server: Server, job: Any) -> str:
    return held_of(server, job).upload


SALT = bytes(range(16))


def in_base64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def hashed(algorithm: str, password: str = PASSWORD) -> str:
    """A hash of little cost, made with the libraries that applications make them with."""
    secret = password.encode()
    if algorithm == "BCRYPT":
        return bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode()
    if algorithm == "SCRYPT":
        return f"16$8$1${SALT.hex()}${hashlib.scrypt(secret, salt=SALT, n=16, r=8, p=1).hex()}"
    if algorithm == "ARGON2ID":
        return Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=8).derive_phc_encoded(secret)
    made = hashlib.pbkdf2_hmac("sha256", secret, SALT, 10)
    return f"$pbkdf2-sha256$10${in_base64(SALT)}${in_base64(made)}"
