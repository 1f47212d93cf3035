"""What a claim of a provider becomes as text, since an attribute is one (developer guide, "Specifying attribute mappings")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus

import msgspec


def texts(claims: Mapping[str, object]) -> dict[str, str]:
    """Each claim as text; those that are null are not there."""
    return {name: text(value) for name, value in claims.items() if value is not None}


def text(value: object) -> str:
    """A value of JSON as text: booleans as `true` and `false`, several values as `several` has them, structures as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return several([text(each) for each in value if each is not None])
    return msgspec.json.encode(value).decode()


def identifier(value: object) -> str | None:
    """An identifier as text: some providers have numbers. None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def several(values: Sequence[str]) -> str:
    """`[a, b]` of several values, each as in a form, so that a comma tells two apart; a single one as it is."""
    if len(values) == 1:
        return values[0]
    return f"[{', '.join(_as_in_form(value) for value in values)}]" if values else ""


def _as_in_form(value: str) -> str:
    """Letters, digits and `.-*_` stand for themselves; Python's function leaves `~` alone besides."""
    return quote_plus(value, safe="*", errors="surrogatepass").replace("~", "%7E")
