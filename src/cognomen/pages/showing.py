"""The pages that more than one way leads to."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from cognomen.pages import fields, providers
from cognomen.pages.contexts import Confirm, ForgotPassword, Notice, SignIn
from cognomen.pages.screens import Screen

FORBIDDEN = 403
SIGN_UP = "sign_up"
"""The field of the session that SignUp gives where its code signs in as well."""

CONFIRM_CARRIES = ("username", "destination", "medium", SIGN_UP)

_BY_LINK = "CONFIRM_WITH_LINK"


def sign_in(
    screen: Screen,
    username: str = "",
    notice: Notice | None = None,
    status: int | None = None,
    *,
    is_step_up: bool = False,
) -> Response:
    """The first page; at a step-up it asks for the name alone, and says why."""
    call = screen.visit.call
    page = SignIn(
        username=username,
        text="step_up_text" if is_step_up else "sign_in_text",
        with_password=not (is_step_up or fields.are_asked_name_first(call.pool, call.client, screen.look)),
        is_native=screen.is_native,
        **_others(screen, is_step_up=is_step_up),
        **fields.name_at_sign_in(call.pool),
    )
    return screen.show(page, notice=notice, status=status)


def provider(screen: Screen, name: str) -> Response:
    """The first page with the button of one provider alone."""
    return screen.show(SignIn(is_native=False, providers=(providers.button(screen, name),)))


def _others(screen: Screen, *, is_step_up: bool) -> providers.Offered:
    """Nobody else can add to what the pool itself has proven."""
    return {"providers": (), "by_domain": False} if is_step_up else providers.offered(screen)


def foreign_form(screen: Screen) -> Response:
    """The first page for a form that is not one of ours, or was shown to another browser."""
    return sign_in(screen, notice=Notice("error", "fault_form"), status=FORBIDDEN)


def confirm(
    screen: Screen,
    username: str,
    delivery: Mapping[str, str] | None = None,
    notice: Notice | None = None,
    session: str | None = None,
) -> Response:
    """The page for the code, or about the link, that went to the address of `delivery` (CodeDeliveryDetails)."""
    delivery = delivery or {}
    destination, medium = delivery.get("Destination", ""), delivery.get("DeliveryMedium", "")
    template = screen.visit.call.pool.settings.verification_message_template
    page = Confirm(
        destination=destination,
        medium=medium,
        by_link=medium == "EMAIL" and template.default_email_option == _BY_LINK,
    )
    carried = dict(zip(CONFIRM_CARRIES, (username, destination, medium, session or ""), strict=True))
    return screen.show(page, path="/confirm", notice=notice, carrying=carried)


def confirm_again(screen: Screen, notice: Notice) -> Response:
    username, destination, medium, session = (screen.fields.get(name, "") for name in CONFIRM_CARRIES)
    delivery = {"Destination": destination, "DeliveryMedium": medium}
    return confirm(screen, username, delivery, notice, session)


def forgot_password(screen: Screen, username: str, notice: Notice | None = None) -> Response:
    page = ForgotPassword(username=username, **fields.name_at_sign_in(screen.visit.call.pool))
    return screen.show(page, path="/forgotPassword", notice=notice)
