"""The code under test: is a job within the team's budget?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qovery_job_client import Job

MAX_CPU = 2_000  # millicores
MAX_MEMORY = 4_096  # MB


def over_budget(job: Job) -> list[str]:
    """Return a sentence for each limit that a job exceeds."""
    found = []
    if job.cpu > MAX_CPU:
        found.append(f"{job.name}: {job.cpu} millicores; the limit is {MAX_CPU}")
    if job.memory > MAX_MEMORY:
        found.append(f"{job.name}: {job.memory} MB; the limit is {MAX_MEMORY}")
    return found
