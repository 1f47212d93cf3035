"""The addresses of this room, and how each kind of them is served.

    documents   GET /{pool id}/.well-known/…                 anywhere
                GET /.well-known/…                           at a pool's own domain
    browsers    GET /oauth2/authorize, /logout, /error, and the pages that `front` is given; and back from identity providers
                GET and POST /oauth2/idpresponse at a pool's own domain, /{pool id}/oauth2/idpresponse elsewhere, each also
                with the name of a provider behind it; POST /saml2/idpresponse, /saml2/logout
    apps        POST /oauth2/token, /oauth2/revoke, /oauth2/register, GET and POST /oauth2/userInfo

Documents may be read by any web page and, where the host is ours, kept for a few minutes; a pool's keys stay as they are from its creation on. What
goes wrong is told to a browser at /error or at the app's redirect URL, to an app in JSON.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from cognomen import clock, errors, logs
from cognomen.call import Node
from cognomen.errors import Refusal
from cognomen.oauth import answers, discovery, places
from cognomen.oauth.authorization import SentBack
from cognomen.oauth.authorize import authorize
from cognomen.oauth.continued import idp_response_continued
from cognomen.oauth.identity_providers import ACS, CALLBACK
from cognomen.oauth.idp_response import idp_response, idp_response_sent
from cognomen.oauth.kept_answers import CONTINUED
from cognomen.oauth.logout import logout
from cognomen.oauth.places import Visit
from cognomen.oauth.registration import register
from cognomen.oauth.revoke import revoke
from cognomen.oauth.saml_idp_response import saml_idp_response
from cognomen.oauth.saml_logout import saml_logout
from cognomen.oauth.token import token
from cognomen.oauth.user_info import user_info
from cognomen.pools.configuration import PoolConfiguration
from cognomen.store.database import Unavailable
from cognomen.wire import hosts
from cognomen.wire.bodies import HungUp
from cognomen.wire.watching import About

LONGEST_SHOWN = 60  # characters; a pool id has at most 55
LONGEST_REASON = 1_500  # characters: a client may have a hundred long URLs
HEADERS = {
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
}
log = logging.getLogger(__name__)

WHY = "the reason on the page of errors"
"""The purpose of a sealed one."""

# What a URL carries beside where it leads, which may be anything of the app's.
_QUERY = re.compile(r"(?<=://)[^/\s]*@|[?#][^\s,]*")

ANEW = "the way to begin anew"
"""The purpose of the sealed query of an authorization request."""

_LONGEST_ANEW = 4_000  # characters; what is longer does not fit an address twice

Served = Callable[[Visit, Request], Awaitable[Response]]
"""An address as this room and the pages write it; raises a Refusal for the person or the app, or SentBack."""

Endpoint = Callable[[Request], Awaitable[Response]]


def front(node: Node, pages: Sequence[BaseRoute]) -> Starlette:
    """The ASGI application of these addresses; anything else below it is not found.

    `pages` are the routes of a person's pages, /login and /error among them, each made with `for_browsers`.
    """

    async def jwks(request: Request) -> Response:
        configuration = await _configuration(node, request)
        return _unknown(request) if configuration is None else _document(discovery.jwks(configuration))

    async def openid_configuration(request: Request) -> Response:
        """At a host that is not served otherwise it names the server's own address; nobody keeps it for one that is not ours."""
        configuration = await _configuration(node, request)
        if configuration is None:
            return _unknown(request)
        try:
            visit = await places.arrive(node, request)
        except Refusal as refusal:
            if not refusal.is_(errors.WRONG_HOST, errors.OAUTH_NO_DOMAIN):
                return answers.error(refusal)
            return _discovery(node, configuration, node.settings.own_url, is_kept=False)
        base_url = discovery.endpoints_at(visit, configuration)
        return _discovery(node, configuration, base_url, is_kept=visit.is_ours)

    async def jwks_of_domain(visit: Visit, _request: Request) -> Response:
        return _document(discovery.jwks(_of_domain(visit)))

    async def openid_configuration_of_domain(visit: Visit, _request: Request) -> Response:
        return _discovery(node, _of_domain(visit), visit.base_url, is_kept=visit.is_ours)

    served = Starlette(
        routes=[
            Route("/oauth2/token", for_apps(node, token), methods=["POST", "OPTIONS"]),
            Route("/{pool_id}/.well-known/jwks.json", jwks, methods=["GET"]),
            Route("/{pool_id}/.well-known/openid-configuration", openid_configuration, methods=["GET"]),
            Route("/.well-known/jwks.json", for_apps(node, jwks_of_domain), methods=["GET"]),
            Route(
                "/.well-known/openid-configuration",
                for_apps(node, openid_configuration_of_domain),
                methods=["GET"],
            ),
            Route("/oauth2/authorize", for_browsers(node, authorize), methods=["GET"]),
            Route("/logout", for_browsers(node, logout), methods=["GET"]),
            Route(CONTINUED, for_browsers(node, idp_response_continued), methods=["GET"]),
            *(
                Route(f"{pool}{CALLBACK}{provider}", for_browsers(node, served), methods=[method])
                for pool in ("", "/{pool_id}")
                for provider in ("", "/{provider}")
                for method, served in (("GET", idp_response), ("POST", idp_response_sent))
            ),
            Route(ACS, for_browsers(node, saml_idp_response), methods=["POST"]),
            Route("/saml2/logout", for_browsers(node, saml_logout), methods=["POST"]),
            Route("/oauth2/revoke", for_apps(node, revoke), methods=["POST", "OPTIONS"]),
            Route("/oauth2/userInfo", for_apps(node, user_info), methods=["GET", "POST", "OPTIONS"]),
            Route("/oauth2/register", for_apps(node, register), methods=["POST"]),
            *pages,
        ],
        exception_handlers={404: _not_found, Unavailable: _unavailable},
    )
    served.router.redirect_slashes = False  # it would name the host that a request claims, whatever that is
    return served


