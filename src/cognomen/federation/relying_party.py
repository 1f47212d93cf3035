"""The road to a provider that speaks OpenID Connect or plain OAuth 2.0, and what it says of the person who comes back.

    authorization_url(...)  where the browser is sent
    asserted(...)           who has signed in, for the code that the browser brought

The provider's token endpoint is asked with the client's secret in the body, as the service does, whatever its discovery document
says of other methods. `state` is a value of the caller's that belongs to one sign-in in one browser; the nonce is made of
it, so that an ID token counts in that sign-in alone, and a code that was taken from another does not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, unquote_plus, urlencode

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key

from cognomen import errors
from cognomen.clock import SECOND
from cognomen.crypto import base64url, foreign_jws
from cognomen.errors import Refusal
from cognomen.federation import details, id_tokens, levels, social, values
from cognomen.federation.asserted import Asserted
from cognomen.federation.configuration import Configuration
from cognomen.federation.social import VENDORS, Vendor
from cognomen.outgoing import TooSlow, Unreachable
from cognomen.pools.identity_providers import GOOGLE, OIDC, SUBJECT_CLAIMS
from cognomen.store.identity_providers import IdentityProvider
from cognomen.users import names

if TYPE_CHECKING:
    from cognomen.call import Node
    from cognomen.outgoing import Answer, Outgoing

LARGEST = 256 * 1024
CLIENT_TOKEN_SECONDS = 300

_TOKENS = ("access_token", "id_token", "refresh_token")
# Claims of the token itself, which the userInfo endpoint does not speak of.
_OF_TOKEN = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "acr", "amr", "auth_time"}
)
_WORDS_MAX = 200
_PRINTABLE = re.compile(r"[ -~]+")
_ARMOUR = re.compile(r"-----[A-Z ]+-----|\\n|\s")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Party:
    """One provider, with all that is known of it; `details` has its secrets."""

    outgoing: Outgoing
    provider: IdentityProvider
    vendor: Vendor
    details: Mapping[str, str] = field(repr=False)


def authorization_url(
    provider: IdentityProvider,
    configuration: Configuration,
    *,
    redirect_uri: str,
    state: str,
    login_hint: str | None = None,
    prompt: Iterable[str] = (),
    max_age: int | None = None,
    acr_values: Iterable[str] = (),
) -> str:
    """Where the browser is sent; `max_age` is in seconds, `acr_values` are levels by the provider's own names."""
    vendor, known = VENDORS[provider.type], details.effective(provider.type, configuration)
    asked = {
        "client_id": known["client_id"],
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": known.get("authorize_scopes", ""),
        "state": state,
        "nonce": _nonce(vendor, known, state) or "",
        "response_mode": "form_post" if vendor.posts_back else "",
        "login_hint": login_hint or "",
        "prompt": " ".join(prompt),
        "max_age": "" if max_age is None else str(max_age),
        "acr_values": " ".join(acr_values),
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    url, _, _ = known["authorize_url"].partition("#")
    return f"{url}{'&' if '?' in url else '?'}{query}"


async def asserted(
    node: Node,
    provider: IdentityProvider,
    configuration: Configuration,
    *,
    code: str,
    redirect_uri: str,
    state: str,
    now: int,
    user: str | None = None,
    authenticated_since: int | None = None,
) -> Asserted:
    """Who has signed in; `state` as it went out with the browser, `user` is what Apple's page sends along.

    `authenticated_since`: the moment before which the provider must not have asked the person, where `max_age` went along.

    Raises the sentences about answers of identity providers.
    """
    known = details.effective(provider.type, configuration)
    party = _Party(node.outgoing, provider, VENDORS[provider.type], known)
    tokens = await _tokens(party, code, redirect_uri, now)
    signed: dict[str, Any] = {}
    if party.vendor.has_id_token:
        expected = id_tokens.expected(
            provider.type,
            known,
            secret=known.get("client_secret") if provider.type == OIDC else None,
            nonce=_nonce(party.vendor, known, state),
            access_token=_text(tokens, "access_token"),
            authenticated_since=authenticated_since,
        )
        signed = await id_tokens.verified(node.key_sets, _text(tokens, "id_token"), expected, now)
    told = await _user_info(party, tokens)
    subject = _subject(provider, signed, told)
    if provider.type == GOOGLE:
        told = social.person_of_google(told)
    elif party.vendor.posts_back:
        told = told | social.names_of_apple(user)
    claims = _texts(provider, signed | {name: told[name] for name in told if name not in _OF_TOKEN})
    given = {name: tokens[name] for name in _TOKENS if isinstance(tokens.get(name), str)}
    parts = {"tokenResponse": tokens, "idToken": signed, "userInfo": told}
    return Asserted(
        subject=subject,
        claims=claims | given,
        told={name: values.texts(part) for name, part in parts.items() if part},
        acr=levels.reached(provider, signed.get("acr")) if provider.type == OIDC else None,
    )


# -- tokens ------------------------------------------------------------------------------------------------------------


async def _tokens(party: _Party, code: str, redirect_uri: str, now: int) -> dict[str, Any]:
    """The answer of the token endpoint, with an access token."""
    form = {"client_id": party.details["client_id"], "code": code, "redirect_uri": redirect_uri}
    secret = _client_secret(party, now)
    if secret:
        form["client_secret"] = secret
    headers = {"Accept": "application/json"}
    url = party.details["token_url"]
    try:
        if party.details.get("token_request_method") == "GET":
            answer = await party.outgoing.ask("GET", url, headers, query=form, limit=LARGEST)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({"grant_type": "authorization_code", **form}).encode()
            answer = await party.outgoing.ask("POST", url, headers, body=body, limit=LARGEST)
    except TooSlow:
        raise errors.IDP_TOKEN_TIMEOUT() from None
    except Unreachable as fault:
        raise _unreachable(party, "token endpoint", fault) from None
    document = _document(answer)
    if answer.status != 200 or not document:  # noqa: PLR2004  RFC 6749, section 5.1
        raise _refused(party, answer.status, document, (code, secret))
    for name in ("access_token", "id_token") if party.vendor.has_id_token else ("access_token",):
        if not isinstance(document.get(name), str):
            raise _refused(party, answer.status, document, (code, secret))
    return document


def _refused(
    party: _Party, status: int, document: Mapping[str, Any], secrets: Iterable[str | None]
) -> Refusal:
    """What a token endpoint says, where it says something after RFC 6749, section 5.2, and repeats no secret."""
    said = [document.get("error")]
    if party.provider.type != GOOGLE:
        said.append(document.get("error_description"))
    words = " ".join(each for each in said if isinstance(each, str) and _PRINTABLE.fullmatch(each))
    readings = (words, unquote(words), unquote_plus(words))
    if any(secret and secret in reading for secret in secrets for reading in readings):
        words = ""
    log.info("the token endpoint of %r answered %d without tokens", party.provider.name, status)
    return errors.IDP_ERROR(
        name=party.provider.name, status=status, words=words[:_WORDS_MAX] or "error getting token"
    )


def _nonce(vendor: Vendor, known: Mapping[str, str], state: str) -> str | None:
    if not vendor.has_id_token or known.get("nonce") == "false":
        return None
    return base64url.encode(hashlib.sha256(state.encode()).digest())


def _client_secret(party: _Party, now: int) -> str | None:
    """What we prove to the provider who we are with; Apple knows its clients by a signature."""
    if not party.vendor.signs_as_client:
        return party.details.get("client_secret")
    issued_at = now // SECOND
    claims = {
        "iss": party.details["team_id"],
        "iat": issued_at,
        "exp": issued_at + CLIENT_TOKEN_SECONDS,
        "aud": party.details["oidc_issuer"],
        "sub": party.details["client_id"],
    }
    return foreign_jws.sign_es256(_apple_key(party), party.details["key_id"], claims)


def _apple_key(party: _Party) -> ec.EllipticCurvePrivateKey:
    """The key of Apple's file, with or without its first and last line."""
    try:
        der = base64.b64decode(_ARMOUR.sub("", party.details["private_key"]), validate=True)
        key = load_der_private_key(der, password=None)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        raise errors.APPLE_KEY(name=party.provider.name) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise errors.APPLE_KEY(name=party.provider.name)
    return key


# -- what the provider knows besides -----------------------------------------------------------------------------------


async def _user_info(party: _Party, tokens: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider tells of the holder of the access token; nothing where there is nothing to ask."""
    url = party.details.get("attributes_url")
    if url is None:
        return {}
    if party.details.get("attributes_url_add_attributes") == "true":
        mapped = [claim for claim in party.provider.attribute_mapping.values() if claim not in _TOKENS]
        fields = social.fields_of(party.vendor, mapped)
        if not fields:
            return {}
        url += quote(",".join(fields), safe=",")
    method = party.details.get("attributes_request_method", "GET")
    headers = {"Accept": "application/json", "Authorization": f"Bearer {_text(tokens, 'access_token')}"}
    try:
        answer = await party.outgoing.ask(method, url, headers, limit=LARGEST)
    except TooSlow:
        raise errors.IDP_TIMEOUT() from None
    except Unreachable as fault:
        raise _unreachable(party, "userInfo endpoint", fault) from None
    document = _document(answer)
    if answer.status != 200 or not document:  # noqa: PLR2004  OpenID Connect Core 1.0, section 5.3.2
        log.info("the userInfo endpoint of %r answered %d without claims", party.provider.name, answer.status)
        raise errors.IDP_ERROR(
            name=party.provider.name, status=answer.status, words="error getting user info"
        )
    return document


def _texts(provider: IdentityProvider, claims: Mapping[str, Any]) -> dict[str, str]:
    """The claims as text; whether an address is verified says a boolean or a text, and a list of one of them nothing."""
    flags = {provider.attribute_mapping.get(name) for name in names.VERIFIED.values()}
    return values.texts(
        {name: claims[name] for name in claims if not (name in flags and isinstance(claims[name], list))}
    )


def _subject(provider: IdentityProvider, signed: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Who it is, the same wherever it is said: what another person's access token tells must not be taken for his.

    What an OpenID Connect provider tells without saying of whom is of nobody (OpenID Connect Core 1.0, section 5.3.2).
    """
    claim = SUBJECT_CLAIMS[provider.type]
    said = {values.identifier(part[claim]) for part in (signed, told) if claim in part}
    if len(said) > 1 or (provider.type == OIDC and told and claim in signed and claim not in told):
        raise errors.SUBJECT_MISMATCH()
    subject = next(iter(said), None)
    if not subject:
        raise errors.SUBJECT_MISSING(name=provider.name, claim=claim)
    return subject


def _document(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty for anything else."""
    try:
        return _object.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def _text(tokens: Mapping[str, Any], name: str) -> str:
    value: str = tokens[name]
    return value


def _unreachable(party: _Party, what: str, fault: Unreachable) -> Refusal:
    log.info("the %s of %r: %s", what, party.provider.name, fault.reason)
    return errors.IDP_UNREACHABLE()


_object = msgspec.json.Decoder(dict[str, Any])
