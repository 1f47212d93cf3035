"""The addresses of the pages; their paths are the service's own, in capitals or not, since it spells some in several ways.

Source: developer guide, "Managed login endpoints".
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cognomen import errors
from cognomen.call import Node
from cognomen.crypto.sealing import CannotUnseal
from cognomen.limits.forms import Forms
from cognomen.oauth import answers, finishing, forms, places
from cognomen.oauth.front import ANEW, WHY, Served, for_browsers
from cognomen.oauth.places import Visit
from cognomen.pages import (
    adding_passkeys,
    consenting,
    feedback,
    looks,
    recovering,
    screens,
    serving,
    showing,
    signing_in,
    signing_up,
    static,
)
from cognomen.pages.contexts import Result
from cognomen.pages.screens import Screen
from cognomen.users.names import is_sub

log = logging.getLogger(__name__)

GET, POST = ["GET"], ["POST"]
TOO_MANY = 429

Shown = Callable[[Screen], Awaitable[Response]]
"""A page as its module writes it."""

_ERROR = re.compile(r"[a-z_]{1,40}")
_IMAGE = "/{pool_id}/{client_id}/{version}/assets/images/{name}"


def routes(node: Node) -> list[BaseRoute]:
    """For `oauth.front.front`."""
    per_minute = node.settings.forms_per_minute
    allowed = Forms(per_minute) if per_minute else None

    def page(path: str, served: Served, methods: list[str]) -> Route:
        if allowed is not None and "POST" in methods:
            served = counted(allowed, served)
        route = Route(path, for_browsers(node, on_page(served)), methods=methods)
        route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
        return route

    return [
        page("/login", opened(signing_in.login), GET),
        page("/login", sent(signing_in.login_sent), POST),
        page("/signup", opened(native(signing_up.signup)), GET),
        page("/signup", sent(native(signing_up.signup_sent)), POST),
        page("/confirm", sent(native(signing_up.confirm_sent)), POST),
        page("/resendcode", sent(native(signing_up.resend)), POST),
        page("/confirmUser", signing_up.confirm_user, GET),
        page("/confirmUser/", signing_up.confirm_user, GET),
        page("/forgotPassword", opened(native(recovering.forgot_password)), GET),
        page("/forgotPassword", sent(native(recovering.forgot_password_sent)), POST),
        page("/confirmforgotPassword", sent(native(recovering.reset_password_sent)), POST),
        *(page(path, start_again, GET) for path in ("/confirm", "/resendcode", "/confirmforgotPassword")),
        page(adding_passkeys.PATH, adding_passkeys.passkey, GET),
        page(adding_passkeys.PATH, adding_passkeys.passkey_sent, POST),
        page(feedback.PATH, feedback.feedback, GET),
        page(feedback.PATH, feedback.feedback_sent, POST),
        page(finishing.CONSENT, opened(consenting.consent), GET),
        page(finishing.CONSENT, sent(consenting.consent_sent), POST),
        page("/error", error, GET),
        Route(f"{looks.STYLE}{{client_id}}/{{kind}}.css", serving.page_style(node), methods=GET),
        Route(f"{looks.ASSETS}{{client_id}}/{{category}}/{{mode}}", serving.page_asset(node), methods=GET),
        Route(f"{static.PATH}{{name}}", serving.page_file, methods=GET),
        Route(_IMAGE, serving.classic_logo(node), methods=GET),
    ]


def on_page(served: Served) -> Served:
    """A page: what it asks for is asked for there."""

    @functools.wraps(served)
    async def endpoint(visit: Visit, request: Request) -> Response:
        visit.call.on_page = True
        return await served(visit, request)

    return endpoint


def opened(served: Shown) -> Served:
    """A page that is come to by a link or a redirect."""

    @functools.wraps(served)
    async def endpoint(visit: Visit, request: Request) -> Response:
        return await served(await screens.opened(visit, request))

    return endpoint


def sent(served: Shown) -> Served:
    """A page that is sent a form; one that is not ours does nothing."""

    @functools.wraps(served)
    async def endpoint(visit: Visit, request: Request) -> Response:
        screen = await screens.sent(visit, request)
        return await served(screen) if screen.is_genuine else showing.foreign_form(screen)

    return endpoint


def native(served: Shown) -> Shown:
    """A page about accounts of the pool itself: where the client has none of those, the first page says what it has."""

    @functools.wraps(served)
    async def endpoint(screen: Screen) -> Response:
        return await served(screen) if screen.is_native else answers.redirect(screen.to("/login"))

    return endpoint


def counted(allowed: Forms, served: Served) -> Served:
    """A form that is read only if its address has not sent too many to this domain. In open mode suites of tests send them."""

    @functools.wraps(served)
    async def endpoint(visit: Visit, request: Request) -> Response:
        call = visit.call
        if visit.client_ip is None or (not call.settings.rate_limits and await call.configurations.is_open()):
            return await served(visit, request)
        domain = visit.domain.name if visit.domain is not None else ""
        if allowed.admit(call.now, domain, visit.client_ip):
            return await served(visit, request)
        if not allowed.has_told_of_proxy and _may_be_proxy(visit, request):
            allowed.has_told_of_proxy = True  # once: anybody may say that he forwards
            log.warning(
                "%s has sent too many forms, and says for whom: if it is a proxy of yours, name it in trusted_proxies, "
                "or all people behind it share one limit",
                visit.client_ip,
            )
        return await _too_many(visit, request, allowed.wait_s)

    return endpoint


def _may_be_proxy(visit: Visit, request: Request) -> bool:
    """Whether a request says that it was forwarded, by who is not trusted to say so."""
    peer = request.client.host if request.client else None
    return visit.client_ip == peer and "x-forwarded-for" in request.headers


async def _too_many(visit: Visit, request: Request, wait_s: int) -> Response:
    sent, _ = forms.of_query(request.url.query)
    await places.find_client(visit.call, sent.get("client_id", ""))
    page = Result(title="error_heading", text="fault_attempts")
    response = await screens.alone(visit, request, page, TOO_MANY)
    response.headers["retry-after"] = str(wait_s)
    return response


async def start_again(visit: Visit, request: Request) -> Response:
    """A page that only follows another one was asked for by itself."""
    return answers.redirect(f"{visit.base_url}/login?{request.url.query}")


async def error(visit: Visit, request: Request) -> Response:
    """What is wrong with a request that cannot be answered to its app: in a word, never in words of the address.

    In open mode it says also what to do, which came sealed (oauth/front.py); outside it the log does, by the request's id.
    """
    sent, _ = forms.of_query(request.url.query)
    told = sent.get("error", "")
    await places.find_client(visit.call, sent.get("client_id", ""))
    anew = _unsealed(visit, sent, ANEW, "anew")
    text = "interrupted_text" if anew else "error_text"
    page = Result(
        title="error_heading",
        text="unavailable_text" if told == errors.PAGES_UNAVAILABLE.type else text,
        detail=told if _ERROR.fullmatch(told) else errors.OAUTH_REQUEST.type,
        why=await _why(visit, sent),
        request_id=sent.get("request_id", "") if is_sub(sent.get("request_id", "")) else "",
        anew=f"/oauth2/authorize?{anew}" if anew else "",
    )
    return await screens.alone(visit, request, page, screens.BAD_REQUEST)


async def _why(visit: Visit, sent: Mapping[str, str]) -> str:
    return _unsealed(visit, sent, WHY, "why") if await visit.call.configurations.is_open() else ""


def _unsealed(visit: Visit, sent: Mapping[str, str], purpose: str, name: str) -> str:
    """What we have sealed into the parameter `name` for this page; empty for anything else."""
    try:
        sealed, request_id = sent.get(name, ""), sent.get("request_id", "")
        return visit.call.vault.unseal_text(purpose, sealed, request_id.encode()).decode()
    except CannotUnseal:
        return ""
