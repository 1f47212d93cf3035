"""Nodes of two releases write the same rows: what the later one has added outlives a change by this one.

Pools and clients are in tests/store/test_user_pools.py, replicas in tests/store/test_replicas.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.pools import foreign_passwords
from cognomen.pools.foreign_passwords import ForeignHash, ForeignPasswords, OldPool
from cognomen.store import branding, domains, log_delivery, threat_protection
from cognomen.store import foreign_passwords as stored_foreign_passwords
from cognomen.store.app_client_settings import ALL_CLIENTS
from cognomen.store.threat_protection import RiskConfiguration
from tests.server import Server

MAIL: Any = {
    "LogLevel": "ERROR",
    "EventSource": "userNotification",
    "CloudWatchLogsConfiguration": {"LogGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:a"},
}
COMPROMISED: Any = {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}
LATER = {"Later": {"a": [1]}}

Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    pool = make_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})
    return str(pool["Id"])


def test_a_risk_configuration_keeps_its_later_parts(
    server: Server, cognito: Cognito, make_client: Make, pool_id: str
) -> None:
    client_id = make_client(pool_id)["ClientId"]

    def parts_of(whose: str) -> Any:
        found = server.run(server.store.read(threat_protection.of_client, pool_id, whose))
        return found and (found.client_id, found.parts)

    written = RiskConfiguration(pool_id, ALL_CLIENTS, LATER | {"RiskExceptionConfiguration": {}}, 1)
    server.run(server.store.write(threat_protection.put, written))
    cognito.set_risk_configuration(UserPoolId=pool_id, CompromisedCredentialsRiskConfiguration=COMPROMISED)
    both = LATER | {"CompromisedCredentialsRiskConfiguration": COMPROMISED}
    assert parts_of(ALL_CLIENTS) == (ALL_CLIENTS, both)
    assert "Later" not in cognito.describe_risk_configuration(UserPoolId=pool_id)["RiskConfiguration"]
    cognito.set_risk_configuration(UserPoolId=pool_id)
    assert parts_of(ALL_CLIENTS) == (ALL_CLIENTS, LATER)
    of_client = {"CompromisedCredentialsRiskConfiguration": COMPROMISED}
    cognito.set_risk_configuration(UserPoolId=pool_id, ClientId=client_id, **of_client)
    assert parts_of(client_id) == (client_id, of_client), "the pool's are not the client's"


def test_logs_of_later_sources_go_on(server: Server, cognito: Cognito, pool_id: str) -> None:
    later = {"EventSource": "later", "LogLevel": "INFO"}
    server.run(server.store.write(log_delivery.put, pool_id, [later]))
    for wanted in ([MAIL], []):
        cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=wanted)
        assert server.run(server.store.read(log_delivery.of_pool, pool_id)) == [*wanted, later]
        told = cognito.get_log_delivery_configuration(UserPoolId=pool_id)["LogDeliveryConfiguration"]
        assert told["LogConfigurations"] == wanted


def test_a_style_with_what_is_later_is_changed_and_keeps_it(
    server: Server, cognito: Cognito, make_client: Make, pool_id: str
) -> None:
    made = cognito.create_managed_login_branding(
        UserPoolId=pool_id,
        ClientId=make_client(pool_id)["ClientId"],
        Settings={"categories": {"global": {"colorSchemeMode": "DARK"}}},
    )["ManagedLoginBranding"]
    style = server.run(server.store.read(branding.by_id, pool_id, made["ManagedLoginBrandingId"]))
    assert style is not None
    later: Any = {"categories": {"global": {"later": 1}}, "components": {"hologram": {}}}
    server.run(server.store.write(branding.change, replace(style, settings=later)))
    changed = cognito.update_managed_login_branding(
        UserPoolId=pool_id,
        ManagedLoginBrandingId=made["ManagedLoginBrandingId"],
        Settings={"categories": {"global": {"colorSchemeMode": "LIGHT"}}},
    )["ManagedLoginBranding"]
    assert changed["Settings"] == {
        "categories": {"global": {"later": 1, "colorSchemeMode": "LIGHT"}},
        "components": {"hologram": {}},
    }


def test_a_domain_keeps_its_later_settings(server: Server, cognito: Cognito, pool_id: str) -> None:
    prefix = f"later-{pool_id[-9:].lower()}"
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=prefix, ManagedLoginVersion=1)

    def settings() -> Any:
        key = {"pool_id": pool_id, "region": domains.HOME, "kind": domains.PREFIX}
        row = server.run(server.store.read(lambda db: db.one(domains._SETTINGS, **key)))
        assert row is not None
        return msgspec.json.decode(row[0])

    text = msgspec.json.encode(settings() | LATER).decode()
    key = {"of_pool": pool_id, "of_region": domains.HOME, "of_kind": domains.PREFIX}
    server.run(server.store.write(lambda db: db.run(domains._CHANGE, **key, new_settings=text, now=1)))
    cognito.update_user_pool_domain(UserPoolId=pool_id, Domain=prefix, ManagedLoginVersion=2)
    assert settings()["ManagedLoginVersion"] == 2
    assert settings()["Later"] == LATER["Later"]


def test_what_a_pool_knows_of_foreign_passwords_keeps_what_is_later(server: Server, pool_id: str) -> None:
    vault, old_pool = server.node.vault, OldPool("https://old.example.com", "a client")

    def document() -> Any:
        sealed = server.run(server.store.read(stored_foreign_passwords.of_pool, pool_id))
        assert sealed is not None
        return msgspec.json.decode(vault.unseal(foreign_passwords.PURPOSE, sealed, pool_id.encode()))

    def put(known: ForeignPasswords) -> None:
        server.run(server.store.write(foreign_passwords.put, vault, pool_id, known))

    put(ForeignPasswords(old_pool=old_pool))
    later = vault.seal(foreign_passwords.PURPOSE, msgspec.json.encode(document() | LATER), pool_id.encode())
    server.run(server.store.write(stored_foreign_passwords.put, pool_id, later))
    put(ForeignPasswords(ForeignHash("BCRYPT", "a hash")))
    expected = LATER | {"decoy": {"algorithm": "BCRYPT", "text": "a hash"}, "old_pool": None}
    assert document() == expected, "what this release knows is not brought back"
