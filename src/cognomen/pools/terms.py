"""Terms documents: the links a sign-up page will show, by language. Source: developer guide, "Terms documents"."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from cognomen import errors

TERMS_MAX = 40  # of a pool
DEFAULT_LANGUAGE = "cognito:default"


def check_links(links: Mapping[str, str] | None) -> dict[str, str]:
    """The links, which a page will show to strangers: web addresses, and one for languages that have none of their own.

    Raises TERMS_NEED_LINKS, TERMS_NEED_DEFAULT, INVALID_TERMS_LINK.
    """
    if not links:
        raise errors.TERMS_NEED_LINKS()
    if DEFAULT_LANGUAGE not in links:
        raise errors.TERMS_NEED_DEFAULT(language=DEFAULT_LANGUAGE)
    for url in links.values():
        if not _is_web_address(url):
            raise errors.INVALID_TERMS_LINK(url=url)
    return dict(links)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # Browsers read a backslash as a slash, urlsplit does not: what is the host to one is a path to the other.
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "\\" not in url
