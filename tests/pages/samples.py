"""Each page in its states, for the tests and for whoever works on the templates."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from cognomen.pages.contexts import (
    Choose,
    Code,
    Confirm,
    Consent,
    Feedback,
    Field,
    ForgotPassword,
    NewPassword,
    Page,
    Passkey,
    Password,
    Provider,
    ResetPassword,
    Result,
    Rule,
    SetUpApp,
    SetUpEmail,
    SignIn,
    SignUp,
    Terms,
)
from cognomen.pages.looks import Picture

_RULES = (
    Rule("length", 8, is_met=True),
    Rule("lowercase", is_met=True),
    Rule("uppercase", is_met=False),
    Rule("number", is_met=False),
    Rule("symbol", is_met=False),
)
_FRESH_RULES = tuple(Rule(rule.name, rule.count) for rule in _RULES)
_EMAIL = Field("attribute.email", "attribute_email", "email", "email")
_PROVIDERS = (
    Provider("Google", "Google", "/oauth2/authorize", is_social=True),
    Provider("Corp", "Corp", "/", icon=Picture("/_pages/assets/icon", "/_pages/assets/dark-icon")),
)

SAMPLES: Mapping[str, Page] = {
    "sign-in": SignIn(labels=("name_email",), type="email"),
    "sign-in-name-first": SignIn(with_password=False, labels=("name_username", "name_email")),
    "sign-in-step-up": SignIn(username="jane", text="step_up_text", with_password=False),
    "sign-in-providers": SignIn(providers=_PROVIDERS, by_domain=True),
    "sign-in-providers-alone": SignIn(providers=_PROVIDERS, is_native=False),
    "sign-up-providers": SignUp(rules=_FRESH_RULES, fields=(_EMAIL,), providers=_PROVIDERS, by_domain=True),
    "choose": Choose(username="jane", ways=("PASSWORD", "WEB_AUTHN", "EMAIL_OTP", "SMS_OTP")),
    "choose-second": Choose(
        title="choose_second_heading", username="jane", ways=("SMS_MFA", "SOFTWARE_TOKEN_MFA")
    ),
    "choose-set-up": Choose(
        title="set_up_heading",
        text="set_up_text",
        username="jane",
        ways=("SOFTWARE_TOKEN_MFA", "EMAIL_OTP"),
    ),
    "password": Password(username="jane"),
    "code-email": Code(title="code_email_heading", graphic="EMAIL_GRAPHIC", destination="j***@e***"),
    "code-sms": Code(title="code_sms_heading", graphic="SMS_GRAPHIC", destination="+*******0839"),
    "code-app": Code(title="code_app_heading", graphic="AUTH_APP_GRAPHIC"),
    "passkey": Passkey(options="{}"),
    "passkey-add": Passkey(
        title="passkey_add_heading",
        text="passkey_add_text",
        button="passkey_add",
        failed="passkey_add_failed",
        ceremony="create",
        options="{}",
        later_url="https://app.example.com/",
    ),
    "set-up-app": SetUpApp(picture=Markup('<svg viewBox="0 0 1 1"></svg>'), secret="JBSWY3DPEHPK3PXP"),
    "set-up-email": SetUpEmail(),
    "new-password": NewPassword(username="jane", rules=_FRESH_RULES, fields=(_EMAIL,)),
    "sign-up": SignUp(
        rules=_FRESH_RULES,
        fields=(_EMAIL, Field("attribute.birthdate", "attribute_birthdate", "date", "bday")),
        terms=Terms("https://example.com/terms", "https://example.com/privacy"),
    ),
    "sign-up-refused": SignUp(username="jane", rules=_RULES, fields=(_EMAIL,)),
    "confirm": Confirm(destination="j***@e***", medium="EMAIL"),
    "confirm-by-link": Confirm(destination="j***@e***", medium="EMAIL", by_link=True),
    "forgot-password": ForgotPassword(labels=("name_email",), type="email"),
    "reset-password": ResetPassword(username="jane", destination="j***@e***", rules=_FRESH_RULES),
    "consent": Consent(client="An agent", place="agent.example.com", scopes=("openid", "email")),
    "feedback": Feedback(text="feedback_invalid"),
    "confirmed": Result(title="confirmed_heading", text="confirmed_text"),
    "error": Result(title="error_heading", text="error_text", detail="redirect_mismatch"),
    "error-explained": Result(
        title="error_heading",
        text="error_text",
        detail="redirect_mismatch",
        why="The request came with redirect_uri=http://localhost:3000, and client 3n4b5urk1ft4fl3mg5e62d9ado has "
        "http://localhost:3000/ in CallbackURLs.",
        request_id="0b7a5a5e-0000-4000-8000-000000000001",
    ),
    "error-anew": Result(
        title="error_heading",
        text="interrupted_text",
        detail="invalid_request",
        anew="/oauth2/authorize?client_id=3n4b5urk1ft4fl3mg5e62d9ado",
    ),
}
