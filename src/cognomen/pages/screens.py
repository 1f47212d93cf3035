"""A browser at one of the pages: what it came with, and how it is shown the next page.

    opened(visit, request)      by a link or a redirect
    sent(visit, request)        with a form that it was shown before
    Screen.show(page, ...)      the answer
    alone(visit, ...)           a page for whoever came without an authorization request

The authorization request travels in the address, as apps and the service write it, and sealed in every form: what was
validated when the person came is what counts, for five minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.oauth import authorization, cookies, forms
from cognomen.oauth.authorization import AuthorizationRequest
from cognomen.oauth.places import Visit
from cognomen.pages import languages, looks, protection
from cognomen.pages.contexts import Frame, Links, Notice, Page
from cognomen.pages.languages import Language
from cognomen.pages.looks import Look
from cognomen.pages.rendering import render
from cognomen.pools import app_clients
from cognomen.pools.domains import MANAGED_LOGIN
from cognomen.pools.identity_providers import NATIVE
from cognomen.store.database import Db
from cognomen.store.domains import Domain
from cognomen.store.identity_providers import Kind

AUTHORIZATION = "authorization"
"""The field of the sealed request."""

BAD_REQUEST = 400
_LANGUAGE_COOKIE = "lang"
_YEAR = 365 * 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Screen:
    """`query` is the request as the address has it; `fields` what was typed, empty where a page was only opened.

    `providers` are the identity providers that the client has besides the pool itself, in its order.

    `is_late` says that the sealed request had waited too long, and the one in the address counts instead.
    """

    visit: Visit
    asked: AuthorizationRequest
    query: str
    look: Look
    language: Language
    token: str = field(repr=False)
    providers: Mapping[str, Kind] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_late: bool = False
    is_genuine: bool = True
    remembers: str | None = None

    @property
    def is_native(self) -> bool:
        """Whether the pool's own accounts may sign in with the client."""
        return NATIVE in (self.visit.call.client.settings.supported_identity_providers or ())

    def show(
        self,
        page: Page,
        *,
        path: str = "/login",
        notice: Notice | None = None,
        carrying: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> Response:
        """The page as an answer; its form goes to `path`, with what it is `carrying`."""
        call = self.visit.call
        sealed = authorization.seal(call, self.asked)
        frame = Frame(
            look=self.look,
            language=self.language,
            action=self.to(path),
            hidden={protection.FIELD: self.token, AUTHORIZATION: sealed, **(carrying or {})},
            links=self._links(),
            notice=notice,
        )
        is_refusal = notice is not None and notice.kind == "error"
        response = HTMLResponse(
            render(page, frame),
            status or (BAD_REQUEST if is_refusal else 200),
            protection.headers(self.asked.redirect_uri, is_secure=self.visit.is_secure),
        )
        response.headers.append("set-cookie", protection.cookie(self.visit, self.token))
        if self.remembers is not None:
            remembering = cookies.header(self.visit, _LANGUAGE_COOKIE, self.remembers, _YEAR)
            response.headers.append("set-cookie", remembering)
        return response

    def to(self, path: str) -> str:
        """The address of another page for the same request."""
        return f"{path}?{self.query}"

    def _links(self) -> Links:
        pool = self.visit.call.pool
        is_closed = pool.settings.admin_create_user_config.allow_admin_create_user_only or not self.is_native
        return Links(
            sign_in=self.to("/login"),
            sign_up="" if is_closed else self.to("/signup"),
            forgot_password=self.to("/forgotPassword") if self.is_native else "",
            resend=self.to("/resendcode"),
        )


async def opened(visit: Visit, request: Request) -> Screen:
    """Raises what `authorization.read` does, PAGES_UNAVAILABLE."""
    return await of_query(visit, request, request.url.query)


async def of_query(visit: Visit, request: Request, query: str) -> Screen:
    """As `opened`, where another query than the address's counts."""
    return await _screen(visit, request, await authorization.read(visit.call, query), query)


async def sent(visit: Visit, request: Request) -> Screen:
    """The same with a form. A form without the sealed request, as scripts send it, is read by its address."""
    fields = await forms.once(request, visit.call.settings.request_timeout_s)
    query, is_late = request.url.query, False
    asked = None
    if AUTHORIZATION in fields:
        try:
            asked = await authorization.unseal(visit.call, fields[AUTHORIZATION])
        except Refusal:
            is_late = True
    if asked is None:
        asked = await authorization.read(visit.call, query)
    return await _screen(
        visit,
        request,
        asked,
        query,
        fields=fields,
        is_late=is_late,
        is_genuine=protection.is_genuine(visit, request, fields),
    )


async def _screen(
    visit: Visit,
    request: Request,
    asked: AuthorizationRequest,
    query: str,
    *,
    fields: Mapping[str, str] | None = None,
    is_late: bool = False,
    is_genuine: bool = True,
) -> Screen:
    call = visit.call
    look = await call.store.read(_look, visit)
    if look is None:
        raise errors.PAGES_UNAVAILABLE(id=call.client.id)
    language, remembers = _spoken(visit, request, look)
    return Screen(
        visit=visit,
        asked=asked,
        query=query,
        look=look,
        language=language,
        token=protection.token(visit),
        providers=_providers(call),
        fields=fields or {},
        is_late=is_late,
        is_genuine=is_genuine,
        remembers=remembers,
    )


async def alone(
    visit: Visit,
    request: Request,
    page: Page,
    status: int,
    *,
    action: str = "",
    carrying: Mapping[str, str] | None = None,
    notice: Notice | None = None,
) -> Response:
    """A page beside authorization requests, of call.client if the request named one; with that of its pool where it has none.

    Where it has a form, that goes to `action`, with what it is `carrying`.
    """
    look = await visit.call.store.read(_look, visit) if visit.call.found_client is not None else None
    look = look or _look_of_pool(visit)
    language, _ = _spoken(visit, request, look)
    token = protection.token(visit)
    hidden = {protection.FIELD: token, **(carrying or {})} if action else {}
    frame = Frame(look, language, action=action, hidden=hidden, notice=notice)
    response = HTMLResponse(render(page, frame), status, protection.headers(is_secure=visit.is_secure))
    if action:
        response.headers.append("set-cookie", protection.cookie(visit, token))
    return response


def _spoken(visit: Visit, request: Request, look: Look) -> tuple[Language, str | None]:
    """The language of a page, and what is to be remembered of it; the classic pages have English only."""
    call = visit.call
    texts, pool_id = call.node.page_texts, call.pool_id or ""
    if not look.is_managed:
        return texts.language(pool_id, languages.DEFAULT), None
    asked = request.query_params.get("lang")
    code = languages.chosen(
        asked, visit.cookies.get(_LANGUAGE_COOKIE), request.headers.get("accept-language", "")
    )
    return texts.language(pool_id, code), code if asked else None


def _providers(call: Call) -> dict[str, Kind]:
    known = call.configuration.providers
    names = call.client.settings.supported_identity_providers or ()
    return {name: known[name] for name in names if name in known}


def _look(db: Db, visit: Visit) -> Look | None:
    """By the version that the visited domain says; at the common address that of the pool's own domain.

    A pool without any has managed login there, and needs no style: the service has no pages for it. Neither does a client that
    registered itself: nobody made one for it, and people must be able to sign in before an administrator hears of it.
    """
    call, domain = visit.call, _domain(visit)
    look = looks.of_client(db, call.pool.id, call.client.id, is_managed=_is_managed(domain))
    if look is None and (domain is None or app_clients.registered_itself(call.client)):
        return looks.managed(looks.provided(call.pool.id, call.client.id), {})
    return look


def _look_of_pool(visit: Visit) -> Look:
    """Of a page that is of no client, or of one that has no style; the classic one where no pool is known."""
    found = visit.call.found_pool
    if found is None or not _is_managed(_domain(visit)):
        return looks.plain()
    return looks.of_pool(found.pool.id)


def _domain(visit: Visit) -> Domain | None:
    return visit.domain or next(iter(visit.call.configuration.domains), None)


def _is_managed(domain: Domain | None) -> bool:
    return domain is None or domain.settings.managed_login_version == MANAGED_LOGIN
