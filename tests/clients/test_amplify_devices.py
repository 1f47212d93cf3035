"""Amplify (npm aws-amplify), which web applications are written with now: devices, and custom challenges behind a password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("flow", "answers"),
    [("USER_SRP_AUTH", []), ("USER_PASSWORD_AUTH", []), ("CUSTOM_WITH_SRP", ["wrong", "42"])],
)
def test_a_web_application_signs_in_on_a_device_of_its_own(
    on_devices: Any, run_script: Callable[..., Any], flow: str, answers: list[str]
) -> None:
    told = run_script("amplify_devices.js", **on_devices, flow=flow, answers=answers)
    assert told == {
        "asked": ["six by nine"] * len(answers),
        "sameDevice": True,
        "listed": [True],
        "afterForgetting": False,
        "onNewDevice": True,
    }
