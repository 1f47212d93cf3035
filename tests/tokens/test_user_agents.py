from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.tokens import user_agents

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36",
            "Windows Chrome",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.61",
            "Windows Edge",
        ),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0",
            "Linux Opera",
        ),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Linux Firefox"),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/17.1 Safari/605.1.15"
            ),
            "macOS Safari",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/17.1 Mobile/15E148 Safari/604.1"
            ),
            "iOS Safari",
        ),
        (
            (
                "Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1"
            ),
            "iPadOS Chrome",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S901B) {WEBKIT} SamsungBrowser/23.0 Chrome/115.0 Mobile Safari/537.36",
            "Android Samsung Internet",
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/120.0 Safari/537.36", "ChromeOS Chrome"),
        ("Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1 lang/python#3.11", "Linux Boto3"),
        ("aws-sdk-js/3.830.0 ua/2.1 os/darwin#23.1.0 lang/js", "macOS aws-sdk-js"),
        ("okhttp/4.12.0", "okhttp"),
        ("MyShop/7 CFNetwork/1490 Darwin/23.2.0", "macOS MyShop"),
        ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "Windows"),
        ("curl", "curl"),
        ("", "unknown"),
        ("???", "unknown"),
    ],
)
def test_a_device_is_a_system_and_a_browser_or_program(user_agent: str, device: str) -> None:
    assert user_agents.device(user_agent) == device


@given(st.text(max_size=5_000))
def test_whatever_is_sent_gives_a_short_text(user_agent: str) -> None:
    assert 0 < len(user_agents.device(user_agent)) <= 100
    assert user_agents.device("A" * 5_000 + user_agent).isascii()


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
            "Chrome 126, Windows 10",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/125.0",
            "Edge 125, Windows 10",
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
            "Firefox 121, Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Mobile/15E148 Safari/604.1",
            "Safari 17, iOS 17",
        ),
        ("Boto3/1.42 md/Botocore#1.42 ua/2.1 os/linux#6.1", "Boto3 1, Linux"),
        ("curl/8.5.0", "curl 8, Other"),
        ("Mozilla/5.0", "Other, Other"),
        ("", "Other, Other"),
    ],
)
def test_histories_tell_of_a_browser_with_its_version(user_agent: str, told: str) -> None:
    assert user_agents.browser_and_system(user_agent) == told


@given(st.text())
def test_any_text_is_some_browser_on_some_system(user_agent: str) -> None:
    assert ", " in user_agents.browser_and_system(user_agent)
