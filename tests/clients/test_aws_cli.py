"""The AWS CLI, with which people set a pool up by hand and in scripts: files, pages, tags, errors, a person's own commands, keys."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from cognomen.testing import Cognomen
from tests.conftest import PASSWORD
from tests.processes import Running, serving

HERE = Path(__file__).parent
ACCOUNT = "arn:aws:cognito-idp:us-east-1:000000000000"
FAILED = 255


@dataclass
class Terminal:
    given: IO[str]
    told: IO[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code of `aws cognito-idp ARGUMENTS`, and what it prints where."""
        self.given.write(json.dumps(["cognito-idp", *arguments]) + "\n")
        self.given.flush()
        code, out, err = json.loads(self.told.readline())
        return code, out, err

    def __call__(self, *arguments: str) -> Any:
        """The answer of a command that must succeed."""
        code, out, err = self.run(*arguments)
        assert (code, err) == (0, ""), err
        return json.loads(out) if out else None

    def refused(self, *arguments: str) -> str:
        code, out, err = self.run(*arguments)
        assert (code, out) == (FAILED, "")
        return err.strip()


def environment(endpoint: str, key: str, secret: str) -> dict[str, str]:
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return nowhere | {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_MAX_ATTEMPTS": "1",
    }


@contextmanager
def terminal(endpoint: str, key: str = "any", secret: str = "any") -> Iterator[Terminal]:
    with subprocess.Popen(
        [sys.executable, HERE / "aws.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(endpoint, key, secret),
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Terminal(process.stdin, process.stdout)
        process.stdin.close()


@pytest.fixture(scope="module")
def aws(running: Running) -> Iterator[Terminal]:
    with terminal(running.endpoint) as opened:
        yield opened


@pytest.fixture
def pool_id(aws: Terminal) -> str:
    return str(aws("create-user-pool", "--pool-name", "a pool")["UserPool"]["Id"])


@pytest.fixture
def client_id(aws: Terminal, pool_id: str) -> str:
    created = aws(
        "create-user-pool-client",
        *("--user-pool-id", pool_id, "--client-name", "a client"),
        *("--explicit-auth-flows", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"),
    )
    return str(created["UserPoolClient"]["ClientId"])


def test_the_command_itself_makes_a_pool(running: Running) -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("aws"),
            *("cognito-idp", "create-user-pool", "--pool-name", "first", "--endpoint-url", running.endpoint),
            *("--query", "UserPool.Name", "--output", "text"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment("http://127.0.0.1:1", "any", "any"),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "first\n", "")


def test_a_pool_is_made_described_and_changed(aws: Terminal) -> None:
    policies = {"PasswordPolicy": {"MinimumLength": 10, "RequireNumbers": True}}
    pool = aws(
        "create-user-pool",
        *("--pool-name", "people", "--policies", json.dumps(policies)),
        *("--schema", "Name=team,AttributeDataType=String,Mutable=true", "--user-pool-tags", "stage=test"),
    )["UserPool"]
    whose = ("--user-pool-id", pool["Id"])
    described = aws("describe-user-pool", *whose)["UserPool"]
    assert described == pool
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 10
    assert "custom:team" in {attribute["Name"] for attribute in described["SchemaAttributes"]}
    assert abs(described["CreationDate"] - time.time()) < 600  # seconds
    aws("update-user-pool", *whose, "--auto-verified-attributes", "email", "--deletion-protection", "ACTIVE")
    changed = aws("describe-user-pool", *whose)["UserPool"]
    assert (changed["AutoVerifiedAttributes"], changed["DeletionProtection"]) == (["email"], "ACTIVE")
    assert "deletion protection is activated" in aws.refused("delete-user-pool", *whose)
    aws("update-user-pool", *whose, "--deletion-protection", "INACTIVE")
    assert aws("delete-user-pool", *whose) is None


def test_what_belongs_to_a_pool_is_made_and_shown(
    aws: Terminal, pool_id: str, client_id: str, tmp_path: Path
) -> None:
    whose = ("--user-pool-id", pool_id)
    aws("create-group", *whose, "--group-name", "staff", "--precedence", "3")
    assert aws("get-group", *whose, "--group-name", "staff")["Group"]["Precedence"] == 3
    domain = ("--domain", "d" + pool_id.partition("_")[2].lower())
    aws("create-user-pool-domain", *whose, *domain)
    assert aws("describe-user-pool-domain", *domain)["DomainDescription"]["UserPoolId"] == pool_id
    aws(
        "create-resource-server",
        *(*whose, "--identifier", "orders", "--name", "orders"),
        *("--scopes", "ScopeName=read,ScopeDescription=reading"),
    )
    server = aws("describe-resource-server", *whose, "--identifier", "orders")["ResourceServer"]
    assert server["Scopes"] == [{"ScopeName": "read", "ScopeDescription": "reading"}]
    aws(
        "create-identity-provider",
        *(*whose, "--provider-name", "Google", "--provider-type", "Google"),
        *("--provider-details", "client_id=id,client_secret=secret,authorize_scopes='openid email'"),
        *("--attribute-mapping", "email=email"),
    )
    provider = aws("describe-identity-provider", *whose, "--provider-name", "Google")["IdentityProvider"]
    assert provider["AttributeMapping"] == {"email": "email", "username": "sub"}
    settings, logo = tmp_path / "settings.json", tmp_path / "logo.svg"
    settings.write_text('{"components": {"pageBackground": {"lightMode": {"color": "00ff00ff"}}}}')
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>')
    style = aws(
        "create-managed-login-branding",
        *(*whose, "--client-id", client_id, "--settings", f"file://{settings}"),
    )["ManagedLoginBranding"]
    assert style["Settings"] == json.loads(settings.read_text())
    shown = aws("set-ui-customization", *whose, "--css", ".banner-customizable {padding: 5px}")
    assert shown["UICustomization"]["CSS"] == ".banner-customizable {padding: 5px}"
    arn = ("--resource-arn", f"{ACCOUNT}:userpool/{pool_id}")
    aws("tag-resource", *arn, "--tags", "stage=test,team=one")
    aws("untag-resource", *arn, "--tag-keys", "team")
    assert aws("list-tags-for-resource", *arn) == {"Tags": {"stage": "test"}}


def test_a_list_comes_in_pages_of_the_caller_s_size(aws: Terminal, pool_id: str) -> None:
    whose = ("--user-pool-id", pool_id)
    for name in "abcde":
        aws("create-group", *whose, "--group-name", name)
    in_pages = aws("list-groups", *whose, "--page-size", "2")
    assert [group["GroupName"] for group in in_pages["Groups"]] == list("abcde")
    first = aws("list-groups", *whose, "--max-items", "3", "--page-size", "2")
    rest = aws("list-groups", *whose, "--page-size", "2", "--starting-token", first["NextToken"])
    assert [group["GroupName"] for group in first["Groups"] + rest["Groups"]] == list("abcde")
    assert len(first["Groups"]) == 3
    assert "NextToken" not in rest


def test_an_error_is_told_with_its_type_and_words_and_an_exit_code(aws: Terminal, pool_id: str) -> None:
    told = aws.refused("describe-user-pool", "--user-pool-id", "us-east-1_nothing")
    assert told.endswith(
        "An error occurred (ResourceNotFoundException) when calling the DescribeUserPool operation: "
        "User pool us-east-1_nothing does not exist."
    )
    told = aws.refused("admin-get-user", "--user-pool-id", pool_id, "--username", "nobody")
    assert told.endswith(
        "An error occurred (UserNotFoundException) when calling the AdminGetUser operation: User does not exist."
    )


def test_a_person_needs_no_key(running: Running, aws: Terminal, pool_id: str, client_id: str) -> None:
    def asked(*arguments: str) -> Any:
        return aws(*arguments, "--no-sign-request")

    whose, client = ("--user-pool-id", pool_id), ("--client-id", client_id)
    aws("update-user-pool", *whose, "--auto-verified-attributes", "email")
    aws("admin-create-user", *whose, "--username", "ada", "--message-action", "SUPPRESS")
    aws("admin-set-user-password", *whose, "--username", "ada", "--password", PASSWORD, "--permanent")
    email = "Name=email,Value=bob@example.com"
    asked("sign-up", *client, "--username", "bob", "--password", PASSWORD, "--user-attributes", email)
    (message, *_) = Cognomen(running.endpoint).inbox(pool_id, user="bob")
    asked("confirm-sign-up", *client, "--username", "bob", "--confirmation-code", str(message["code"]))
    for name in ("ada", "bob"):
        tokens = asked(
            "initiate-auth",
            *(*client, "--auth-flow", "USER_PASSWORD_AUTH"),
            *("--auth-parameters", f"USERNAME={name},PASSWORD={PASSWORD}"),
        )["AuthenticationResult"]
        assert asked("get-user", "--access-token", tokens["AccessToken"])["Username"] == name
    assert "NotAuthorizedException" in aws.refused(
        "initiate-auth",
        *(*client, "--auth-flow", "USER_PASSWORD_AUTH", "--no-sign-request"),
        *("--auth-parameters", "USERNAME=ada,PASSWORD=wr0ng-Passw0rd!"),
    )
    assert "(MissingAuthenticationTokenException)" in aws.refused(
        "describe-user-pool", *whose, "--no-sign-request"
    )


def test_who_has_a_key_made_here_is_let_in_and_nobody_else(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "cognomen", "keys", "create", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    key, secret = re.findall(r"^(?:Access key|Secret) +(\S+)$", made, re.MULTILINE)
    asked = ("list-user-pools", "--max-results", "5")
    with serving(tmp_path) as closed:
        with terminal(closed.endpoint, key, secret) as aws:
            pool = aws("create-user-pool", "--pool-name", "a pool")["UserPool"]
            assert [found["Id"] for found in aws(*asked)["UserPools"]] == [pool["Id"]]
            assert "(MissingAuthenticationTokenException)" in aws.refused(*asked, "--no-sign-request")
        with terminal(closed.endpoint, key, "not the secret") as aws:
            assert "(InvalidSignatureException)" in aws.refused(*asked)
        with terminal(closed.endpoint) as aws:
            assert "(UnrecognizedClientException)" in aws.refused(*asked)
