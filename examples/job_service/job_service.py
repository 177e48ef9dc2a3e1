"""A service that lists the jobs with the largest requests: `uvicorn job_service:app`.

One client is shared by all requests. The token is read from QOVERY_API_TOKEN.
"""

# FastAPI evaluates annotations, so their names are imported at runtime.
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel

from qovery_job_client import (
    ApiError,
    AuthenticatedClient,
    ForbiddenError,
    NotFoundError,
    RateLimitError,
    get_job,
)


class State(TypedDict):
    """The state of the running service."""

    client: AuthenticatedClient


class Need(BaseModel):
    """The resources that a job requests."""

    id: UUID
    name: str
    cpu: int
    memory: int


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[State]:
    """Open the client when the service starts, and close it when it ends."""
    async with AuthenticatedClient.from_env(app="job-service/0.1") as client:
        yield {"client": client}


def get_client(request: Request) -> AuthenticatedClient:
    """Return the client of the service."""
    client: AuthenticatedClient = request.state.client
    return client


app = FastAPI(title="Job service", lifespan=lifespan)
ClientOfService = Annotated[AuthenticatedClient, Depends(get_client)]


@app.get("/jobs/{job_id}")
async def need(job_id: UUID, client: ClientOfService) -> Need:
    """Return the resources that a job requests."""
    try:
        job = await client.aget_job(job_id, deadline=5.0)
    except (NotFoundError, ForbiddenError):
        raise HTTPException(404, "no such job") from None
    except RateLimitError as error:
        wait = {"Retry-After": f"{error.retry_after or 60:.0f}"}
        raise HTTPException(503, "the rate limit is used up", wait) from None
    except ApiError as error:
        raise HTTPException(502, f"Qovery: {error.message}") from error
    return Need.model_validate(job, from_attributes=True)


@app.get("/largest")
async def largest(job_id: Annotated[list[UUID], Query()], client: ClientOfService) -> list[Need]:
    """Return the resources of the jobs, the largest first, without jobs that cannot be read."""
    found = [
        Need.model_validate(result.value, from_attributes=True)
        async for result in get_job.many(job_id, client=client)
        if result.value is not None
    ]
    return sorted(found, key=lambda each: (each.memory, each.cpu), reverse=True)
