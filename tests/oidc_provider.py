"""Providers of OpenID Connect and OAuth 2.0 on loopback, which sign anyone in at once as the person that a test names.

    with oidc_provider.serving() as provider:
        provider.person = {"sub": "1234", "email": "ann@example.com"}
        cognito.create_identity_provider(ProviderType="OIDC", ProviderDetails=provider.details(), …)

serving     one server, which is a provider of OpenID Connect, Google, Facebook, Login with Amazon and Sign in with Apple alike:
            `Provider.details(type)` has the addresses under which it is one of them
Provider    who it signs in, what it was asked, and its faults: each member below says what it does otherwise

`.venv/bin/python -m tests.oidc_provider --port 4700` serves one for a laptop, and prints the settings of CreateIdentityProvider.

It signs with PyJWT, and holds its clients to what the vendors hold them to: one use of each code, the same redirect_uri, the secret
in the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from cognomen import clock
from tests.providers import Answer, Request, discovery, listening, run

CLIENT_ID = "cognomen-client"
CLIENT_SECRET = "what only Cognomen and the provider know"
TEAM_ID, KEY_ID = "TEAM123456", "KEY1234567"

RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
EC_KEYS = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
}
APPLE_CLIENT_KEY = ec.generate_private_key(ec.SECP256R1())

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Asked:
    """A request that came: `sent` is its query or its form, `headers` are in lower case."""

    method: str
    path: str
    sent: dict[str, str]
    headers: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class _Grant:
    """What a code stands for."""

    request: dict[str, str]
    person: dict[str, Any]


@dataclass
class Provider:
    """A provider at `url`. `person` is who signs in: the claims of the ID token and of the userInfo endpoint.

    claims, told    what the ID token or the userInfo endpoint says otherwise; None leaves a claim out
    header          what the header of the ID token says otherwise
    algorithm       what it signs with: RS256 and its like, ES256 …, HS256 … with the client's secret, `none`, `confused`
                    (an HMAC with the public key) or `foreign` (a key that is not in its set)
    tokens          what the token endpoint answers otherwise; None leaves a member out
    answers         whole answers by path (`/token`, `/userinfo`, `/jwks`, `/me`, `/people`, `/profile`)
    denied          `error` and `error_description` that the browser brings back instead of a code
    user            what Apple's page sends along, as at the first sign-in; None as at those after it
    returns_nonce   False: as providers that know OAuth 2.0 only
    """

    port: int
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "1234"})
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    denied: dict[str, str] | None = None
    user: dict[str, Any] | None = None
    algorithm: str = "RS256"
    returns_nonce: bool = True
    kid: str = "first"
    key: rsa.RSAPrivateKey = field(default=RSA_KEY, repr=False)
    published: dict[str, Key] = field(default_factory=dict, repr=False)
    asked: list[Asked] = field(default_factory=list)
    serial: str = field(default_factory=lambda: secrets.token_hex(8))
    _grants: dict[str, _Grant] = field(default_factory=dict, repr=False)
    _holders: dict[str, _Grant] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.published = {self.kid: self.key, **EC_KEYS}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys_url(self) -> str:
        """Where its keys are; of no other provider that once had this port."""
        return f"{self.url}/jwks?{self.serial}"

    def details(self, provider_type: str = "OIDC", /, **changed: str | None) -> dict[str, str]:
        """ProviderDetails that lead here; those that are None are left out."""
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        social = {"authorize_url": f"{self.url}/authorize", "token_url": f"{self.url}/token"}
        signed = {"oidc_issuer": self.url, "jwks_uri": self.keys_url}
        given: dict[str, dict[str, str | None]] = {
            "OIDC": {
                **client,
                "authorize_scopes": "openid email",
                "oidc_issuer": self.url,
                "attributes_request_method": "GET",
            },
            "Google": {
                **client,
                **social,
                **signed,
                "authorize_scopes": "openid email profile",
                "attributes_url": f"{self.url}/people?personFields=",
            },
            "Facebook": {
                **client,
                **social,
                "authorize_scopes": "public_profile, email",
                "attributes_url": f"{self.url}/me?fields=",
            },
            "LoginWithAmazon": {
                **client,
                **social,
                "authorize_scopes": "profile postal_code",
                "attributes_url": f"{self.url}/profile",
            },
            "SignInWithApple": {
                **social,
                **signed,
                "client_id": CLIENT_ID,
                "team_id": TEAM_ID,
                "key_id": KEY_ID,
                "private_key": pem(APPLE_CLIENT_KEY),
                "authorize_scopes": "email name",
            },
        }
        details = given[provider_type] | changed
        return {name: value for name, value in details.items() if value is not None}

    def back(self, authorization_url: str) -> dict[str, str]:
        """What the browser brings back from `authorization_url` in its query or form, without one."""
        request = dict(parse_qsl(urlsplit(authorization_url).query))
        return self.authorized(request)

    def rotate(self) -> None:
        """Sign with another key from now on; the former one is published no more."""
        del self.published[self.kid]
        self.kid, self.key = secrets.token_urlsafe(8), OTHER_KEY if self.key is RSA_KEY else RSA_KEY
        self.published[self.kid] = self.key

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(each.path == path for each in self.asked)

    def last(self, path: str) -> Asked:
        return [each for each in self.asked if each.path == path][-1]

    # -- its pages and endpoints ---------------------------------------------------------------------------------------

    def authorized(self, request: Mapping[str, str]) -> dict[str, str]:
        state = {"state": request["state"]} if "state" in request else {}
        if self.denied is not None:
            return self.denied | state
        code = secrets.token_urlsafe(24)
        self._grants[code] = _Grant(dict(request), dict(self.person))
        user = {"user": json.dumps(self.user)} if self.user and request.get("response_mode") else {}
        return {"code": code, **state, **user}

    def answer(self, asked: Asked) -> Answer:
        if asked.path in self.answers:
            return self.answers[asked.path]
        if asked.path == "/.well-known/openid-configuration":
            return Answer(discovery(self.url, jwks_uri=self.keys_url))
        if asked.path == "/authorize":
            return self._page(asked.sent)
        if asked.path == "/token":
            return self._token(asked)
        if asked.path == "/jwks":
            return _json({"keys": [_jwk(kid, key) for kid, key in self.published.items()]})
        told = {"/userinfo": _whole, "/me": _fields, "/people": _people, "/profile": _whole}.get(asked.path)
        return Answer(status=404) if told is None else self._told(asked, told)

    def _page(self, request: Mapping[str, str]) -> Answer:
        brought = self.authorized(request)
        where = request["redirect_uri"]
        if request.get("response_mode") != "form_post":
            return Answer(status=302, headers={"Location": f"{where}?{urlencode(brought)}"})
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in brought.items()
        )
        page = (
            f'<form method="post" action="{html.escape(where)}">{fields}</form>'
            "<script>document.forms[0].submit()</script>"
        )
        return Answer(page.encode(), headers={"Content-Type": "text/html"})

    def _token(self, asked: Asked) -> Answer:
        sent = asked.sent
        if (
            "authorization" in asked.headers
            or sent.get("client_id") != CLIENT_ID
            or not _is_client(self, sent)
        ):
            return _json({"error": "invalid_client"}, 401)
        grant = self._grants.pop(sent.get("code", ""), None)
        if grant is None or grant.request["redirect_uri"] != sent.get("redirect_uri"):
            return _json({"error": "invalid_grant", "error_description": "Code was already redeemed."}, 400)
        if asked.method == "POST" and sent.get("grant_type") != "authorization_code":
            return _json({"error": "unsupported_grant_type"}, 400)
        access_token = secrets.token_urlsafe(24)
        self._holders[access_token] = grant
        answer: dict[str, Any] = {
            "access_token": access_token,
            "refresh_token": secrets.token_urlsafe(24),
            "token_type": "Bearer",
            "expires_in": 3_600,
            "id_token": self.id_token(grant.person, grant.request, access_token),
        }
        return _json(_changed(answer, self.tokens))

    def id_token(
        self, person: Mapping[str, Any], request: Mapping[str, str], access_token: str | None = None
    ) -> str:
        """An ID token with the faults that are set."""
        seconds = clock.now() // 1_000
        claims = {**person, "iss": self.url, "aud": CLIENT_ID, "iat": seconds, "exp": seconds + 300}
        if self.returns_nonce and "nonce" in request:
            claims["nonce"] = request["nonce"]
        if access_token is not None:
            digest = hashlib.new(f"sha{self._size()}", access_token.encode()).digest()
            claims["at_hash"] = _text(digest[: len(digest) // 2])
        return self.signed(_changed(claims, self.claims))

    def signed(self, claims: Mapping[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        signing_key: Any = self.key
        algorithm = self.algorithm
        if algorithm.startswith("ES"):
            header["kid"], signing_key = algorithm, EC_KEYS[algorithm]
        elif algorithm.startswith("HS"):
            del header["kid"]
            signing_key = CLIENT_SECRET
        elif algorithm == "foreign":
            header["alg"] = algorithm = "RS256"
            signing_key = OTHER_KEY
        elif algorithm in ("none", "confused"):
            return self._by_hand(header, claims)
        return by_library(_changed(header, self.header), claims, algorithm, signing_key)

    def _by_hand(self, header: dict[str, Any], claims: Mapping[str, Any]) -> str:
        """A token as no library makes it."""
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        if header["alg"] == "confused":
            header["alg"] = "HS256"
        signing_input = ".".join(
            _text(json.dumps(part).encode()) for part in (_changed(header, self.header), dict(claims))
        )
        mac = hmac.digest(public, signing_input.encode(), "sha256") if header["alg"] == "HS256" else b""
        return f"{signing_input}.{_text(mac)}"

    def _size(self) -> str:
        return self.algorithm[-3:] if self.algorithm[-3:].isdigit() else "256"

    def _told(self, asked: Asked, shape: Any) -> Answer:
        bearer, _, access_token = asked.headers.get("authorization", "").partition(" ")
        grant = self._holders.get(access_token)
        if bearer != "Bearer" or grant is None:
            return _json({"error": "invalid_token"}, 401)
        return _json(_changed(shape(grant.person, asked.sent), self.told))


@contextmanager
def serving(port: int = 0) -> Iterator[Provider]:
    """A provider, until the block ends."""

    def answer(request: Request) -> Answer:
        parts = urlsplit(request.target)
        sent = request.body.decode() if request.method == "POST" else parts.query
        asked = Asked(request.method, parts.path, dict(parse_qsl(sent)), request.headers)
        provider.asked.append(asked)
        return provider.answer(asked)

    provider = Provider(0)
    with listening(answer, port=port) as provider.port:
        yield provider


def pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _is_client(provider: Provider, sent: Mapping[str, str]) -> bool:
    """Whether the secret is right; Apple's is a token that the client signs."""
    secret = sent.get("client_secret", "")
    if secret == CLIENT_SECRET:
        return True
    try:
        claims = jwt.decode(
            secret,
            APPLE_CLIENT_KEY.public_key(),
            ["ES256"],
            audience=provider.url,
            issuer=TEAM_ID,
            options={"verify_exp": False, "verify_iat": False},  # the clock of the test stands still
        )
    except jwt.InvalidTokenError:
        return False
    return bool(claims["sub"] == CLIENT_ID and jwt.get_unverified_header(secret)["kid"] == KEY_ID)


