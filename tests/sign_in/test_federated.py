"""People whom an identity provider vouches for: who they are here, and what becomes of that user."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.errors import Refusal
from cognomen.sign_in.engine import SignedIn
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import identities, rows, status
from tests.calls import call_of
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.server import Server
from tests.vouching import ENTITY, Vouching, claims_of

Make = Callable[..., Any]

ADA = {"email": "ada@example.com", "given_name": "Ada"}


@pytest.fixture
def vouching(server: Server, cognito: Cognito, make_pool: Make, make_client: Make) -> Make:
    """A pool with a provider, called corp; settings are those of the pool."""

    def make(
        *, provider: dict[str, Any] | None = None, client: dict[str, Any] | None = None, **pool: Any
    ) -> Vouching:
        pool_id = make_pool(**pool)["Id"]
        client_id = make_client(pool_id, **client or {})["ClientId"]
        made = Vouching(server, cognito, pool_id, client_id)
        made.provider(**provider or {})
        return made

    return make


# -- the first time ---------------------------------------------------------------------------------------------------


def test_whoever_comes_first_gets_a_profile_of_their_own(
    vouching: Make, cognito: Cognito, clock: HeldClock
) -> None:
    corp = vouching(provider={"kind": "SAML"})
    user = corp.comes("Ada.L", ADA | {"unmapped": "x"}).user
    found = cognito.admin_get_user(UserPoolId=corp.pool_id, Username="corp_Ada.L")
    assert (found["UserStatus"], found["Enabled"]) == ("EXTERNAL_PROVIDER", True)
    attributes = corp.attributes("corp_Ada.L")
    identities = json.loads(attributes.pop("identities"))
    assert attributes == {"sub": user.sub, "email_verified": "false"} | ADA
    assert identities == [
        {
            "userId": "Ada.L",
            "providerName": "corp",
            "providerType": "SAML",
            "issuer": ENTITY,
            "primary": True,
            "dateCreated": clock.now,
        }
    ]
    assert corp.groups("corp_Ada.L") == [f"{corp.pool_id}_corp"]


@pytest.mark.parametrize(("sensitive", "username"), [(True, "Corp_Ada"), (False, "corp_ada")])
def test_a_name_is_folded_as_the_pool_folds_names(vouching: Make, sensitive: bool, username: str) -> None:
    corp = vouching(provider={"name": "Corp"}, UsernameConfiguration={"CaseSensitive": sensitive})
    assert corp.comes("Ada", provider="Corp").user.username == username


@pytest.mark.parametrize(
    ("subjects", "username"),
    [
        (("kim", "Kim", "\N{KELVIN SIGN}im"), "corp_kim"),
        (("\u03a3x\u03a3", "\u03c3x\u03c2", "\u03c3x\u03c3"), "corp_\u03c3x\u03c3"),
        (("\u0130", "i\u0307"), "corp_i\u0307"),
    ],
)
def test_subjects_that_make_one_name_are_not_one_person(
    vouching: Make, subjects: tuple[str, ...], username: str
) -> None:
    """A provider tells its users apart letter for letter, and may let them choose what makes the difference."""
    corp = vouching(UsernameConfiguration={"CaseSensitive": False})
    first = corp.comes(subjects[0]).user
    assert first.username == username
    for other in subjects[1:]:
        assert corp.refused(other) == (
            "invalid_request",
            f"Already found an entry for username {username}",
        )
    assert corp.comes(subjects[0]).user == first


def test_a_link_by_an_attribute_is_folded_as_the_pool_folds_names_but_in_ascii_alone(
    vouching: Make, make_user: Make
) -> None:
    corp = vouching(UsernameConfiguration={"CaseSensitive": False})
    sub = make_user(corp.pool_id, "kim")
    corp.link("kim", "Kim@Example.com", attribute="email")
    assert corp.comes("1", {"email": "\N{KELVIN SIGN}im@example.com"}).user.sub != sub
    assert corp.comes("2", {"email": "kim@example.COM"}).user.sub == sub
    assert corp.comes("2").user.sub == sub, "known by subject from now on"


@pytest.mark.parametrize("kind", ["AliasAttributes", "UsernameAttributes"])
def test_a_name_that_looks_like_an_address_keeps_nobody_from_his_own(
    vouching: Make, make_user: Make, make_client: Make, cognito: Cognito, kind: str
) -> None:
    address = "corp_ada@example.com"
    corp = vouching(**{kind: ["email"]})
    name = "ada" if kind == "AliasAttributes" else address
    sub = make_user(corp.pool_id, name, email=address, email_verified="true")
    federated = corp.comes("ada@example.com").user
    assert federated.username == address
    client = make_client(corp.pool_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    answer = cognito.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": address, "PASSWORD": PASSWORD},
    )
    assert claims_of(answer["AuthenticationResult"].get("AccessToken"))["sub"] == sub
    found = cognito.admin_get_user(UserPoolId=corp.pool_id, Username=address)
    assert found["UserStatus"] == "EXTERNAL_PROVIDER", "to an administrator it is the user name"


def test_who_comes_from_a_provider_has_no_factor_to_choose(vouching: Make, cognito: Cognito) -> None:
    sign_in_policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    corp = vouching(Policies=sign_in_policy)
    corp.comes("1234", ADA)
    cognito.admin_update_user_attributes(
        UserPoolId=corp.pool_id,
        Username="corp_1234",
        UserAttributes=[{"Name": "email_verified", "Value": "true"}],
    )

    def factors() -> list[Any]:
        answer: Any = cognito.admin_get_user_auth_factors(UserPoolId=corp.pool_id, Username="corp_1234")
        return list(answer["ConfiguredUserAuthFactors"])

    assert factors() == []
    cognito.admin_set_user_password(
        UserPoolId=corp.pool_id, Username="corp_1234", Password=PASSWORD, Permanent=True
    )
    assert factors() == ["PASSWORD", "EMAIL_OTP"]


def test_the_group_of_a_provider_is_made_where_it_was_deleted(vouching: Make, cognito: Cognito) -> None:
    corp = vouching()
    name = f"{corp.pool_id}_corp"
    cognito.delete_group(UserPoolId=corp.pool_id, GroupName=name)
    corp.comes()
    group = cognito.get_group(UserPoolId=corp.pool_id, GroupName=name)["Group"]
    assert group["Description"] == "Autogenerated group for users who sign in using corp"
    assert corp.groups("corp_1234") == [name]


def test_tokens_tell_of_the_provider(vouching: Make, clock: HeldClock) -> None:
    corp = vouching()
    tokens = corp.tokens(corp.comes("1234", ADA))
    said, access = claims_of(tokens.id), claims_of(tokens.access)
    assert said["cognito:username"] == access["username"] == "corp_1234"
    assert said["cognito:groups"] == access["cognito:groups"] == [f"{corp.pool_id}_corp"]
    assert said["amr"] == access["amr"] == ["fed"]
    assert said["acr"] == access["acr"] == "urn:cognito:loa:1"
    assert said["identities"] == [
        {
            "userId": "1234",
            "providerName": "corp",
            "providerType": "OIDC",
            "issuer": None,
            "primary": "true",
            "dateCreated": str(clock.now),
        }
    ]


def test_a_history_tells_of_whom_a_provider_vouches_for(vouching: Make, cognito: Cognito) -> None:
    corp = vouching(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})
    tokens = corp.tokens(corp.comes())
    told = cognito.admin_list_user_auth_events(UserPoolId=corp.pool_id, Username="corp_1234")["AuthEvents"]
    assert [(event["EventType"], event["EventResponse"]) for event in told] == [("SignIn", "Pass")]
    assert told[0]["ChallengeResponses"] == []
    assert claims_of(tokens.id)["event_id"] == told[0]["EventId"]


def test_addresses_are_no_names_of_federated_users(vouching: Make, make_user: Make) -> None:
    corp = vouching(
        AliasAttributes=["email"],
        provider={"mapping": {"email": "email", "email_verified": "email_verified"}},
    )
    sub = make_user(corp.pool_id, "ada", email="ada@example.com", email_verified="true")
    for subject in ("1", "2"):
        corp.comes(subject, {"email": "ada@example.com", "email_verified": "true"})
    assert corp.attributes("corp_1")["email_verified"] == "true"
    assert corp.attributes("ada@example.com")["sub"] == sub


def test_required_attributes_must_come(vouching: Make) -> None:
    required = [{"Name": name, "Required": True} for name in ("email", "given_name")]
    corp = vouching(Schema=required)
    corp.provider("saml", "SAML")
    assert corp.refused() == ("invalid_request", "attributes required: [given_name, email]")
    assert corp.refused("1234", {"email": "ada@example.com"}, provider="saml") == (
        "server_error",
        "Error in SAML response processing: Invalid user attributes: given_name: The attribute is required",
    )
    corp.comes("1234", ADA)
    corp.comes("1234")
    assert corp.refused("1234", {"email": ""}) == ("invalid_request", "attributes required: [email]")


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("x" * 124, "have length less than or equal to 128"),
        ("Ada Lovelace", r"satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+"),
    ],
)
def test_a_subject_that_makes_no_user_name_is_told(vouching: Make, subject: str, rule: str) -> None:
    corp = vouching()
    corp.provider("saml", "SAML")
    reason = "1 validation error detected: Value '{name}_{subject}' at 'userName' failed to satisfy constraint: Member must {rule}"
    assert corp.refused(subject) == (
        "invalid_request",
        reason.format(name="corp", subject=subject, rule=rule),
    )
    assert corp.refused(subject, provider="saml") == (
        "server_error",
        "Error in SAML response processing: " + reason.format(name="saml", subject=subject, rule=rule),
    )


def test_a_name_that_somebody_has_here_is_nobody_elses(vouching: Make, make_user: Make) -> None:
    corp = vouching()
    make_user(corp.pool_id, "corp_1234")
    assert corp.refused() == ("invalid_request", "Already found an entry for username corp_1234")


def test_two_providers_that_make_one_name_make_no_one_user(vouching: Make) -> None:
    corp = vouching(UsernameConfiguration={"CaseSensitive": False})
    corp.provider("Corp")
    corp.comes("1234")
    assert corp.refused("1234", provider="Corp") == (
        "invalid_request",
        "Already found an entry for username corp_1234",
    )


# -- later ------------------------------------------------------------------------------------------------------------


def test_only_what_has_changed_is_written(vouching: Make, cognito: Cognito, clock: HeldClock) -> None:
    corp = vouching()
    first = corp.comes("1234", ADA).user
    clock.advance(60_000)
    assert corp.comes("1234", ADA).user == first
    user = corp.comes("1234", {"email": "ada@new.example.com"}).user
    assert user.attributes["email"] == "ada@new.example.com"
    assert user.attributes["given_name"] == "Ada"
    assert user.modified_at == clock.now
    assert "given_name" not in corp.comes("1234", {"given_name": ""}).user.attributes


def test_an_address_is_verified_as_long_as_the_provider_says_so(vouching: Make) -> None:
    corp = vouching(provider={"mapping": {"email": "email", "email_verified": "verified"}})
    told = {"email": "ada@example.com"}
    for verified in ("true", "false", "true"):
        assert corp.comes("1", told | {"verified": verified}).user.attributes["email_verified"] == verified
    assert corp.comes("1", told).user.attributes["email_verified"] == "false"


def test_an_immutable_attribute_can_come_once(vouching: Make) -> None:
    corp = vouching(Schema=[{"Name": "email", "Mutable": False}])
    corp.comes("1234", ADA)
    assert corp.refused("1234", ADA) == ("invalid_request", "user.email: Attribute cannot be updated.")
    corp.comes("1234", {"given_name": "Ada"})


def test_what_the_client_may_not_write_is_left_out(vouching: Make) -> None:
    corp = vouching(client={"WriteAttributes": ["given_name"]})
    user = corp.comes("1234", ADA).user
    assert (user.attributes["given_name"], "email" in user.attributes) == ("Ada", False)
    assert "email_verified" not in user.attributes


def test_values_that_cannot_be_are_told(vouching: Make) -> None:
    corp = vouching()
    assert corp.refused("1", {"email": "no address"}) == ("invalid_request", "Invalid email address format.")
    assert corp.refused("1", {"given_name": "x" * 2_049}) == (
        "invalid_request",
        "Invalid user attributes: given_name: String must be no longer than 2048 characters",
    )


def test_a_disabled_user_does_not_come_in(vouching: Make, cognito: Cognito) -> None:
    corp = vouching()
    corp.comes()
    cognito.admin_disable_user(UserPoolId=corp.pool_id, Username="corp_1234")
    assert corp.refused() == ("invalid_request", "User is not enabled")
    cognito.admin_enable_user(UserPoolId=corp.pool_id, Username="corp_1234")
    corp.comes()


def test_a_deleted_user_comes_back_as_another(vouching: Make, cognito: Cognito) -> None:
    corp = vouching()
    former = corp.comes().user.sub
    cognito.admin_delete_user(UserPoolId=corp.pool_id, Username="corp_1234")
    assert corp.comes().user.sub != former


# -- linked users -----------------------------------------------------------------------------------------------------


def test_whoever_was_linked_is_that_user(vouching: Make, make_user: Make, cognito: Cognito) -> None:
    corp = vouching()
    sub = make_user(corp.pool_id, "ada", name="Ada L.")
    cognito.create_group(UserPoolId=corp.pool_id, GroupName="staff")
    cognito.admin_add_user_to_group(UserPoolId=corp.pool_id, GroupName="staff", Username="ada")
    corp.link("ada", "1234")
    signed_in = corp.comes("1234", ADA)
    assert (signed_in.user.sub, signed_in.user.status) == (sub, "CONFIRMED")
    attributes = corp.attributes("ada")
    assert (attributes["email"], attributes["given_name"], attributes["name"]) == (*ADA.values(), "Ada L.")
    said = claims_of(corp.tokens(signed_in).id)
    assert (said["cognito:username"], said["cognito:groups"]) == ("ada", ["staff"])
    assert said["identities"][0]["primary"] == "false"


@pytest.mark.parametrize("kind", ["OIDC", "SAML"])
def test_whoever_was_linked_by_an_attribute_is_then_known_by_the_subject(
    vouching: Make,
    make_user: Make,
    kind: str,
) -> None:
    corp = vouching(provider={"kind": kind})
    sub = make_user(corp.pool_id, "ada")
    corp.link("ada", "ada@example.com", "email")
    assert corp.comes("1234", ADA).user.sub == sub
    assert json.loads(corp.attributes("ada")["identities"])[0]["userId"] == "1234"
    assert corp.comes("1234", ADA | {"email": "ada@new.example.com"}).user.sub == sub
    assert corp.comes("5678", ADA).user.username == "corp_5678"
    corp.unlink("1234")
    assert corp.comes("1234", ADA).user.username == "corp_1234"


def test_a_link_by_one_of_many_attributes_is_found(vouching: Make, make_user: Make) -> None:
    names = [f"a{number}" for number in range(20)]
    schema = [{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in names]
    corp = vouching(Schema=schema, provider={"mapping": {f"custom:{name}": name for name in names}})
    sub = make_user(corp.pool_id, "ada")
    corp.link("ada", "19", "custom:a19")
    assert corp.comes("1234", {name: name.removeprefix("a") for name in names}).user.sub == sub


def test_a_linked_user_does_not_take_an_address_that_signs_another_in(
    vouching: Make, make_user: Make
) -> None:
    corp = vouching(
        AliasAttributes=["email"], provider={"mapping": {"email": "email", "email_verified": "verified"}}
    )
    make_user(corp.pool_id, "bob", email="bob@example.com", email_verified="true")
    make_user(corp.pool_id, "ada")
    corp.link("ada", "1234")
    assert corp.refused("1234", {"email": "bob@example.com", "verified": "true"}) == (
        "invalid_request",
        "An account with the given email already exists.",
    )


# -- levels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("acr", "level"), [("Level3", 3), ("Level1", 1), (None, 1)])
def test_tokens_tell_the_level_that_a_provider_vouches_for(
    vouching: Make, acr: str | None, level: int
) -> None:
    corp = vouching()
    said = claims_of(corp.tokens(corp.comes(acr=acr)).access)
    assert (said["acr"], said["amr"]) == (f"urn:cognito:loa:{level}", ["fed"])


# -- together ---------------------------------------------------------------------------------------------------------


def test_two_first_sign_ins_at_once_make_one_profile(vouching: Make) -> None:
    corp = vouching()

    async def all_at_once() -> list[Any]:
        return list(await asyncio.gather(*(corp.coming("1234", ADA) for _ in range(6))))

    assert len({signed_in.user.sub for signed_in in corp.server.run(all_at_once())}) == 1
    assert len(corp.cognito.list_users(UserPoolId=corp.pool_id)["Users"]) == 1


def test_a_first_sign_in_that_is_overtaken_becomes_a_later_one(vouching: Make, server: Server) -> None:
    corp = vouching()
    former = corp.comes("1234", ADA).user
    corp.cognito.admin_delete_user(UserPoolId=corp.pool_id, Username="corp_1234")

    async def race() -> User:
        call = await call_of(server.node, corp.pool_id)

        def add(db: Db) -> None:
            (own,) = identities.listed(former)
            identities.add(db, call.pool, former, own, taken=rows.alias_exists)

        signed_in: SignedIn = await overtaken(server.store, add, corp.coming("1234", ADA))
        return signed_in.user

    assert server.run(race()).sub == former.sub


def test_people_who_come_first_together_find_one_group(vouching: Make) -> None:
    corp = vouching()
    name = f"{corp.pool_id}_corp"
    corp.cognito.delete_group(UserPoolId=corp.pool_id, GroupName=name)

    async def all_at_once() -> None:
        await asyncio.gather(*(corp.coming(str(number)) for number in range(6)))

    corp.server.run(all_at_once())
    assert len(corp.cognito.list_groups(UserPoolId=corp.pool_id)["Groups"]) == 1
    members = corp.cognito.list_users_in_group(UserPoolId=corp.pool_id, GroupName=name)["Users"]
    assert len(members) == 6


def test_a_link_by_an_attribute_is_of_the_first_who_comes(vouching: Make, make_user: Make) -> None:
    corp = vouching()
    sub = make_user(corp.pool_id, "ada")
    corp.link("ada", "ada@example.com", "email")

    async def all_at_once() -> list[SignedIn]:
        return list(await asyncio.gather(*(corp.coming(str(number), ADA) for number in range(4))))

    subs = [signed_in.user.sub for signed_in in corp.server.run(all_at_once())]
    assert (subs.count(sub), len(set(subs))) == (1, 4)


def test_who_is_unlinked_at_the_same_moment_is_somebody_new(
    vouching: Make, make_user: Make, server: Server, clock: HeldClock
) -> None:
    corp = vouching()
    make_user(corp.pool_id, "ada")
    corp.link("ada", "1234")

    async def race() -> User:
        pool = (await call_of(server.node, corp.pool_id)).pool
        key = identities.key_of(pool, "corp", identities.SUBJECT, "1234")

        def unlink(db: Db) -> None:
            assert identities.unlink(db, pool, key, "1234", clock.now)

        signed_in: SignedIn = await overtaken(server.store, unlink, corp.coming("1234", ADA))
        return signed_in.user

    assert server.run(race()).username == "corp_1234"
    assert "email" not in corp.attributes("ada")


def test_who_is_disabled_at_the_same_moment_does_not_come_in(vouching: Make, server: Server) -> None:
    corp = vouching()
    user = corp.comes("1234").user

    async def race() -> None:
        call = await call_of(server.node, corp.pool_id)

        def disable(db: Db) -> None:
            rows.change(db, call.pool, user.sub, lambda each: status.disabled(each, call.now))

        await overtaken(server.store, disable, corp.coming("1234", ADA))

    with pytest.raises(Refusal, match="User is not enabled"):
        server.run(race())
    assert "email" not in corp.attributes("corp_1234")
