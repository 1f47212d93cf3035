"""The upload of a CSV file, and the log of its import. What is refused is told as Amazon S3 tells it: in XML.

A file is never in memory as a whole: each part is sealed and written as soon as it is there. It is the job's once all of
it has arrived; until then, and when another takes its place, its parts belong to nobody and are removed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from cognomen import clock, errors
from cognomen.call import Node
from cognomen.errors import Refusal
from cognomen.store import user_imports
from cognomen.store.database import Db, Stale, Unavailable
from cognomen.store.user_imports import CREATED, ImportJob
from cognomen.users import import_links, imports
from cognomen.users.import_links import PATH, VALID_FOR
from cognomen.wire import bodies

SIZE_MAX = 100 * 1024 * 1024  # bytes
PAGE = 100  # rows of the log, of a batch of lines each


def front(node: Node) -> Starlette:
    """The ASGI application of these addresses."""

    async def upload(request: Request) -> Response:
        job = await _job(node, request)
        if job.status != CREATED or clock.now() > job.created_at + VALID_FOR:
            raise errors.UPLOAD_EXPIRED()
        if bodies.declared(request.headers) > SIZE_MAX:
            raise errors.UPLOAD_TOO_LARGE(limit=SIZE_MAX)
        await _take(node, request, job)
        return Response()

    async def log(request: Request) -> Response:
        job = await _job(node, request)
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        return StreamingResponse(_log(node, job), media_type="text/plain; charset=utf-8", headers=headers)

    path = f"{PATH}{{pool_id}}/{{job_id}}"
    return Starlette(
        routes=[Route(path, upload, methods=["PUT"]), Route(path, log, methods=["GET"])],
        exception_handlers={404: _not_found, Refusal: _refused, Unavailable: _unavailable},
    )


async def _job(node: Node, request: Request) -> ImportJob:
    """The job whose address this is. Raises UPLOAD_UNSIGNED, UPLOAD_EXPIRED."""
    pool_id, job_id = request.path_params["pool_id"], request.path_params["job_id"]
    expires, signature = (request.query_params.get(name, "") for name in ("expires", "signature"))
    configuration = await node.configurations.of_pool(pool_id, clock.now())
    if configuration is None or not import_links.is_ours(configuration, job_id, expires, signature):
        raise errors.UPLOAD_UNSIGNED()
    if int(expires) < clock.now():
        raise errors.UPLOAD_EXPIRED()
    job = await node.store.read(user_imports.by_id, pool_id, job_id)
    if job is None:
        raise errors.UPLOAD_UNSIGNED()
    return job


async def _take(node: Node, request: Request, job: ImportJob) -> None:
    """Keep the body of the request as the job's file, in the place of what was uploaded before."""
    upload = clock.uuid4()
    thrown_away = upload
    try:
        async with asyncio.timeout(VALID_FOR / 1000):
            size = await _write_parts(node, request, job.pool_id, upload)
        await node.store.write(_attach, job, upload, size)
        thrown_away = job.upload
    except TimeoutError:
        bodies.hang_up(request.scope)
        raise errors.UPLOAD_TOO_SLOW() from None
    except ClientDisconnect:
        raise errors.UPLOAD_TOO_SLOW() from None
    finally:
        if thrown_away:
            await _remove(node, job.pool_id, thrown_away)


async def _write_parts(node: Node, request: Request, pool_id: str, upload: str) -> int:
    """Write the body part by part as it arrives; how many bytes it has. Raises UPLOAD_TOO_LARGE, UPLOAD_TOO_SLOW."""
    waiting, size, number = bytearray(), 0, 0
    body = aiter(request.stream())
    while (chunk := await _next(body, node.settings.request_timeout_s)) is not None:
        size += len(chunk)
        if size > SIZE_MAX:
            raise errors.UPLOAD_TOO_LARGE(limit=SIZE_MAX)
        waiting += chunk
        while len(waiting) >= imports.PART:
            await _write_part(node, pool_id, upload, number, bytes(waiting[: imports.PART]))
            del waiting[: imports.PART]
            number += 1
    if waiting:
        await _write_part(node, pool_id, upload, number, bytes(waiting))
    return size


async def _next(body: AsyncIterator[bytes], seconds: float) -> bytes | None:
    """The next bytes that arrive, None at the end; a client that stops sending is not waited for."""
    async with asyncio.timeout(seconds):
        return await anext(body, None)


async def _write_part(node: Node, pool_id: str, upload: str, number: int, content: bytes) -> None:
    name = user_imports.name_of_part(number)
    sealed = node.vault.seal(imports.PURPOSE, content, imports.binding(pool_id, upload, name))
    await node.store.write(user_imports.add_part, pool_id, upload, number, sealed, clock.now())


async def _remove(node: Node, pool_id: str, upload: str) -> None:
    while await node.store.write(user_imports.remove_parts, pool_id, upload):
        pass


def _attach(db: Db, seen: ImportJob, upload: str, size: int) -> None:
    """Raises UPLOAD_EXPIRED where the job was started meanwhile."""
    job = user_imports.by_id_locked(db, seen.pool_id, seen.id)
    if job is None or job.status != CREATED:
        raise errors.UPLOAD_EXPIRED()
    if job.upload != seen.upload:
        raise errors.UPLOAD_CONFLICT()
    if not user_imports.change(db, job, replace(job, upload=upload, size=size)):
        raise Stale


async def _log(node: Node, job: ImportJob) -> AsyncIterator[str]:
    after = ""
    while found := await node.store.read(user_imports.lines_of, job.pool_id, job.id, after, PAGE):
        after = found[-1][0]
        yield "".join(lines for _, lines in found)


async def _refused(_request: Request, refusal: Exception) -> Response:
    return _told(refusal) if isinstance(refusal, Refusal) else await _unavailable(_request, refusal)


async def _not_found(_request: Request, _fault: Exception) -> Response:
    return _told(errors.UPLOAD_UNSIGNED())


async def _unavailable(_request: Request, _fault: Exception) -> Response:
    return _told(errors.UPLOAD_UNAVAILABLE())


def _told(refusal: Refusal) -> Response:
    code, message = escape(refusal.type), escape(refusal.message or "")
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return Response(body, refusal.status, media_type="application/xml")
