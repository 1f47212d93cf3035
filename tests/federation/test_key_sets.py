"""Keys that providers publish: how seldom they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from cognomen.clock import HOUR
from cognomen.federation import key_sets
from cognomen.federation.key_sets import PAUSE_AFTER_FAULT, KeySets
from cognomen.outgoing import Outgoing, Unreachable
from tests import oidc_provider
from tests.oidc_provider import Provider
from tests.providers import Answer

NOW = 1_800_000_000_000


@pytest.fixture
def there() -> Iterator[Provider]:
    with oidc_provider.serving() as provider:
        yield provider


@pytest.fixture
async def sets() -> AsyncIterator[KeySets]:
    outgoing = Outgoing()
    yield KeySets(outgoing)
    await outgoing.close()


async def test_all_who_wait_for_a_set_share_one_request(sets: KeySets, there: Provider) -> None:
    found = await asyncio.gather(*(sets.named(f"{there.url}/jwks", there.kid, NOW) for _ in range(20)))
    assert all(found)
    assert there.count("/jwks") == 1


async def test_all_who_wait_are_told_that_there_was_no_answer(sets: KeySets, there: Provider) -> None:
    there.answers["/jwks"] = Answer(status=500)
    asking = (sets.named(f"{there.url}/jwks", there.kid, NOW) for _ in range(5))
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(each) for each in found] == [Unreachable] * 5
    assert there.count("/jwks") == 1


async def test_a_failure_is_remembered_for_some_seconds(sets: KeySets, there: Provider) -> None:
    there.answers["/jwks"] = Answer(b"not yet")
    for moment in (NOW, NOW + PAUSE_AFTER_FAULT - 1):
        with pytest.raises(Unreachable, match="it is not a set of keys"):
            await sets.named(f"{there.url}/jwks", there.kid, moment)
    assert there.count("/jwks") == 1
    there.answers.clear()
    assert await sets.named(f"{there.url}/jwks", there.kid, NOW + PAUSE_AFTER_FAULT)


async def test_whoever_leaves_takes_nobody_along(sets: KeySets, there: Provider) -> None:
    leaving = asyncio.create_task(sets.named(f"{there.url}/jwks", there.kid, NOW))
    staying = asyncio.create_task(sets.named(f"{there.url}/jwks", there.kid, NOW))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying


async def test_sets_of_other_addresses_are_other_sets(sets: KeySets, there: Provider) -> None:
    there.answers["/others"] = Answer(b'{"keys": []}')
    assert await sets.named(f"{there.url}/jwks", there.kid, NOW)
    assert not await sets.named(f"{there.url}/others", there.kid, NOW)


async def test_no_more_sets_are_remembered_than_fit(
    sets: KeySets, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sets, "SETS_MAX", 2)
    for path in ("/jwks?a", "/jwks?b", "/jwks?a", "/jwks?c", "/jwks?a", "/jwks?b"):
        assert await sets.named(f"{there.url}{path}", there.kid, NOW)
    assert [each.sent for each in there.asked] == [{}] * 4  # a, b, c, and b again
    assert len(sets._known) == 2


async def test_all_who_come_with_a_new_key_at_once_wait_for_it(sets: KeySets, there: Provider) -> None:
    url = f"{there.url}/jwks"
    assert await sets.named(url, there.kid, NOW)
    there.rotate()
    assert all(await asyncio.gather(*(sets.named(url, there.kid, NOW) for _ in range(5))))
    assert there.count("/jwks") == 2


async def test_an_old_set_is_read_again_before_it_is_believed(sets: KeySets, there: Provider) -> None:
    url, former = f"{there.url}/jwks", there.kid
    assert await sets.named(url, former, NOW)
    there.rotate()
    assert await sets.named(url, former, NOW + HOUR - 1)
    assert not await sets.named(url, former, NOW + HOUR)
