"""Numbers of things, as a person says them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 user`, `2 users`; the noun's plural has an s."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def were(number: int) -> str:
    return "was" if number == 1 else "were"
