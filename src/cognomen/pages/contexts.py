"""What each page is given: a record a page, which names its template and the text of its heading.

    Frame           what stands around every page: the look, the language, where its form goes, what was wrong
    SAMPLES         each page in its states, for the tests and for whoever works on the templates

Texts are keys of texts/*.json, so that a record is the same in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from markupsafe import Markup

if TYPE_CHECKING:
    from cognomen.pages.languages import Language
    from cognomen.pages.looks import Look


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said above a form: a text, or the words of the pool owner's function as they are."""

    kind: Literal["error", "info", "success"]
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """The other pages, with what must go along; empty where there is no way there."""

    sign_in: str = ""
    sign_up: str = ""
    forgot_password: str = ""
    resend: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """`action` is where the form is posted, `hidden` what it carries besides what is typed."""

    look: Look
    language: Language
    action: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict, repr=False)
    links: Links = Links()
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """The button of an identity provider."""

    name: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field for an attribute; `label` is a key."""

    name: str
    label: str
    type: str = "text"
    autocomplete: str = "off"
    mode: str = ""
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a password must have; `is_met` is None where none was typed yet."""

    name: str
    count: int | None = None
    is_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The addresses of the two documents a sign-up page links to."""

    use: str
    privacy: str

    def link(self, label: str, which: str) -> Markup:
        url = self.use if which == "use" else self.privacy
        return Markup('<a class="link" href="{}" target="_blank" rel="noopener">{}</a>').format(url, label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What all pages have: `scripts` make a page do more, and only passkeys need one."""

    template: ClassVar[str]
    title: str
    form_id: ClassVar[str] = ""
    scripts: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Page):
    """A page that asks who one is; `labels` are what a name may be."""

    labels: tuple[str, ...] = ("name_username",)
    type: str = "text"
    autocomplete: str = "username"
    username: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Named):
    template: ClassVar[str] = "sign_in.html"
    title: str = "sign_in"
    text: str = "sign_in_text"
    with_password: bool = True
    providers: tuple[Provider, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Page):
    """A choice among ways to sign in, second factors, or those to set up."""

    template: ClassVar[str] = "choose.html"
    title: str = "choose_heading"
    text: str = "signing_in_as"
    username: str
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Password(Page):
    template: ClassVar[str] = "password.html"
    title: str = "password_heading"
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Page):
    """A code that was sent to `destination`, or that an app shows."""

    template: ClassVar[str] = "code.html"
    title: str
    graphic: str
    destination: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey(Page):
    """A ceremony in the browser: `options` is its JSON; with `later_url` it can be put off."""

    template: ClassVar[str] = "passkey.html"
    form_id: ClassVar[str] = "passkey"
    scripts: ClassVar[tuple[str, ...]] = ("passkey.js",)
    title: str = "passkey_heading"
    text: str = "passkey_text"
    button: str = "passkey_use"
    failed: str = "passkey_failed"
    ceremony: Literal["get", "create"] = "get"
    options: str
    later_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpApp(Page):
    """An authenticator app: `picture` is an SVG of the QR code."""

    template: ClassVar[str] = "set_up_app.html"
    title: str = "app_heading"
    picture: Markup = field(repr=False)
    secret: str = field(repr=False)

    @property
    def spaced_secret(self) -> str:
        """In groups of four, as people type it."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpEmail(Page):
    template: ClassVar[str] = "set_up_email.html"
    title: str = "email_heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword(Page):
    template: ClassVar[str] = "new_password.html"
    scripts: ClassVar[tuple[str, ...]] = ("password.js",)
    title: str = "new_password_heading"
    username: str
    rules: tuple[Rule, ...]
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp(Named):
    template: ClassVar[str] = "sign_up.html"
    scripts: ClassVar[tuple[str, ...]] = ("password.js",)
    title: str = "create_account"
    rules: tuple[Rule, ...]
    needs_password: bool = True
    fields: tuple[Field, ...] = ()
    terms: Terms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Page):
    """A new account is confirmed with a code, or with a link in a mail."""

    template: ClassVar[str] = "confirm.html"
    title: str = "confirm_heading"
    destination: str = ""
    medium: str = ""
    by_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgotPassword(Named):
    template: ClassVar[str] = "forgot_password.html"
    title: str = "forgot_heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword(Page):
    template: ClassVar[str] = "reset_password.html"
    scripts: ClassVar[tuple[str, ...]] = ("password.js",)
    title: str = "reset_heading"
    username: str
    destination: str = ""
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Page):
    """`client` is what an app calls itself, `place` the host or scheme that the answer goes to."""

    template: ClassVar[str] = "consent.html"
    title: str = "consent_heading"
    client: str
    place: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Page):
    """An end: something is done, or cannot be done; `detail` is the name of an error, `why` what to do about it, in English."""

    template: ClassVar[str] = "result.html"
    text: str = ""
    detail: str = ""
    why: str = ""
    request_id: str = ""


_RULES = (
    Rule("length", 8, is_met=True),
    Rule("lowercase", is_met=True),
    Rule("uppercase", is_met=False),
    Rule("number", is_met=False),
    Rule("symbol", is_met=False),
)
_FRESH_RULES = tuple(Rule(rule.name, rule.count) for rule in _RULES)
_EMAIL = Field("attribute.email", "attribute_email", "email", "email")

SAMPLES: Mapping[str, Page] = {
    "sign-in": SignIn(labels=("name_email",), type="email"),
    "sign-in-name-first": SignIn(with_password=False, labels=("name_username", "name_email")),
    "sign-in-step-up": SignIn(username="jane", text="step_up_text", with_password=False),
    "sign-in-providers": SignIn(
        providers=(Provider("Google", "Google", "/oauth2/authorize"), Provider("Corp", "Corp", "/"))
    ),
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
}
