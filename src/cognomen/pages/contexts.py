"""What each page is given: a record a page, which names its template and the text of its heading.

    Frame           what stands around every page: the look, the language, where its form goes, what was wrong

Texts are keys of texts/*.json, so that a record is the same in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from markupsafe import Markup

if TYPE_CHECKING:
    from cognomen.pages.languages import Language
    from cognomen.pages.looks import Look, Picture


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
    """The button of an identity provider; a social one is called by its vendor's name."""

    name: str
    label: str
    url: str
    is_social: bool = False
    icon: Picture | None = None


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
class Federated(Named):
    """A page that also leads to identity providers: by buttons, and by an address (`by_domain`)."""

    providers: tuple[Provider, ...] = ()
    by_domain: bool = False

    @property
    def has_social(self) -> bool:
        return any(provider.is_social for provider in self.providers)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Federated):
    """`is_native`: the pool's own accounts may sign in too."""

    template: ClassVar[str] = "sign_in.html"
    title: str = "sign_in"
    text: str = "sign_in_text"
    with_password: bool = True
    is_native: bool = True


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
class SignUp(Federated):
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
class Feedback(Page):
    """Whether a sign-in was the person's; `text` says which of the two is to be confirmed."""

    template: ClassVar[str] = "feedback.html"
    title: str = "feedback_heading"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Page):
    """An end: something is done, or cannot be done; `detail` is the name of an error, `why` what to do about it, in English.

    `anew` is the address at which a sign-in begins anew that could not go on.
    """

    template: ClassVar[str] = "result.html"
    text: str = ""
    detail: str = ""
    why: str = ""
    request_id: str = ""
    anew: str = ""
