"""The contract tests: each part of a run, on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle import deviations
from contract_tests.run.result import Verdict
from contract_tests.run.run import EMBEDDED_BUDGET, Check, run_checks

if TYPE_CHECKING:
    from contract_tests.run.result import Run
    from contract_tests.run.target import Target
    from contract_tests.spec.contract import Contract


def check(contract: Contract, target: Target, *checks: Check) -> Run:
    """Check the known jobs, then `checks`; fail unless the run is clean."""
    run = run_checks(
        contract,
        target,
        budget=EMBEDDED_BUDGET,
        deviations=deviations.load(),
        checks=checks,
    )
    messages = [finding.message for finding in run.findings if finding.deviation is None]
    assert run.verdict is Verdict.CLEAN, "\n".join(messages) or run.reason
    return run


def test_known_jobs(contract: Contract, target: Target) -> None:
    """Every known job is returned and satisfies the contract, and together they cover it."""
    run = check(contract, target)

    assert run.completeness.jobs_checked == len(target.known_ids) > 0
    assert run.coverage.uncovered == ()


def test_self_check(contract: Contract, target: Target) -> None:
    """Faults injected into the bodies that the server sent are found."""
    assert check(contract, target, Check.SELF_CHECK).self_check.injected > 0


def test_probes(contract: Contract, target: Target) -> None:
    """A wrong id or credential never gets a job."""
    completeness = check(contract, target, Check.PROBES).completeness

    assert completeness.probes_run == completeness.probes > 0


@pytest.mark.parametrize("part", [Check.METHODS, Check.SAMPLED_JOBS, Check.GENERATED_REQUESTS])
def test_other_requests(contract: Contract, target: Target, part: Check) -> None:
    """Other methods and generated requests are refused, and Schemathesis' own checks pass."""
    known_jobs = len(target.known_ids)

    assert check(contract, target, part).requests > known_jobs
