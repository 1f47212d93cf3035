"""Passkeys: what an authenticator answers, held against what it was asked (WebAuthn, https://www.w3.org/TR/webauthn-3/).

    challenge_of        the challenge that an answer says it is of, before anything is believed
    register            a new credential, its attestation verified; who made the authenticator is nobody's concern here, but
                        that some forms of attestation mean nothing without a root certificate of their manufacturers
    verify              a proof that its sender holds a credential
    is_of               whether an origin belongs to a relying party

What does not fit raises Unfit, which says why. Formats and signatures are the library's (`webauthn`), which is imported when the
first passkey comes: it takes 60 ms and 9 MB that most servers never need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from cognomen.crypto import base64url

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticatorData

ES256, RS256 = -7, -257
ALGORITHMS = (ES256, RS256)
"""COSE's numbers of the signatures that are asked for, the preferred one first."""

NOBODYS_KEY = bytes.fromhex(
    "a5010203262001"
    "21582006e83038ecdd00b3e673366bb347ba4c1faf8e5d339f236d46ae48472560e465"
    "2258206345869114fc9b9e762fe27b28b95b36013224804f4bae7e2713f2a4c8e7776f"
)
"""A public key, in the form of `NewPasskey`, whose private half nobody can know: the digest of a text is its place on the curve."""

TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})
ID_BYTES_MAX = 1023
RSA_BITS = range(2048, 4097)

_REGISTERS, _PROVES = "webauthn.create", "webauthn.get"
_WEB_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9-]+(\.[a-z0-9-]+)*)(:[0-9]{1,5})?")
# An Android app, named by the SHA-256 of the certificate that signs it (developer.android.com, "Verify the origin").
_APP_ORIGIN = re.compile(r"android:apk-key-hash:[A-Za-z0-9_-]{43}")


class Fault(Enum):
    """What is wrong with an answer, in the order in which it is looked for."""

    MALFORMED = "no answer of an authenticator, or its parts contradict each other"
    CHALLENGE = "it answers another question"
    ORIGIN = "the page or app that asked is not the relying party's"
    RELYING_PARTY = "the credential is for another relying party"
    SUPPORT = "an algorithm or attestation that was not asked for, or the user was not verified where that is required"
    PROOF = "the signature is not the credential's, or its counter has not moved"


class Unfit(ValueError):  # noqa: N818  it says what the answer is
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: by whom, with which challenge, and whether the authenticator must verify the user (not just see him)."""

    challenge: bytes
    relying_party: str
    verifies_user: bool


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A new credential.

    `id` is base64url; `public_key` is a COSE key; `counter` 0 means that the authenticator does not count.
    `attachment` and `transports` are what the client says of the authenticator, for whoever lists or asks for it.
    """

    id: str
    public_key: bytes
    counter: int
    aaguid: str
    attachment: str | None
    transports: tuple[str, ...]


class _Attestation(Struct, frozen=True):
    client_data: str = field(name="clientDataJSON")
    attestation: str = field(name="attestationObject")
    transports: list[str] | None = None


class _Assertion(Struct, frozen=True):
    client_data: str = field(name="clientDataJSON")
    authenticator_data: str = field(name="authenticatorData")
    signature: str
    user_handle: str | None = field(default=None, name="userHandle")


class _NewCredential(Struct, frozen=True):
    """RegistrationResponseJSON."""

    id: str
    raw_id: str = field(name="rawId")
    type: Literal["public-key"]
    response: _Attestation
    attachment: str | None = field(default=None, name="authenticatorAttachment")


class _Proof(Struct, frozen=True):
    """AuthenticationResponseJSON."""

    id: str
    raw_id: str = field(name="rawId")
    type: Literal["public-key"]
    response: _Assertion


class _ClientData(Struct, frozen=True):
    type: str
    challenge: str
    origin: str
    cross_origin: bool | None = field(default=None, name="crossOrigin")


# -- registration -----------------------------------------------------------------------------------------------------


def challenge_of(document: object) -> bytes:
    """The challenge in a RegistrationResponseJSON (parsed). Raises Unfit."""
    return _bytes(_client_data(_bytes(_read(document, _NewCredential).response.client_data)).challenge)


def register(document: object, asked: Asked) -> NewPasskey:
    """The credential in a RegistrationResponseJSON (parsed), if it is what was asked for."""
    from webauthn import verify_registration_response  # noqa: PLC0415  see the module
    from webauthn.helpers import parse_attestation_object  # noqa: PLC0415
    from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415
    from webauthn.helpers.structs import AttestationFormat  # noqa: PLC0415

    answer = _read(document, _NewCredential)
    raw = _bytes(answer.response.attestation)
    origin = _check_client_data(_bytes(answer.response.client_data), _REGISTERS, asked)
    with _told_as(Fault.MALFORMED):
        attestation = parse_attestation_object(raw)
    _check_authenticator_data(attestation.auth_data, asked)
    new = attestation.auth_data.attested_credential_data
    if new is None or not 0 < len(new.credential_id) <= ID_BYTES_MAX:
        raise Unfit(Fault.MALFORMED)
    if attestation.fmt not in list(AttestationFormat):
        raise Unfit(Fault.SUPPORT)
    _check_key(new.credential_public_key)
    with _told_as(Fault.MALFORMED):
        made = verify_registration_response(
            credential=msgspec.to_builtins(answer),
            expected_challenge=asked.challenge,
            expected_rp_id=asked.relying_party,
            expected_origin=origin,
            require_user_verification=asked.verifies_user,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
        )
    if not answer.id == answer.raw_id == base64url.encode(made.credential_id):
        raise Unfit(Fault.MALFORMED)
    return NewPasskey(
        id=answer.id,
        public_key=made.credential_public_key,
        counter=made.sign_count,
        aaguid=made.aaguid,
        attachment=answer.attachment if answer.attachment in ("platform", "cross-platform") else None,
        transports=tuple(
            name for name in dict.fromkeys(answer.response.transports or ()) if name in TRANSPORTS
        ),
    )


