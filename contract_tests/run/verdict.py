"""Decide the verdict from a run record. No I/O."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.oracle.coverage import notes
from contract_tests.run.probes import probes
from contract_tests.run.result import (
    Completeness,
    Coverage,
    Reason,
    Run,
    SelfCheck,
    Trouble,
    Verdict,
)
from contract_tests.spec.keywords import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from contract_tests.oracle.deviations import Deviations
    from contract_tests.run.record import RunRecord

EXITS = {Verdict.CLEAN: 0, Verdict.DRIFT: 4, Verdict.INCONCLUSIVE: 5}


@frozen
class Floors:
    """The minimum that must be checked before a run may be clean.

    Attributes:
        jobs: The number of known jobs, or their ratio if below 1.
        coverage: The ratio of the contract's rules.
    """

    jobs: float = 0.5
    coverage: float = 0.1

    def jobs_of(self, known: int) -> int:
        """Return how many of the known jobs must be checked."""
        return math.ceil(self.jobs * known) if self.jobs < 1 else math.ceil(self.jobs)


def conclude(
    record: RunRecord,
    deviations: Deviations,
    *,
    requests: int,
    started_at: datetime,
    seconds: float,
    fail_on: Severity = Severity.ADDITIVE,
    floors: Floors = Floors(),
) -> Run:
    """Return the result of a run from its record.

    Args:
        record: What was observed.
        deviations: What is accepted.
        requests: The number of requests sent.
        started_at: When the run started, in UTC.
        seconds: How long it took.
        fail_on: The lowest severity that counts as drift.
        floors: The minimum that must be checked.
    """
    findings, unused = deviations.accept("drift", record.confirmed(), started_at.date())
    contract = record.contract
    covered = [rule for rule in contract.rules if rule in record.covered]
    variants = [result.variant for result in record.results if result.variant is not None]
    coverage = Coverage(
        tuple(rule.location for rule in covered),
        tuple(rule.location for rule in contract.rules if rule not in record.covered),
        tuple(notes(contract, frozenset(covered), variants)),
    )
    completeness = Completeness(
        jobs_known=len(record.target.known_ids),
        jobs_checked=record.checked,
        probes=len(probes(record)),
        probes_run=len(record.probes),
    )
    troubles = tuple(record.troubles) or tuple(_below(floors, completeness, coverage))
    decisive = {fail_on, Severity.BREAKING}
    if any(item.deviation is None and item.severity in decisive for item in findings):
        verdict = Verdict.DRIFT
    else:
        verdict = Verdict.INCONCLUSIVE if troubles else Verdict.CLEAN
    sentences = "; ".join(f"{trouble.reason}: {trouble.message}" for trouble in troubles)
    return Run(
        verdict=verdict,
        reason=sentences or None,
        target=record.target.url,
        started_at=started_at,
        seconds=seconds,
        contract_version=contract.version,
        contract_sha256=contract.document.sha256,
        requests=requests,
        jobs=record.jobs(findings),
        completeness=completeness,
        coverage=coverage,
        self_check=SelfCheck(record.injected),
        findings=tuple(findings),
        flaky=tuple(record.flaky()),
        troubles=troubles,
        warnings=(*record.warnings, *unused),
        checks=tuple(record.checks),
        samples=tuple(record.samples.values()),
    )


def _below(floors: Floors, completeness: Completeness, coverage: Coverage) -> Sequence[Trouble]:
    """Return what is below a minimum, unless something else explains it."""
    least = max(floors.jobs_of(completeness.jobs_known), 1)
    if completeness.jobs_checked < least:
        checked = f"{completeness.jobs_checked} of {completeness.jobs_known} known jobs"
        message = f"the server returned {checked}, expected at least {least}"
        return [Trouble(Reason.JOBS, f"{message}; update the known ids, or lower --min-jobs")]
    if coverage.ratio < floors.coverage:
        message = f"the jobs cover {coverage.ratio:.0%} of the rules"
        message = f"{message}, expected at least {floors.coverage:.0%}"
        return [Trouble(Reason.COVERAGE, f"{message}; add known jobs, or lower --min-coverage")]
    return []
