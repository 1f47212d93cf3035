"""What verifiers of tokens read: a pool's public keys, and the document that names its issuer and leads there."""

from __future__ import annotations

import msgspec

from cognomen.crypto import rsa_keys
from cognomen.pools.configuration import PoolConfiguration
from cognomen.settings import Settings
from cognomen.store.user_pools import UserPool
from cognomen.tokens.issuer import issuer_of


def jwks(configuration: PoolConfiguration) -> bytes:
    """The JSON Web Key Set: the keys for access and id tokens, and retired ones as long as their tokens live."""
    return msgspec.json.encode(
        {"keys": [rsa_keys.public_jwk(key.public, key.kid) for key in configuration.keys.values()]}
    )


def openid_configuration(settings: Settings, pool: UserPool, base_url: str) -> bytes:
    """The discovery document, members in alphabetical order as Cognito has them.

    Whatever the issuer is called, the keys are here, below `base_url`. The members of a domain's endpoints come with the
    domain.
    """
    return msgspec.json.encode(
        {
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": issuer_of(settings, pool),
            "jwks_uri": f"{base_url}/{pool.id}/.well-known/jwks.json",
            "response_types_supported": ["code", "token"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )
