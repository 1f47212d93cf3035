"""The history of users: what is written of an event twice, its order, and how it goes."""

from __future__ import annotations

from dataclasses import replace

from cognomen import clock
from cognomen.store import auth_events
from cognomen.store.auth_events import AuthEvent, Context, Feedback
from cognomen.store.database import Store

ID = clock.uuid7(1_000)
CONTEXT = Context(ip_address="192.0.2.1", device_name="Chrome 126, Windows 10", fingerprint="abc")


def an_event(pool_id: str, *, sub: str = "ada", id: str = ID) -> AuthEvent:
    return AuthEvent(
        pool_id=pool_id,
        sub=sub,
        id=id,
        type="SignIn",
        response="InProgress",
        client_id="client",
        request_id="request",
        expires_at=5_000,
        challenges=(("Password", "Success"),),
        context=CONTEXT,
    )


async def test_an_event_comes_back_as_it_was_written(store: Store, pool_id: str) -> None:
    event = replace(
        an_event(pool_id),
        decision="AccountTakeover",
        level="Medium",
        compromised=True,
        reason="because",
        feedback=Feedback("Valid", "Admin", 7),
    )
    await store.write(auth_events.put, event)
    assert await store.read(auth_events.by_id, pool_id, "ada", ID) == event
    assert event.created_at == 1_000


async def test_what_becomes_of_an_event_is_added_to_it(store: Store, pool_id: str) -> None:
    """Where it came from and what it was judged to be are said once; wrong answers add up."""
    first = replace(an_event(pool_id), decision="AccountTakeover", level="Medium", compromised=True)
    wrong = replace(an_event(pool_id), response="Fail", failures=1, reason="no", context=Context())
    both = (("Password", "Success"), ("Mfa", "Success"))
    last = replace(an_event(pool_id), response="Pass", challenges=both, context=Context())
    for event in (first, wrong, wrong, last):
        await store.write(auth_events.put, event)
    kept = await store.read(auth_events.by_id, pool_id, "ada", ID)
    assert kept == replace(first, response="Pass", challenges=both, failures=2)


async def test_an_event_can_be_judged_once_it_is_there(store: Store, pool_id: str) -> None:
    await store.write(auth_events.put, an_event(pool_id))
    await store.write(auth_events.put, replace(an_event(pool_id), decision="NoRisk", level="None"))
    kept = await store.read(auth_events.by_id, pool_id, "ada", ID)
    assert kept is not None
    assert (kept.decision, kept.level) == ("NoRisk", "None")


async def test_the_newest_come_first_and_page_by_page(store: Store, pool_id: str) -> None:
    ids = [clock.uuid7(moment) for moment in (10, 20, 30)]
    for id in ids:
        await store.write(auth_events.put, an_event(pool_id, id=id))
    await store.write(auth_events.put, an_event(pool_id, sub="bert"))
    first = await store.read(auth_events.all_of_user, pool_id, "ada", 2)
    assert [event.id for event in first] == [ids[2], ids[1]]
    rest = await store.read(auth_events.all_of_user, pool_id, "ada", 2, before=ids[1])
    assert [event.id for event in rest] == [ids[0]]


async def test_feedback_is_of_an_event_that_is_there(store: Store, pool_id: str) -> None:
    await store.write(auth_events.put, an_event(pool_id))
    feedback = Feedback("Invalid", "ada", 9)
    assert await store.write(auth_events.put_feedback, pool_id, "ada", ID, feedback)
    assert not await store.write(auth_events.put_feedback, pool_id, "bert", ID, feedback)
    kept = await store.read(auth_events.by_id, pool_id, "ada", ID)
    assert kept is not None
    assert kept.feedback == feedback


async def test_what_went_well_and_what_was_spoken_of_are_found_behind_everything_else(
    store: Store, pool_id: str
) -> None:
    ids = [clock.uuid7(moment) for moment in range(10, 16)]
    for id, response in zip(ids, ("Pass", "Fail", "InProgress", "Fail", "Fail", "Fail"), strict=True):
        await store.write(auth_events.put, replace(an_event(pool_id, id=id), response=response))
    await store.write(auth_events.put, replace(an_event(pool_id, id=ids[2]), response="Pass"))
    await store.write(auth_events.put_feedback, pool_id, "ada", ids[1], Feedback("Invalid", "ada", 9))
    await store.write(auth_events.put, replace(an_event(pool_id, id=ids[1]), response="Pass"))

    async def of(weight: int, limit: int) -> list[str]:
        found = await store.read(auth_events.all_of_weight, pool_id, "ada", weight, limit)
        return [event.id for event in found]

    assert await of(auth_events.WENT_WELL, 9) == [ids[2], ids[0]]
    assert await of(auth_events.WENT_WELL, 1) == [ids[2]]
    assert await of(auth_events.WITH_FEEDBACK, 9) == [ids[1]]
    since = await store.read(auth_events.all_since, pool_id, "ada", 12, 3)
    assert [event.id for event in since] == [ids[5], ids[4], ids[3]]
    since = await store.read(auth_events.all_since, pool_id, "ada", 12, 9)
    assert [event.id for event in since] == [ids[5], ids[4], ids[3], ids[2]]


async def test_what_has_expired_is_swept_and_a_users_events_go_together(store: Store, pool_id: str) -> None:
    old = replace(an_event(pool_id), expires_at=10)
    await store.write(auth_events.put, old)
    await store.write(auth_events.put, an_event(pool_id, id=clock.uuid7(2_000)))
    await store.write(auth_events.put, an_event(pool_id, sub="bert"))
    await store.write(auth_events.sweep, 11, 1_000_000)
    assert await store.read(auth_events.by_id, pool_id, "ada", ID) is None
    assert len(await store.read(auth_events.all_of_user, pool_id, "ada", 9)) == 1
    await store.write(auth_events.remove_all, pool_id, "ada")
    assert await store.read(auth_events.all_of_user, pool_id, "ada", 9) == []
    assert len(await store.read(auth_events.all_of_user, pool_id, "bert", 9)) == 1
