"""What a run's findings, troubles and evidence come to: clean, drift or inconclusive.

Pure: a judgement in, a `Run` out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.oracle.coverage import notes
from contract_tests.run.probes import PROBES
from contract_tests.run.result import Completeness, Coverage, Run, SelfCheck, Verdict
from contract_tests.spec.keywords import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from contract_tests.oracle.deviations import Deviations
    from contract_tests.oracle.finding import Finding
    from contract_tests.run.record import RunRecord

EXITS = {Verdict.CLEAN: 0, Verdict.DRIFT: 4, Verdict.INCONCLUSIVE: 5}


def conclude(
    record: RunRecord,
    deviations: Deviations,
    *,
    requests: int,
    started_at: datetime,
    seconds: float,
    fail_on: Severity = Severity.ADDITIVE,
) -> Run:
    """The run that `judgement` recorded.

    Args:
        record: What was found out.
        deviations: What of it is accepted.
        requests: How many requests were sent.
        started_at: When the run began, in UTC.
        seconds: How long it took.
        fail_on: The least severity that counts as drift.
    """
    findings, complaints = deviations.accept("drift", record.findings, started_at.date())
    verdict, reason = _verdict(record, findings, fail_on)
    contract = record.contract
    exercised = [rule for rule in contract.rules if rule in record.exercised]
    unexercised = [rule for rule in contract.rules if rule not in record.exercised]
    variants = [job.variant for job in record.jobs if job.variant is not None]
    return Run(
        verdict=verdict,
        reason=reason,
        target=record.target.url,
        started_at=started_at,
        seconds=seconds,
        contract_version=contract.version,
        contract_sha256=contract.document.sha256,
        requests=requests,
        jobs=tuple(record.jobs),
        completeness=Completeness(
            jobs_known=len(record.target.known_ids),
            jobs_checked=record.validated,
            probes=len(PROBES),
            probes_run=sum(probe.name in record.checks for probe in PROBES),
        ),
        coverage=Coverage(
            tuple(rule.location for rule in exercised),
            tuple(rule.location for rule in unexercised),
            tuple(notes(contract, frozenset(exercised), variants)),
        ),
        self_check=SelfCheck(record.planted),
        troubles=tuple(record.troubles),
        findings=tuple(findings),
        flaky=tuple(record.flaky),
        warnings=(*record.warnings, *complaints),
        checks=tuple(record.checks),
    )


def _verdict(
    record: RunRecord, findings: Sequence[Finding], fail_on: Severity
) -> tuple[Verdict, str | None]:
    """Drift wins over trouble: what was seen twice is true, whatever else could not be seen."""
    counted = {"additive": ("additive", "breaking"), "breaking": ("breaking",)}[fail_on]
    if any(item.deviation is None and item.severity in counted for item in findings):
        return Verdict.DRIFT, None
    if record.troubles:
        sentences = dict.fromkeys(
            f"{trouble.reason}: {trouble.message}" for trouble in record.troubles
        )
        return Verdict.INCONCLUSIVE, "; ".join(sentences)
    if not record.validated:
        return Verdict.INCONCLUSIVE, "no known job was answered with a job; nothing is proved"
    return Verdict.CLEAN, None
