"""/login: who one is, the password, and every challenge that follows, until the app gets its answer.

All of it is the engine's doing; here a form becomes an answer, and what the engine asks becomes a page.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.oauth import answers, authorization, browser_sessions, departing, finishing
from cognomen.pages import (
    acting,
    adding_passkeys,
    challenges,
    fields,
    providers,
    questions,
    refusals,
    setting_up,
    showing,
)
from cognomen.pages.challenges import FORMS, SESSION
from cognomen.pages.contexts import Notice
from cognomen.pages.questions import Outcome, Question
from cognomen.pages.screens import Screen
from cognomen.pools.identity_providers import NATIVE
from cognomen.sign_in.engine import Ask, SignedIn
from cognomen.sign_in.flows import CHOICE, FLOWS, Flow
from cognomen.sign_in.step_up import Target
from cognomen.store.browser_sessions import BrowserSession
from cognomen.store.users import User
from cognomen.tokens import assurance
from cognomen.users import passkeys

_PASSWORD_FLOW = FLOWS["USER_PASSWORD_AUTH"]
"""A page may always ask for a password, whatever flows the client allows to apps."""


async def login(screen: Screen) -> Response:
    """The first page; whoever has signed in a while ago is led on at once, as by /oauth2/authorize."""
    found = await browser_sessions.living(screen.visit, screen.asked)
    if found is not None:
        finished = await finishing.go_on(screen.visit, screen.asked, *found)
        return answers.redirect(finished.location, finished.cookies)
    short = await browser_sessions.short(screen.visit, screen.asked)
    if short is not None:
        return showing.sign_in(screen, _name_of(screen, short[0]), is_step_up=True)
    if screen.asked.identity_provider not in (None, NATIVE):
        return answers.redirect(screen.to("/oauth2/authorize"))
    return showing.sign_in(screen, screen.asked.login_hint or "")


async def login_sent(screen: Screen) -> Response:
    if providers.FIELD in screen.fields:
        return await _to_provider(screen)
    if not screen.is_native:
        return showing.sign_in(screen, notice=Notice("error", "fault_other"))
    if screen.is_late:
        return showing.sign_in(screen, "", refusals.notice(errors.SESSION_EXPIRED()))
    return await (_answered(screen) if SESSION in screen.fields else _named(screen))


async def _named(screen: Screen) -> Response:
    """From the first page: who one is, and the password where that was asked for too."""
    username, password = screen.fields.get("username", ""), screen.fields.get("password")
    call = screen.visit.call
    short = await browser_sessions.short(screen.visit, screen.asked) if password is None else None
    if short is not None and _name_of(screen, short[0]) == username:
        return await _stepped_up(screen, *short)
    if password is None and fields.are_asked_name_first(call.pool, call.client, screen.look):
        return await _begun(screen, FLOWS[CHOICE], username, {"USERNAME": username})
    if password is None and short is not None:
        return showing.sign_in(screen, username)
    return await with_password(screen, username, password or "")


async def _to_provider(screen: Screen) -> Response:
    """To the identity provider that the typed address belongs to."""
    name = await providers.found_by(screen.visit.call, screen.fields[providers.FIELD])
    if name is None:
        return showing.sign_in(screen, notice=Notice("error", "fault_no_provider"))
    if screen.visit.is_secure and await departing.is_plain(screen.visit.call, name):
        # The policy of a page under TLS lets no form lead there; a link may.
        return showing.provider(screen, name)
    return answers.redirect(providers.url(screen, name))


async def with_password(screen: Screen, username: str, password: str) -> Response:
    """Sign in with what was typed on the first page, or with what has just become right."""
    return await _begun(screen, _PASSWORD_FLOW, username, {"USERNAME": username, "PASSWORD": password})


async def after_sign_up(screen: Screen, session: str, username: str) -> Response:
    """Sign in whoever has just been confirmed with the code that was sent, and offer a passkey on the way."""
    try:
        outcome = await acting.resume(screen.visit.call, session, username)
    except Refusal as refusal:
        return showing.sign_in(screen, username, refusals.notice(refusal))
    if (
        isinstance(outcome, SignedIn)
        and screen.look.is_managed
        and passkeys.are_allowed(screen.visit.call.pool)
    ):
        cookie = await finishing.begin(screen.visit, outcome)
        return answers.redirect(screen.to(adding_passkeys.PATH), (cookie,))
    return await _go_on(screen, outcome, username)


async def _stepped_up(screen: Screen, user: User, session: BrowserSession) -> Response:
    """Ask for what the browser's session lacks; where the user can prove no more, and that will do, it goes on."""
    levels = assurance.wanted(screen.visit.call.pool, screen.asked.acr_values)
    target, username = Target(levels, session.proven, user.sub), _name_of(screen, user)
    try:
        outcome = await acting.begin(
            screen.visit.call, FLOWS[CHOICE], username, {"USERNAME": username}, target
        )
    except Refusal as refusal:
        if refusal.message != errors.LEVEL_REACHED.text:
            _tell_app(screen, refusal)
            return showing.sign_in(screen, username, refusals.notice(refusal), is_step_up=True)
        finished = await finishing.go_on(screen.visit, screen.asked, user, session)
        return answers.redirect(finished.location, finished.cookies)
    return await _go_on(screen, outcome, username)


