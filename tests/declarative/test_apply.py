"""A pool changed to match a document."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cognomen.declarative.caller import Caller
from cognomen.declarative.document import DeclarationError
from cognomen.declarative.export import export
from cognomen.store import app_clients as stored_clients
from cognomen.store.app_client_settings import REGISTERED, AppClientSettings
from cognomen.store.app_clients import AppClient
from tests.declarative.conftest import POOL, WEB, applied, planned, rich


def described(caller: Caller, operation: str = "DescribeUserPool", **more: Any) -> dict[str, Any]:
    return asyncio.run(caller.ask(operation, UserPoolId=POOL, **more))


def shown(caller: Caller, document: dict[str, Any]) -> str:
    return "\n".join(step.shown() for step in planned(caller, document))


def test_only_what_differs_is_changed_and_shown(caller: Caller) -> None:
    applied(caller, rich())
    document = rich()
    document["UserPool"]["Policies"]["PasswordPolicy"]["MinimumLength"] = 16
    document["Clients"][0]["CallbackURLs"] = ["https://other.example.com/"]
    assert shown(caller, document) == (
        f"~ UserPool {POOL}\n"
        "    Policies.PasswordPolicy.MinimumLength: 14 → 16\n"
        f"~ Clients {WEB}\n"
        '    CallbackURLs: ["https://app.example.com/"] → ["https://other.example.com/"]'
    )
    applied(caller, document)
    policy = described(caller)["UserPool"]["Policies"]["PasswordPolicy"]
    assert (policy["MinimumLength"], policy["RequireNumbers"]) == (16, True)
    assert planned(caller, document) == []


def test_a_member_that_is_taken_out_goes_to_its_default(caller: Caller) -> None:
    applied(caller, rich())
    document = rich()
    del document["UserPool"]["Policies"], document["UserPool"]["UserPoolTags"]
    del document["Clients"][0]["ReadAttributes"]
    del document["UICustomizations"][0]["CSS"]
    assert len(applied(caller, document)) == 3
    pool = described(caller)["UserPool"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert pool["UserPoolTags"] == {}
    assert "ReadAttributes" not in described(caller, "DescribeUserPoolClient", ClientId=WEB)["UserPoolClient"]
    assert planned(caller, document) == []


def test_attributes_are_added_to_the_schema_and_never_changed(caller: Caller) -> None:
    applied(caller, rich())
    document = rich()
    document["UserPool"]["Schema"].append({"Name": "city", "AttributeDataType": "String"})
    (step,) = applied(caller, document)
    assert step.operation == "AddCustomAttributes"
    assert "custom:city" in str(described(caller)["UserPool"]["SchemaAttributes"])
    document["UserPool"]["Schema"][1]["Mutable"] = False
    with pytest.raises(DeclarationError, match="attribute team is there, and cannot be changed"):
        planned(caller, document)


def test_entries_are_removed_only_where_that_is_asked_for(caller: Caller) -> None:
    applied(caller, rich())
    document = rich() | {"Groups": [], "Terms": [], "RiskConfigurations": [], "UICustomizations": []}
    document |= {"Branding": [], "IdentityProviders": [], "ResourceServers": [], "Domains": []}
    document["Clients"] = document["Clients"][1:]
    del document["ClientSessions"]
    assert planned(caller, document) == []
    assert {step.kind for step in applied(caller, document, prune=True)} == {"remove"}
    groups = described(caller, "ListGroups")["Groups"]
    came_with_providers = {f"{POOL}_{name}" for name in ("Corp", "Google", "Partner")}
    assert {group["GroupName"] for group in groups} == came_with_providers
    assert len(described(caller, "ListUserPoolClients")["UserPoolClients"]) == 1
    assert planned(caller, document, prune=True) == []


def test_a_part_that_is_not_named_is_left_alone(caller: Caller) -> None:
    applied(caller, rich())
    assert planned(caller, {"UserPool": rich()["UserPool"]}, prune=True) == []


def test_changed_details_of_a_provider_keep_the_secret_that_the_file_leaves_out(caller: Caller) -> None:
    applied(caller, rich())
    document = rich()
    details = document["IdentityProviders"][0]["ProviderDetails"]
    del details["client_secret"]
    details["client_id"] = "another"
    applied(caller, document)
    told = described(caller, "DescribeIdentityProvider", ProviderName="Google")["IdentityProvider"]
    assert told["ProviderDetails"]["client_id"] == "another"
    assert told["ProviderDetails"]["client_secret"] == "hidden-one"


def test_a_secret_is_not_shown(caller: Caller) -> None:
    assert "hidden-one" not in shown(caller, rich())
    assert "s" * 40 not in shown(caller, rich())
    applied(caller, rich())
    document = rich()
    document["IdentityProviders"][0]["ProviderDetails"]["client_secret"] = "hidden-two"
    assert shown(caller, document) == "~ IdentityProviders Google\n    ProviderDetails.client_secret: changed"


def test_what_only_a_new_pool_takes_is_refused(caller: Caller) -> None:
    applied(caller, rich())
    document = rich()
    del document["UserPool"]["UsernameAttributes"]
    with pytest.raises(DeclarationError, match=r"UserPool\.UsernameAttributes differs"):
        planned(caller, document)


def test_a_refusal_names_the_place_and_how_far_it_went(caller: Caller) -> None:
    document = rich()
    document["Clients"][0]["AllowedOAuthScopes"] = ["orders/write"]
    with pytest.raises(
        DeclarationError, match=r"Clients\[0\] \(CreateUserPoolClient\): .*7 of 20 steps"
    ) as refused:
        applied(caller, document)
    assert "orders/write" in str(refused.value)


def test_a_value_of_the_wrong_kind_is_told_before_anything_is_done(caller: Caller) -> None:
    document = rich()
    document["Groups"][1]["Precedence"] = "first"
    with pytest.raises(DeclarationError, match=r"Groups\[1\]: "):
        applied(caller, document)
    with pytest.raises(DeclarationError, match="UserPool: "):
        applied(caller, {"UserPool": {"Id": POOL, "PoolName": "p", "AutoVerifiedAttributes": [1]}})
    assert len(planned(caller, rich())) == 20


def test_clients_that_registered_themselves_are_nobodys_to_write_down_or_to_remove(caller: Caller) -> None:
    applied(caller, rich())
    settings = AppClientSettings(client_type=REGISTERED)
    agent = AppClient(POOL, "agent", "an agent", settings, created_at=1, modified_at=1)
    asyncio.run(caller.node.store.write(stored_clients.add, agent))
    assert "agent" not in str(asyncio.run(export(caller, POOL)))
    assert planned(caller, rich(), prune=True) == []
