"""/signup, /confirm, /resendcode, /confirmUser: an account is made, and confirmed with a code or a link."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.oauth import forms, places
from cognomen.oauth.places import Visit
from cognomen.pages import acting, fields, languages, providers, refusals, screens, showing, signing_in
from cognomen.pages.contexts import Notice, Result, SignUp, Terms
from cognomen.pages.questions import typed_code
from cognomen.pages.screens import Screen
from cognomen.pools import turned_on
from cognomen.pools.terms import DEFAULT_LANGUAGE
from cognomen.store import terms
from cognomen.store.database import Db
from cognomen.users import status

_DOCUMENTS = ("terms-of-use", "privacy-policy")


async def signup(screen: Screen) -> Response:
    return await _form(screen)


async def signup_sent(screen: Screen) -> Response:
    call, sent = screen.visit.call, screen.fields
    username, password = sent.get("username", ""), sent.get("password", "")
    if sent.get("repeated", password) != password:
        return await _form(screen, Notice("error", "fault_passwords_differ"))
    given = {
        name: value
        for name in (entry.name for entry in call.pool.schema)
        if (value := fields.value_of(name, sent))
    }
    try:
        answer = await acting.perform(
            call,
            "SignUp",
            username,
            **(
                {"Password": password}
                if password or not turned_on.is_passwordless(call.pool.settings)
                else {}
            ),
            UserAttributes=[{"Name": name, "Value": value} for name, value in given.items()],
        )
    except Refusal as refusal:
        told = refusals.notice(refusal)
        if refusal.is_(errors.MESSAGE_NOT_DELIVERED):  # the account is there all the same
            return showing.confirm(screen, username, notice=told)
        return await _form(screen, told)
    if answer["UserConfirmed"]:
        return await _confirmed(screen, username, password)
    delivery = answer.get("CodeDeliveryDetails")
    if delivery is None:  # nor can it be asked for: the pool sends nothing to confirm with
        return showing.sign_in(screen, username, Notice("error", "fault_unconfirmed"))
    return showing.confirm(screen, username, delivery, session=answer.get("Session"))


async def confirm_sent(screen: Screen) -> Response:
    username = screen.fields.get("username", "")
    try:
        answer = await acting.perform(
            screen.visit.call,
            "ConfirmSignUp",
            username,
            ConfirmationCode=typed_code(screen.fields),
            Session=screen.fields.get(showing.SIGN_UP) or None,
        )
    except Refusal as refusal:
        if (
            refusal.message == errors.CANNOT_CONFIRM(status=status.CONFIRMED).message
        ):  # sent twice, or any other code
            return _confirmed_already(screen, username)
        return showing.confirm_again(screen, refusals.notice(refusal))
    if session := answer.get("Session"):
        return await signing_in.after_sign_up(screen, session, username)
    return showing.sign_in(screen, username, Notice("success", "confirmed"))


async def resend(screen: Screen) -> Response:
    username = screen.fields.get("username", "")
    try:
        answer = await acting.perform(screen.visit.call, "ResendConfirmationCode", username)
    except Refusal as refusal:
        if refusal.is_(errors.ALREADY_CONFIRMED):
            return _confirmed_already(screen, username)
        return showing.confirm_again(screen, refusals.notice(refusal))
    delivery = answer["CodeDeliveryDetails"]
    told = Notice("success", "sent_again", {"destination": delivery["Destination"]})
    return showing.confirm(screen, username, delivery, told, screen.fields.get(showing.SIGN_UP))


async def confirm_user(visit: Visit, request: Request) -> Response:
    """The link in a mail. Whoever only asks what is behind it (HEAD) does not confirm anything."""
    sent, _ = forms.of_query(request.url.query)
    if not await places.find_client(visit.call, sent.get("client_id", "")):
        raise errors.OAUTH_CLIENT_UNKNOWN(id=sent.get("client_id", "")[:128])
    if request.method == "HEAD":
        return Response(b"")
    try:
        await acting.perform(
            visit.call,
            "ConfirmSignUp",
            sent.get("user_name", ""),
            ConfirmationCode=sent.get("confirmation_code", ""),
        )
    except Refusal:  # expired, used, altered: a person can do the same about each
        page = Result(title="link_invalid_heading", text="link_invalid_text")
        return await screens.alone(visit, request, page, screens.BAD_REQUEST)
    page = Result(title="confirmed_heading", text="confirmed_text")
    return await screens.alone(visit, request, page, 200)


def _confirmed_already(screen: Screen, username: str) -> Response:
    """Told only where the client tells apps too."""
    return showing.sign_in(screen, username, Notice("info", "confirmed_already"))


async def _confirmed(screen: Screen, username: str, password: str) -> Response:
    """What follows where a function of the pool's owner has confirmed the account."""
    if password:
        return await signing_in.with_password(screen, username, password)
    return showing.sign_in(screen, username, Notice("success", "confirmed"))


async def _form(screen: Screen, notice: Notice | None = None) -> Response:
    call, sent = screen.visit.call, screen.fields
    if call.pool.settings.admin_create_user_config.allow_admin_create_user_only:
        told = notice or refusals.notice(errors.SIGN_UP_NOT_PERMITTED())
        return showing.sign_in(screen, "", told)
    page = SignUp(
        username=sent.get("username", screen.asked.login_hint or ""),
        rules=fields.rules(call.pool, sent.get("password", "")),
        needs_password=not turned_on.is_passwordless(call.pool.settings),
        fields=fields.required(call.pool, call.client, sent),
        terms=await _terms(screen),
        **providers.offered(screen),
        **fields.name_at_sign_up(call.pool),
    )
    return screen.show(page, path="/signup", notice=notice)


async def _terms(screen: Screen) -> Terms | None:
    """Where the client's two documents are; None unless it has both. The classic pages show none (developer guide)."""
    if not screen.look.is_managed:
        return None
    call = screen.visit.call
    links = await call.store.read(_documents, call.pool.id, call.client.id)
    if links is None:
        return None
    key = languages.TERMS_KEYS[screen.language.code]
    return Terms(*(each.get(key, each[DEFAULT_LANGUAGE]) for each in links))


def _documents(db: Db, pool_id: str, client_id: str) -> list[dict[str, str]] | None:
    found = [terms.of_client(db, pool_id, client_id, name) for name in _DOCUMENTS]
    return None if None in found else [each.links for each in found if each is not None]
