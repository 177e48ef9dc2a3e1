"""Print when jobs run: `job-times ID…`. The token is read from QOVERY_API_TOKEN."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from qovery_job_client import (
    ApiError,
    AuthenticatedClient,
    CronJob,
    ForbiddenError,
    LifecycleJob,
    NotFoundError,
    RateLimitError,
    get_job,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qovery_job_client import Client, Job

EXIT_FAILED = 1
EXIT_TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h


def when(job: Job) -> str:
    """Return when a job runs, in words."""
    match job:
        case CronJob():
            command = job.schedule.cronjob
            return f"at {command.scheduled_at} ({command.timezone})"
        case LifecycleJob():
            moments = {
                "starts": job.schedule.on_start,
                "stops": job.schedule.on_stop,
                "is deleted": job.schedule.on_delete,
            }
            named = [name for name, command in moments.items() if command]
            return f"when its environment {' or '.join(named)}" if named else "never"
        case _:
            return "in a way that this version does not know"


def lines(client: Client, job_ids: Iterable[str]) -> Iterator[str]:
    """Yield a line for each job, also for one that is gone.

    Raises:
        ApiError: A job could not be read for any other reason.
    """
    for job_id in job_ids:
        try:
            job = get_job.sync(job_id, client=client)
        except (NotFoundError, ForbiddenError):
            yield f"{job_id}: gone"
        else:
            yield f"{job_id}: {when(job)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print when the jobs run; return the exit status."""
    job_ids = sys.argv[1:] if argv is None else argv
    with AuthenticatedClient.from_env() as client:
        try:
            for line in lines(client, job_ids):
                print(line)
        except RateLimitError as error:
            again = f"{error.retry_at:%H:%M}" if error.retry_at else "later"
            print(f"job-times: too many requests; try again {again}", file=sys.stderr)
            return EXIT_TRY_LATER
        except ApiError as error:
            print(f"job-times: {error}", file=sys.stderr)
            return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
