"""ID tokens of other providers: what nobody has signed never counts, and what was signed only as it was meant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen import clock
from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import base64url
from cognomen.errors import Refusal
from cognomen.federation import id_tokens
from cognomen.federation.id_tokens import Expected
from cognomen.federation.key_sets import KeySets
from cognomen.outgoing import Outgoing
from tests import oidc_provider
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, OTHER_KEY, Provider

NONCE = "a nonce"


class Reader:
    """Who reads tokens of a provider, with keys that he has read once."""

    def __init__(self, provider: Provider, loop: asyncio.AbstractEventLoop, sets: KeySets) -> None:
        self.provider = provider
        self.loop = loop
        self.sets = sets
        self.now = clock.now()
        self.expected = Expected(
            frozenset({provider.url}), CLIENT_ID, provider.keys_url, CLIENT_SECRET, NONCE, access_token=None
        )

    def claims(self, token: str) -> dict[str, Any] | None:
        """What counts of a token; None where nothing does."""
        reading: Coroutine[Any, Any, dict[str, Any]]
        reading = id_tokens.verified(self.sets, token, self.expected, self.now)
        try:
            return self.loop.run_until_complete(reading)
        except Refusal:
            return None

    def meant(self) -> dict[str, Any]:
        seconds = self.now // SECOND
        return {
            "iss": self.provider.url,
            "aud": CLIENT_ID,
            "sub": "1234",
            "iat": seconds,
            "exp": seconds + 300,
            "nonce": NONCE,
        }


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    loop, outgoing = asyncio.new_event_loop(), Outgoing()
    with oidc_provider.serving() as provider:
        found = Reader(provider, loop, KeySets(outgoing))
        assert found.claims(provider.signed(found.meant())) == found.meant()
        yield found
        assert provider.count("/jwks") <= 2, "the second is for keys that nobody has heard of"
    loop.run_until_complete(outgoing.close())
    loop.close()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_algorithms = st.sampled_from(
    ["none", "RS256", "RS512", "PS256", "ES256", "ES384", "HS256", "HS512", "EdDSA"]
)
_kids = st.sampled_from(["first", "ES256", "ES384", "another", ""])


def written(*parts: object) -> str:
    return ".".join(base64url.encode(json.dumps(part).encode()) for part in parts)


@given(_algorithms | _json, _kids | _json, st.binary(max_size=300))
def test_a_token_that_nobody_has_signed_never_counts(
    reader: Reader, algorithm: object, kid: object, signature: bytes
) -> None:
    forged = f"{written({'alg': algorithm, 'kid': kid}, reader.meant())}.{base64url.encode(signature)}"
    assert reader.claims(forged) is None


@given(_kids | _json)
def test_a_token_that_another_has_signed_never_counts(reader: Reader, kid: object) -> None:
    header = {"alg": "RS256", "kid": kid}
    forged = oidc_provider.by_library(header, reader.meant(), "RS256", OTHER_KEY)
    assert reader.claims(forged) is None


@given(st.dictionaries(st.sampled_from(["iss", "aud", "azp", "exp", "iat", "nbf", "nonce"]), _json))
def test_a_token_counts_only_as_it_was_meant(reader: Reader, changed: dict[str, Any]) -> None:
    claims = reader.claims(reader.provider.signed(reader.meant() | changed))
    if claims is None:
        assert changed
        return
    assert claims["iss"].rstrip("/") == reader.provider.url
    assert claims["aud"] in (CLIENT_ID, [CLIENT_ID])
    assert claims.get("azp") in (None, CLIENT_ID)
    assert claims["nonce"] == NONCE
    assert claims["exp"] * SECOND > reader.now - MINUTE
    assert claims["iat"] * SECOND <= reader.now + MINUTE
    assert claims.get("nbf", 0) * SECOND <= reader.now + MINUTE


@given(
    st.text() | st.lists(st.sampled_from([".", "e30", "eyJhIjox", "=", "\u00e9"]), max_size=6).map("".join)
)
def test_any_text_is_read_or_refused(reader: Reader, text: str) -> None:
    assert reader.claims(text) is None
