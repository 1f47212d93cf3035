"""What every request passes through, seen from outside."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.call import Call
from cognomen.operations.registry import REGISTRY
from cognomen.pools.branding_settings import DEFAULTS
from tests import bodies
from tests.conftest import PASSWORD
from tests.pictures import JPEG, PNG, SVG
from tests.provoked import PROVOKED
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

EXAMPLES = 20
# After these the next body must be about something else, since what they were about is no longer as it was.
TAKES_AWAY = (
    "Change",
    "Delete",
    "Disable",
    "Respond",
    "Revoke",
    "SetUserPassword",
    "SignOut",
    "UpdateUserPool",
)
IMAGES = [base64.b64encode(image).decode() for image in (PNG, JPEG, SVG)]
CUSTOM = {"Name": "level", "AttributeDataType": "String", "Mutable": True}

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/cognito-idp/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
)


def send(server: Server, target: str | None, body: bytes) -> tuple[int, Any, dict[str, str]]:
    headers = {"Authorization": SIGNED, "X-Amz-Date": "20260101T000000Z"}
    headers |= {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{target}"} if target else {}
    request = urllib.request.Request(server.endpoint, body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), dict(error.headers)


def test_an_unknown_operation_is_said_to_be_unknown(server: Server) -> None:
    for target in (None, "MakeCoffee", ""):
        status, document, headers = send(server, target, b"{}")
        assert (status, document) == (400, {"__type": "UnknownOperationException"})
        assert headers["x-amzn-errortype"] == "UnknownOperationException:"


def test_an_operation_of_a_newer_model_says_that_it_is_not_there_yet(
    cognito: CognitoIdentityProviderClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(REGISTRY, "ListUserPools")  # all of this one are there
    with refused(
        "UnknownOperationException",
        "Cognomen does not provide ListUserPools yet. The README says what works.",
    ):
        cognito.list_user_pools(MaxResults=1)


def test_a_body_that_is_not_json_is_refused(server: Server) -> None:
    for body in (b"{", b"\xff", b'{"a":1}x', b"[" * 100_000):
        status, document, _ = send(server, "ListUserPools", body)
        assert (status, document["__type"]) == (400, "SerializationException")


def test_an_unknown_pool_or_user_is_told(cognito: CognitoIdentityProviderClient, make_pool: Any) -> None:
    with refused("ResourceNotFoundException", "User pool us-east-1_unknown does not exist."):
        cognito.admin_get_user(UserPoolId="us-east-1_unknown", Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=make_pool()["Id"], Username="ada")


def test_a_change_by_another_node_is_noticed(
    server: Server, cognito: CognitoIdentityProviderClient, make_pool: Any
) -> None:
    """The pool is changed behind this node's back; within `config_max_age` it answers with what is there now."""
    from cognomen.store import user_pools  # noqa: PLC0415  only here

    pool = make_pool()
    cognito.describe_user_pool(UserPoolId=pool["Id"])
    stored = server.run(server.store.read(user_pools.by_id, pool["Id"]))
    assert stored
    renamed = replace(stored, name="renamed")
    assert server.run(server.store.write(user_pools.change, renamed, server.clock.now))
    server.clock.advance(server.store.config_max_age)
    assert cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["Name"] == "renamed"