def for_apps(node: Node, served: Served) -> Endpoint:
    """An address that apps call, those in web pages too. What goes wrong is told in JSON."""

    @functools.wraps(served)
    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return answers.preflight(request.headers.get("access-control-request-headers", ""))
        try:
            visit = await places.arrive(node, request)
        except Refusal as refusal:
            return answers.error(refusal)
        try:
            response = await served(visit, request)
        except Refusal as refusal:
            response = answers.error(places.told(refusal))
        except Unavailable as fault:
            log.warning("the database is not available: %s", fault)
            response = answers.error(errors.OAUTH_UNAVAILABLE())
        except HungUp:
            response = Response(status_code=400)  # nobody is there to read it
        except Exception as fault:  # noqa: BLE001  whatever it is, the app gets an answer and the log the place
            log.error("request %s failed: %s", visit.call.request_id, logs.place(fault))  # noqa: TRY400  the message may quote the request
            response = answers.error(errors.OAUTH_FAULT())
        return _signed(visit, request, response)

    return endpoint


def for_browsers(node: Node, served: Served) -> Endpoint:
    """An address that browsers come to. What goes wrong is told at /error, or at the app's redirect URL."""

    @functools.wraps(served)
    async def endpoint(request: Request) -> Response:
        try:
            visit = await places.arrive(node, request)
        except Refusal as refusal:
            return answers.plain(refusal.message or refusal.type, refusal.status)
        try:
            response = await served(visit, request)
        except SentBack as back:
            response = answers.redirect(back.location)
        except Unavailable:
            raise
        except Refusal as refusal:
            response = answers.redirect(await error_page(visit, refusal))
        except HungUp:
            response = Response(status_code=400)  # nobody is there to read it
        except Exception as fault:  # noqa: BLE001  whatever it is, the person gets an answer and the log the place
            log.error("request %s failed: %s", visit.call.request_id, logs.place(fault))  # noqa: TRY400  the message may quote the request
            response = answers.redirect(await error_page(visit, errors.OAUTH_SERVER_ERROR()))
        return _signed(visit, request, response)

    return endpoint


