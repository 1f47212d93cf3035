"""A client's half of SRP, written from hexadecimal texts as the JavaScript libraries are; it shares nothing with the server."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cognomen.crypto.powers import MODULUS
from cognomen.crypto.srp import format_timestamp

SECRET_A = int("3" * 64, 16)
SRP_A = f"{pow(2, SECRET_A, MODULUS):x}"


def signature(
    pool_name: str,
    username: str,
    password: str,
    salt_hex: str,
    b_hex: str,
    a: int,
    secret_block: bytes,
    timestamp: str,
) -> str:
    """PASSWORD_CLAIM_SIGNATURE, of whoever knows the password and has chosen `a`."""
    public_a, public_b = pow(2, a, MODULUS), int(b_hex, 16)
    u_hex = _hashed_hex(padded_hex(public_a) + padded_hex(public_b))
    full_password = sha256(f"{pool_name}{username}:{password}".encode()).hexdigest()
    x = int(_hashed_hex(padded_hex(int(salt_hex, 16)) + full_password), 16)
    k = int(_hashed_hex("00" + f"{MODULUS:x}" + "02"), 16)
    u = int(u_hex, 16)
    shared = pow(public_b - k * pow(2, x, MODULUS), a + u * x, MODULUS)
    extracted = hmac.new(bytes.fromhex(padded_hex(u)), bytes.fromhex(padded_hex(shared)), sha256).digest()
    key = hmac.new(extracted, b"Caldera Derived Key" + bytes([1]), sha256).digest()[:16]
    message = pool_name.encode() + username.encode() + secret_block + timestamp.encode()
    return base64.b64encode(hmac.new(key, message, sha256).digest()).decode()


def answer_to(
    parameters: Mapping[str, str], pool_id: str, password: str, now: int, timestamp: str | None = None
) -> dict[str, str]:
    """ChallengeResponses to a PASSWORD_VERIFIER that was asked for SRP_A, at the moment `now` in milliseconds."""
    timestamp = timestamp or format_timestamp(now)
    username = parameters["USER_ID_FOR_SRP"]
    return {
        "USERNAME": username,
        "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
        "TIMESTAMP": timestamp,
        "PASSWORD_CLAIM_SIGNATURE": signature(
            pool_id.partition("_")[2],
            username,
            password,
            parameters["SALT"],
            parameters["SRP_B"],
            SECRET_A,
            base64.b64decode(parameters["SECRET_BLOCK"]),
            timestamp,
        ),
    }


def device_secret(group_key: str, device_key: str, password: str, salt: bytes = b"a device's salt!") -> Any:
    """DeviceSecretVerifierConfig of a device that knows `password`."""
    identity = sha256(f"{group_key}{device_key}:{password}".encode()).hexdigest()
    salt_hex = padded_hex(int.from_bytes(salt))
    verifier = pow(2, int(_hashed_hex(salt_hex + identity), 16), MODULUS)
    return {
        "PasswordVerifier": base64.b64encode(bytes.fromhex(padded_hex(verifier))).decode(),
        "Salt": base64.b64encode(bytes.fromhex(salt_hex)).decode(),
    }


def device_answer_to(
    parameters: Mapping[str, str], group_key: str, password: str, now: int
) -> dict[str, str]:
    """ChallengeResponses to a DEVICE_PASSWORD_VERIFIER that was asked for SRP_A, at the moment `now` in milliseconds."""
    device_key = parameters["DEVICE_KEY"]
    timestamp = format_timestamp(now)
    return {
        "USERNAME": parameters["USERNAME"],
        "DEVICE_KEY": device_key,
        "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
        "TIMESTAMP": timestamp,
        "PASSWORD_CLAIM_SIGNATURE": signature(
            group_key,
            device_key,
            password,
            parameters["SALT"],
            parameters["SRP_B"],
            SECRET_A,
            base64.b64decode(parameters["SECRET_BLOCK"]),
            timestamp,
        ),
    }


def padded_hex(number: int) -> str:
    text = f"{number:x}"
    text = "0" + text if len(text) % 2 else text
    return "00" + text if text[0] in "89abcdef" else text


def _hashed_hex(text: str) -> str:
    return sha256(bytes.fromhex(text)).hexdigest()
