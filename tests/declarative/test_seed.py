"""A server that starts with pools and users; the example of the documentation is the file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cognomen.declarative.caller import Caller
from cognomen.declarative.document import DeclarationError
from cognomen.declarative.seed import seed
from cognomen.errors import Refusal

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-pool.json"
POOL, CLIENT = "us-east-1_Example01", "exampleweb"
ADA = {"USERNAME": "ada@example.com", "PASSWORD": "correct-horse-battery"}


async def sign_in(caller: Caller, **parameters: str) -> str:
    answer = await caller.ask(
        "InitiateAuth", ClientId=CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=ADA | parameters
    )
    token: str = answer["AuthenticationResult"]["AccessToken"]
    return token


def test_users_of_the_example_can_sign_in_and_are_in_their_groups(caller: Caller) -> None:
    asyncio.run(seed(caller.node, EXAMPLE))
    assert asyncio.run(sign_in(caller))
    users = asyncio.run(caller.ask("ListUsersInGroup", UserPoolId=POOL, GroupName="admins"))["Users"]
    assert len(users) == 1


def test_a_restart_changes_nothing_and_leaves_a_new_password(caller: Caller) -> None:
    asyncio.run(seed(caller.node, EXAMPLE))
    before = asyncio.run(caller.ask("DescribeUserPool", UserPoolId=POOL))
    changed: dict[str, Any] = {
        "UserPoolId": POOL,
        "Username": "ada@example.com",
        "Password": "another-long-one",
        "Permanent": True,
    }
    asyncio.run(caller.ask("AdminSetUserPassword", **changed))
    asyncio.run(seed(caller.node, EXAMPLE))
    assert asyncio.run(caller.ask("DescribeUserPool", UserPoolId=POOL)) == before
    assert asyncio.run(sign_in(caller, PASSWORD="another-long-one"))
    with pytest.raises(Refusal, match="NotAuthorizedException"):
        asyncio.run(sign_in(caller))


def test_a_user_whose_password_was_not_set_yet_gets_it(caller: Caller) -> None:
    asyncio.run(seed(caller.node, EXAMPLE))
    unset: dict[str, Any] = {
        "UserPoolId": POOL,
        "Username": "ada@example.com",
        "Password": "temporary-one",
        "Permanent": False,
    }
    asyncio.run(caller.ask("AdminSetUserPassword", **unset))
    asyncio.run(seed(caller.node, EXAMPLE))
    assert asyncio.run(sign_in(caller))


def test_a_fault_of_a_user_is_told_with_its_place(caller: Caller, tmp_path: Path) -> None:
    document = json.loads(EXAMPLE.read_text())
    document["Users"][0]["Password"] = "short"
    file = tmp_path / "seed.json"
    file.write_text(json.dumps(document))
    with pytest.raises(DeclarationError, match=r"Users\[0\]: "):
        asyncio.run(seed(caller.node, file))
