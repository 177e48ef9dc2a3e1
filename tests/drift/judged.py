"""Runs of the sweep and the probes against a server, and what they come to.

A whole pytest run costs a second; what a server does wrong shows here in milliseconds.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contract_tests.instances.population import population
from contract_tests.oracle.deviations import Deviations
from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.known_jobs import Sweep
from contract_tests.run.probes import PROBES, run
from contract_tests.run.record import RunRecord
from contract_tests.run.target import live_target
from contract_tests.run.transport import NoResponse, Transport
from contract_tests.spec.contract import load
from contract_tests.spec.keywords import Severity
from scripts.drift.verdict import conclude
from tests.drift.hostile import TOKEN, honest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Run
    from contract_tests.spec.values import Json

CONTRACT = load()
JUDGE = ResponseChecker(CONTRACT)
POPULATION = population(CONTRACT)
# A few jobs of both variants, whatever the seed deals first.
JOBS: dict[str, Json] = {
    job_id: POPULATION.jobs[job_id]
    for variant in CONTRACT.variants
    for job_id in [key for key, name in POPULATION.variants.items() if name == variant][:2]
}
FIRST, SECOND, *_ = JOBS
HONEST = honest(JOBS)
NONE = Deviations("none")


def judged(
    url: str,
    known_ids: Sequence[str] = tuple(JOBS),
    *,
    budget: int = 300,
    seconds: float = 1.0,
    run_seconds: float = 60.0,
    fail_on: Severity = Severity.ADDITIVE,
    deviations: Deviations = NONE,
    waits: list[float] | None = None,
) -> Run:
    """The run of sweep and probes against `url`; its waits are noted, not waited for."""
    target = live_target(url, known_ids, TOKEN, allow_plain_http=True)
    record = RunRecord(CONTRACT, target)
    waited: list[float] = [] if waits is None else waits
    wire = Transport(target, budget, seconds=seconds, run_seconds=run_seconds, sleep=waited.append)
    with closing(wire):
        list(Sweep(wire, record, JUDGE).jobs(target.known_ids))
        for probe in PROBES:
            if not record.should_stop:
                try:
                    record.add_findings(run(probe, wire, JUDGE, record))
                except NoResponse as error:
                    record.no_response(error)
        sent = wire.sent
    return conclude(
        record,
        deviations,
        requests=sent,
        started_at=datetime.now(UTC),
        seconds=0,
        fail_on=fail_on,
    )


def facts(findings: Sequence[Finding]) -> set[tuple[str, str, str]]:
    """Kind, location and keyword of each of `findings`."""
    return {(item.kind, item.location, item.keyword) for item in findings}
