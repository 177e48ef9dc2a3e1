"""One call through a client that is closed afterwards, sync or awaited."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from qovery_job_client import get_job
from tests.client.payloads import JOB_ID

if TYPE_CHECKING:
    from qovery_job_client import Client, Job, Response


def call(client: Client, *, awaited: bool = False) -> Job:
    """The job, or the error."""
    return call_detailed(client, awaited=awaited).result()


def call_detailed(client: Client, *, awaited: bool = False) -> Response[Job]:
    """Whatever the server returns."""

    async def run() -> Response[Job]:
        async with client:
            return await get_job.asyncio_detailed(JOB_ID, client=client)

    if awaited:
        return asyncio.run(run())
    with client:
        return get_job.sync_detailed(JOB_ID, client=client)
