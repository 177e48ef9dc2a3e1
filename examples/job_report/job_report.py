"""Write a CSV file of many jobs: `job-report IDS.txt REPORT.csv`.

IDS.txt has one id per line. A job that cannot be read gets a row with the reason. The token is
read from QOVERY_API_TOKEN.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from qovery_job_client import AuthenticatedClient, CronJob, Retries, get_job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qovery_job_client import Client, Job

COLUMNS = ("id", "name", "variant", "cpu", "memory", "schedule", "error")
EXIT_INCOMPLETE = 1
EXIT_USAGE = 2


def row(job: Job) -> dict[str, object]:
    """Return the columns of one job."""
    schedule = job.schedule.cronjob.scheduled_at if isinstance(job, CronJob) else ""
    return {
        "id": job.id,
        "name": job.name,
        "variant": type(job).__name__,
        "cpu": job.cpu,
        "memory": job.memory,
        "schedule": schedule,
    }


def rows(client: Client, job_ids: Iterable[str]) -> Iterator[dict[str, object]]:
    """Yield a row for each job, in the order of completion."""
    for result in get_job.many(job_ids, client=client):
        if result.value is None:
            yield {"id": result.id, "error": str(result.error)}
        else:
            yield row(result.value)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file and return the exit status: 1 if a job could not be read."""
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) != 2:
        print("usage: job-report IDS.txt REPORT.csv", file=sys.stderr)
        return EXIT_USAGE
    job_ids = Path(arguments[0]).read_text("utf-8").split()
    with AuthenticatedClient.from_env(app="job-report/0.1", retries=Retries(attempts=5)) as client:
        found = sorted(rows(client, job_ids), key=lambda each: str(each["id"]))
    with Path(arguments[1]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(found)
    failed = sum("error" in each for each in found)
    print(f"{len(found)} jobs, {failed} of them failed", file=sys.stderr)
    return EXIT_INCOMPLETE if failed else 0


if __name__ == "__main__":
    sys.exit(main())
