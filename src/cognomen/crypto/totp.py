"""The codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds, as apps assume."""

from __future__ import annotations

import base64
import hmac

import pyotp

from cognomen.crypto import base64url, hashes

SECRET_BYTES = 32
STEP = 30_000
"""How long a code stands, in milliseconds."""
STEPS_APART = 1
"""How many steps the clock of a device may be from ours."""


def shown(secret: bytes) -> str:
    """A secret as apps take it: base32, 52 letters and digits for 32 bytes."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def code(secret: bytes, step: int) -> str:
    """The code of a step, counted from the epoch."""
    return pyotp.HOTP(shown(secret)).at(step)


def mark(secret: bytes, step: int) -> str:
    """What tells the code of a step from all others, and nothing of the secret."""
    return base64url.encode(hmac.digest(secret, f"used {step}".encode(), "sha256"))


def step_of(secret: bytes, given: str, now: int) -> int | None:
    """The step near `now` (milliseconds since the epoch) whose code `given` is, any text; None where it is none."""
    present = now // STEP
    steps = range(present - STEPS_APART, present + STEPS_APART + 1)
    right = [step for step in steps if hashes.matches(code(secret, step), given)]
    return right[0] if right else None
