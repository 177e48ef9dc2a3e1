"""Many ids: in order of completion, each with a result or an error, within the rate limit."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from qovery_job_client import Client, NotFoundError, RateLimit, Result, get_job, operation
from tests.client.payloads import JOB_ID
from tests.recorded import payload

if TYPE_CHECKING:
    from qovery_job_client import Job

IDS = [JOB_ID[:-2] + f"{number:02}" for number in range(20)]
MISSING = IDS[3]
NOW = datetime(2024, 5, 6, tzinfo=UTC)


class Jobs:
    """An in-memory server that counts down its rate limit and records concurrent requests."""

    def __init__(self, limit: int = 1000, reset: float = 0) -> None:
        self.remaining, self.reset = limit, reset
        self.seen: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Return the requested job."""
        job_id = request.url.path.rpartition("/")[2]
        self.seen.append(job_id)
        self.remaining -= 1
        headers = {
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }
        if job_id == MISSING:
            return httpx.Response(404, headers=headers)
        return httpx.Response(
            200, headers=headers, json=payload("cron_docker_nulls") | {"id": job_id}
        )

    def client(self) -> Client:
        """A client of this server."""
        transport = httpx.MockTransport(self)
        return Client("http://jobs", transport=transport, async_transport=transport)


def collect(jobs: Jobs, ids: list[str], *, awaited: bool, **options: Any) -> list[Result[Job]]:
    """Every result, by either iteration."""

    async def run() -> list[Result[Job]]:
        async with jobs.client() as client:
            return [each async for each in get_job.many(ids, client=client, **options)]

    if awaited:
        return asyncio.run(run())
    with jobs.client() as client:
        return list(get_job.many(ids, client=client, **options))


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_each_id_has_one_result_or_error(*, awaited: bool) -> None:
    """A missing job, and an id that is invalid, do not stop the others."""
    results = collect(Jobs(), [*IDS, "x"], awaited=awaited, concurrency=3)

    found = {result.id: result for result in results}
    assert len(results) == len(found) == 21
    assert type(found[MISSING].error) is NotFoundError
    assert type(found["x"].error) is ValueError
    assert {str(r.value.id) for r in results if r.value} == set(IDS) - {MISSING}
    with pytest.raises(NotFoundError):
        found[MISSING].result()


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_rate_limit_is_waited_for(*, awaited: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no requests are left, the next one waits for the reset."""
    jobs = Jobs(limit=3, reset=time.time() + 3600)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        if seconds:
            slept.append(seconds)
            jobs.remaining, jobs.reset = 1000, 0

    async def asleep(seconds: float) -> None:
        sleep(seconds)

    monkeypatch.setattr(operation, "_sleep", sleep)
    monkeypatch.setattr(operation, "_asleep", asleep)

    results = collect(jobs, IDS, awaited=awaited, concurrency=1)

    assert len(results) == 20
    assert slept
    assert 3500 < slept[0] <= 3600


def test_rate_limit_of_the_last_response_is_readable() -> None:
    """On the client, and on each response."""
    jobs = Jobs(limit=10, reset=1715000000)
    client = jobs.client()
    assert client.rate_limit is None

    response = get_job.sync_detailed(IDS[0], client=client)

    expected = RateLimit(9, datetime.fromtimestamp(1715000000, UTC), 1000)
    assert client.rate_limit == response.rate_limit == expected


LIMITS = [
    (5, 0, 0.0),
    (5, 4, 0.0),
    (5, 5, 60.0),
    (0, 0, 60.0),
]


@pytest.mark.parametrize(("remaining", "in_flight", "seconds"), LIMITS)
def test_seconds_to_wait(remaining: int, in_flight: int, seconds: float) -> None:
    """Requests in flight count as sent."""
    limit = RateLimit(remaining, NOW + timedelta(seconds=60))

    assert limit.seconds_to_wait(NOW, in_flight) == seconds
    assert limit.seconds_to_wait(NOW + timedelta(seconds=61), in_flight) == 0.0


def test_iteration_can_be_left() -> None:
    """Ids are read one by one, so that no job is requested unnecessarily."""
    jobs = Jobs()
    with jobs.client() as client:
        for _ in get_job.many(iter(IDS), client=client, concurrency=2):
            break

    assert len(jobs.seen) <= 4


def test_concurrency_is_checked() -> None:
    """At least one request at a time."""
    with pytest.raises(ValueError, match="concurrency"):
        get_job.many(IDS, client=Client(), concurrency=0)
