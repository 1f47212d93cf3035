"""Domains of pools through boto3: what an owner sees, and that a name belongs to one pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.store import domains, user_pools
from cognomen.store.database import Db
from cognomen.store.domains import HOME, PREFIX, Domain, DomainSettings
from cognomen.store.opening import open_store
from cognomen.wire import model
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1a2b3c"
OTHER_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/4d5e6f"
ROUTING: dict[str, Any] = {"Failover": {"SecondaryRegion": "eu-west-1", "PrimaryRoute53HealthCheckId": "abc"}}
INVALID = (
    "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and "
    r"hyphens. Please enter a different name that follows this format: ^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$"
)
NO_SUBDOMAIN = (
    "Custom domain is not a valid subdomain: Was not able to resolve the root domain, please ensure an A record exists "
    "for the root domain."
)
NO_CERTIFICATE = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid "
    "certificate chain."
)
TOO_LONG = (
    f"1 validation error detected: Value '{'a' * 64}' at 'domain' failed to satisfy constraint: Member must have "
    "length less than or equal to 63"
)
TAKEN = "Domain already associated with another user pool."
HAS_ONE = "User pool already has a domain configured."
UNDELETABLE = "User pool cannot be deleted. It has a domain configured that should be deleted first."
MISSING = "No such domain or user pool exists."


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    found: str = make_pool()["Id"]
    return found


@pytest.fixture
def prefix(pool_id: str) -> str:
    """A prefix that no other test has."""
    return f"p-{pool_id[-9:].lower()}"


@pytest.fixture
def custom(prefix: str) -> str:
    return f"{prefix}.example.com"


@pytest.fixture
def create(cognito: CognitoIdentityProviderClient) -> Make:
    def make(pool_id: str, domain: str, **members: Any) -> Any:
        answer: Any = cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=domain, **members)
        del answer["ResponseMetadata"]
        return answer

    return make


@pytest.fixture
def update(cognito: CognitoIdentityProviderClient) -> Make:
    def change(pool_id: str, domain: str, **members: Any) -> Any:
        answer: Any = cognito.update_user_pool_domain(UserPoolId=pool_id, Domain=domain, **members)
        del answer["ResponseMetadata"]
        return answer

    return change


@pytest.fixture
def describe(cognito: CognitoIdentityProviderClient) -> Make:
    return lambda domain: cognito.describe_user_pool_domain(Domain=domain)["DomainDescription"]


# -- creating and describing -------------------------------------------------------------------------------------------


def test_a_prefix_is_described_with_what_the_service_tells_of_one(
    pool_id: str, prefix: str, create: Make, describe: Make, clock: HeldClock
) -> None:
    assert create(pool_id, prefix) == {"ManagedLoginVersion": 1}
    assert describe(prefix) == {
        "UserPoolId": pool_id,
        "AWSAccountId": "000000000000",
        "Domain": prefix,
        "CloudFrontDistribution": "localhost",
        "Version": datetime.fromtimestamp(clock.now // 1000, UTC).strftime("%Y%m%d%H%M%S"),
        "Status": "ACTIVE",
        "CustomDomainConfig": {},
        "ManagedLoginVersion": 1,
    }


def test_a_custom_domain_keeps_certificate_and_routing(
    pool_id: str, custom: str, create: Make, describe: Make
) -> None:
    config = {"CertificateArn": CERTIFICATE, "SecurityPolicy": "TLS_V1_3_2025"}
    answer = create(pool_id, custom, CustomDomainConfig=config, Routing=ROUTING, ManagedLoginVersion=2)
    assert answer == {"ManagedLoginVersion": 2, "CloudFrontDomain": "localhost", "Routing": ROUTING}
    found = describe(custom)
    assert (found["Domain"], found["CustomDomainConfig"], found["Routing"]) == (custom, config, ROUTING)
    assert found["ManagedLoginVersion"] == 2


def test_every_member_of_a_description_is_told_but_the_bucket_there_is_not(
    pool_id: str, custom: str, create: Make, describe: Make
) -> None:
    create(pool_id, custom, CustomDomainConfig={"CertificateArn": CERTIFICATE}, Routing=ROUTING)
    members = model.load().shapes["DomainDescriptionType"].members
    assert members.keys() - describe(custom).keys() == {"S3Bucket"}


def test_a_domain_that_nobody_has_has_an_empty_description(describe: Make) -> None:
    assert describe("nobody-has-this") == {}
    assert describe("nobody.has.this") == {}


def test_a_pool_tells_its_domains(
    cognito: CognitoIdentityProviderClient, pool_id: str, prefix: str, custom: str, create: Make
) -> None:
    def told() -> Any:
        pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        return pool.get("Domain"), pool.get("CustomDomain")

    assert told() == (None, None)
    create(pool_id, prefix)
    assert told() == (prefix, None)
    create(pool_id, custom, CustomDomainConfig={"CertificateArn": CERTIFICATE})
    assert told() == (prefix, custom)
    cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain=prefix)
    assert told() == (None, custom)


# -- what cannot be ----------------------------------------------------------------------------------------------------


def test_a_pool_has_one_prefix_and_one_custom_domain(
    pool_id: str, prefix: str, custom: str, make_pool: Make, create: Make
) -> None:
    """A second one leaves nothing behind: its name can be had by another pool."""
    other = make_pool()["Id"]
    create(pool_id, prefix)
    for again in (prefix, f"{prefix}-2"):
        with refused("InvalidParameterException", HAS_ONE):
            create(pool_id, again)
    create(pool_id, custom, CustomDomainConfig={"CertificateArn": CERTIFICATE})
    for again in (custom, f"second.{custom}"):
        with refused("InvalidParameterException", HAS_ONE):
            create(pool_id, again, CustomDomainConfig={"CertificateArn": CERTIFICATE})
    create(other, f"{prefix}-2")
    create(other, f"second.{custom}", CustomDomainConfig={"CertificateArn": CERTIFICATE})


def test_a_domain_of_another_pool_is_taken_until_it_is_deleted(
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    prefix: str,
    make_pool: Make,
    create: Make,
    describe: Make,
) -> None:
    other = make_pool()["Id"]
    create(pool_id, prefix)
    with refused("InvalidParameterException", TAKEN):
        create(other, prefix)
    assert describe(prefix)["UserPoolId"] == pool_id
    cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain=prefix)
    create(other, prefix)
    assert describe(prefix)["UserPoolId"] == other


CUSTOM = {"CustomDomainConfig": {"CertificateArn": CERTIFICATE}}
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("Upper-Case", {}, INVALID),
    ("under_score", {}, INVALID),
    ("auth.example.com", {}, INVALID),
    ("-before", {}, INVALID),
    ("behind-", {}, INVALID),
    ("my-aws-login", {}, "Domain cannot contain reserved word: aws"),
    ("amazon", {}, "Domain cannot contain reserved word: amazon"),
    ("cognito-login", {}, "Domain cannot contain reserved word: cognito"),
    ("auth..example.com", CUSTOM, INVALID),
    (
        "com",
        CUSTOM,
        NO_SUBDOMAIN,
    ),
    (
        "auth.example.com",
        {"CustomDomainConfig": {"CertificateArn": CERTIFICATE.replace("us-east-1", "eu-west-1")}},
        NO_CERTIFICATE,
    ),
    ("routed", {"Routing": ROUTING}, "Routing can only be given for a custom domain."),
    ("versioned", {"ManagedLoginVersion": 3}, "ManagedLoginVersion must be 1 or 2, not 3."),
    (
        "a" * 64,
        {},
        TOO_LONG,
    ),
]


@pytest.mark.parametrize(("domain", "members", "message"), BAD)
def test_a_domain_that_cannot_be_is_not_created(
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    create: Make,
    domain: str,
    members: dict[str, Any],
    message: str,
) -> None:
    with refused("InvalidParameterException", message):
        create(pool_id, domain, **members)
    assert not {"Domain", "CustomDomain"} & cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"].keys()


def test_a_reserved_word_within_a_word_is_none(pool_id: str, prefix: str, create: Make) -> None:
    create(pool_id, f"laws{prefix}")


def test_a_pool_that_is_not_there_has_no_domains(cognito: CognitoIdentityProviderClient) -> None:
    missing = {"UserPoolId": "us-east-1_Nothing12", "Domain": "anything"}
    calls: list[Any] = [
        cognito.create_user_pool_domain,
        cognito.update_user_pool_domain,
        cognito.delete_user_pool_domain,
    ]
    for call in calls:
        with refused("ResourceNotFoundException", "User pool us-east-1_Nothing12 does not exist."):
            call(**missing)


# -- the plan ----------------------------------------------------------------------------------------------------------


def test_managed_login_is_not_in_the_lite_plan(
    make_pool: Make, prefix: str, create: Make, update: Make
) -> None:
    lite = make_pool(UserPoolTier="LITE")["Id"]
    message = (
        "The following feature is not available for the LITE pricing tier configured: Managed Login Version 2"
    )
    with refused("FeatureUnavailableInTierException", message):
        create(lite, prefix, ManagedLoginVersion=2)
    create(lite, prefix)
    with refused("FeatureUnavailableInTierException", message):
        update(lite, prefix, ManagedLoginVersion=2)


def test_a_pool_with_managed_login_does_not_go_to_the_lite_plan(
    cognito: CognitoIdentityProviderClient, pool_id: str, prefix: str, create: Make, update: Make
) -> None:
    create(pool_id, prefix, ManagedLoginVersion=2)
    with refused(
        "TierChangeNotAllowedException",
        "The following features need to be disabled for the LITE pricing tier configured: Managed Login Version 2",
    ):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")
    update(pool_id, prefix, ManagedLoginVersion=1)
    cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")


# -- changing ----------------------------------------------------------------------------------------------------------


def test_an_update_changes_what_it_says_and_keeps_the_rest(
    pool_id: str, custom: str, create: Make, update: Make, describe: Make, clock: HeldClock
) -> None:
    create(pool_id, custom, CustomDomainConfig={"CertificateArn": CERTIFICATE})
    before = describe(custom)
    clock.advance(1_000)
    assert update(pool_id, custom, ManagedLoginVersion=2) == {
        "ManagedLoginVersion": 2,
        "CloudFrontDomain": "localhost",
    }
    new = {"CertificateArn": OTHER_CERTIFICATE}
    update(pool_id, custom, CustomDomainConfig=new)
    after = describe(custom)
    assert int(after.pop("Version")) > int(before.pop("Version"))
    assert after == before | {"ManagedLoginVersion": 2, "CustomDomainConfig": new}


def test_a_bad_update_changes_nothing(
    pool_id: str, prefix: str, create: Make, update: Make, describe: Make
) -> None:
    create(pool_id, prefix)
    before = describe(prefix)
    with refused("InvalidParameterException", "CustomDomainConfig can only be given for a custom domain."):
        update(pool_id, prefix, ManagedLoginVersion=2, **CUSTOM)
    with refused("InvalidParameterException", "ManagedLoginVersion must be 1 or 2, not 0."):
        update(pool_id, prefix, ManagedLoginVersion=0)
    assert describe(prefix) == before


def test_a_domain_is_changed_and_deleted_by_its_own_pool_only(
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    prefix: str,
    make_pool: Make,
    create: Make,
    update: Make,
    describe: Make,
) -> None:
    other = make_pool()["Id"]
    create(pool_id, prefix)
    for domain in (prefix, "nothing-at-all"):
        with refused("InvalidParameterException", MISSING):
            update(other, domain, ManagedLoginVersion=2)
        with refused("InvalidParameterException", MISSING):
            cognito.delete_user_pool_domain(UserPoolId=other, Domain=domain)
    assert describe(prefix)["ManagedLoginVersion"] == 1


# -- deleting ----------------------------------------------------------------------------------------------------------


def test_a_pool_is_deleted_after_its_domains(
    cognito: CognitoIdentityProviderClient, pool_id: str, custom: str, create: Make, describe: Make
) -> None:
    create(pool_id, custom, **CUSTOM)
    with refused("InvalidParameterException", UNDELETABLE):
        cognito.delete_user_pool(UserPoolId=pool_id)
    cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain=custom)
    assert describe(custom) == {}
    with refused("InvalidParameterException", MISSING):
        cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain=custom)
    cognito.delete_user_pool(UserPoolId=pool_id)


# -- at the same moment ------------------------------------------------------------------------------------------------


def a_prefix(pool_id: str, name: str) -> Domain:
    return Domain(pool_id, HOME, PREFIX, name, DomainSettings(), 1, 1)


async def test_of_two_pools_that_take_one_domain_at_once_the_first_has_it(
    server: Server, pool_id: str, prefix: str, make_pool: Make, create: Make, describe: Make
) -> None:
    other = make_pool()["Id"]
    node = open_store(server.settings.database_url)

    def take(db: Db) -> None:
        assert domains.claim(db, prefix, other)
        assert domains.add(db, a_prefix(other, prefix))

    try:
        with refused("InvalidParameterException", TAKEN):
            await overtaken(node, take, asyncio.to_thread(create, pool_id, prefix))
    finally:
        node.close()
    assert describe(prefix)["UserPoolId"] == other


def test_of_many_pools_that_take_one_domain_at_once_one_has_it(
    server: Server, prefix: str, make_pool: Make, create: Make, describe: Make
) -> None:
    pools = [make_pool()["Id"] for _ in range(6)]

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(
            *(asyncio.to_thread(create, each, prefix) for each in pools), return_exceptions=True
        )

    outcomes = asyncio.run(all_at_once())
    winners = [each for each, outcome in zip(pools, outcomes, strict=True) if isinstance(outcome, dict)]
    assert [describe(prefix)["UserPoolId"]] == winners
    assert sum(TAKEN in str(outcome) for outcome in outcomes) == len(pools) - 1
    for each in pools:
        of_pool = server.run(server.store.read(domains.all_of_pool, each))
        assert [found.name for found in of_pool] == ([prefix] if each in winners else [])


async def test_a_pool_that_gets_a_domain_meanwhile_is_not_deleted(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, prefix: str, describe: Make
) -> None:
    node = open_store(server.settings.database_url)

    def take(db: Db) -> None:
        assert domains.claim(db, prefix, pool_id)
        assert domains.add(db, a_prefix(pool_id, prefix))

    try:
        with refused("InvalidParameterException", UNDELETABLE):
            await overtaken(node, take, asyncio.to_thread(cognito.delete_user_pool, UserPoolId=pool_id))
    finally:
        node.close()
    assert describe(prefix)["UserPoolId"] == pool_id


async def test_a_pool_that_goes_meanwhile_gets_no_domain(
    server: Server, pool_id: str, prefix: str, create: Make, describe: Make
) -> None:
    node = open_store(server.settings.database_url)

    def remove_pool(db: Db) -> None:
        pool = user_pools.by_id(db, pool_id)
        assert pool is not None
        assert user_pools.remove(db, pool, 0)

    try:
        with refused("ResourceNotFoundException", f"User pool {pool_id} does not exist."):
            await overtaken(node, remove_pool, asyncio.to_thread(create, pool_id, prefix))
    finally:
        node.close()
    assert describe(prefix) == {}
