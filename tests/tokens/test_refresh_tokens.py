from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault
from cognomen.tokens import refresh_tokens
from cognomen.tokens.refresh_tokens import RefreshToken

POOL_ID = "us-east-1_AbCdEf123"
TOKEN = RefreshToken(
    client_id="1example23456789",
    sub="11111111-2222-4333-8444-555555555555",
    origin="0199f6a0-0000-7000-8000-000000000000",
    auth_time=1_700_000_000_000,
    expires_at=1_702_592_000_000,
)
OLD, NEW = sealing.master_key(bytes(32)), sealing.master_key(bytes(range(32)))


def vault_of(*keys: sealing.MasterKey) -> Vault:
    return Vault(lambda: sealing.keyring(keys))


def test_what_was_issued_is_read() -> None:
    vault = vault_of(NEW)
    assert refresh_tokens.read(vault, POOL_ID, refresh_tokens.issue(vault, POOL_ID, TOKEN)) == TOKEN


def test_a_token_of_a_former_release_is_read() -> None:
    class Former(msgspec.Struct, array_like=True):
        client_id: str
        sub: str
        origin: str
        auth_time: int
        expires_at: int

    vault = vault_of(NEW)
    former: Any = Former(TOKEN.client_id, TOKEN.sub, TOKEN.origin, TOKEN.auth_time, TOKEN.expires_at)
    assert refresh_tokens.read(vault, POOL_ID, refresh_tokens.issue(vault, POOL_ID, former)) == TOKEN


def test_a_token_looks_like_cognito_s() -> None:
    text = refresh_tokens.issue(vault_of(NEW), POOL_ID, TOKEN)
    assert text.startswith("eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoi")
    assert text.count(".") == 4
    assert re.fullmatch(r"[A-Za-z0-9\-_=.]+", text)


def test_another_pool_cannot_read_it() -> None:
    vault = vault_of(NEW)
    assert refresh_tokens.read(vault, "us-east-1_Other", refresh_tokens.issue(vault, POOL_ID, TOKEN)) is None


def test_a_former_master_key_still_reads_what_it_issued() -> None:
    text = refresh_tokens.issue(vault_of(OLD), POOL_ID, TOKEN)
    assert refresh_tokens.read(vault_of(NEW, OLD), POOL_ID, text) == TOKEN
    assert refresh_tokens.read(vault_of(NEW), POOL_ID, text) is None


def test_a_key_that_came_while_the_server_ran_is_looked_for() -> None:
    keyrings = iter([sealing.keyring([OLD]), sealing.keyring([NEW, OLD])])
    running = Vault(lambda: next(keyrings))
    assert refresh_tokens.read(running, POOL_ID, refresh_tokens.issue(vault_of(NEW), POOL_ID, TOKEN)) == TOKEN


@pytest.mark.parametrize("part", [0, 2, 3, 4])
def test_a_token_with_a_changed_character_is_none(part: int) -> None:
    vault = vault_of(NEW)
    parts = refresh_tokens.issue(vault, POOL_ID, TOKEN).split(".")
    middle = len(parts[part]) // 2
    changed = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]
    assert refresh_tokens.read(vault, POOL_ID, ".".join(parts)) is None


@given(st.text())
def test_any_text_is_no_token(text: str) -> None:
    assert refresh_tokens.read(vault_of(NEW), POOL_ID, text) is None
