"""Merge the runs against several targets into one result."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.run.result import Completeness, Coverage, Run, SelfCheck, Trouble, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORDER = (Verdict.DRIFT, Verdict.INCONCLUSIVE, Verdict.CLEAN)


def merge(runs: Mapping[str, Run]) -> Run:
    """Return the result of all `runs`, by the name of their target.

    It is clean if all runs are clean, and drift if any is. Coverage is that of all targets
    together. The command that reproduces a finding names its server and the variable of its token.
    """
    first, *others = runs.values()
    if not others:
        return first
    every = (first, *others)
    troubles = [
        Trouble(trouble.reason, f"{name}: {trouble.message}")
        for name, run in runs.items()
        for trouble in run.troubles
    ]
    covered = {rule for run in every for rule in run.coverage.covered}
    rules = [*first.coverage.covered, *first.coverage.uncovered]
    return Run(
        verdict=next(verdict for verdict in _ORDER if any(run.verdict is verdict for run in every)),
        reason="; ".join(f"{trouble.reason}: {trouble.message}" for trouble in troubles) or None,
        target=", ".join(f"{name} ({run.target})" for name, run in runs.items()),
        started_at=first.started_at,
        seconds=sum(run.seconds for run in every),
        contract_version=first.contract_version,
        contract_sha256=first.contract_sha256,
        requests=sum(run.requests for run in every),
        jobs=tuple(chain.from_iterable(run.jobs for run in every)),
        completeness=Completeness(
            jobs_known=sum(run.completeness.jobs_known for run in every),
            jobs_checked=sum(run.completeness.jobs_checked for run in every),
            probes=sum(run.completeness.probes for run in every),
            probes_run=sum(run.completeness.probes_run for run in every),
        ),
        coverage=Coverage(
            tuple(rule for rule in rules if rule in covered),
            tuple(rule for rule in rules if rule not in covered),
            tuple(f"{name}: {note}" for name, run in runs.items() for note in run.coverage.notes),
        ),
        self_check=SelfCheck(sum(run.self_check.injected for run in every)),
        findings=tuple(
            evolve(finding, message=f"{name}: {finding.message}")
            for name, run in runs.items()
            for finding in run.findings
        ),
        flaky=tuple(
            evolve(finding, message=f"{name}: {finding.message}")
            for name, run in runs.items()
            for finding in run.flaky
        ),
        troubles=tuple(troubles),
        warnings=tuple(
            f"{name}: {warning}" for name, run in runs.items() for warning in run.warnings
        ),
        checks=tuple(dict.fromkeys(check for run in every for check in run.checks)),
        samples=tuple(chain.from_iterable(run.samples for run in every)),
    )
