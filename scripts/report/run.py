"""What one run of `scripts.drift` found out: the value that every report is rendered from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from contract_tests.run.record import Job

if TYPE_CHECKING:
    from datetime import datetime

    from contract_tests.oracle.finding import Finding

__all__ = ["Evidence", "Job", "Run", "Verdict"]

Verdict: TypeAlias = Literal["clean", "drift", "inconclusive"]


@frozen
class Evidence:
    """Which rules of the contract the observed instances really exercised.

    Attributes:
        exercised: The rules that some instance exercised, as JSON pointers into the contract.
        unexercised: Those that none did.
        notes: The same in a few sentences, such as "no CronJob among the known jobs: 14 rules
            unproved".
        planted: How many faults were planted in observed bodies, and found.
    """

    exercised: tuple[str, ...]
    unexercised: tuple[str, ...]
    notes: tuple[str, ...] = ()
    planted: int = 0


@frozen
class Run:
    """One run against one server.

    Attributes:
        verdict: What the run says.
        reason: Why it is inconclusive and what to do, else None.
        target: The server's address.
        started_at: When it began, in UTC.
        seconds: How long it took.
        contract_version: The version of the contract.
        contract_sha256: The sha256 of `openapi/job.yaml`, in hexadecimal.
        requests: How many requests were sent.
        jobs: The known jobs.
        evidence: What the run proved.
        findings: Every finding that repeats, in the order of jobs; accepted ones are marked.
        flaky: What looked like drift once and did not repeat.
        warnings: What deserves a look but decides nothing, such as a known job that is gone.
        checks: The names of the checks that asked for more than the known jobs, such as that of an
            unknown id.
    """

    verdict: Verdict
    reason: str | None
    target: str
    started_at: datetime
    seconds: float
    contract_version: str
    contract_sha256: str
    requests: int
    jobs: tuple[Job, ...]
    evidence: Evidence
    findings: tuple[Finding, ...]
    flaky: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
