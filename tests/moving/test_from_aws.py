"""A pool comes here from a server that is asked as Amazon Cognito is, by boto3; another Cognomen stands for it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import app, settings
from cognomen.call import Node
from cognomen.clock import SECOND
from cognomen.crypto import hashes
from cognomen.errors import Refusal
from cognomen.moving import aws, from_aws
from cognomen.moving.aws import AwsCaller
from cognomen.moving.from_aws import Report
from cognomen.operations import dispatch
from cognomen.pools.foreign_passwords import OldPool
from cognomen.settings import SettingsError
from cognomen.store import users
from cognomen.store.database import AlreadyThere
from cognomen.store.users import Alias
from cognomen.users import passwords
from tests.cli.conftest import Place
from tests.conftest import PASSWORD, empty_database
from tests.refused import refused
from tests.server import Server
from tests.vouching import Vouching, coming

Make = Callable[..., Any]


@pytest.fixture
async def node(engine: str, tmp_path: Path) -> AsyncIterator[Node]:
    """Where the pool comes to: empty."""
    folder = tmp_path / "here"
    folder.mkdir()
    with empty_database(engine, folder) as url:
        given = settings.load({"data": str(folder), "database": url}, {})
        await asyncio.to_thread(app.prepare, given)
        built = app.build(given)
        yield built
        await built.outgoing.close()
        app.close(built)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAANYTHING")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
    monkeypatch.setattr(aws, "ATTEMPTS", 1)


@pytest.fixture
def there(server: Server, node: Node) -> Iterator[AwsCaller]:
    caller = aws.connected(node, "us-east-1", server.endpoint, None)
    yield caller
    caller.client.close()


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make, make_user: Make) -> str:
    """A pool with something of everything, and users in every state."""
    pool_id = str(
        make_pool(
            PoolName="the old pool",
            AutoVerifiedAttributes=["email"],
            AliasAttributes=["email"],
            Schema=[{"Name": "team", "AttributeDataType": "String", "Mutable": True}],
            UserPoolTags={"stage": "live"},
        )["Id"]
    )
    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="https://api.example.com",
        Name="an API",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "to read"}],
    )
    cognito.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName="Google",
        ProviderType="Google",
        ProviderDetails={"client_id": "id", "client_secret": "s3cret", "authorize_scopes": "openid"},
    )
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=f"moved-{pool_id[-9:].lower()}")
    cognito.create_group(UserPoolId=pool_id, GroupName="staff", Precedence=3)
    make_user(pool_id, "ada", email="ada@example.com", email_verified="true", **{"custom:team": "engines"})
    make_user(pool_id, "temporary", permanent=False)
    make_user(pool_id, "reset", email="reset@example.com", email_verified="true")
    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="reset")
    make_user(pool_id, "disabled")
    cognito.admin_disable_user(UserPoolId=pool_id, Username="disabled")
    make_user(pool_id, "linked")
    cognito.admin_link_provider_for_user(
        UserPoolId=pool_id,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": "linked"},
        SourceUser={
            "ProviderName": "Google",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "subject",
        },
    )
    for name in ("ada", "linked"):
        cognito.admin_add_user_to_group(UserPoolId=pool_id, GroupName="staff", Username=name)
    return pool_id


@pytest.fixture
def client(make_client: Make, pool_id: str) -> Any:
    """A client there that takes passwords, with a secret."""
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    return make_client(pool_id, GenerateSecret=True, ExplicitAuthFlows=flows)


async def bring(there: AwsCaller, pool_id: str, server: Server) -> Report:
    report = Report()
    await from_aws.configuration(there, pool_id, report, dry_run=False)
    client = await from_aws.client_to_ask(there, pool_id, None)
    if client is not None:
        old = OldPool(server.endpoint, client["ClientId"], client.get("ClientSecret"))
        await from_aws.ask_there(there.node, pool_id, old)
    await from_aws.people(there, pool_id, report, lambda _: None, asks_there=client is not None)
    return report


async def ask(node: Node, operation: str, **request: Any) -> Any:
    return await dispatch.perform(node, operation, request)


async def sign_in(node: Node, client: Any, name: str, password: str = PASSWORD) -> Any:
    parameters = {"USERNAME": name, "PASSWORD": password}
    if "ClientSecret" in client:
        digest = hashes.secret_hash(client["ClientSecret"], name, client["ClientId"])
        parameters["SECRET_HASH"] = digest
    return await ask(
        node,
        "InitiateAuth",
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters=parameters,
    )


class Body(io.BytesIO):
    """The body of an answer as botocore reads one."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


