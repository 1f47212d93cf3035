"""The look of the classic sign-in pages: a style sheet of known classes and properties, and a logo.

    check_css(css)              raises the first fault
    format_of_logo(image)       PNG or JPEG, checked
    check_domain(has_domain)    a pool without a domain has no pages
    path_of_logo(found)         where the pages find it

What is let in can neither load anything nor run: values have no `@`, no backslash and no functions but those below.
Source: developer guide, "Hosted UI (classic) branding", and its template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cognomen import errors
from cognomen.pools import images
from cognomen.store.branding import Customization

CSS_MAX = 3 * 1024
LOGO_MAX = 100 * 1024

_LONGEST_SHOWN = 60
_FILE_NAMES = {"PNG": "image.png", "JPEG": "image.jpg"}

_SUFFIX = "-customizable"
_PROPERTIES = {
    "background": "background-color",
    "banner": "padding background-color",
    "errorMessage": "margin padding font-size width background border color box-sizing",
    "idpButton": "height width text-align margin-bottom color background-color border-color",
    "idpButton:hover": "color background-color",
    "idpDescription": "padding-top padding-bottom display font-size",
    "inputField": "width height color background-color border",
    "inputField:focus": "border-color outline",
    "label": "font-weight",
    "legalText": "color font-size",
    "logo": "max-width max-height",
    "passwordCheck-notValid": "color",
    "passwordCheck-valid": "color",
    "redirect": "text-align",
    "socialButton": "height text-align width margin-bottom border-radius padding",
    "submitButton": "font-size font-weight margin width height color background-color",
    "submitButton:hover": "color background-color",
    "textDescription": "padding-top padding-bottom display font-size",
}
_ALLOWED = {
    "." + name.partition(":")[0] + _SUFFIX + "".join(name.partition(":")[1:]): frozenset(properties.split())
    for name, properties in _PROPERTIES.items()
}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_AT_RULE = re.compile(r"@[\w-]*")
_VALUE = re.compile(r"[\w#%.,()!+/\s-]+", re.ASCII)
_FUNCTION = re.compile(r"(?<![\w-])([\w-]*)\s*\(", re.ASCII)
_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla", "calc"})


def check_css(css: str) -> None:
    """Raises CSS_TOO_LARGE, CSS_AT_RULE, CSS_NOT_READ, CSS_CLASS, CSS_PROPERTY, CSS_VALUE."""
    if len(css.encode()) > CSS_MAX:
        raise errors.CSS_TOO_LARGE(limit=CSS_MAX)
    if "<" in css:  # a page that has the style sheet inside would end it there, also in a comment
        raise errors.CSS_NOT_READ(text="<")
    for selectors, declarations in _rules(_COMMENT.sub(" ", css)):
        for selector in map(_plain, selectors.split(",")):
            if selector not in _ALLOWED:
                raise errors.CSS_CLASS(name=_shown(selector))
            for name, value in declarations:
                if name not in _ALLOWED[selector]:
                    raise errors.CSS_PROPERTY(name=_shown(name), selector=selector)
                if not _is_harmless(value):
                    raise errors.CSS_VALUE(value=_shown(value), name=name)


def format_of_logo(image: bytes) -> str:
    """Raises LOGO_TOO_LARGE, LOGO_FORMAT."""
    if len(image) > LOGO_MAX:
        raise errors.LOGO_TOO_LARGE(limit=LOGO_MAX)
    found = images.format_of(image)
    if found not in {"PNG", "JPEG"}:
        raise errors.LOGO_FORMAT()
    return found


def check_domain(*, has_domain: bool) -> None:
    """Raises DOMAIN_REQUIRED."""
    if not has_domain:
        raise errors.DOMAIN_REQUIRED()


def path_of_logo(found: Customization) -> str | None:
    """Below this server's own URL; it changes with every change. None where there is no logo."""
    name = _FILE_NAMES.get(found.image_format or "")
    return f"{found.pool_id}/{found.client_id}/{found.version}/assets/images/{name}" if name else None


def _rules(css: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each rule as its selectors and its declarations."""
    at_rule = _AT_RULE.search(css)
    if at_rule is not None:
        raise errors.CSS_AT_RULE(name=_shown(at_rule[0]))
    end = 0
    for rule in _RULE.finditer(css):
        if rule.start() != end:
            break
        end = rule.end()
        yield rule[1], list(_declarations(rule[2]))
    rest = css[end:].strip()
    if rest:
        raise errors.CSS_NOT_READ(text=_shown(rest))


def _declarations(block: str) -> Iterator[tuple[str, str]]:
    for declaration in block.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()
        elif declaration.strip():
            raise errors.CSS_NOT_READ(text=_shown(declaration.strip()))


def _is_harmless(value: str) -> bool:
    functions = {name.lower() for name in _FUNCTION.findall(value)}
    return _VALUE.fullmatch(value) is not None and functions <= _FUNCTIONS | {""}


def _plain(selector: str) -> str:
    return " ".join(selector.split())


def _shown(text: str) -> str:
    return text[:_LONGEST_SHOWN]
