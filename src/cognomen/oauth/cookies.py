"""Cookies of this room and of the pages, as they all are: for the whole host, and for no script.

of_host(visit, name)        the name of one that no neighbouring host may set
header(visit, name, ...)    the Set-Cookie header
"""

from __future__ import annotations

from cognomen.oauth.places import Visit


def of_host(visit: Visit, name: str) -> str:
    """Where the browser speaks HTTPS, it sees to it that no neighbouring host sets the cookie (`__Host-`)."""
    return f"__Host-{name}" if visit.is_secure else name


def header(visit: Visit, name: str, value: str, seconds: int | None = None) -> str:
    """`seconds` is how long the browser keeps it, None as long as it runs."""
    age = "" if seconds is None else f" Max-Age={seconds};"
    secure = "; Secure" if visit.is_secure else ""
    return f"{name}={value}; Path=/;{age} HttpOnly; SameSite=Lax{secure}"