async def error_page(visit: Visit, refusal: Refusal) -> str:
    """The address of the page that tells a person what is wrong.

    What to do about it is for whoever set up the app: for the log, and in open mode for the page. It comes sealed, so the page
    says sentences of ours alone; they quote what the request came with, a URL or an id, cut short.
    """
    call = visit.call
    why = errors.explained(refusal.message, refusal.advice)[:LONGEST_REASON]
    _log_refusal(visit, refusal, why)
    told = [("error", refusal.type)]
    if refusal.message is not None:
        told.insert(0, ("error_description", refusal.message))
    if call.client_id is not None:
        told.append(("client_id", call.client_id))
    told.append(("request_id", call.request_id))
    if why and await call.configurations.is_open():
        told.append(
            ("why", call.vault.seal_text(WHY, why.encode("utf-8", "replace"), call.request_id.encode()))
        )
    if call.client_id is not None and 0 < len(call.anew) <= _LONGEST_ANEW:
        told.append(("anew", call.vault.seal_text(ANEW, call.anew.encode(), call.request_id.encode())))
    return f"{visit.base_url}/error?{urlencode(told)}"


def _log_refusal(visit: Visit, refusal: Refusal, why: str) -> None:
    call = visit.call
    log.info(
        "sent to the page of errors with %s%s",
        refusal.type,
        f": {_QUERY.sub('', why)}" if why else "",
        extra={
            "request_id": call.request_id,
            "operation": call.operation,
            "outcome": refusal.type,
            "pool_id": call.pool_id,
            "client_id": call.client_id,
        },
    )


def _signed(visit: Visit, request: Request, response: Response) -> Response:
    """The answer with what each of them carries: the request's id, and under HTTPS that it stays at that."""
    response.headers[answers.REQUEST_ID] = visit.call.request_id
    if visit.is_secure:
        name = urlsplit(visit.base_url).hostname or ""
        if name != "localhost" and not name.endswith(hosts.SAFE_SUFFIXES):
            response.headers["strict-transport-security"] = "max-age=31536000 ; includeSubDomains"
    about: About | None = request.scope.get("about")
    if about is not None:
        about.request_id = visit.call.request_id
        about.pool_id = visit.call.pool_id
        about.client_id = visit.call.client_id
    return response


async def _configuration(node: Node, request: Request) -> PoolConfiguration | None:
    return await node.configurations.of_pool(request.path_params["pool_id"], clock.now())


def _of_domain(visit: Visit) -> PoolConfiguration:
    """The pool whose domain this is; elsewhere the documents stand below the pool's id."""
    if visit.domain is None:
        raise errors.OAUTH_NO_DOMAIN(name=urlsplit(visit.base_url).hostname)
    return visit.call.configuration


def _discovery(node: Node, configuration: PoolConfiguration, base_url: str, *, is_kept: bool) -> Response:
    response = _document(discovery.openid_configuration(node.settings, configuration.pool, base_url))
    response.headers["vary"] = "Host, X-Forwarded-Host"
    if not is_kept:
        response.headers["cache-control"] = "no-store"
    return response


def _document(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers=HEADERS)


def _unknown(request: Request) -> Response:
    refusal = errors.USER_POOL_NOT_FOUND(id=request.path_params["pool_id"][:LONGEST_SHOWN])
    return JSONResponse({"message": refusal.message}, 404, {"access-control-allow-origin": "*"})


async def _not_found(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"message": "There is nothing at this address."}, 404)


async def _unavailable(_request: Request, fault: Exception) -> Response:
    log.warning("the database is not available: %s", fault)
    return JSONResponse({"message": errors.UNAVAILABLE().message}, 503)