async def test_a_service_that_is_asked_too_fast_is_asked_again(
    server: Server, node: Node, pool_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "ATTEMPTS", 3)
    there = aws.connected(node, "us-east-1", server.endpoint, None)
    asked: list[str] = []

    def refuse_first(request: Any, event_name: str, **_: object) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        if operation != "ListUsers" or asked:
            return None
        asked.append(operation)
        told = b'{"__type":"TooManyRequestsException","message":"Rate exceeded"}'
        return AWSResponse(request.url, 400, {}, Body(told))

    there.client.meta.events.register("before-send.cognito-identity-provider", refuse_first)
    report = await bring(there, pool_id, server)
    there.client.close()
    assert asked == ["ListUsers"]
    assert report.added == 5
    assert len((await ask(node, "ListUsers", UserPoolId=pool_id))["Users"]) == 5


async def test_a_pool_comes_with_its_configuration_and_its_users(
    cognito: Cognito, server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any
) -> None:
    report = await bring(there, pool_id, server)
    assert report.left == []
    assert (report.added, report.there, report.members) == (5, 0, 2)
    pool = (await ask(node, "DescribeUserPool", UserPoolId=pool_id))["UserPool"]
    assert (pool["Name"], pool["UserPoolTags"]) == ("the old pool", {"stage": "live"})
    assert "custom:team" in [entry["Name"] for entry in pool["SchemaAttributes"]]
    found = (await ask(node, "DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client["ClientId"]))[
        "UserPoolClient"
    ]
    assert found["ClientSecret"] == client["ClientSecret"]
    provider = await ask(node, "DescribeIdentityProvider", UserPoolId=pool_id, ProviderName="Google")
    assert provider["IdentityProvider"]["ProviderDetails"]["client_secret"] == "s3cret"
    servers = await ask(node, "ListResourceServers", UserPoolId=pool_id, MaxResults=10)
    assert [each["Identifier"] for each in servers["ResourceServers"]] == ["https://api.example.com"]
    assert pool["Domain"] == f"moved-{pool_id[-9:].lower()}"
    for name in ("ada", "temporary", "reset", "disabled", "linked"):
        was = cognito.admin_get_user(UserPoolId=pool_id, Username=name)
        now = await ask(node, "AdminGetUser", UserPoolId=pool_id, Username=name)
        assert {e["Name"]: e["Value"] for e in now["UserAttributes"]} == {
            e["Name"]: e["Value"] for e in was["UserAttributes"]
        }
        assert (now["UserStatus"], now["Enabled"]) == (was["UserStatus"], was["Enabled"])
        assert now["UserCreateDate"] == was["UserCreateDate"].timestamp()
    groups = await ask(node, "ListUsersInGroup", UserPoolId=pool_id, GroupName="staff")
    assert sorted(user["Username"] for user in groups["Users"]) == ["ada", "linked"]
    await ask(
        node,
        "AdminDisableProviderForUser",
        UserPoolId=pool_id,
        User={
            "ProviderName": "Google",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "subject",
        },
    )
    linked = await ask(node, "AdminGetUser", UserPoolId=pool_id, Username="linked")
    assert "identities" not in {e["Name"] for e in linked["UserAttributes"]}


async def test_who_came_from_a_provider_there_is_the_same_user_here(
    cognito: Cognito, server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any
) -> None:
    vouching = Vouching(server, cognito, pool_id, client["ClientId"])
    before = (await asyncio.to_thread(vouching.comes, "1234", provider="Google")).user
    await bring(there, pool_id, server)
    after = (await coming(node, pool_id, client["ClientId"], "1234", provider="Google")).user
    assert (after.sub, after.username, after.status) == (before.sub, "Google_1234", "EXTERNAL_PROVIDER")
    groups = await ask(node, "AdminListGroupsForUser", UserPoolId=pool_id, Username="Google_1234")
    assert [group["GroupName"] for group in groups["Groups"]] == [f"{pool_id}_Google"]
    linked = await coming(node, pool_id, client["ClientId"], "subject", provider="Google")
    assert linked.user.username == "linked"


async def test_it_may_be_run_again_to_go_on(
    cognito: Cognito, server: Server, there: AwsCaller, pool_id: str, client: Any, make_user: Make
) -> None:
    await bring(there, pool_id, server)
    make_user(pool_id, "late")
    report = await bring(there, pool_id, server)
    assert (report.steps, report.added, report.there, report.members) == ([], 1, 5, 0)


async def test_who_was_taken_between_the_look_and_the_write_is_counted_once(
    server: Server, there: AwsCaller, pool_id: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction runs again, as where somebody else took a name meanwhile."""
    add = from_aws._add
    failed: list[bool] = []

    def fail_once(*given: Any) -> Any:
        told = add(*given)
        if not failed:
            failed.append(True)
            raise AlreadyThere
        return told

    monkeypatch.setattr(from_aws, "_add", fail_once)
    report = await bring(there, pool_id, server)
    assert (failed, report.added, report.there) == ([True], 5, 0)


async def test_a_password_is_asked_about_there_until_it_was_right(
    cognito: Cognito, server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any
) -> None:
    await bring(there, pool_id, server)
    with pytest.raises(Refusal, match=r"Incorrect username or password\."):
        await sign_in(node, client, "ada", "another")
    assert "AuthenticationResult" in await sign_in(node, client, "ada@example.com")
    ada = await node.store.read(users.by_alias, pool_id, [Alias("username", "ada")])
    assert ada is not None
    assert ada.sealed_foreign_password is None
    assert passwords.is_right(node.vault, ada, PASSWORD)
    # It is our own from now on, whatever becomes of the old one.
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password="An0ther!!", Permanent=True)
    assert "AuthenticationResult" in await sign_in(node, client, "ada")
    # A temporary password is right there, and is replaced here.
    assert (await sign_in(node, client, "temporary"))["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(Refusal, match="Password reset required"):
        await sign_in(node, client, "reset")


async def test_an_old_pool_that_says_nothing_is_no_wrong_password(
    cognito: Cognito, server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any
) -> None:
    await bring(there, pool_id, server)
    for broken in (
        OldPool("http://127.0.0.1:9/", "client"),
        OldPool(server.endpoint, "unknownclient"),
        OldPool(server.endpoint, client["ClientId"], "another secret"),
        OldPool(f"{server.endpoint}/health", client["ClientId"]),
    ):
        await from_aws.ask_there(node, pool_id, broken)
        for _ in range(6):  # more than the lock-out would let pass
            with pytest.raises(Refusal, match="does not say whether the password is right") as told:
                await sign_in(node, client, "ada")
        assert (told.value.type, told.value.status) == ("InternalErrorException", 500)
    await from_aws.ask_there(node, pool_id, None)
    with pytest.raises(Refusal, match="Incorrect username or password"):
        await sign_in(node, client, "ada")


async def test_who_is_locked_out_there_is_told_so_here_and_it_is_not_counted(
    anonymous: Cognito, server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any
) -> None:
    await bring(there, pool_id, server)
    digest = hashes.secret_hash(client["ClientSecret"], "ada", client["ClientId"])
    for _ in range(5):
        with refused("NotAuthorizedException"):
            anonymous.initiate_auth(
                ClientId=client["ClientId"],
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "ada", "PASSWORD": "wrong", "SECRET_HASH": digest},
            )
    for _ in range(6):
        with pytest.raises(Refusal, match="Password attempts exceeded"):
            await sign_in(node, client, "ada")
    server.clock.advance(SECOND)
    assert "AuthenticationResult" in await sign_in(node, client, "ada")


async def test_nothing_is_made_in_a_dry_run(
    server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any
) -> None:
    report = Report()
    await from_aws.configuration(there, pool_id, report, dry_run=True)
    assert {step.operation for step in report.steps} >= {
        "CreateUserPool",
        "CreateUserPoolClient",
        "CreateGroup",
        "CreateIdentityProvider",
        "CreateResourceServer",
        "CreateUserPoolDomain",
    }
    assert not any(client["ClientSecret"] in step.shown() for step in report.steps)
    with pytest.raises(Refusal, match="does not exist"):
        await ask(node, "DescribeUserPool", UserPoolId=pool_id)


async def test_what_is_refused_here_is_told_and_the_rest_comes(
    cognito: Cognito, server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any
) -> None:
    other = await ask(node, "CreateUserPool", PoolName="another")
    domain = f"moved-{pool_id[-9:].lower()}"
    await ask(node, "CreateUserPoolDomain", UserPoolId=other["UserPool"]["Id"], Domain=domain)
    report = await bring(there, pool_id, server)
    (left,) = report.left
    assert left.startswith(f"Domains {domain}: ")
    assert report.added == 5


async def test_what_may_not_be_read_there_is_told_and_the_rest_comes(
    server: Server, node: Node, there: AwsCaller, pool_id: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = aws._asked

    def not_groups(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "GetLogDeliveryConfiguration":
            raise Refusal("AccessDeniedException", "You may not.")
        return asked(client, operation, request)

    monkeypatch.setattr(aws, "_asked", not_groups)
    report = await bring(there, pool_id, server)
    assert report.left == ["LogDelivery could not be read: AccessDeniedException: You may not."]


async def test_a_pool_that_is_not_there_or_not_for_this_region_ends_it(
    server: Server, node: Node, there: AwsCaller, pool_id: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="User pool us-east-1_unknown does not exist"):
        await from_aws.configuration(there, "us-east-1_unknown", Report(), dry_run=False)
    nowhere = aws.connected(node, "us-east-1", "http://127.0.0.1:9", None)
    with pytest.raises(SettingsError, match="Amazon Cognito was not reached"):
        await from_aws.configuration(nowhere, pool_id, Report(), dry_run=False)
    nowhere.client.close()
    with pytest.raises(SettingsError, match="profile"):
        aws.connected(node, "us-east-1", None, "no such profile")


def test_the_command_brings_a_pool_and_says_what_was_left(
    server: Server, pool_id: str, client: Any, tmp_path: Path
) -> None:
    place = Place(tmp_path / "here", f"sqlite:///{tmp_path}/here/cognomen.db")
    dry = place.run("migrate", "from-aws", pool_id, "--endpoint-url", server.endpoint, "--dry-run")
    assert dry.code == 0
    assert f"+ UserPool {pool_id}" in dry.out
    done = place.run("migrate", "from-aws", pool_id, "--endpoint-url", server.endpoint)
    assert (done.code, done.err) == (0, "")
    assert "5 users were added, 0 were there; 2 memberships." in done.out
    again = place.run(
        "migrate", "from-aws", pool_id, "--endpoint-url", server.endpoint, "--client", "unknown"
    )
    assert "Passwords: no client there allows USER_PASSWORD_AUTH" in again.out
    ended = place.run("migrate", "forget-aws", pool_id)
    assert ended.out == "The old pool is not asked any more.\n"
    assert place.run("migrate", "forget-aws", "us-east-1_unknown").code == 1
    assert place.run("migrate").out == f"The database {tmp_path}/here/cognomen.db is up to date.\n"
