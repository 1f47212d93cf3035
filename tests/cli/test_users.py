"""`cognomen users`."""

from __future__ import annotations

import asyncio

from cognomen.call import Node
from cognomen.operations import dispatch
from cognomen.store import user_imports
from tests.cli.conftest import Place

ROLE = "arn:aws:iam::000000000000:role/imports"


def test_the_log_of_an_import_is_written(place: Place, node: Node) -> None:
    async def a_job() -> tuple[str, str]:
        pool = await dispatch.perform(node, "CreateUserPool", {"PoolName": "a pool"})
        pool_id = pool["UserPool"]["Id"]
        asked = {"UserPoolId": pool_id, "JobName": "a job", "CloudWatchLogsRoleArn": ROLE}
        job_id = (await dispatch.perform(node, "CreateUserImportJob", asked))["UserImportJob"]["JobId"]
        job = await node.store.read(user_imports.by_id, pool_id, job_id)
        assert job is not None
        for first in (2, 102):
            lines = f"[SUCCEEDED] Line Number {first} - The import succeeded.\n"
            await node.store.write(user_imports.add_lines, job, first, lines)
        return pool_id, job_id

    pool_id, job_id = asyncio.run(a_job())
    outcome = place.run("users", "import-log", pool_id, job_id)
    assert outcome.code == 0
    assert outcome.out == (
        "[SUCCEEDED] Line Number 2 - The import succeeded.\n[SUCCEEDED] Line Number 102 - The import succeeded.\n"
    )
    outcome = place.run("users", "import-log", pool_id, "import-unknown")
    assert outcome.code == 1
    assert outcome.err == f"Error: There is no import job import-unknown in user pool {pool_id}.\n"
