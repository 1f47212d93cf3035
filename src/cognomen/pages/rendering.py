"""A page's record and its frame as HTML.

Templates see `page`, `frame`, `look`, `t(key, …)` for a text, and `c(name)` for a class of the classic look, empty in the
other. Whatever they print is escaped; a name that is not there is an error, not a blank.
"""

from __future__ import annotations

import functools
from typing import Any

import jinja2
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from cognomen.pages import static
from cognomen.pages.contexts import Frame, Page


def render(page: Page, frame: Frame) -> str:
    template = _environment().get_template(page.template)
    return template.render(page=page, frame=frame, look=frame.look)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cognomen.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["t"] = _text
    environment.globals["c"] = _classic
    environment.globals["static"] = static.url
    environment.filters["t"] = _text
    return environment


@pass_context
def _text(context: Context, key: str, **values: Any) -> Markup:
    """A text in the page's language; what is put into it is escaped, unless it is markup of ours."""
    return escape(context["frame"].language.texts[key]).format(**values)


@pass_context
def _classic(context: Context, name: str) -> str:
    return "" if context["look"].is_managed else f"{name}-customizable"
