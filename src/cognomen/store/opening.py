"""The store behind a URL: the only place that knows both databases."""

from __future__ import annotations

from cognomen.store.database import Store


def open_store(url: str, connections: int = 8, timeout_s: float = 10) -> Store:
    """The store behind `sqlite:///path` or `postgresql://…`; the driver of the other is never imported."""
    if url.startswith("sqlite:///"):
        from cognomen.store.sqlite import SqliteStore  # noqa: PLC0415  see docstring

        return SqliteStore(url)
    if url.startswith(("postgresql://", "postgres://")):
        from cognomen.store.postgresql import PostgresqlStore  # noqa: PLC0415  see docstring

        return PostgresqlStore(url, connections, timeout_s)
    raise ValueError("the database URL must begin with sqlite:/// or postgresql://")