def _check_key(public_key: bytes) -> None:
    """Raises Unfit for a key of another algorithm, curve or size, and for one that is no key."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography  # noqa: PLC0415

    with _told_as(Fault.MALFORMED):
        decoded = decode_credential_public_key(public_key)
    if decoded.alg not in ALGORITHMS:
        raise Unfit(Fault.SUPPORT)
    with _told_as(Fault.MALFORMED):
        key = decoded_public_key_to_cryptography(decoded)
    is_curve = isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
    is_rsa = isinstance(key, RSAPublicKey) and key.key_size in RSA_BITS
    if not (is_curve if decoded.alg == ES256 else is_rsa):
        raise Unfit(Fault.SUPPORT)


# -- proof ------------------------------------------------------------------------------------------------------------


def id_of(text: str) -> str:
    """The id of the credential that an AuthenticationResponseJSON says it is of. Raises Unfit."""
    return _parse(text).id


def verify(text: str, asked: Asked, public_key: bytes, counter: int, user_handle: bytes) -> int:
    """The counter as it is now, by an AuthenticationResponseJSON that fits what was asked, the credential and its user.

    `counter` is that of the last proof. One that counts must have moved: else somebody has a copy of the credential.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415  see the module
    from webauthn.helpers import parse_authenticator_data  # noqa: PLC0415

    answer = _parse(text)
    origin = _check_client_data(_bytes(answer.response.client_data), _PROVES, asked)
    with _told_as(Fault.MALFORMED):
        data = parse_authenticator_data(_bytes(answer.response.authenticator_data))
    _check_authenticator_data(data, asked)
    handle = answer.response.user_handle
    if answer.id != answer.raw_id or (handle and not compare_digest(_bytes(handle), user_handle)):
        raise Unfit(Fault.MALFORMED)
    with _told_as(Fault.PROOF):
        return verify_authentication_response(
            credential=msgspec.to_builtins(answer),
            expected_challenge=asked.challenge,
            expected_rp_id=asked.relying_party,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=counter,
            require_user_verification=asked.verifies_user,
        ).new_sign_count


def _parse(text: str) -> _Proof:
    with _told_as(Fault.MALFORMED):
        return msgspec.json.decode(text, type=_Proof)


# -- both -------------------------------------------------------------------------------------------------------------


def is_of(origin: str, relying_party: str) -> bool:
    """Whether a page of this origin may use the relying party's credentials: its host, or one below it, by TLS.

    Browsers take plain HTTP for safe on localhost alone. An app is bound to its relying party by the platform, which looks
    for the app's certificate at the relying party's domain before it lets it see a credential.
    """
    if _APP_ORIGIN.fullmatch(origin):
        return True
    web = _WEB_ORIGIN.fullmatch(origin)
    if web is None:
        return False
    host = web["host"]
    is_local = host == "localhost" or host.endswith(".localhost")
    is_below = host == relying_party or host.endswith(f".{relying_party}")
    return is_below and (web["scheme"] == "https" or is_local)


def _check_client_data(raw: bytes, kind: str, asked: Asked) -> str:
    """The origin, which is the relying party's. A page within a frame of another site is not taken for it."""
    data = _client_data(raw)
    if data.type != kind:
        raise Unfit(Fault.MALFORMED)
    if not compare_digest(_bytes(data.challenge), asked.challenge):
        raise Unfit(Fault.CHALLENGE)
    if data.cross_origin or not is_of(data.origin, asked.relying_party):
        raise Unfit(Fault.ORIGIN)
    return data.origin


def _check_authenticator_data(data: AuthenticatorData, asked: Asked) -> None:
    if not compare_digest(data.rp_id_hash, sha256(asked.relying_party.encode()).digest()):
        raise Unfit(Fault.RELYING_PARTY)
    if not data.flags.up:
        raise Unfit(Fault.MALFORMED)
    if asked.verifies_user and not data.flags.uv:
        raise Unfit(Fault.SUPPORT)


def _client_data(raw: bytes) -> _ClientData:
    with _told_as(Fault.MALFORMED):
        return msgspec.json.decode(raw, type=_ClientData)


S = TypeVar("S", bound=Struct)


def _read(document: object, shape: type[S]) -> S:
    with _told_as(Fault.MALFORMED):
        return msgspec.convert(document, shape)


def _bytes(text: str) -> bytes:
    with _told_as(Fault.MALFORMED):
        return base64url.decode(text)


@contextmanager
def _told_as(fault: Fault) -> Iterator[None]:
    """Whatever the block stumbles over in a stranger's bytes: the library lets through what it did not foresee."""
    try:
        yield
    except Exception as error:
        raise Unfit(fault) from error
