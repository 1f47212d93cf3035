"""What every test may ask for. PostgreSQL is started by tests/postgres.py, the application by tests/server.py.

engine              sqlite, then postgresql: whatever depends on it runs on both
store               a Store with all tables
server, clock       the application on that store, and its time
cognito, anonymous  boto3, signed and unsigned, against it
make_pool, make_client, make_user
take_mail_down      mail of the server leaves by a carrier that takes none
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import hypothesis
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen import clock as machine
from cognomen.store import migrations
from cognomen.store.database import Store
from cognomen.store.opening import open_store
from tests import leaked, postgres
from tests.held_clock import HeldClock
from tests.provoked import PROVOKED

if TYPE_CHECKING:
    from tests.server import Server

PASSWORD = "Passw0rd!"

# How long examples take says more of what else the machine does than of the code.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

_server = pytest.StashKey[postgres.Server]()
_faults = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once for the run: the workers of pytest-xdist find it in their environment."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not config.option.collectonly and postgres.URL_VARIABLE not in os.environ:
        config.stash[_server] = postgres.start()
        os.environ[postgres.URL_VARIABLE] = config.stash[_server].url


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(_server, None):
        del os.environ[postgres.URL_VARIABLE]
        postgres.stop(server)


def _is_whole(config: pytest.Config) -> bool:
    """Whether all tests run, and not those of one file or name."""
    option = config.option
    chosen = option.keyword or option.markexpr or option.deselect or option.ignore or option.collectonly
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has seen refused."""
    PROVOKED.update(map(tuple, getattr(node, "workeroutput", {}).get("provoked", ())))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a whole run that passed and did not provoke what tests/completeness/declared_errors.py says."""
    config = session.config
    if hasattr(config, "workerinput"):
        worker: Any = config
        worker.workeroutput["provoked"] = sorted(PROVOKED)
    elif exitstatus == pytest.ExitCode.OK and _is_whole(config):
        from tests.completeness import declared_errors  # noqa: PLC0415  other runs need no application

        config.stash[_faults] = declared_errors.faults(PROVOKED)
        if config.stash[_faults]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if faults := terminalreporter.config.stash.get(_faults, []):
        terminalreporter.section("errors that operations declare (tests/completeness/declared_errors.py)")
        for fault in faults:
            terminalreporter.line(fault)


@pytest.fixture(scope="session")
def held_clock() -> Iterator[HeldClock]:
    held = HeldClock()
    former = machine.hold(lambda: held.now)
    yield held
    machine.hold(former)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The databases behind the store; whatever depends on this runs once on each."""
    name: str = request.param
    return name


@contextmanager
def empty_database(engine: str, folder: Path) -> Iterator[str]:
    """An empty database with all tables."""
    with ExitStack() as stack:
        if engine == "sqlite":
            url = f"sqlite:///{folder}/cognomen.db"
        else:
            url = stack.enter_context(postgres.fresh_database(os.environ[postgres.URL_VARIABLE]))
        migrations.upgrade(url)
        yield url


@pytest.fixture(scope="session")
def database_url(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database of the tests of the store; no server works on it."""
    with empty_database(engine, tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="session")
def server(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    from tests.server import running  # noqa: PLC0415  the tests of the store need no application

    data = tmp_path_factory.mktemp("data")
    (data / "leaked").write_bytes(leaked.file_of(leaked.PASSWORDS))
    with (
        empty_database(engine, data) as url,
        running(str(data), url, held_clock, compromised_passwords=str(data / "leaked")) as served,
    ):
        yield served


@pytest.fixture(autouse=True)
def _answers_fit_the_model(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        served: Server = request.getfixturevalue("server")
        problems, served.problems[:] = list(served.problems), []
        assert not problems


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def pool_id() -> str:
    """The id of a pool that no other test knows."""
    return f"us-east-1_{uuid.uuid4().hex[:9]}"


@pytest.fixture
def clock(held_clock: HeldClock) -> HeldClock:
    return held_clock


@pytest.fixture
def signing_clock(held_clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 signs with the held time too, where signatures are verified."""
    monkeypatch.setattr(
        "botocore.auth.get_current_datetime",
        lambda: datetime.fromtimestamp(held_clock.now / 1000, UTC),
    )


def connect(
    endpoint: str,
    *,
    key: str = "AKIAANYTHING",
    secret: str = "anything",
    region: str = "us-east-1",
    verify: str | None = None,
    **options: Any,
) -> CognitoIdentityProviderClient:
    """A boto3 client that tries once; `verify` is a file of certificates to trust."""
    client: CognitoIdentityProviderClient = boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        verify=verify,
        config=Config(retries={"max_attempts": 0}, **options),
    )
    return client


@pytest.fixture(scope="session")
def cognito(server: Server) -> CognitoIdentityProviderClient:
    return connect(server.endpoint)


@pytest.fixture(scope="session")
def anonymous(server: Server) -> CognitoIdentityProviderClient:
    return connect(server.endpoint, signature_version=UNSIGNED)


@pytest.fixture
def make_pool(cognito: CognitoIdentityProviderClient) -> Callable[..., Any]:
    """Create a pool; settings are members of CreateUserPool."""

    def make(**settings: Any) -> Any:
        return cognito.create_user_pool(**{"PoolName": "a pool"} | settings)["UserPool"]

    return make


@pytest.fixture
def make_client(cognito: CognitoIdentityProviderClient) -> Callable[..., Any]:
    """Create an app client that allows password flows; settings are members of CreateUserPoolClient."""

    def make(pool_id: str, **settings: Any) -> Any:
        usual = {
            "ClientName": "a client",
            "ExplicitAuthFlows": [
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        }
        return cognito.create_user_pool_client(**{"UserPoolId": pool_id} | usual | settings)["UserPoolClient"]

    return make


@pytest.fixture
def make_user(cognito: CognitoIdentityProviderClient) -> Callable[..., str]:
    """Create a user with a password and return its sub; attributes are keywords (`email=...`)."""

    def make(
        pool_id: str, username: str, password: str = PASSWORD, *, permanent: bool = True, **attributes: str
    ) -> str:
        user = cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )["User"]
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=user["Username"], Password=password, Permanent=permanent
        )
        return next(found["Value"] for found in user["Attributes"] if found["Name"] == "sub")

    return make


@pytest.fixture
def take_mail_down(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    from tests.carriers import down  # noqa: PLC0415  as above

    return lambda: monkeypatch.setattr(server.node.carriers, "_of_email", {"*": down()})
