"""The words of a mail for readers without markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.messages.carriers import html_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Your code is 012345. ", "Your code is 012345."),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<p>one</p>\n<p>two</p>", "one\n\ntwo"),
        ("<b>bold</b> &lt;x&gt; &amp; y", "bold <x> & y"),
        ('<a href="https://h/?a=1&amp;b=2">Verify</a> now', "Verify (https://h/?a=1&b=2) now"),
        ("<a>nowhere</a>", "nowhere"),
        ("<style>p { color: red }</style><title>t</title><p>x", "x"),
        ("lines\nof the   template", "lines of the template"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_what_a_mail_says(text: str, words: str) -> None:
    assert html_text.plain(text) == f"{words}\n"


@given(st.text(alphabet=st.sampled_from("<>/ab\"'=& \n;#x!-?"), max_size=60) | st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert html_text.plain(text).endswith("\n")
