"""What an app sends of its device: as the vendor's library writes it, and anything else, which is passed over."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.risk import context
from cognomen.store.auth_events import Context

POOL, CLIENT = "us-east-1_AbCdEf123", "1example23456789"
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
ON_THE_WEB = {
    "UserAgent": BROWSER,
    "DeviceId": "qn8ojaedcuyc9nnt228:1627189424942",
    "DeviceLanguage": "en-US",
    "DeviceFingerprint": f"{BROWSER}Chrome PDF Viewer:en-US",
    "DevicePlatform": "Win32",
    "ClientTimezone": "-07:00",
}


def encoded(
    data: Any, *, pool_id: str = POOL, client_id: str = CLIENT, version: str = "JS20171115", **changed: Any
) -> str:
    """As the library does it: the version and the payload are signed with the client's id."""
    payload = json.dumps(
        {"contextData": data, "username": "ada", "userPoolId": pool_id, "timestamp": "1700000000000"}
    )
    signed = hmac.new(client_id.encode(), version.encode("utf-8", "replace"), hashlib.sha256)
    signed.update(payload.encode())
    signature = base64.b64encode(signed.digest()).decode()
    envelope = {"payload": payload, "signature": signature, "version": version} | changed
    return base64.b64encode(json.dumps(envelope).encode()).decode()


def nested(depth: int, end: str, *, whole: bool = True) -> str:
    """An envelope with a member that leads down and down."""
    text = f'{{"payload":"{{}}","signature":"a","version":"v","z":{"[" * depth}{"]" * depth}{end}'
    return base64.b64encode(text.encode()).decode() if whole else text


def of(data: str, user_agent: str = "") -> Context:
    """The context of a request that brings this along."""
    call: Any = SimpleNamespace(
        user_agent=user_agent,
        client_ip="192.0.2.1",
        collected=context.collected(data, POOL, CLIENT),
        client_id=CLIENT,
        pool=SimpleNamespace(id=POOL),
    )
    return context.of_call(call)


def test_a_browser_is_told_by_what_its_library_sends() -> None:
    found = of(encoded(ON_THE_WEB), "aws-sdk-nodejs/3")
    assert (found.ip_address, found.device_name, found.timezone) == (
        "192.0.2.1",
        "Chrome 126, Windows 10",
        "-07:00",
    )
    again = of(encoded(ON_THE_WEB | {"DeviceLanguage": "de"}))
    other = of(encoded(ON_THE_WEB | {"DeviceId": "another"}))
    assert found.fingerprint == again.fingerprint != other.fingerprint
    assert "qn8ojaedcuyc9nnt228" not in str(found), "only its digest is kept"


def test_a_phone_is_told_by_its_name() -> None:
    phone = {
        "DeviceId": "6f1e",
        "DeviceName": "Pixel 7",
        "Platform": "ANDROID",
        "DeviceOsReleaseVersion": "14",
        "ScreenHeightPixels": "2400",
    }
    assert of(encoded(phone, version="ANDROID20171114"), "okhttp").device_name == "Pixel 7, ANDROID 14"


def test_the_pool_may_be_left_open_as_the_vendors_pages_do() -> None:
    assert of(encoded(ON_THE_WEB, pool_id="")).fingerprint


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(ON_THE_WEB, client_id="another"), id="of another client"),
        pytest.param(encoded(ON_THE_WEB, pool_id="us-east-1_another99"), id="of another pool"),
        pytest.param(encoded(ON_THE_WEB, version="1", changed="x") + "AAAA", id="damaged"),
        pytest.param(encoded(ON_THE_WEB, signature=""), id="not signed"),
        pytest.param(encoded(ON_THE_WEB, signature="\u00e9"), id="signed in no base64"),
        pytest.param(encoded({"UserAgent": 7}), id="of other types"),
        pytest.param(encoded([]), id="no object"),
        pytest.param(encoded(ON_THE_WEB, payload="{"), id="no JSON inside"),
        pytest.param(base64.b64encode(b"{}").decode(), id="empty"),
        pytest.param(nested(3000, ""), id="nested deeply"),
        pytest.param(nested(3000, "}"), id="nested deeply, and whole"),
        pytest.param(encoded(ON_THE_WEB, payload=nested(1500, "}", whole=False)), id="nested inside"),
        pytest.param(encoded(ON_THE_WEB, version="\ud800"), id="a lone surrogate"),
        pytest.param(encoded({"DeviceId": int("9" * 4000)}), id="a huge number"),
        pytest.param("not base64 \u00e9", id="no base64"),
        pytest.param(encoded({"UserAgent": "x" * context.LONGEST_READ}), id="too long"),
    ],
)
def test_anything_else_is_passed_over(data: str) -> None:
    assert of(data, BROWSER) == Context("192.0.2.1", "Chrome 126, Windows 10")


_members = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(data=_members, payload=_members, version=_members, depth=st.integers(0, 4000))
def test_no_document_is_refused(data: Any, payload: Any, version: Any, depth: int) -> None:
    of(encoded({"UserAgent": data, "DeviceName": data, "DeviceId": data}))
    of(encoded(ON_THE_WEB, payload=payload, signature=version, version=str(version)))
    of(nested(depth, "}"))


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_no_text_is_refused(data: str) -> None:
    of(data)
