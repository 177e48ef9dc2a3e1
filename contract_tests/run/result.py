"""The result of a run: everything that reports show and that decides the exit status."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from datetime import datetime

    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.values import Json


class Verdict(StrEnum):
    """The outcome of a run."""

    CLEAN = "clean"
    DRIFT = "drift"
    INCONCLUSIVE = "inconclusive"


class Reason(StrEnum):
    """Why a run, or one request of it, could not be completed."""

    BUDGET = "budget"
    COVERAGE = "coverage"
    JOBS = "jobs"
    LISTING = "listing"
    NO_KNOWN_JOB = "no known job"
    NOT_AUTHORIZED = "not authorized"
    RATE_LIMIT = "rate limit"
    RUN_TIME = "run time"
    SERVER_DOWN = "server down"
    SERVER_ERROR = "server error"
    TIMEOUT = "timeout"
    TLS = "tls"
    UNREACHABLE = "unreachable"


@frozen
class Trouble:
    """Something that the run could not check.

    Attributes:
        reason: Why not.
        message: The same as a sentence, with what to do.
    """

    reason: Reason = field(converter=Reason)
    message: str


@frozen
class Job:
    """One known job that was requested.

    Attributes:
        id: Its id.
        status: The status of its response, None if there was no response.
        variant: The variant of the job in the response, None if it contains no job.
        findings: The number of findings about it.
    """

    id: str
    status: int | None
    variant: str | None
    findings: int


@frozen
class Completeness:
    """How much of what should be checked was checked.

    Attributes:
        jobs_known: The number of known jobs.
        jobs_checked: How many of them the server returned and the oracle validated.
        probes: The number of probes: requests that the server must refuse.
        probes_run: How many of them were run.
    """

    jobs_known: int
    jobs_checked: int
    probes: int
    probes_run: int


@frozen
class Coverage:
    """The rules of the contract that the observed instances exercised.

    Attributes:
        covered: Their locations in the contract.
        uncovered: The locations of the other rules.
        notes: The same in sentences, such as "no CronJob among the known jobs: 14 rules not
            covered".
    """

    covered: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rules(self) -> int:
        """The number of rules of the contract."""
        return len(self.covered) + len(self.uncovered)

    @property
    def ratio(self) -> float:
        """The covered part of the rules, from 0 to 1."""
        return len(self.covered) / self.rules if self.rules else 0.0


@frozen
class SelfCheck:
    """Faults injected into observed bodies. If the oracle misses one, the run has no result.

    Attributes:
        injected: How many were injected and found.
    """

    injected: int = 0


@frozen
class Run:
    """One run against one target.

    Attributes:
        verdict: Its outcome.
        reason: Why it is inconclusive or incomplete and what to do, None for a complete run.
        target: The base URL of the server.
        started_at: When it started, in UTC.
        seconds: How long it took.
        contract_version: The version of the contract.
        contract_sha256: The SHA-256 of the contract's source, in hexadecimal.
        requests: The number of requests sent.
        jobs: The known jobs that were requested.
        completeness: How much was checked.
        coverage: What the observed instances exercised.
        self_check: The faults injected to check the oracle.
        findings: Every confirmed finding; accepted ones carry their deviation.
        flaky: Findings seen only once, one for each fact.
        troubles: What could not be checked, and why.
        warnings: Messages that do not affect the verdict.
        checks: The names of the checks that ran in addition to the known jobs.
        samples: Some of the observed instances.
    """

    verdict: Verdict = field(converter=Verdict)
    reason: str | None
    target: str
    started_at: datetime
    seconds: float
    contract_version: str
    contract_sha256: str
    requests: int
    jobs: tuple[Job, ...]
    completeness: Completeness
    coverage: Coverage
    self_check: SelfCheck = SelfCheck()
    findings: tuple[Finding, ...] = ()
    flaky: tuple[Finding, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    warnings: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    samples: tuple[Json, ...] = field(default=(), repr=False)

    @property
    def complete(self) -> bool:
        """Whether everything was checked. An incomplete run cannot show that a fact is gone."""
        return not self.troubles
