"""Runs of the known jobs and the probes against a server of raw bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.instances.population import population
from contract_tests.oracle.deviations import Deviations
from contract_tests.run.run import Check, run_checks
from contract_tests.run.target import live_target
from contract_tests.run.verdict import Floors
from contract_tests.spec.contract import load
from contract_tests.spec.keywords import Severity
from tests.server import TOKEN, honest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

CONTRACT = load()
POPULATION = population(CONTRACT)
# A few jobs of each variant, whatever the seed deals first.
JOBS: dict[str, Json] = {
    job_id: POPULATION.jobs[job_id]
    for variant in CONTRACT.variants
    for job_id in [key for key, name in POPULATION.variants.items() if name == variant][:2]
}
FIRST, SECOND, *_ = JOBS
HONEST = honest(JOBS)
NONE = Deviations("none")


def run(
    url: str,
    known_ids: Sequence[str] = tuple(JOBS),
    *,
    budget: int = 300,
    seconds: float = 10.0,
    run_seconds: float = 60.0,
    fail_on: Severity = Severity.ADDITIVE,
    deviations: Deviations = NONE,
    floors: Floors = Floors(),  # noqa: B008 - frozen
    checks: Collection[Check] = (Check.PROBES,),
    waits: list[float] | None = None,
    contract: Contract = CONTRACT,
) -> Run:
    """Run the checks against `url`; waits are noted instead of waited for."""
    waited: list[float] = [] if waits is None else waits
    return run_checks(
        contract,
        live_target(contract, url, known_ids, TOKEN, allow_plain_http=True),
        budget=budget,
        deviations=deviations,
        fail_on=fail_on,
        floors=floors,
        checks=checks,
        seconds=seconds,
        run_seconds=run_seconds,
        sleep=waited.append,
    )


def facts(findings: Sequence[Finding]) -> set[tuple[str, str, str]]:
    """Return the kind, location and keyword of each finding."""
    return {(item.kind, item.location, item.keyword) for item in findings}