# -- bodies of every kind ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """A pool with a client and two users, and what a request may say of them."""

    server: Server
    make_pool: Make
    make_client: Make
    make_user: Make
    anonymous: CognitoIdentityProviderClient
    cognito: CognitoIdentityProviderClient

    def anew(self) -> dict[str, list[Any]]:
        """The values of members by name, of things that have just been made."""
        pool = self.make_pool(
            AliasAttributes=["email"],
            Schema=[CUSTOM],
            UserPoolTier="PLUS",
            UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"},
        )
        pool_id = pool["Id"]
        client_id, other_client = (self.make_client(pool_id)["ClientId"] for _ in range(2))
        self.cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=f"drawn-{uuid.uuid4().hex}")
        social = {"client_id": "id", "client_secret": "s3cret", "authorize_scopes": "openid"}
        self.cognito.create_identity_provider(
            UserPoolId=pool_id, ProviderName="Google", ProviderType="Google", ProviderDetails=social
        )
        self.make_user(pool_id, "ada", email="ada@example.com", email_verified="true")
        self.make_user(pool_id, "bob", permanent=False)
        right, first = ({"USERNAME": name, "PASSWORD": PASSWORD} for name in ("ada", "bob"))
        tokens = self.sign_in(client_id, right)["AuthenticationResult"]
        new_password = {"USERNAME": "bob", "NEW_PASSWORD": "N3w-Passw0rd!"}
        answer = new_password | {"userAttributes.custom:level": "high"}
        style = self.cognito.create_managed_login_branding(UserPoolId=pool_id, ClientId=other_client)
        links = {"cognito:default": "https://example.com"}
        terms = self.cognito.create_terms(
            UserPoolId=pool_id,
            ClientId=other_client,
            TermsName="terms-of-use",
            TermsSource="LINK",
            Enforcement="NONE",
            Links=links,
        )
        return {
            "UserPoolId": [pool_id],
            "ResourceArn": [pool["Arn"]],
            "ClientId": [client_id],
            "Username": ["ada"],
            "AccessToken": [tokens["AccessToken"]],
            "Token": [tokens["RefreshToken"]],
            "Session": [self.sign_in(client_id, first)["Session"]],
            "AuthFlow": [
                "USER_PASSWORD_AUTH",
                "ADMIN_USER_PASSWORD_AUTH",
                "REFRESH_TOKEN_AUTH",
                "USER_SRP_AUTH",
            ],
            "AuthParameters": [right, first, {"REFRESH_TOKEN": tokens["RefreshToken"]}],
            "ChallengeName": ["NEW_PASSWORD_REQUIRED", "PASSWORD"],
            "ChallengeResponses": [answer, new_password],
            "PreviousPassword": [PASSWORD],
            "ManagedLoginBrandingId": [style["ManagedLoginBranding"]["ManagedLoginBrandingId"]],
            "Settings": [DEFAULTS, {"components": {"idpButton": {"custom": {"Google": {}}}}}],
            "Bytes": IMAGES,
            "ImageFile": IMAGES,
            "CSS": [".label-customizable { font-weight: 400 }"],
            "TermsId": [terms["Terms"]["TermsId"]],
            "Links": [links],
            "ProviderName": ["Google", "Facebook", "Cognito"],
            "ProviderType": ["Google", "Facebook", "SAML"],
            "ProviderDetails": [social, {"MetadataFile": "<x/>"}],
            "ProviderAttributeName": ["Cognito_Subject"],
            "ProviderAttributeValue": ["ada", "1234"],
            "AttributeMapping": [{"email": "mail"}],
        }

    def sign_in(self, client_id: str, given: dict[str, str]) -> Any:
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=given
        )


@pytest.fixture
def world(
    server: Server,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    anonymous: CognitoIdentityProviderClient,
    cognito: CognitoIdentityProviderClient,
) -> World:
    return World(server, make_pool, make_client, make_user, anonymous, cognito)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_no_body_whatever_makes_an_operation_fail_inside(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Bodies from the model about things that are there, some spoiled: a refusal or success, never an internal error.

    They would be no test of a handler that none of them reaches.
    """
    registered = REGISTRY[name]
    reached = 0

    async def counted(call: Call, request: Any) -> dict[str, Any] | None:
        nonlocal reached
        reached += 1
        return await registered.handler(call, request)

    monkeypatch.setitem(REGISTRY, name, replace(registered, handler=counted))
    known = world.anew()

    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(st.data())
    def send_any(data: st.DataObject) -> None:
        nonlocal known
        document = data.draw(bodies.spoiled(bodies.body(registered.model, known)))
        status, answer, _ = send(world.server, name, json.dumps(document).encode())
        assert status in (200, 400), answer
        if status == 200 and any(word in name for word in TAKES_AWAY):
            known = world.anew()

    provoked = set(PROVOKED)
    send_any()
    assert reached
    PROVOKED.intersection_update(provoked)  # what was met by chance is not proven
