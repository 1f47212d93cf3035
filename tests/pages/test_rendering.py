"""Every page in every state, in both looks and all languages."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from cognomen.pages import looks
from cognomen.pages.contexts import Frame, Links, Notice, Page, SignIn
from cognomen.pages.languages import CODES, language
from cognomen.pages.looks import Look
from cognomen.pages.rendering import render
from cognomen.store.branding import Style
from tests.pages.samples import SAMPLES

STYLE = Style("pool", "client", "id", {}, is_provided=True, created_at=1, modified_at=1)
LOOKS = {"managed": looks.managed(STYLE, {}), "classic": looks.classic("client", None)}
LINKS = Links("/login?x", "/signup?x", "/forgotPassword?x", "/resendcode")
HIDDEN = {"_csrf": "token", "authorization": "sealed"}
HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }}'

PAGES = [pytest.param(page, id=name) for name, page in SAMPLES.items()]


def frame(look: Look, code: str = "en", notice: Notice | None = None) -> Frame:
    return Frame(look, language(code), "/login", HIDDEN, LINKS, notice)


class Reader(HTMLParser):
    """The elements of a page, each with its attributes."""

    VOID = frozenset({"meta", "link", "input", "img", "source"})
    SHAPES = frozenset({"rect", "path", "circle"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.SHAPES
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", PAGES)
def test_it_is_a_whole_document_in_its_language(page: Page, look: str, code: str) -> None:
    html = render(page, frame(LOOKS[look], code))
    read = Reader(html)

    assert read.open == []
    assert read.all("html") == [{"lang": code}]
    assert len(read.all("h1")) == len(read.all("main")) == 1


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_it_is_forbidden_by_a_strict_policy(page: Page, look: str) -> None:
    read = Reader(render(page, frame(LOOKS[look], notice=Notice("error", "fault_credentials"))))

    assert not read.all("style")
    assert all(script.get("src", "") for script in read.all("script"))
    for tag, attributes in read.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("href", "src", "action"):
            assert not (attributes.get(name) or "").startswith("javascript:"), tag


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", PAGES)
def test_every_form_carries_what_it_must_and_every_field_has_a_label(page: Page, look: str) -> None:
    read = Reader(render(page, frame(LOOKS[look])))
    forms = read.all("form")
    labels = [label["for"] for label in read.all("label")]
    visible = [
        field for field in read.all("input") if field["type"] != "hidden" and "aria-hidden" not in field
    ]

    assert all(form["method"] == "post" for form in forms)
    for name, value in HIDDEN.items():
        carried = [field for field in read.all("input") if field.get("name") == name]
        assert [field["value"] for field in carried] == [value] * len(forms)
    assert [field["id"] for field in visible] == labels
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", PAGES)
def test_what_others_wrote_is_text(page: Page, look: str) -> None:
    hostile = {
        name: HOSTILE
        for name in ("username", "destination", "detail", "options", "secret", "client", "place")
        if hasattr(page, name)
    }
    html = render(replace(page, **hostile), frame(LOOKS[look], notice=Notice("error", "", said=HOSTILE)))

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert "49" not in Reader(html).rawdata


def test_without_its_script_a_page_of_a_passkey_says_so_and_has_no_button() -> None:
    read = Reader(render(SAMPLES["passkey"], frame(LOOKS["managed"])))

    assert [("hidden" in button) for button in read.all("button")] == [True]
    assert read.all("noscript")


def test_only_the_classic_look_has_the_classes_that_may_be_restyled() -> None:
    page = SignIn()

    assert "inputField-customizable" in render(page, frame(LOOKS["classic"]))
    assert "-customizable" not in render(page, frame(LOOKS["managed"]))


def test_an_error_is_announced() -> None:
    html = render(SignIn(), frame(LOOKS["managed"], notice=Notice("error", "fault_credentials")))

    assert 'role="alert"' in html
    assert "Incorrect username or password." in html


def test_a_way_that_is_closed_is_not_shown() -> None:
    html = render(SignIn(), replace(frame(LOOKS["managed"]), links=Links()))

    assert "Create an account" not in html
    assert "Forgot" not in html
