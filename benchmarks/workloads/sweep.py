"""Known jobs asked for and judged, one after the other, by our sweep.

python -m benchmarks.workloads.sweep URL COUNT TOKEN
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

from contract_tests.run.known_jobs import Sweep
from contract_tests.run.session import opened
from contract_tests.run.target import Credential, Target
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from benchmarks.worker import Repeated
    from contract_tests.spec.contract import Contract

BUDGET = 1_000_000


def ids(count: int) -> list[str]:
    """The ids of so many jobs, the same each time."""
    return [str(UUID(int=index, version=4)) for index in range(count)]


def sweep(contract: Contract, url: str, job_ids: list[str], token: str) -> int:
    """Judge each job; gives how many were answered with one."""
    target = Target(url, tuple(job_ids), Credential(token))
    with opened(contract, target, BUDGET) as session:
        for _ in Sweep(session.wire, session.record, session.judge).jobs(job_ids):
            pass
        return session.record.validated


def prepare(url: str, count: int, token: str) -> Repeated:
    """Repeat a sweep over `count` jobs."""
    contract, job_ids = load(), ids(count)

    def run(times: int) -> float:
        begun = perf_counter()
        for _ in range(times):
            assert sweep(contract, url, job_ids, token) == count
        return perf_counter() - begun

    return run


def main(url: str, count: str, token: str) -> None:
    """Judge the jobs; fails where one was not answered with a job."""
    judged = sweep(load(), url, ids(int(count)), token)
    if judged != int(count):
        sys.exit(f"{judged} of {count} jobs were judged")


if __name__ == "__main__":
    main(*sys.argv[1:])
