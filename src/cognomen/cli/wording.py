"""What is written to a terminal: numbers of things as a person says them, and what others say."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 user`, `2 users`; the noun's plural has an s."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def were(number: int) -> str:
    return "was" if number == 1 else "were"


def printable(text: str) -> str:
    """A terminal obeys control characters, and what messages, servers and pools say is not the operator's own."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
