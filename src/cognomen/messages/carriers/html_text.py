"""The words of an HTML text, for readers of mail without markup: pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "tr", "li", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_SILENT = frozenset({"style", "script", "head", "title"})
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")
_NEWLINES = re.compile(r" *\n[ \n]*\n *| *\n *")


def plain(text: str) -> str:
    """What a text says: blocks are lines, and a link is followed by its address."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    told = _BLANKS.sub(" ", "".join(reader.told))
    return _NEWLINES.sub(lambda found: "\n\n" if found[0].count("\n") > 1 else "\n", told).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.told: list[str] = []
        self._link = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.told.append("\n")
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""
        elif tag in _SILENT:
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS - {"br"}:
            self.told.append("\n")
        elif tag == "a" and self._link:
            self.told.append(f" ({self._link})")
            self._link = ""
        elif tag in _SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A template is written in lines for whoever edits it; what breaks a line is a tag.
            self.told.append(data.replace("\n", " "))
