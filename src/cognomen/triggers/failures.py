"""The ways in which a function is not asked, or does not answer; firing.py tells them in the words of the API.

What each has as its `reason` is for the log, where an operator looks: what it was, without anything of the event.
"""

from __future__ import annotations


class FunctionError(Exception):
    """The function itself failed; its `message` is for the caller to read, whatever it says."""

    reason = "it raised an error"

    def __init__(self, message: str) -> None:
        super().__init__("the function failed")  # the message may quote the event
        self.message = message


class NotInvoked(Exception):  # noqa: N818  it says what happened
    """The function was not run; `code` is the error's name, as AWS Lambda's API has it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class Unreadable(Exception):  # noqa: N818  it says what happened
    """What the function returned is not what it was asked for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
