"""A pool in a second region: people sign in there while the replica is active."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cognomen.store.replicas import SETTLING
from tests.browser import Browser
from tests.conftest import connect
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, App, new_domain, tokens_of
from tests.server import Server, running

ABROAD = "eu-west-1"
KEY = {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1a2b"}
REPLICABLE: dict[str, Any] = {"KeyConfiguration": KEY, "IssuerConfiguration": {"Type": "UPDATED"}}


@pytest.fixture(scope="module")
def abroad(server: Server, held_clock: HeldClock) -> Iterator[Server]:
    """A node of the other region, on the database of `server`."""
    given = server.settings
    with running(given.data, given.database_url, held_clock, region=ABROAD) as served:
        yield served


def test_a_replica_serves_while_it_is_active_and_under_its_own_domain(
    abroad: Server, make_app: Callable[..., App], cognito: Any, clock: HeldClock
) -> None:
    app = make_app(pool=REPLICABLE | {"DcrConfiguration": {"OpenDcrEnabled": True}})
    cognito.create_user_pool_replica(UserPoolId=app.pool_id, RegionName=ABROAD)
    clock.advance(SETTLING)
    prefix = new_domain(connect(abroad.endpoint, region=ABROAD), app.pool_id)
    there = Browser(abroad, f"{prefix}.auth.{ABROAD}.localhost:{Browser(abroad).port}")

    def switch(status: str) -> None:
        cognito.update_user_pool_replica(UserPoolId=app.pool_id, RegionName=ABROAD, Status=status)

    assert there.get("/oauth2/authorize", **app.asks()).body == f"There is no domain {prefix}.\n".encode()
    shared = Browser(abroad).get("/oauth2/authorize", **app.asks())
    assert shared.told["error_description"] == f"Client {app.client_id} does not exist."
    switch("ACTIVE")
    tokens = tokens_of(there, app)
    assert there.get("/oauth2/authorize", **app.asks()).location.startswith(CALLBACK)
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    assert there.send("GET", "/oauth2/userInfo", bearer).document["sub"] == app.sub
    assert there.send("POST", "/oauth2/register", {}, b"{}").status == 401, "apps register at home"
    at_home = Browser(there.server, f"{app.prefix}.localhost")
    assert at_home.get("/oauth2/authorize", **app.asks()).status == 400, "a domain is of one region"
    switch("INACTIVE")
    assert there.send("GET", "/oauth2/userInfo", bearer).status in (400, 401)
    assert Browser(abroad).send("GET", "/oauth2/userInfo", bearer).status == 401
