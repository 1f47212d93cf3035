"""What is left when a node dies in the middle of an import: the killed one is a server of its own, with real time."""

from __future__ import annotations

import time
from pathlib import Path

from cognomen import app, settings
from cognomen.clock import MINUTE
from cognomen.store import user_imports, users
from cognomen.users import imports
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.http_requests import asked
from tests.processes import serving, until

ROWS = 3_000
ROLE = "arn:aws:iam::000000000000:role/imports"


async def test_a_node_that_is_killed_loses_no_row_and_doubles_none(
    engine: str, tmp_path: Path, clock: HeldClock
) -> None:
    with empty_database(engine, tmp_path) as url:
        with serving(tmp_path, "--database", url) as node:
            cognito = connect(node.endpoint)
            pool_id = cognito.create_user_pool(PoolName="a pool", AutoVerifiedAttributes=["email"])[
                "UserPool"
            ]["Id"]
            job = cognito.create_user_import_job(
                UserPoolId=pool_id, JobName="a job", CloudWatchLogsRoleArn=ROLE
            )["UserImportJob"]
            header = cognito.get_csv_header(UserPoolId=pool_id)["CSVHeader"]
            lines = [",".join(header)]
            for number in range(ROWS):
                row = {
                    "cognito:username": f"user{number}",
                    "email": f"{number}@example.com",
                    "email_verified": "true",
                }
                lines.append(",".join(row.get(name, "") for name in header))
            asked("PUT", job["PreSignedUrl"], "\n".join(lines).encode())
            of_job = {"UserPoolId": pool_id, "JobId": job["JobId"]}
            cognito.start_user_import_job(**of_job)
            until(
                lambda: (
                    cognito.describe_user_import_job(**of_job)["UserImportJob"].get("ImportedUsers", 0) > 0
                )
            )
            node.kill()
        clock.now = max(clock.now, time.time_ns() // 1_000_000) + MINUTE  # its lease has ended
        survivor = app.build(settings.load({"data": str(tmp_path), "database": url}, {}))
        left = await survivor.store.read(user_imports.by_id, pool_id, job["JobId"])
        assert left is not None
        assert 0 < left.imported < ROWS
        assert len(await survivor.store.read(users.all_of_pool, pool_id, "", 2 * ROWS)) == left.imported
        while await imports.carry_on(survivor, clock.now):
            pass
        done = await survivor.store.read(user_imports.by_id, pool_id, job["JobId"])
        assert done is not None
        assert (done.status, done.imported, done.skipped, done.failed) == ("Succeeded", ROWS, 0, 0)
        assert len(await survivor.store.read(users.all_of_pool, pool_id, "", 2 * ROWS)) == ROWS
        told = await survivor.store.read(user_imports.lines_of, pool_id, job["JobId"], "", ROWS)
        numbers = [int(line.split()[3]) for _, text in told for line in text.splitlines()]
        assert numbers == list(range(2, ROWS + 2))
        app.close(survivor)
