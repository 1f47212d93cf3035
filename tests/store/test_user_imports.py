"""Import jobs, which nodes of their pool's home carry on."""

from __future__ import annotations

from cognomen.store import user_imports
from cognomen.store.database import Store
from cognomen.store.user_imports import CREATED, ImportJob


def job(pool_id: str, due_at: int | None) -> ImportJob:
    columns = user_imports.user_import_jobs.c
    plain = {column.name: 0 if column.type.python_type is int else "" for column in columns}
    given = {"pool_id": pool_id, "id": f"import-{due_at}", "status": CREATED, "due_at": due_at}
    return ImportJob(**plain | given)  # type: ignore[arg-type]  # each is of its column's kind


async def test_a_job_is_due_where_its_pool_is_at_home(store: Store) -> None:
    here, elsewhere = [job("eu-west-7_Due", due_at) for due_at in (1, 2, 9, None)], job("eu-west-8_Due", 1)
    for each in (*here, elsewhere):
        await store.write(user_imports.add, each)
    assert await store.read(user_imports.all_due, "eu-west-7", 5, 10) == here[:2]
    assert await store.read(user_imports.all_due, "eu-west-7", 5, 10, here[0]) == [here[1]]
    assert await store.read(user_imports.all_due, "eu-west-8", 5, 10) == [elsewhere]
