"""How a message is not carried."""

from __future__ import annotations

from cognomen.errors import Sentence


class Undelivered(Exception):  # noqa: N818  it says what happened
    """An attempt to carry a message failed.

    `reason` is fit for a log: it says no address and nothing of the message. `detail` is what the other side said, for an
    operator's own eyes. `sentence` is what the API says of it, where it has more to say than that it happened. `is_final`:
    the other side takes the message neither now nor later.
    """

    def __init__(
        self, reason: str, *, detail: str = "", sentence: Sentence | None = None, is_final: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.sentence = sentence
        self.is_final = is_final
