"""/forgotPassword and /confirmforgotPassword: a code is sent, and a new password set with it.

What is said is the same to everybody: about a name that nobody has, a user who cannot be sent a code, a disabled one.
"""

from __future__ import annotations

from copy import copy

from starlette.responses import Response

from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.pages import acting, fields, refusals, showing
from cognomen.pages.contexts import Notice, ResetPassword
from cognomen.pages.questions import typed_code
from cognomen.pages.screens import Screen
from cognomen.pools import app_clients


async def forgot_password(screen: Screen) -> Response:
    return showing.forgot_password(screen, screen.asked.login_hint or "")


async def forgot_password_sent(screen: Screen) -> Response:
    """Sent from the page that asks for the code as well, for another one."""
    username = screen.fields.get("username", "")
    try:
        answer = await acting.perform(_discreet(screen.visit.call), "ForgotPassword", username)
    except Refusal as refusal:
        return showing.forgot_password(screen, username, refusals.notice(refusal))
    destination = answer["CodeDeliveryDetails"]["Destination"]
    is_again = "destination" in screen.fields
    told = Notice("success", "sent_again", {"destination": destination}) if is_again else None
    return _reset_page(screen, username, destination, told)


async def reset_password_sent(screen: Screen) -> Response:
    sent = screen.fields
    username, destination = sent.get("username", ""), sent.get("destination", "")
    password = sent.get("password", "")
    if sent.get("repeated", password) != password:
        return _reset_page(screen, username, destination, Notice("error", "fault_passwords_differ"))
    try:
        await acting.perform(
            _discreet(screen.visit.call),
            "ConfirmForgotPassword",
            username,
            ConfirmationCode=typed_code(sent),
            Password=password,
        )
    except Refusal as refusal:
        return _reset_page(screen, username, destination, refusals.notice(refusal))
    return showing.sign_in(screen, username, Notice("success", "reset_done"))


def _discreet(call: Call) -> Call:
    """The call of a client that hides who exists, whatever this one says: that is for its app, and here anybody tries names."""
    discreet = copy(call)
    discreet.found_client = app_clients.hiding_unknown_users(call.client)
    return discreet


def _reset_page(screen: Screen, username: str, destination: str, notice: Notice | None = None) -> Response:
    typed = screen.fields.get("password", "") if notice is not None else ""
    rules = fields.rules(screen.visit.call.pool, typed)
    page = ResetPassword(username=username, destination=destination, rules=rules)
    carried = {"username": username, "destination": destination}
    return screen.show(page, path="/confirmforgotPassword", notice=notice, carrying=carried)
