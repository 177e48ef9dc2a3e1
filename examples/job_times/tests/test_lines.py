"""Unit tests without sockets: `job_transport` responds within the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from job_times import lines
from qovery_job_client import (
    ContractViolationError,
    CronJob,
    LifecycleJob,
    RateLimitError,
    TransportTimeoutError,
)

if TYPE_CHECKING:
    from qovery_job_client_testing import JobTransport


@pytest.mark.parametrize("job_seed", range(3))
def test_every_job_has_a_line(job_transport: JobTransport) -> None:
    """Every job that the contract allows has a line: all jobs of three seeds."""
    with job_transport.client() as client:
        printed = list(lines(client, job_transport.ids))

    assert len(printed) == len(job_transport.ids)


def test_a_cron_job_runs_at_its_times(job_transport: JobTransport) -> None:
    """The line has the schedule and its time zone, of a job made for this test."""
    body = job_transport.body(job_transport.find(CronJob))
    body["schedule"]["cronjob"] |= {"scheduled_at": "0 6 * * 1", "timezone": "Europe/Paris"}
    job_id = job_transport.serve(body)

    with job_transport.client() as client:
        printed = list(lines(client, [job_id]))

    assert printed == [f"{job_id}: at 0 6 * * 1 (Europe/Paris)"]


def test_a_job_that_nothing_starts_never_runs(job_transport: JobTransport) -> None:
    """No event of the environment starts it."""
    body = job_transport.body(job_transport.find(LifecycleJob))
    body["schedule"] = {}
    job_id = job_transport.serve(body)

    with job_transport.client() as client:
        printed = list(lines(client, [job_id]))

    assert printed == [f"{job_id}: never"]


def test_a_job_that_is_gone_has_a_line(job_transport: JobTransport) -> None:
    """403 and 404 both mean that the job is gone; the other jobs are still printed."""
    gone = [job_transport.missing_id, job_transport.forbidden_id]

    with job_transport.client() as client:
        printed = list(lines(client, [*gone, job_transport.find(CronJob)]))

    assert printed[:2] == [f"{job_id}: gone" for job_id in gone]
    assert len(printed) == 3


def test_a_short_rate_limit_is_waited_out(job_transport: JobTransport) -> None:
    """Two calls get a 429, the third succeeds."""
    job_transport.fail(429, times=2)

    with job_transport.client() as client:
        printed = list(lines(client, [job_transport.find(CronJob)]))

    assert len(printed) == 1
    assert len(job_transport.requests) == 3


def test_long_rate_limit_is_reported(job_transport: JobTransport) -> None:
    """The command does not wait for an hour."""
    job_transport.fail(429, retry_after=3600)

    with job_transport.client() as client, pytest.raises(RateLimitError) as raised:
        list(lines(client, [job_transport.find(CronJob)]))

    assert raised.value.retry_at is not None


@pytest.mark.parametrize(
    ("mutant", "error"),
    [("gpu-below-minimum", ContractViolationError), ("is-slow", TransportTimeoutError)],
)
def test_a_fault_of_the_server_is_no_line(
    job_transport: JobTransport, mutant: str, error: type[Exception]
) -> None:
    """An invalid response is reported."""
    job_transport.inject(mutant)

    with job_transport.client() as client, pytest.raises(error):
        list(lines(client, [job_transport.find(CronJob)]))
