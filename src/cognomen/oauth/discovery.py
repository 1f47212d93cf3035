"""What verifiers and apps read: a pool's public keys, and the document that names its issuer and leads to all the rest.

    jwks(configuration)             the keys
    openid_configuration(...)       the document
    endpoints_at(...)               where its endpoints are, for whoever asks here

The document names endpoints that work from where it was asked: at a pool's own domain those of the domain; at a loopback
address those of that very address, since a name may lead elsewhere than to a laptop; at the server's public name those of the
pool's domain, where it has one that is public too.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from cognomen.crypto import rsa_keys
from cognomen.oauth.places import Visit
from cognomen.pools import domains, turned_on
from cognomen.pools.configuration import PoolConfiguration
from cognomen.settings import Settings
from cognomen.store.user_pools import UserPool
from cognomen.tokens.issuer import issuer_of
from cognomen.wire import hosts


def jwks(configuration: PoolConfiguration) -> bytes:
    """The JSON Web Key Set: the keys for access and id tokens, and retired ones as long as their tokens live."""
    return msgspec.json.encode(
        {"keys": [rsa_keys.public_jwk(key.public, key.kid) for key in configuration.keys.values()]}
    )


def openid_configuration(settings: Settings, pool: UserPool, base_url: str) -> bytes:
    """The discovery document, members in alphabetical order as Cognito has them; `base_url` is where its endpoints are.

    Whatever the issuer is called, the keys are at the server's own address.
    """
    document = {
        "authorization_endpoint": f"{base_url}/oauth2/authorize",
        "end_session_endpoint": f"{base_url}/logout",
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer_of(settings, pool),
        "jwks_uri": f"{settings.own_url}/{pool.id}/.well-known/jwks.json",
    }
    if turned_on.registers_clients(pool.settings):
        document["registration_endpoint"] = f"{base_url}/oauth2/register"
    document |= {
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": f"{base_url}/oauth2/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": f"{base_url}/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": f"{base_url}/oauth2/userInfo",
    }
    return msgspec.json.encode(document)


def endpoints_at(visit: Visit, configuration: PoolConfiguration) -> str:
    """What the addresses of the pool's endpoints begin with, for whoever has come here."""
    settings = visit.call.settings
    if visit.domain is not None and visit.domain.pool_id != configuration.pool.id:
        return settings.own_url  # at the domain of another pool, which knows nothing of this one
    if visit.domain is not None or _is_private(visit.base_url):
        return visit.base_url
    host = domains.public_host(settings, configuration.domains)
    if host is None:
        return visit.base_url
    own = urlsplit(settings.own_url)
    port = f":{own.port}" if own.port else ""
    return f"{own.scheme}://{host}{port}"


def _is_private(base_url: str) -> bool:
    """Whether the address is of one machine or a closed network, not a name that the world knows."""
    name = urlsplit(base_url).hostname or ""
    return (
        hosts.is_address(name) or name == "localhost" or "." not in name or name.endswith(hosts.SAFE_SUFFIXES)
    )