def _whole(person: Mapping[str, Any], _: Mapping[str, str]) -> dict[str, Any]:
    return dict(person)


def _fields(person: Mapping[str, Any], sent: Mapping[str, str]) -> dict[str, Any]:
    """As Facebook: what was asked for by name."""
    return {name: person[name] for name in sent.get("fields", "").split(",") if name in person}


def _people(person: Mapping[str, Any], sent: Mapping[str, str]) -> dict[str, Any]:
    """As Google's People API, which wants to be asked for something it knows."""
    return {
        "resourceName": f"people/{person['sub']}",
        "etag": "%",
        **_fields(person, {"fields": sent["personFields"]}),
    }


def by_library(header: dict[str, Any], claims: Mapping[str, Any], algorithm: str, key: Any) -> str:
    """A token whose header and claims are just those, which the library does not let anybody sign, signed with `algorithm`."""
    signing_input = ".".join(_text(json.dumps(part).encode()) for part in (header, dict(claims)))
    implementation = jwt.get_algorithm_by_name(algorithm)
    signature = implementation.sign(signing_input.encode(), implementation.prepare_key(key))
    return f"{signing_input}.{_text(signature)}"


def _changed(members: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changed}.items() if value is not None}


def _jwk(kid: str, key: Key) -> dict[str, Any]:
    kind: Any = (
        jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    )
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


def _json(document: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(json.dumps(document).encode(), status, {"Content-Type": "application/json"})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@contextmanager
def _alone(port: int, email: str) -> Iterator[dict[str, object]]:
    with serving(port) as provider:
        provider.person = {"sub": email.partition("@")[0], "email": email, "email_verified": True}
        yield {
            "ProviderType": "OIDC",
            "ProviderDetails": provider.details(),
            "AttributeMapping": {"email": "email", "email_verified": "email_verified"},
        }


if __name__ == "__main__":
    run(_alone)
