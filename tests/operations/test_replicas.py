"""Replicas: one pool in two regions, each served by a node of its own on the same database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cognomen import jobs
from cognomen.clock import MINUTE, SECOND
from cognomen.operations import regions
from cognomen.store.replicas import SETTLING
from cognomen.wire import model
from tests.conftest import PASSWORD, connect
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server, running
from tests.vouching import Vouching

HOME, ABROAD = "us-east-1", "eu-west-1"
KEY = {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1a2b"}
REPLICABLE: dict[str, Any] = {"KeyConfiguration": KEY, "IssuerConfiguration": {"Type": "UPDATED"}}

ONLY_AT_HOME = f"Only regional settings can be changed here; the primary region of the user pool is {HOME}."

Cognito = Any  # what editors know of boto3 lacks these operations
Make = Callable[..., Any]


@pytest.fixture(scope="session")
def abroad_server(server: Server, held_clock: HeldClock) -> Iterator[Server]:
    """A node of the other region, on the database of `server`."""
    given = server.settings
    with running(given.data, given.database_url, held_clock, region=ABROAD) as served:
        yield served


@pytest.fixture
def abroad(abroad_server: Server) -> Iterator[Cognito]:
    yield connect(abroad_server.endpoint, region=ABROAD)
    problems, abroad_server.problems[:] = list(abroad_server.problems), []
    assert not problems


@dataclass
class Pool:
    id: str
    client: str


@pytest.fixture
def replicated(
    cognito: Cognito, make_pool: Make, make_client: Make, make_user: Make, clock: HeldClock
) -> Pool:
    """A pool with the user ada, and its replica, which is there and inactive."""
    pool = make_pool(**REPLICABLE)["Id"]
    client = make_client(pool)["ClientId"]
    make_user(pool, "ada")
    cognito.create_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)
    clock.advance(SETTLING)
    return Pool(pool, client)


def activate(cognito: Cognito, pool: Pool) -> None:
    cognito.update_user_pool_replica(UserPoolId=pool.id, RegionName=ABROAD, Status="ACTIVE")


def sign_in(cognito: Cognito, pool: Pool) -> Any:
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    return cognito.initiate_auth(
        ClientId=pool.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]


def statuses(cognito: Cognito, pool_id: str) -> dict[str, str]:
    found = cognito.list_user_pool_replicas(UserPoolId=pool_id)["UserPoolReplicas"]
    return {replica["RegionName"]: f"{replica['Role']} {replica['Status']}" for replica in found}


# -- the four operations ------------------------------------------------------------------------------------------------


def test_a_replica_is_created_inactive_then_active_then_inactive_and_gone(
    cognito: Cognito, make_pool: Make, clock: HeldClock
) -> None:
    pool = make_pool(**REPLICABLE)["Id"]
    assert statuses(cognito, pool) == {HOME: "PRIMARY ACTIVE"}
    created = cognito.create_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)["UserPoolReplica"]
    assert created == {
        "RegionName": ABROAD,
        "Status": "CREATING",
        "Role": "SECONDARY",
        "UserPoolArn": f"arn:aws:cognito-idp:{ABROAD}:000000000000:userpool/{pool}",
    }
    with refused("InvalidParameterException", "The replica is CREATING."):
        cognito.update_user_pool_replica(UserPoolId=pool, RegionName=ABROAD, Status="ACTIVE")
    clock.advance(SETTLING)
    assert statuses(cognito, pool) == {HOME: "PRIMARY ACTIVE", ABROAD: "SECONDARY INACTIVE"}
    updated = cognito.update_user_pool_replica(UserPoolId=pool, RegionName=ABROAD, Status="ACTIVE")
    assert updated["UserPoolReplica"] == created | {"Status": "ACTIVE"}
    with refused("InvalidParameterException", "A replica must be INACTIVE to be deleted."):
        cognito.delete_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)
    cognito.update_user_pool_replica(UserPoolId=pool, RegionName=ABROAD, Status="INACTIVE")
    deleted = cognito.delete_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)
    assert deleted["UserPoolReplica"] == created | {"Status": "DELETING"}
    assert statuses(cognito, pool)[ABROAD] == "SECONDARY DELETING"
    clock.advance(SETTLING)
    assert statuses(cognito, pool) == {HOME: "PRIMARY ACTIVE"}
    with refused("ResourceNotFoundException", f"User pool {pool} does not have a replica in {ABROAD}."):
        cognito.delete_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)


def test_what_a_pool_needs_before_it_can_have_a_replica(cognito: Cognito, make_pool: Make) -> None:
    for settings, type_, message in (
        (
            {"UserPoolTier": "LITE"},
            "FeatureUnavailableInTierException",
            "The following feature is not available for the LITE pricing tier configured: Multi-Region Replication",
        ),
        (
            {"IssuerConfiguration": {"Type": "UPDATED"}},
            "InvalidParameterException",
            "A replica requires a user pool with KeyConfiguration of KeyType CUSTOMER_MANAGED_KEY and a multi-Region key.",
        ),
        (
            {"KeyConfiguration": KEY},
            "InvalidParameterException",
            "A replica requires a user pool with IssuerConfiguration of Type UPDATED.",
        ),
    ):
        pool = make_pool(**settings)["Id"]
        with refused(type_, message):
            cognito.create_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)
    pool = make_pool(**REPLICABLE)["Id"]
    with refused(
        "InvalidParameterException",
        f"{HOME} is the primary region of the user pool and cannot have a replica.",
    ):
        cognito.create_user_pool_replica(UserPoolId=pool, RegionName=HOME)
    with refused("UserPoolTaggingException"):
        cognito.create_user_pool_replica(UserPoolId=pool, RegionName=ABROAD, UserPoolTags={"aws:a": "b"})


def test_a_pool_has_one_replica(cognito: Cognito, replicated: Pool) -> None:
    for region in (ABROAD, "ap-south-1"):
        with refused("LimitExceededException", "A user pool can have one replica."):
            cognito.create_user_pool_replica(UserPoolId=replicated.id, RegionName=region)


def test_a_pool_with_a_replica_keeps_what_that_needs(
    cognito: Cognito, replicated: Pool, clock: HeldClock
) -> None:
    with refused(
        "InvalidParameterException",
        "A replica requires a user pool with IssuerConfiguration of Type UPDATED.",
    ):
        cognito.update_user_pool(UserPoolId=replicated.id, IssuerConfiguration={"Type": "ORIGINAL"})
    with refused("TierChangeNotAllowedException"):
        cognito.update_user_pool(UserPoolId=replicated.id, UserPoolTier="LITE")
    with refused(
        "InvalidParameterException",
        "User pool cannot be deleted. It has a replica that should be deleted first.",
    ):
        cognito.delete_user_pool(UserPoolId=replicated.id)
    cognito.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD)
    clock.advance(SETTLING)
    cognito.update_user_pool(UserPoolId=replicated.id, IssuerConfiguration={"Type": "ORIGINAL"})


def test_a_region_that_has_no_replica_and_a_page_that_was_not_given_out(
    cognito: Cognito, replicated: Pool
) -> None:
    message = f"User pool {replicated.id} does not have a replica in ap-south-1."
    with refused("ResourceNotFoundException", message):
        cognito.update_user_pool_replica(UserPoolId=replicated.id, RegionName="ap-south-1", Status="ACTIVE")
    with refused("ResourceNotFoundException", message):
        cognito.delete_user_pool_replica(UserPoolId=replicated.id, RegionName="ap-south-1")
    with refused("InvalidParameterException"):
        cognito.list_user_pool_replicas(UserPoolId=replicated.id, NextToken="x")


def test_a_deleted_replica_is_swept_and_can_be_made_again(
    server: Server, cognito: Cognito, abroad: Cognito, replicated: Pool, clock: HeldClock
) -> None:
    cognito.tag_resource(ResourceArn=arn(HOME, replicated), Tags={"stage": "home"})
    abroad.tag_resource(ResourceArn=arn(ABROAD, replicated), Tags={"stage": "abroad"})
    cognito.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD)
    clock.advance(SETTLING)
    cognito.create_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD)
    clock.advance(SETTLING)
    assert abroad.list_tags_for_resource(ResourceArn=arn(ABROAD, replicated))["Tags"] == {}
    cognito.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD)
    clock.advance(2 * MINUTE)
    server.run(jobs.sweep(server.store, clock.now, inbox_age=MINUTE))
    with refused("ResourceNotFoundException", f"User pool {replicated.id} does not exist."):
        abroad.describe_user_pool(UserPoolId=replicated.id)


# -- the regions -----------------------------------------------------------------------------------------------------------


def arn(region: str, pool: Pool) -> str:
    return f"arn:aws:cognito-idp:{region}:000000000000:userpool/{pool.id}"


def listed(cognito: Cognito) -> dict[str, Any]:
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 3})
    return {pool["Id"]: pool for page in pages for pool in page["UserPools"]}


def test_a_pool_without_a_replica_is_not_there_in_another_region(
    cognito: Cognito, abroad: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool = make_pool()["Id"]
    client = make_client(pool)["ClientId"]
    make_user(pool, "ada")
    tokens = sign_in(cognito, Pool(pool, client))
    with refused("ResourceNotFoundException", f"User pool {pool} does not exist."):
        abroad.describe_user_pool(UserPoolId=pool)
    with refused("ResourceNotFoundException", f"User pool client {client} does not exist."):
        sign_in(abroad, Pool(pool, client))
    with refused("NotAuthorizedException"):
        abroad.get_user(AccessToken=tokens["AccessToken"])
    assert pool not in listed(abroad)


def test_each_region_lists_its_own_pools_and_the_replicas_in_it(
    cognito: Cognito, abroad: Cognito, replicated: Pool
) -> None:
    native = [abroad.create_user_pool(PoolName="native")["UserPool"]["Id"] for _ in range(4)]
    try:
        here, there = listed(cognito), listed(abroad)
        assert {*native, replicated.id} <= there.keys()
        assert replicated.id in here
        assert here.keys().isdisjoint(native)
        assert here[replicated.id]["ReplicaRegions"] == there[replicated.id]["ReplicaRegions"] == [ABROAD]
        assert "ReplicaRegions" not in there[native[0]]
        assert list(there) == sorted(there)
    finally:
        for pool in native:
            abroad.delete_user_pool(UserPoolId=pool)


def test_an_active_replica_signs_in_the_users_of_home_and_both_believe_its_tokens(
    cognito: Cognito, abroad: Cognito, replicated: Pool
) -> None:
    with refused(
        "OperationNotEnabledException",
        f"InitiateAuth is not enabled in this region for the user pool; its primary region is {HOME}.",
    ):
        sign_in(abroad, replicated)
    activate(abroad, replicated)
    tokens = sign_in(abroad, replicated)
    assert cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
    assert abroad.get_user(AccessToken=sign_in(cognito, replicated)["AccessToken"])["Username"] == "ada"
    with refused("OperationNotEnabledException"):
        abroad.change_password(
            AccessToken=tokens["AccessToken"], PreviousPassword=PASSWORD, ProposedPassword="Other-pass1"
        )
    with refused("OperationNotEnabledException"):
        abroad.sign_up(ClientId=replicated.client, Username="eve", Password=PASSWORD)
    with refused("OperationNotEnabledException"):
        abroad.admin_create_user(UserPoolId=replicated.id, Username="eve")
    with refused("OperationNotEnabledException"):
        abroad.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD)
    abroad.revoke_token(ClientId=replicated.client, Token=tokens["RefreshToken"])
    with refused("NotAuthorizedException"):
        cognito.get_user(AccessToken=tokens["AccessToken"])
    cognito.update_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD, Status="INACTIVE")
    with refused("OperationNotEnabledException"):
        abroad.revoke_token(ClientId=replicated.client, Token=tokens["RefreshToken"])


def test_while_it_is_created_or_deleted_a_replica_answers_nothing(
    cognito: Cognito, abroad: Cognito, make_pool: Make, clock: HeldClock
) -> None:
    pool = make_pool(**REPLICABLE)["Id"]
    cognito.create_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)
    with refused("OperationNotEnabledException"):
        abroad.describe_user_pool(UserPoolId=pool)
    clock.advance(SETTLING)
    described = abroad.describe_user_pool(UserPoolId=pool)["UserPool"]
    assert described["Arn"] == f"arn:aws:cognito-idp:{ABROAD}:000000000000:userpool/{pool}"
    cognito.delete_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)
    with refused("OperationNotEnabledException"):
        abroad.describe_user_pool(UserPoolId=pool)


def test_the_lists_of_the_gate_name_operations() -> None:
    known = set(model.load().operations)
    assert known >= regions.WHILE_ACTIVE > regions.WHILE_INACTIVE


# -- what is regional --------------------------------------------------------------------------------------------------------


def test_triggers_senders_and_tags_are_each_regions_own(
    cognito: Cognito, abroad: Cognito, replicated: Pool
) -> None:
    at_home = {
        "LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:123456789012:function:here"},
        "UserPoolTags": {"region": "home"},
        "AutoVerifiedAttributes": ["email"],
    }
    there = {
        "LambdaConfig": {"PreSignUp": "arn:aws:lambda:eu-west-1:123456789012:function:there"},
        "UserPoolTags": {"region": "abroad"},
        "EmailConfiguration": {
            "EmailSendingAccount": "COGNITO_DEFAULT",
            "ReplyToEmailAddress": "a@example.eu",
        },
    }
    cognito.update_user_pool(UserPoolId=replicated.id, **REPLICABLE, **at_home)
    seen = abroad.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    assert (seen["LambdaConfig"], seen["UserPoolTags"]) == ({}, {})
    assert seen["AutoVerifiedAttributes"] == ["email"]
    abroad.update_user_pool(UserPoolId=replicated.id, **there)
    here = cognito.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    seen = abroad.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    assert {name: here[name] for name in at_home} == at_home
    assert {name: seen[name] for name in there} == there
    assert seen["AutoVerifiedAttributes"] == ["email"]
    assert listed(abroad)[replicated.id]["LambdaConfig"] == there["LambdaConfig"]
    abroad.untag_resource(ResourceArn=arn(ABROAD, replicated), TagKeys=["region"])
    assert cognito.list_tags_for_resource(ResourceArn=arn(HOME, replicated))["Tags"] == {"region": "home"}


def test_what_is_not_regional_is_changed_at_home(cognito: Cognito, abroad: Cognito, replicated: Pool) -> None:
    for settings in (
        {"PoolName": "another"},
        {"Policies": {"PasswordPolicy": {"MinimumLength": 20}}},
        {"EmailVerificationSubject": "another"},
        {"DeletionProtection": "ACTIVE"},
    ):
        with refused("InvalidParameterException", ONLY_AT_HOME):
            abroad.update_user_pool(UserPoolId=replicated.id, **settings)
    with refused("InvalidParameterException", ONLY_AT_HOME):
        abroad.set_user_pool_mfa_config(
            UserPoolId=replicated.id,
            MfaConfiguration="OPTIONAL",
            SoftwareTokenMfaConfiguration={"Enabled": True},
        )
    # Who sends everything as it is changes nothing of home.
    abroad.update_user_pool(UserPoolId=replicated.id, PoolName="a pool", **REPLICABLE)
    cognito.update_user_pool(UserPoolId=replicated.id, PoolName="renamed", **REPLICABLE)
    assert abroad.describe_user_pool(UserPoolId=replicated.id)["UserPool"]["Name"] == "renamed"


def test_the_sender_of_text_messages_is_regional_and_their_text_is_not(
    cognito: Cognito, abroad: Cognito, replicated: Pool
) -> None:
    def sender(region: str) -> dict[str, Any]:
        return {
            "SmsConfiguration": {
                "SnsCallerArn": f"arn:aws:iam::123456789012:role/{region}",
                "ExternalId": "x",
                "SnsRegion": region,
            }
        }

    cognito.set_user_pool_mfa_config(
        UserPoolId=replicated.id,
        MfaConfiguration="OPTIONAL",
        SmsMfaConfiguration=sender(HOME) | {"SmsAuthenticationMessage": "Code {####}"},
    )
    abroad.set_user_pool_mfa_config(
        UserPoolId=replicated.id, MfaConfiguration="OPTIONAL", SmsMfaConfiguration=sender(ABROAD)
    )
    here = cognito.get_user_pool_mfa_config(UserPoolId=replicated.id)["SmsMfaConfiguration"]
    there = abroad.get_user_pool_mfa_config(UserPoolId=replicated.id)["SmsMfaConfiguration"]
    assert here == sender(HOME) | {"SmsAuthenticationMessage": "Code {####}"}
    assert there == sender(ABROAD) | {"SmsAuthenticationMessage": "Code {####}"}


def test_logs_are_delivered_where_each_region_says(
    cognito: Cognito, abroad: Cognito, replicated: Pool
) -> None:
    def deliver(region: str) -> list[dict[str, Any]]:
        group = f"arn:aws:logs:{region}:123456789012:log-group:/aws/vendedlogs/cognito"
        return [
            {
                "LogLevel": "ERROR",
                "EventSource": "userNotification",
                "CloudWatchLogsConfiguration": {"LogGroupArn": group},
            }
        ]

    def delivered(region: Cognito) -> Any:
        found = region.get_log_delivery_configuration(UserPoolId=replicated.id)
        return found["LogDeliveryConfiguration"]["LogConfigurations"]

    cognito.set_log_delivery_configuration(UserPoolId=replicated.id, LogConfigurations=deliver(HOME))
    assert delivered(abroad) == []
    abroad.set_log_delivery_configuration(UserPoolId=replicated.id, LogConfigurations=deliver(ABROAD))
    assert (delivered(cognito), delivered(abroad)) == (deliver(HOME), deliver(ABROAD))


def test_notifications_of_threat_protection_have_a_sender_in_each_region(
    cognito: Cognito, abroad: Cognito, make_pool: Make, clock: HeldClock
) -> None:
    def risk(region: str, action: str = "NO_ACTION") -> dict[str, Any]:
        return {
            "AccountTakeoverRiskConfiguration": {
                "Actions": {"HighAction": {"Notify": True, "EventAction": action}},
                "NotifyConfiguration": {
                    "From": f"security@{region}.example.com",
                    "SourceArn": f"arn:aws:ses:{region}:123456789012:identity/example.com",
                },
            }
        }

    def told(region: Cognito) -> Any:
        found = region.describe_risk_configuration(UserPoolId=pool)["RiskConfiguration"]
        return found["AccountTakeoverRiskConfiguration"]["NotifyConfiguration"]["From"]

    pool = make_pool(**REPLICABLE, UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})[
        "Id"
    ]
    cognito.set_risk_configuration(UserPoolId=pool, **risk(HOME))
    cognito.create_user_pool_replica(UserPoolId=pool, RegionName=ABROAD)
    clock.advance(SETTLING)
    assert told(abroad) == "security@us-east-1.example.com"
    abroad.set_risk_configuration(UserPoolId=pool, **risk(ABROAD))
    assert (told(cognito), told(abroad)) == (
        "security@us-east-1.example.com",
        "security@eu-west-1.example.com",
    )
    with refused("InvalidParameterException", ONLY_AT_HOME):
        abroad.set_risk_configuration(UserPoolId=pool, **risk(ABROAD, "BLOCK"))


def test_each_region_has_domains_of_its_own(
    cognito: Cognito, abroad: Cognito, replicated: Pool, clock: HeldClock
) -> None:
    name = f"shop-{replicated.client[:8]}"
    cognito.create_user_pool_domain(UserPoolId=replicated.id, Domain=name)
    assert abroad.describe_user_pool_domain(Domain=name)["DomainDescription"] == {}
    assert "Domain" not in abroad.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    abroad.create_user_pool_domain(UserPoolId=replicated.id, Domain=name)
    assert abroad.describe_user_pool_domain(Domain=name)["DomainDescription"]["UserPoolId"] == replicated.id
    cognito.delete_user_pool_domain(UserPoolId=replicated.id, Domain=name)
    assert cognito.describe_user_pool_domain(Domain=name)["DomainDescription"] == {}
    assert abroad.describe_user_pool(UserPoolId=replicated.id)["UserPool"]["Domain"] == name
    with refused(
        "InvalidParameterException",
        "The replica cannot be deleted. It has a domain configured that should be deleted first.",
    ):
        cognito.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD)
    with refused("InvalidParameterException"):
        cognito.delete_user_pool(UserPoolId=replicated.id)
    abroad.delete_user_pool_domain(UserPoolId=replicated.id, Domain=name)
    cognito.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=ABROAD)
    clock.advance(SETTLING)
    cognito.delete_user_pool(UserPoolId=replicated.id)


def test_a_node_notices_that_a_replica_was_activated_elsewhere(
    abroad_server: Server, cognito: Cognito, abroad: Cognito, replicated: Pool, clock: HeldClock
) -> None:
    with refused("OperationNotEnabledException"):
        sign_in(abroad, replicated)
    activate(cognito, replicated)
    clock.advance(SECOND)
    assert sign_in(abroad, replicated)["AccessToken"]


# -- who comes from a provider ----------------------------------------------------------------------------------------


def test_only_whom_the_pool_knows_comes_in_at_a_replica_and_nothing_is_written(
    cognito: Cognito, server: Server, abroad_server: Server, replicated: Pool
) -> None:
    activate(cognito, replicated)
    home, away = (
        Vouching(each, cognito, replicated.id, replicated.client) for each in (server, abroad_server)
    )
    home.provider()
    home.link("ada", "ada@example.com", "email")
    home.comes("1234", {"given_name": "Eve"})
    assert away.refused("5678") == (
        "invalid_request",
        f"New users cannot be created in this region; the primary region of the user pool is {HOME}.",
    )
    assert away.comes("1234", {"given_name": "Eva"}).user.attributes["given_name"] == "Eve"
    for _ in range(2):
        linked = away.comes("9", {"email": "ada@example.com"}).user
        assert (linked.username, "email" in linked.attributes) == ("ada", False)
    assert '"userId":"ada@example.com"' in home.attributes("ada")["identities"]
