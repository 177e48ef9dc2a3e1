"""How another team uses the client; only type checkers read it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, assert_never, assert_type

from qovery_job_client import (
    UNSET,
    AuthenticatedClient,
    Client,
    CronJob,
    DockerSource,
    ForbiddenError,
    ImageSource,
    Job,
    LifecycleJob,
    NotFoundError,
    RateLimitError,
    Response,
    ServiceType,
    UnknownJob,
    Unset,
    get_job,
)

if TYPE_CHECKING:
    from uuid import UUID


def source_of(job: LifecycleJob | CronJob) -> str:
    """Where its code comes from."""
    match job.source:
        case ImageSource(image=image):
            return f"{image.registry.kind}:{image.tag}"
        case DockerSource(docker=docker):
            repository = docker.git_repository
            return repr(repository.url) if repository is not UNSET else "no repository"
        case _:
            assert_never(job.source)


def describe(job: Job) -> str:
    """What a job is, in a line."""
    match job:
        case LifecycleJob(schedule=schedule):
            return f"{job.name}: {schedule.on_start!r} {source_of(job)}"
        case CronJob(schedule=schedule):
            return f"{job.name}: {schedule.cronjob.scheduled_at} {source_of(job)}"
        case UnknownJob():
            return f"a {job.job_type} that this release does not know"
        case _:
            return f"{job.name}, of a variant that was added since"


def main(job_id: UUID) -> None:
    """Read a job, and distinguish failures."""
    with AuthenticatedClient.from_env() as client:
        try:
            job = get_job.sync(job_id, client=client)
        except (NotFoundError, ForbiddenError) as error:
            print(error.request_id, error.message)
            return
        except RateLimitError as error:
            assert_type(error.retry_at, datetime | None)
            return
        assert_type(job, Job)
        print(describe(job))
        if isinstance(job, CronJob):
            assert_type(job.port, int | None | Unset)
            assert_type(job.port or 8080, int)
            assert_type(job.created_at, datetime)
            assert_type(job.service_type, ServiceType)
        response = get_job.sync_detailed(str(job_id), client=client)
        assert_type(response, Response[Job])


async def awaited(client: Client) -> list[Job]:
    """Read several at once."""
    return await asyncio.gather(*(get_job.asyncio("x", client=client) for _ in range(3)))
