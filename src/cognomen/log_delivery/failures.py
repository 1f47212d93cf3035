"""How logs are not taken."""

from __future__ import annotations


class NotTaken(Exception):  # noqa: N818  it says what happened
    """A sink did not take records. `reason` is fit for a log. `is_final`: it takes these neither now nor later."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final
