"""A person at a browser: sees a page, fills its form in, and sends it, as the page says."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from tests.browser import Answer, Browser


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    """The names of the fields that are there to be typed into."""


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
            if given["type"] != "hidden":
                self.forms[-1].typed.append(given["name"])


@dataclass
class Person:
    """`answer` is what the browser was last answered."""

    browser: Browser
    answer: Answer = field(init=False)

    def open(self, path: str, **query: str) -> Person:
        self.answer = self.browser.get(path, **query)
        return self

    def send(self, number: int = 0, /, **typed: str) -> Person:
        """Send a form of the page with what is typed, and all it carries besides."""
        form = self.forms[number]
        body = urlencode(form.fields | typed).encode()
        kind = {"content-type": "application/x-www-form-urlencoded"}
        self.answer = self.browser.send("POST", form.action, kind, body)
        return self

    @property
    def page(self) -> str:
        return self.answer.body.decode()

    @property
    def forms(self) -> list[Form]:
        return _Forms(self.page).forms

    @property
    def heading(self) -> str:
        return self._text(r"<h1[^>]*>(.*?)</h1>")

    @property
    def notice(self) -> str:
        return self._text(r'<div class="notice [^>]*id="notice"[^>]*>(.*?)</div>')

    def _text(self, pattern: str) -> str:
        found = re.search(pattern, self.page, re.DOTALL)
        return html.unescape(found[1]).strip() if found else ""
