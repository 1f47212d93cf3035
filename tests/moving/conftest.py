"""Two nodes on databases of their own, and a pool of one id on both: users leave the one and come into the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cognomen import app, settings
from cognomen.call import Node
from cognomen.moving import exporting, importing, sealed_file
from cognomen.moving.importing import Outcome
from cognomen.operations import dispatch
from tests.conftest import PASSWORD, empty_database

PASSPHRASE = "correct horse battery"
POOL_ID = "us-east-1_Moving001"
SETTINGS = {"AutoVerifiedAttributes": ["email"], "AliasAttributes": ["email"]}


@pytest.fixture(autouse=True)
def _at_little_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "SCRYPT_N", 1 << 4)


@pytest.fixture
def nodes(engine: str, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """One to leave, on each database; and one on the other, with a master key of its own."""
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[engine]
    with ExitStack() as stack:
        built = []
        for name, kind in {"former": engine, "new": other}.items():
            folder = tmp_path / name
            folder.mkdir()
            url = stack.enter_context(empty_database(kind, folder))
            given = settings.load({"data": str(folder), "database": url}, {})
            app.prepare(given)
            node = app.build(given)
            stack.callback(app.close, node)
            built.append(node)
        former, new = built
        assert former.vault.keyring.current.id != new.vault.keyring.current.id
        yield former, new


async def ask(node: Node, operation: str, **request: Any) -> Any:
    return await dispatch.perform(node, operation, {"UserPoolId": POOL_ID} | request)


async def make_pool(node: Node, pool_id: str = POOL_ID, **others: Any) -> str:
    """A pool of the one id, if not said otherwise, and the id of a client of it."""
    request = {"PoolName": "a pool"} | SETTINGS | others
    await dispatch.perform(node, "CreateUserPool", request, wanted_id=pool_id)
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    answer = await ask(
        node, "CreateUserPoolClient", UserPoolId=pool_id, ClientName="a client", ExplicitAuthFlows=flows
    )
    return str(answer["UserPoolClient"]["ClientId"])


async def make_user(node: Node, name: str) -> str:
    """A user with a password; the sub."""
    told = await ask(
        node,
        "AdminCreateUser",
        Username=name,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": f"{name}@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    await ask(node, "AdminSetUserPassword", Username=name, Password=PASSWORD, Permanent=True)
    return str(next(entry["Value"] for entry in told["User"]["Attributes"] if entry["Name"] == "sub"))


async def sign_in(node: Node, client_id: str, name: str, password: str = PASSWORD, **more: str) -> Any:
    asked = {
        "ClientId": client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": password} | more,
    }
    return await dispatch.perform(node, "InitiateAuth", asked)


async def export(node: Node, path: Path) -> int:
    return await exporting.export(node, POOL_ID, path, PASSPHRASE, lambda _done, _whole: None)


async def load(node: Node, path: Path, pool_id: str = POOL_ID, **options: bool) -> Outcome:
    return await importing.load(node, pool_id, path, PASSPHRASE, lambda _: None, **options)
