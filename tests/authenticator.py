"""A software authenticator and the browser before it: passkeys as WebAuthn has them, and wrong in any way a test asks for.

    made = authenticator.create(options, "https://example.com")     a RegistrationResponseJSON
    proof = authenticator.get(options, "https://example.com")       an AuthenticationResponseJSON, as text

What a keyword names is put in the place of what is right.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from cognomen.crypto import base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ES256, RS256 = -7, -257
NOBODY = bytes(16)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class Authenticator:
    """One that holds a passkey for each user of each relying party; `counter` None means that it does not count."""

    algorithm: int = ES256
    counter: int | None = 0
    aaguid: bytes = NOBODY
    verifies: bool = True
    keys: dict[str, Key] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)

    def create(self, options: dict[str, Any], origin: str, **instead: Any) -> dict[str, Any]:
        key = instead.get("key") or new_key(self.algorithm)
        id = instead.get("id") or secrets.token_bytes(32)
        name = base64url.encode(id)
        client_data = _client_data("webauthn.create", options["challenge"], origin, instead)
        cose = instead.get("cose") or cbor2.dumps(cose_key(key))
        attested = instead.get("aaguid", self.aaguid) + len(id).to_bytes(2) + id + cose
        data = self._data(instead.get("relying_party", options["rp"]["id"]), instead, ATTESTED) + attested
        statement = {}
        form = instead.get("form", "none")
        if form == "packed":
            statement = {"alg": self.algorithm, "sig": sign(key, data + sha256(client_data).digest())}
        statement = instead.get("statement", statement)
        attestation = cbor2.dumps({"fmt": form, "attStmt": statement, "authData": data})
        self.keys[name], self.handles[name] = key, options["user"]["id"]
        return {
            "id": name,
            "rawId": instead.get("raw_id", name),
            "type": "public-key",
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64url.encode(client_data),
                "attestationObject": base64url.encode(instead.get("attestation", attestation)),
                "transports": ["internal", "hybrid"],
            },
        }

    def again(self, options: dict[str, Any], origin: str) -> dict[str, Any]:
        """Register a passkey that it has for another user too, which no browser would do."""
        name, key = next(iter(self.keys.items()))
        return self.create(options, origin, id=base64url.decode(name), key=key)

    def get(self, options: dict[str, Any], origin: str, **instead: Any) -> str:
        offered = [each["id"] for each in options["allowCredentials"]]
        name = instead.get("id") or next(each for each in self.keys if each in offered)
        client_data = _client_data("webauthn.get", options["challenge"], origin, instead)
        if self.counter is not None:
            self.counter += 1
        data = self._data(instead.get("relying_party", options["rpId"]), instead)
        key = instead.get("key") or self.keys[name]
        answer = {
            "id": name,
            "rawId": instead.get("raw_id", name),
            "type": "public-key",
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64url.encode(client_data),
                "authenticatorData": base64url.encode(data),
                "signature": base64url.encode(sign(key, data + sha256(client_data).digest())),
                "userHandle": instead.get("user_handle", self.handles.get(name)),
            },
        }
        return json.dumps(answer)

    def _data(self, relying_party: str, instead: dict[str, Any], more: int = 0) -> bytes:
        flags: int = instead.get("flags", PRESENT | (VERIFIED if self.verifies else 0))
        counter: int = instead.get("counter", self.counter or 0)
        return sha256(relying_party.encode()).digest() + bytes([flags | more]) + counter.to_bytes(4)


def new_key(algorithm: int = ES256) -> Key:
    if algorithm == ES256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def cose_key(key: Key, algorithm: int | None = None) -> dict[int, Any]:
    public = key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        numbers = public.public_numbers()
        curve = {"secp256r1": 1, "secp384r1": 2}[public.curve.name]
        width = (public.key_size + 7) // 8
        return {
            1: 2,
            3: algorithm or ES256,
            -1: curve,
            -2: numbers.x.to_bytes(width),
            -3: numbers.y.to_bytes(width),
        }
    rsa_numbers = public.public_numbers()
    return {
        1: 3,
        3: algorithm or RS256,
        -1: rsa_numbers.n.to_bytes(public.key_size // 8),
        -2: rsa_numbers.e.to_bytes(3),
    }


def sign(key: Key, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    return key.sign(data, PKCS1v15(), hashes.SHA256())


def _client_data(kind: str, challenge: str, origin: str, instead: dict[str, Any]) -> bytes:
    document = {
        "type": instead.get("kind", kind),
        "challenge": instead.get("challenge", challenge),
        "origin": origin,
        "crossOrigin": instead.get("cross_origin", False),
    }
    return json.dumps(document).encode()