def _name_of(screen: Screen, user: User) -> str:
    """What the user calls itself: where names are addresses, the user name is none that anybody knows."""
    kinds = screen.visit.call.pool.settings.username_attributes or ()
    return next((user.attributes[kind] for kind in kinds if user.attributes.get(kind)), user.username)


async def _begun(screen: Screen, flow: Flow, username: str, given: Mapping[str, str]) -> Response:
    call = screen.visit.call
    target = Target(assurance.wanted(call.pool, screen.asked.acr_values))
    try:
        outcome = await acting.begin(call, flow, username, given, target)
    except Refusal as refusal:
        _tell_app(screen, refusal)
        told = refusals.notice(refusal)
        if refusal.is_(errors.USER_NOT_CONFIRMED):
            return showing.confirm(screen, username, notice=told)
        if refusal.is_(errors.PASSWORD_RESET_REQUIRED):
            return showing.forgot_password(screen, username, told)
        return showing.sign_in(screen, username, told)
    return await _go_on(screen, outcome, username)


async def _answered(screen: Screen) -> Response:
    call, sent = screen.visit.call, screen.fields
    try:
        asked = challenges.unseal(call, sent[SESSION])
    except Refusal as refusal:
        return showing.sign_in(screen, "", refusals.notice(refusal))
    if challenges.AGAIN in sent and asked.session is not None and questions.destination(asked):
        return await _sent_again(screen, asked, asked.session)
    if "repeated" in sent and sent["repeated"] != sent.get("password"):
        return _asked(screen, asked, Notice("error", "fault_passwords_differ"))
    try:
        outcome = await FORMS[asked.challenge].answer(call, asked, sent)
    except Refusal as refusal:
        _tell_app(screen, refusal)
        return _refused(screen, asked, refusal)
    return await _go_on(screen, outcome, asked.typed, setting_up.kept(asked, sent))


async def _sent_again(screen: Screen, asked: Question, session: str) -> Response:
    try:
        ask = await acting.send_again(screen.visit.call, asked.challenge, session, asked.typed, asked.kept)
    except Refusal as refusal:
        return _refused(screen, asked, refusal)
    following = questions.of(ask, asked.typed, asked.kept)
    told = Notice("success", "sent_again", {"destination": questions.destination(following)})
    return _asked(screen, following, told)


def _refused(screen: Screen, asked: Question, refusal: Refusal) -> Response:
    """The question again, unless the sign-in has to begin again, or the password to be set before."""
    told = refusals.notice(refusal)
    if refusal.is_(errors.PASSWORD_RESET_REQUIRED):
        return showing.forgot_password(screen, asked.typed, told)
    if refusals.ends_sign_in(refusal):
        return showing.sign_in(screen, asked.typed, told)
    return _asked(screen, asked, told)


async def _go_on(
    screen: Screen, outcome: Outcome, typed: str, kept: Mapping[str, str] | None = None
) -> Response:
    call = screen.visit.call
    while isinstance(outcome, Ask):
        asked = questions.of(outcome, typed, kept)
        form = FORMS.get(asked.challenge)
        if form is None:
            return showing.sign_in(screen, typed, Notice("error", "fault_other"))
        if form.begin is None:
            return _asked(screen, asked)
        try:
            outcome = await form.begin(call, asked)
        except Refusal as refusal:
            _tell_app(screen, refusal)
            return showing.sign_in(screen, typed, refusals.notice(refusal))
    if isinstance(outcome, SignedIn):
        finished = await finishing.finish(screen.visit, screen.asked, outcome)
        return answers.redirect(finished.location, finished.cookies)
    return _asked(screen, outcome)


def _tell_app(screen: Screen, refusal: Refusal) -> None:
    """Raises SentBack where the person cannot be known as surely as the app wants: no page can help."""
    if refusal.is_(errors.LEVEL_OUT_OF_REACH):
        raise authorization.sent_back(screen.asked, errors.OAUTH_LEVEL()) from refusal


def _asked(screen: Screen, asked: Question, notice: Notice | None = None) -> Response:
    call = screen.visit.call
    sent = screen.fields if notice is not None else {}
    page = FORMS[asked.challenge].page(call, asked, sent)
    return screen.show(page, notice=notice, carrying={SESSION: challenges.seal(call, asked)})
