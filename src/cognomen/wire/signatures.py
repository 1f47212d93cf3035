"""SigV4: what a request claims about who signed it, and whether the claim holds.

`parse` reads the claim (the Authorization header, or the query of a presigned URL), `verify` proves it with the secret
that belongs to the access key. Whose key it is and what it may do, the caller knows. Rules: AWS, "Create a signed AWS API
request"; texts as the service words them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

import msgspec

from cognomen import clock, errors

SERVICE = "cognito-idp"
ALGORITHM = "AWS4-HMAC-SHA256"
TOLERANCE = 15 * clock.MINUTE
LONGEST_PRESIGNED = 7 * 24 * 60 * 60  # seconds

_PIECES = ("Credential", "Signature", "SignedHeaders")
# Nothing else comes near the store, which cannot even take a NUL.
_ACCESS_KEY_ID = re.compile("[A-Za-z0-9_-]{1,128}")
# Headers that change what a request means: when they are sent, they must be signed. Others (X-Amz-Cf-Id, tracing) are
# added by proxies on the way.
_SIGNED_IF_SENT = ("x-amz-target", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token")


class Secret(NamedTuple):
    """An access key's secret: how it is kept, which stands for it, and what opens it."""

    kept: bytes
    open: Callable[[], str]

    @classmethod
    def known(cls, secret: str) -> Secret:
        return cls(hashlib.sha256(secret.encode()).digest(), lambda: secret)


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What a request claims: who signed it, for what, when. Nothing of it is proven yet."""

    access_key_id: str
    date: str  # yyyymmdd, of the credential scope
    region: str
    service: str
    terminator: str
    timestamp: str  # as sent, yyyymmddThhmmssZ
    signed_at: int  # the same in milliseconds
    signed_headers: tuple[str, ...]
    value: str
    presigned: bool
    expires: int | None  # seconds a presigned URL is good for

    def __repr__(self) -> str:
        """Without the proof."""
        return f"Signature({self.access_key_id}, {self.scope}, {self.timestamp})"

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


def parse(headers: Mapping[str, str], query: str) -> Signature | None:
    """The claim of a request, None when it makes none. Header names are lower-case, `query` is raw.

    Raises INCOMPLETE_SIGNATURE when pieces are missing, repeated or malformed.
    """
    authorization = headers.get("authorization")
    if authorization is not None:
        return _from_header(authorization, headers)
    if "X-Amz-" in query:
        pairs = [(name, value) for name, value in _pairs(query) if name.startswith("X-Amz-")]
        parameters = dict(pairs)
        if "X-Amz-Signature" in parameters or "X-Amz-Algorithm" in parameters:
            if len(parameters) < len(pairs):
                raise errors.INCOMPLETE_SIGNATURE(reason="An AWS query-string parameter is repeated.")
            return _from_query(parameters)
    return None


def verify(
    signature: Signature,
    secret: Secret,
    *,
    method: str,
    raw_path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    now: int,
) -> None:
    """Return when the signature was made with `secret` over exactly this request and is of now.

    Raises SIGNATURE_EXPIRED, SIGNATURE_NOT_YET_CURRENT, WRONG_CREDENTIAL_SCOPE, WRONG_CREDENTIAL_TERMINATOR,
    CREDENTIAL_DATE_MISMATCH, UNSIGNED_HEADER, SIGNATURE_MISMATCH.
    The region is for the caller to judge: a server may answer to several.
    """
    _check_time(signature, now)
    _check_scope(signature)
    signed = signature.signed_headers
    if "host" not in signed:
        raise errors.UNSIGNED_HEADER(header="Host' or ':authority")
    for name in _SIGNED_IF_SENT:
        if name in headers and name not in signed:
            raise errors.UNSIGNED_HEADER(header=name)

    payload_hash = hashlib.sha256(body).hexdigest()
    # UNSIGNED-PAYLOAD is S3's alone: here the hash of the body takes part, whatever the header says.
    if headers.get("x-amz-content-sha256", payload_hash) != payload_hash:
        raise errors.SIGNATURE_MISMATCH()
    if not headers.keys() >= set(signed):
        raise errors.SIGNATURE_MISMATCH()
    proof = proof_of(
        signature,
        secret,
        method=method,
        raw_path=raw_path,
        query=query,
        headers=headers,
        payload_hash=payload_hash,
    )
    if not hmac.compare_digest(proof.encode(), signature.value.encode()):
        raise errors.SIGNATURE_MISMATCH()


# -- the claim --------------------------------------------------------------------------------------------------------


def _from_header(authorization: str, headers: Mapping[str, str]) -> Signature:
    algorithm, _, rest = authorization.partition(" ")
    pairs = [piece.strip().partition("=") for piece in rest.split(",")]
    pieces = {name: value for name, equals, value in pairs if equals}
    sent = headers.get("x-amz-date") or headers.get("date") or ""
    has_each_once = len(pairs) == len(_PIECES) and all(map(pieces.get, _PIECES))
    if algorithm != ALGORITHM or not sent or not has_each_once:
        _refuse_incomplete(authorization, algorithm, [name for name, _, _ in pairs], pieces, sent)
    return _signature(
        credential=pieces["Credential"],
        value=pieces["Signature"],
        signed_headers=pieces["SignedHeaders"],
        sent=sent,
        presigned=False,
        expires=None,
    )


def _refuse_incomplete(
    authorization: str, algorithm: str, names: list[str], pieces: Mapping[str, str], sent: str
) -> None:
    """Raises INCOMPLETE_SIGNATURE with all that is missing or repeated; pieces that nobody knows are no fault."""
    faults = [
        f"Authorization header requires '{name}' parameter." for name in _PIECES if not pieces.get(name)
    ]
    # Who reads the first of two and who reads the last would not judge the same claim.
    faults += [
        f"Authorization header repeats '{name}' parameter." for name in _PIECES if names.count(name) > 1
    ]
    if not sent:
        faults.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if algorithm != ALGORITHM:
        faults = ["Unsupported AWS 'algorithm'."] if algorithm.startswith("AWS4-") else faults
    if faults or algorithm != ALGORITHM:
        # Hashed, as the service does: the header may hold a token that was sent to the wrong place.
        digest = base64.b64encode(hashlib.sha256(authorization.encode()).digest()).decode()
        faults.append(f"(Hashed with SHA-256 and encoded with Base64) Authorization={digest}")
        raise errors.INCOMPLETE_SIGNATURE(reason=" ".join(faults))


def _from_query(parameters: Mapping[str, str]) -> Signature:
    if parameters.get("X-Amz-Algorithm") != ALGORITHM:
        raise errors.INCOMPLETE_SIGNATURE(reason="Unsupported AWS 'algorithm'.")
    needed = ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires")
    faults = [
        f"AWS query-string parameters must include '{name}'." for name in needed if not parameters.get(name)
    ]
    if faults:
        raise errors.INCOMPLETE_SIGNATURE(reason=" ".join(faults))
    expires = parameters["X-Amz-Expires"]
    if not re.fullmatch("[0-9]{1,6}", expires) or not 1 <= int(expires) <= LONGEST_PRESIGNED:
        raise errors.INCOMPLETE_SIGNATURE(
            reason=f"X-Amz-Expires must be a number of seconds from 1 to {LONGEST_PRESIGNED}."
        )
    return _signature(
        credential=parameters["X-Amz-Credential"],
        value=parameters["X-Amz-Signature"],
        signed_headers=parameters["X-Amz-SignedHeaders"],
        sent=parameters["X-Amz-Date"],
        presigned=True,
        expires=int(expires),
    )


def _signature(
    *,
    credential: str,
    value: str,
    signed_headers: str,
    sent: str,
    presigned: bool,
    expires: int | None,
) -> Signature:
    scope = credential.split("/")
    if len(scope) != 5 or not all(scope):  # noqa: PLR2004  the five parts named in the text
        raise errors.INCOMPLETE_SIGNATURE(
            reason="Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
        )
    access_key_id, date, region, service, terminator = scope
    if not _ACCESS_KEY_ID.fullmatch(access_key_id):
        raise errors.INCOMPLETE_SIGNATURE(
            reason="The access key id in Credential must be 1 to 128 letters, digits, '_' and '-'."
        )
    header_names = tuple(signed_headers.split(";"))
    if len(set(header_names)) < len(header_names):  # each takes part with its whole value
        raise errors.INCOMPLETE_SIGNATURE(reason="A header is repeated in SignedHeaders.")
    timestamp, signed_at = _moment(sent)
    return Signature(
        access_key_id=access_key_id,
        date=date,
        region=region,
        service=service,
        terminator=terminator,
        timestamp=timestamp,
        signed_at=signed_at,
        signed_headers=header_names,
        value=value,
        presigned=presigned,
        expires=expires,
    )


@lru_cache(maxsize=64)  # the requests of one second say the same
def _moment(sent: str) -> tuple[str, int]:
    """A date header as ISO 8601 basic text and in milliseconds; a `Date` header may have the form of HTTP."""
    try:
        if re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", sent):
            year, month, day = int(sent[:4]), int(sent[4:6]), int(sent[6:8])
            hour, minute, second = int(sent[9:11]), int(sent[11:13]), int(sent[13:15])
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        else:
            moment = parsedate_to_datetime(sent)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser's ways of saying no
        raise errors.INCOMPLETE_SIGNATURE(
            reason="Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601"
        ) from None
    return moment.strftime(BASIC_FORMAT), int(moment.timestamp()) * clock.SECOND


# -- the proof --------------------------------------------------------------------------------------------------------

BASIC_FORMAT = "%Y%m%dT%H%M%SZ"
_MOST_KEYS = 256
_keys: dict[tuple[str, bytes, str, str, str], bytes] = {}


def proof_of(
    claim: Signature,
    secret: Secret,
    *,
    method: str,
    raw_path: str,
    query: str,
    headers: Mapping[str, str],
    payload_hash: str,
) -> str:
    """The value of a signature over this request, as whoever knows the secret makes it."""
    request = "\n".join(
        [
            method,
            "/" if raw_path in {"", "/"} else quote(raw_path, safe="/~"),
            _canonical_query(query, without_signature=claim.presigned),
            *(f"{name}:{_trimmed(headers[name])}" for name in claim.signed_headers),
            "",
            ";".join(claim.signed_headers),
            payload_hash,
        ]
    ).encode("latin-1", "replace")  # headers are bytes on the wire, read as latin-1
    to_sign = f"{ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{hashlib.sha256(request).hexdigest()}"
    key = _signing_key(secret, claim)
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def _check_time(signature: Signature, now: int) -> None:
    good_for = TOLERANCE if signature.expires is None else signature.expires * clock.SECOND
    if signature.signed_at < now - good_for:
        raise errors.SIGNATURE_EXPIRED(signed=signature.timestamp, earliest=_limit(now, -good_for))
    if signature.signed_at > now + TOLERANCE:
        raise errors.SIGNATURE_NOT_YET_CURRENT(signed=signature.timestamp, latest=_limit(now, TOLERANCE))


def _limit(now: int, distance: int) -> str:
    """The moment a signature is compared with and how it came about, as AWS tells it: `T (NOW - 15 min.)`."""
    moment, limit = (
        datetime.fromtimestamp(at // clock.SECOND, UTC).strftime(BASIC_FORMAT) for at in (now, now + distance)
    )
    return f"{limit} ({moment} {'-' if distance < 0 else '+'} {abs(distance) // clock.MINUTE} min.)"


def _check_scope(signature: Signature) -> None:
    if signature.service != SERVICE:
        raise errors.WRONG_CREDENTIAL_SCOPE(scope=f"correct service: '{SERVICE}'")
    if signature.terminator != "aws4_request":
        raise errors.WRONG_CREDENTIAL_TERMINATOR(terminator=signature.terminator)
    if signature.date != signature.timestamp[:8]:
        raise errors.CREDENTIAL_DATE_MISMATCH(
            date=signature.date, expected=signature.timestamp[:8], timestamp=signature.timestamp
        )


def _signing_key(secret: Secret, claim: Signature) -> bytes:
    """The key of a day, kept: making it takes four HMACs and what opens the secret, which itself is not kept here."""
    known_by = (claim.access_key_id, secret.kept, claim.date, claim.region, claim.service)
    key = _keys.get(known_by)
    if key is None:
        key = f"AWS4{secret.open()}".encode()
        for part in (claim.date, claim.region, claim.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        if len(_keys) >= _MOST_KEYS:
            _keys.clear()
        _keys[known_by] = key
    return key


def _canonical_query(query: str, *, without_signature: bool) -> str:
    if not query:
        return ""
    encoded = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in _pairs(query)
        if not (without_signature and name == "X-Amz-Signature")
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _pairs(query: str) -> list[tuple[str, str]]:
    """Names and values decoded; a plus is a plus here, not a blank."""
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _trimmed(value: str) -> str:
    return " ".join(filter(None, value.split(" "))) if " " in value else value
