"""/forgotPassword and /confirmforgotPassword: a code is sent, and a new password set with it."""

from __future__ import annotations

from starlette.responses import Response

from cognomen.errors import Refusal
from cognomen.pages import acting, fields, refusals, showing
from cognomen.pages.contexts import Notice, ResetPassword
from cognomen.pages.questions import typed_code
from cognomen.pages.screens import Screen


async def forgot_password(screen: Screen) -> Response:
    return showing.forgot_password(screen, screen.asked.login_hint or "")


async def forgot_password_sent(screen: Screen) -> Response:
    username = screen.fields.get("username", "")
    try:
        answer = await acting.perform(screen.visit.call, "ForgotPassword", username)
    except Refusal as refusal:
        return showing.forgot_password(screen, username, refusals.notice(refusal))
    return _reset_page(screen, username, answer["CodeDeliveryDetails"]["Destination"])


async def reset_password_sent(screen: Screen) -> Response:
    sent = screen.fields
    username, destination = sent.get("username", ""), sent.get("destination", "")
    password = sent.get("password", "")
    if sent.get("repeated", password) != password:
        return _reset_page(screen, username, destination, Notice("error", "fault_passwords_differ"))
    try:
        await acting.perform(
            screen.visit.call,
            "ConfirmForgotPassword",
            username,
            ConfirmationCode=typed_code(sent),
            Password=password,
        )
    except Refusal as refusal:
        return _reset_page(screen, username, destination, refusals.notice(refusal))
    return showing.sign_in(screen, username, Notice("success", "reset_done"))


def _reset_page(screen: Screen, username: str, destination: str, notice: Notice | None = None) -> Response:
    typed = screen.fields.get("password", "") if notice is not None else ""
    page = ResetPassword(destination=destination, rules=fields.rules(screen.visit.call.pool, typed))
    carried = {"username": username, "destination": destination}
    return screen.show(page, path="/confirmforgotPassword", notice=notice, carrying=carried)
