"""Identity providers of a pool, and people whom they vouch for: signed in as the bridge of OAuth does it, without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Node
from cognomen.errors import Refusal
from cognomen.federation.asserted import Asserted
from cognomen.sign_in import federated
from cognomen.sign_in.engine import SignedIn
from cognomen.store import identity_providers
from cognomen.tokens import minting
from cognomen.tokens.minting import Tokens
from cognomen.tokens.scopes import Grant
from cognomen.triggers import pre_token_generation
from tests import providers
from tests.calls import call_of
from tests.server import Server

ENTITY = "https://idp.example.com"
OIDC = {
    "client_id": "id",
    "client_secret": "s3cret",
    "authorize_scopes": "openid email",
    "attributes_request_method": "GET",
    "oidc_issuer": "https://oidc.example.com",
    "authorize_url": "https://oidc.example.com/authorize",
    "token_url": "https://oidc.example.com/token",
    "attributes_url": "https://oidc.example.com/userinfo",
    "jwks_uri": "https://oidc.example.com/jwks.json",
}
SOCIAL = {"client_id": "id", "client_secret": "s3cret", "authorize_scopes": "openid"}
USUAL = {"email": "email", "given_name": "given_name"}
TOLD: dict[str, Any] = {"idToken": {"sub": "1234"}, "userInfo": {}, "tokenResponse": {}}


async def coming(
    node: Node,
    pool_id: str,
    client_id: str,
    subject: str,
    claims: Mapping[str, str] | None = None,
    *,
    provider: str = "corp",
    acr: str | None = None,
    client_metadata: Mapping[str, str] | None = None,
) -> SignedIn:
    """Somebody whom a provider of the pool knows by this subject, and of whom it says this."""
    call = await call_of(node, pool_id, client_id)
    found = await node.store.read(identity_providers.by_name, pool_id, provider)
    assert found is not None
    issuer = ENTITY if found.type == "SAML" else None
    asserted = Asserted(subject=subject, claims=dict(claims or {}), told=TOLD, issuer=issuer, acr=acr)
    return await federated.sign_in(call, found, asserted, client_metadata=client_metadata)


@dataclass
class Vouching:
    """Providers of one pool, and the client by which people come."""

    server: Server
    cognito: Cognito
    pool_id: str
    client_id: str
    types: dict[str, str] = field(default_factory=dict)

    def provider(
        self,
        name: str = "corp",
        kind: Any = "OIDC",
        mapping: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        details = {"OIDC": OIDC, "Google": SOCIAL}.get(kind)
        if details is None:
            certificate = providers.certificate(self.server.clock.now)
            details = {"MetadataFile": providers.metadata(ENTITY, certificate)}
        self.cognito.create_identity_provider(
            UserPoolId=self.pool_id,
            ProviderName=name,
            ProviderType=kind,
            ProviderDetails=details,
            AttributeMapping=USUAL if mapping is None else mapping,
            **more,
        )

    async def coming(
        self, subject: str = "1234", claims: Mapping[str, str] | None = None, **more: Any
    ) -> SignedIn:
        return await coming(self.server.node, self.pool_id, self.client_id, subject, claims, **more)

    def comes(self, subject: str = "1234", claims: Mapping[str, str] | None = None, **more: Any) -> SignedIn:
        return self.server.run(self.coming(subject, claims, **more))

    def refused(
        self, subject: str = "1234", claims: Mapping[str, str] | None = None, **more: Any
    ) -> tuple[str, str | None]:
        """The error and the words that somebody reads who may not come in."""
        try:
            self.comes(subject, claims, **more)
        except Refusal as refusal:
            return refusal.type, refusal.message
        raise AssertionError("they came in")

    def tokens(self, signed_in: SignedIn, scope: str = "openid aws.cognito.signin.user.admin") -> Tokens:
        """Those of an app that the person was led back to."""

        async def mint() -> Tokens:
            call = await call_of(self.server.node, self.pool_id, self.client_id)
            return await minting.after_sign_in(
                call,
                signed_in.user,
                source=pre_token_generation.HOSTED,
                grant=Grant(scope, is_oauth=True),
                proven=signed_in.proven,
                event=signed_in.event,
            )

        return self.server.run(mint())

    def attributes(self, username: str) -> dict[str, str]:
        found = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=username)["UserAttributes"]
        return {each["Name"]: each["Value"] for each in found}

    def groups(self, username: str) -> list[str]:
        found = self.cognito.admin_list_groups_for_user(UserPoolId=self.pool_id, Username=username)["Groups"]
        return [each["GroupName"] for each in found]

    def link(self, user: str, value: str, attribute: str = "Cognito_Subject", provider: str = "corp") -> None:
        self.cognito.admin_link_provider_for_user(
            UserPoolId=self.pool_id,
            DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": user},
            SourceUser={
                "ProviderName": provider,
                "ProviderAttributeName": attribute,
                "ProviderAttributeValue": value,
            },
        )

    def unlink(self, value: str, provider: str = "corp") -> None:
        self.cognito.admin_disable_provider_for_user(
            UserPoolId=self.pool_id,
            User={
                "ProviderName": provider,
                "ProviderAttributeName": "Cognito_Subject",
                "ProviderAttributeValue": value,
            },
        )


def claims_of(token: str | None) -> dict[str, Any]:
    assert token is not None
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found
