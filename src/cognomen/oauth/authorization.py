"""An authorization request: what an app asks for when it sends a browser to sign in (RFC 6749, OpenID Connect, PKCE).

    read(call, query)       the request in a query string, validated
    seal, unseal            the same as an opaque text, for the forms of pages
    recall(call, request)   one that was read before, if it would still be read
    query_of                the same as a query string again, for a person who has signed in
    whole_query_of          the same for one who begins anew
    mismatch                why it is not sent anywhere
    sent_back               why the app gets its answer at once: raised, and told at its redirect URL
    told                    whatever goes wrong, told so

Sources: developer guide, "Authorize endpoint", "Redirect and authorization endpoint"; what the service answers where that
differs. A client or a redirect URL that is not as registered is told to the person on a page, everything else to the app.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from cognomen import errors, logs
from cognomen.call import Call
from cognomen.clock import MINUTE
from cognomen.crypto.sealing import CannotUnseal
from cognomen.errors import Refusal
from cognomen.oauth import answers, forms, places
from cognomen.pools import app_clients, oauth_settings
from cognomen.pools.identity_providers import NATIVE, is_native
from cognomen.store import identity_providers
from cognomen.store.app_clients import AppClient
from cognomen.store.database import Unavailable
from cognomen.tokens import scopes

T = TypeVar("T")

CODE, TOKEN = "code", "token"
FLOWS = {CODE: "code", TOKEN: "implicit"}
"""What app clients call the grant of a response type."""

NONE, LOGIN = "none", "login"

LIFE = 5 * MINUTE
"""How long a sealed request may wait for a person."""

URL_SHOWN = 300
"""Characters of a wrong URL that the advice about it has."""

_OF_URLS = "%:/?#[]@!$&'()*+,;=~"
"""What a URL may have beside letters and digits."""

_PURPOSE = "authorization request"
_PROMPTS = frozenset({NONE, LOGIN, "select_account", "consent"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_RESOURCE = re.compile(
    r"https://[^\s#]+|http://localhost(?:[:/][^\s#]*)?|(?!https?:)[A-Za-z][A-Za-z0-9+.-]*://[^\s#]+"
)

log = logging.getLogger(__name__)


class AuthorizationRequest(msgspec.Struct, frozen=True, array_like=True):
    """A validated request; what was not sent is None or empty.

    `redirect_uri` is where the answer goes, also where the client left it to its only URL (`redirect_uri_sent`).
    `scope` are the scopes asked for, or all of the client's, blank separated. `code_challenge` is a SHA-256 digest in base64url.
    `identity_provider` is the name of the provider to sign in with, COGNITO the pool itself; None leaves it to the person.
    `max_age` is in seconds, `acr_values` from the most wanted on, `read_at` the moment it was read.
    """

    pool_id: str
    client_id: str
    response_type: str
    redirect_uri: str
    redirect_uri_sent: bool
    scope: str
    state: str | None
    nonce: str | None
    code_challenge: str | None
    resource: str | None
    identity_provider: str | None
    login_hint: str | None
    lang: str | None
    prompt: tuple[str, ...]
    max_age: int | None
    acr_values: tuple[str, ...]
    read_at: int

    def __repr__(self) -> str:
        return f"AuthorizationRequest({self.client_id})"  # state and nonce are the app's own business


class SentBack(Exception):  # noqa: N818  it is an answer to the app, not a fault of ours
    """The app is told at its own address why there is no code."""

    def __init__(self, location: str) -> None:
        super().__init__("an answer at the redirect URL")
        self.location = location


def sent_back(request: AuthorizationRequest, refusal: Refusal) -> SentBack:
    """What is raised to tell the app of a validated request that it gets nothing."""
    return _sent_back(request.redirect_uri, request.response_type, request.state, refusal)


def told_of(request: AuthorizationRequest, refusal: Refusal) -> SentBack:
    """What is raised where the API would refuse, a trigger for one: its words, and an error that OAuth knows."""
    return sent_back(request, errors.OAUTH_REFUSED(reason=refusal.message or refusal.type))


async def told(call: Call, request: AuthorizationRequest, answering: Awaitable[T]) -> T:
    """Raises SentBack for whatever goes wrong: its request is known, so the app hears of it, and the log the place.

    A Refusal that `answering` raises is of OAuth.
    """
    try:
        return await answering
    except SentBack:
        raise
    except Refusal as refusal:
        raise sent_back(request, refusal) from None
    except Unavailable as fault:
        log.warning("the database is not available: %s", fault)
        raise sent_back(request, errors.OAUTH_UNAVAILABLE()) from None
    except Exception as fault:  # noqa: BLE001  whatever it is, the app gets an answer and the log the place
        log.error("request %s failed: %s", call.request_id, logs.place(fault))  # noqa: TRY400  the message may quote the request
        raise sent_back(request, errors.OAUTH_SERVER_ERROR()) from None


async def read(call: Call, query: str) -> AuthorizationRequest:
    """The request in a query string (without the question mark); puts client and pool into the call.

    Raises a Refusal for the person (OAUTH_MALFORMED, …_MISSING, …_REPEATED, …_CLIENT_UNKNOWN, …_CLIENT_OFF, …_NO_PROVIDER,
    …_REDIRECT_MISMATCH), and SentBack.
    """
    sent, repeated = forms.of_query(query)
    await _find_client(call, sent, repeated)
    redirect_uri = _redirect_uri(call.client, sent, repeated)
    try:
        places.refuse_blocked(call)
        return await _validated(call, sent, repeated, redirect_uri)
    except Refusal as refusal:
        raise _sent_back(redirect_uri, sent.get("response_type"), sent.get("state"), refusal) from None


def query_of(request: AuthorizationRequest) -> str:
    """The query string that asks for the same, without what a sign-in has met: how new and how sure it had to be."""
    return _query(_lasting(request))


def whole_query_of(request: AuthorizationRequest) -> str:
    """The query string that asks for the same of a person who has still to sign in."""
    of_sign_in = {
        "login_hint": request.login_hint,
        "prompt": " ".join(request.prompt) or None,
        "max_age": None if request.max_age is None else str(request.max_age),
        "acr_values": " ".join(request.acr_values) or None,
    }
    return _query(_lasting(request) | of_sign_in)


def _lasting(request: AuthorizationRequest) -> dict[str, str | None]:
    return {
        "client_id": request.client_id,
        "response_type": request.response_type,
        "redirect_uri": request.redirect_uri if request.redirect_uri_sent else None,
        "scope": request.scope,
        "state": request.state,
        "nonce": request.nonce,
        "code_challenge": request.code_challenge,
        "code_challenge_method": None if request.code_challenge is None else "S256",
        "resource": request.resource,
        "identity_provider": request.identity_provider,
        "lang": request.lang,
    }


def _query(asked: Mapping[str, str | None]) -> str:
    return urlencode({name: value for name, value in asked.items() if value is not None})


def seal(call: Call, request: AuthorizationRequest) -> str:
    """The request as an opaque text that a form may carry."""
    return call.vault.seal_text(_PURPOSE, msgspec.msgpack.encode(request), b"")


async def unseal(call: Call, text: str) -> AuthorizationRequest:
    """The request in a sealed text; puts client and pool into the call. OAUTH_AUTHORIZATION_EXPIRED for any other text."""
    try:
        request = _decoder.decode(call.vault.unseal_text(_PURPOSE, text, b""))
    except (CannotUnseal, msgspec.DecodeError):
        raise errors.OAUTH_AUTHORIZATION_EXPIRED() from None
    await recall(call, request)
    return request


async def recall(call: Call, request: AuthorizationRequest) -> None:
    """Put client and pool of a request that was read before into the call.

    Raises OAUTH_AUTHORIZATION_EXPIRED where it has waited too long, or its client has changed so that it would not be read any more,
    and SentBack for who comes from a blocked address.
    """
    is_late = call.now - request.read_at > LIFE
    # The client of a late one too: the page of errors looks as that one's pages do.
    if not await places.find_client(call, request.client_id) or call.pool.id != request.pool_id or is_late:
        raise errors.OAUTH_AUTHORIZATION_EXPIRED()
    settings = call.client.settings
    is_allowed = (
        settings.allowed_oauth_flows_user_pool_client
        and FLOWS[request.response_type] in (settings.allowed_oauth_flows or ())
        and request.redirect_uri in (settings.callback_urls or ())
    )
    if not is_allowed:
        raise errors.OAUTH_AUTHORIZATION_EXPIRED()
    try:
        places.refuse_blocked(call)
    except Refusal as refusal:
        raise sent_back(request, refusal) from None


_decoder = msgspec.msgpack.Decoder(AuthorizationRequest)


# -- for the person ---------------------------------------------------------------------------------------------------


async def _find_client(call: Call, sent: Mapping[str, str], repeated: frozenset[str]) -> None:
    for name in ("client_id", "redirect_uri"):
        if name in repeated:
            raise errors.OAUTH_REPEATED(name=name)
    client_id = sent.get("client_id")
    if client_id is None:
        raise errors.OAUTH_MISSING(name="client_id")
    if not await places.find_client(call, client_id):
        raise errors.OAUTH_CLIENT_UNKNOWN(id=client_id[:128])
    settings = call.client.settings
    if not settings.allowed_oauth_flows_user_pool_client:
        raise errors.OAUTH_CLIENT_OFF(id=client_id)
    if not settings.supported_identity_providers:
        raise errors.OAUTH_NO_PROVIDER(id=client_id)


def _redirect_uri(client: AppClient, sent: Mapping[str, str], repeated: frozenset[str]) -> str:
    """Where the answer goes. It may be left out where it is clear: one URL, or a default one, and one provider."""
    registered = client.settings.callback_urls or ()
    wanted = sent.get("redirect_uri")
    if wanted is not None:
        if wanted not in registered or "redirect_uri" in repeated:
            raise mismatch(client, "redirect_uri", wanted)
        return wanted
    usual = registered[0] if len(registered) == 1 else client.settings.default_redirect_uri
    if usual is None or len(client.settings.supported_identity_providers or ()) != 1:
        raise errors.OAUTH_MISSING(name="redirect_uri")
    return usual


def mismatch(client: AppClient, name: str, sent: str) -> Refusal:
    """OAUTH_REDIRECT_MISMATCH about a URL that was sent as `name` (`redirect_uri`, or `logout_uri`).

    What no URL has is shown percent-encoded: a blank at the end is seen, and no sentence can be sent in a URL's place.
    """
    is_logout = name == "logout_uri"
    registered = (client.settings.logout_urls if is_logout else client.settings.callback_urls) or ()
    return errors.OAUTH_REDIRECT_MISMATCH(
        name=name,
        sent=quote(sent[:URL_SHOWN], _OF_URLS),
        id=client.id,
        registered=", ".join(registered) or "none",
        member="LogoutURLs" if is_logout else "CallbackURLs",
    )


# -- for the app ------------------------------------------------------------------------------------------------------


async def _validated(
    call: Call, sent: Mapping[str, str], repeated: frozenset[str], redirect_uri: str
) -> AuthorizationRequest:
    forms.refuse_repeated(repeated)
    _refuse_request_object(sent)
    response_type = _response_type(call.client, sent)
    challenge = _code_challenge(sent)
    if challenge is None and app_clients.registered_itself(call.client):
        raise errors.OAUTH_CHALLENGE_NEEDED()
    return AuthorizationRequest(
        pool_id=call.pool.id,
        client_id=call.client.id,
        response_type=response_type,
        redirect_uri=redirect_uri,
        redirect_uri_sent="redirect_uri" in sent,
        scope=_scope(call, sent),
        state=sent.get("state"),
        nonce=sent.get("nonce"),
        code_challenge=challenge if response_type == CODE else None,
        resource=_resource(sent),
        identity_provider=await _identity_provider(call, sent),
        login_hint=sent.get("login_hint"),
        lang=sent.get("lang"),
        prompt=_prompt(sent),
        max_age=_max_age(sent),
        acr_values=tuple(sent.get("acr_values", "").split()),
        read_at=call.now,
    )


def _refuse_request_object(sent: Mapping[str, str]) -> None:
    """OpenID Connect, 6: whoever puts a request into a token must not find that it was passed over."""
    if "request" in sent:
        raise errors.OAUTH_REQUEST_OBJECT()
    if "request_uri" in sent:
        raise errors.OAUTH_REQUEST_URI()


def _response_type(client: AppClient, sent: Mapping[str, str]) -> str:
    response_type = sent.get("response_type")
    if response_type is None:
        raise errors.OAUTH_MISSING(name="response_type")
    flow = FLOWS.get(response_type)
    if flow is None:
        raise errors.OAUTH_RESPONSE_TYPE()
    if flow not in (client.settings.allowed_oauth_flows or ()):
        raise errors.OAUTH_FLOW_OFF()
    return response_type


def _code_challenge(sent: Mapping[str, str]) -> str | None:
    challenge, method = sent.get("code_challenge"), sent.get("code_challenge_method")
    if challenge is None and method is None:
        return None
    if challenge is not None and method not in (None, "S256"):
        raise errors.OAUTH_CHALLENGE_METHOD()
    if challenge is None or method is None or not _CHALLENGE.fullmatch(challenge):
        raise errors.OAUTH_CHALLENGE()
    return challenge


def _scope(call: Call, sent: Mapping[str, str]) -> str:
    """What the sign-in is granted. The service tells one error for a scope that is unknown and one that is not allowed."""
    known = oauth_settings.STANDARD_SCOPES | call.configuration.custom_scopes
    asked = sent["scope"].split(" ") if "scope" in sent else None
    try:
        return scopes.granted(call.client, known, asked)
    except Refusal:
        raise errors.OAUTH_SCOPE() from None


def _resource(sent: Mapping[str, str]) -> str | None:
    resource = sent.get("resource")
    if resource is not None and not _RESOURCE.fullmatch(resource):
        raise errors.OAUTH_RESOURCE()
    return resource


async def _identity_provider(call: Call, sent: Mapping[str, str]) -> str | None:
    """The provider the app names, by its name or by one of its identifiers."""
    name, identifier = sent.get("identity_provider"), sent.get("idp_identifier")
    if name is None and identifier is not None:
        name = await call.store.read(identity_providers.owner_of, call.pool.id, identifier)
        if name is None:
            raise errors.OAUTH_PROVIDER_UNKNOWN()
    if name is None:
        return None
    name = NATIVE if is_native(name) else name
    if name not in (call.client.settings.supported_identity_providers or ()):
        raise errors.OAUTH_PROVIDER_UNKNOWN()
    return name


def _prompt(sent: Mapping[str, str]) -> tuple[str, ...]:
    """What the app says of asking the person; that nobody shall be asked goes with nothing else (OpenID Connect)."""
    prompt = tuple(dict.fromkeys(sent.get("prompt", "").split()))
    if not _PROMPTS.issuperset(prompt) or (NONE in prompt and len(prompt) > 1):
        raise errors.OAUTH_PROMPT()
    return prompt


def _max_age(sent: Mapping[str, str]) -> int | None:
    text = sent.get("max_age")
    if text is None:
        return None
    if not _SECONDS.fullmatch(text):
        raise errors.OAUTH_MAX_AGE()
    return int(text)


def _sent_back(redirect_uri: str, response_type: str | None, state: str | None, refusal: Refusal) -> SentBack:
    """In the order that the service has been seen to have."""
    told = {"error_description": refusal.message, "state": state, "error": refusal.type}
    return SentBack(
        answers.with_parameters(
            redirect_uri,
            [(name, value) for name, value in told.items() if value is not None],
            in_fragment=response_type == TOKEN,
        )
    )
