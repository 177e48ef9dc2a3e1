"""What a run has found out so far: the one thing that its tests write to.

Everything that is recorded loses the token first, should a server have echoed it.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from shlex import quote
from typing import TYPE_CHECKING

from attrs import evolve, field, mutable

from contract_tests.oracle.coverage import covered_rules
from contract_tests.run.result import Job, Reason, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contract_tests.oracle.finding import Finding, Identity
    from contract_tests.oracle.response import Assessment
    from contract_tests.run.target import Target
    from contract_tests.run.transport import NoResponse
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Rule
    from contract_tests.spec.values import Json

SERVER_ERROR = "server error"
MOST_FACTS = 100  # different findings, after which no more bodies are kept for them
SAMPLES = 10  # how many observed instances of each variant are kept; the rest only count
MOST = 10_000  # findings; a server at which everything is wrong is known well enough by then


@mutable
class RunRecord:
    """What a run has found out so far.

    Attributes:
        contract: What it judges by.
        target: Whom it judges.
        jobs: The known jobs that were asked for.
        findings: Everything that repeats, each once, and why it is accepted if it is.
        flaky: What looked like drift once and did not repeat.
        warnings: What deserves a look but decides nothing.
        troubles: What could not be judged.
        exercised: The rules that the observed instances exercised.
        samples: Some of the observed instances of each variant, by job.
        planted: How many faults were planted in observed bodies, and found.
        checks: The names of the checks that asked for more than the known jobs.
    """

    contract: Contract
    target: Target
    jobs: list[Job] = field(factory=list)
    findings: list[Finding] = field(factory=list)
    flaky: list[Finding] = field(factory=list)
    warnings: list[str] = field(factory=list)
    troubles: list[Trouble] = field(factory=list)
    exercised: set[Rule] = field(factory=set)
    samples: dict[str, Json] = field(factory=dict)
    planted: int = 0
    checks: list[str] = field(factory=list)
    _known: set[Identity] = field(factory=set)
    _kept: Counter[str | None] = field(factory=Counter)
    _shown: set[tuple[str, str, str]] = field(factory=set)

    @property
    def known_id(self) -> str:
        """The id of a job that was answered, else of one that should be."""
        answered = (job.id for job in self.jobs if job.variant)
        return next(answered, self.target.known_ids[0])

    @property
    def should_stop(self) -> bool:
        """Whether asking for more is of no use: nobody answers, or nobody may ask."""
        if not self.validated and self.troubles:
            return True
        return any(trouble.reason != SERVER_ERROR for trouble in self.troubles)

    @property
    def validated(self) -> int:
        """How many known jobs were answered with a job, right or wrong."""
        return sum(job.variant is not None for job in self.jobs)

    def job(
        self,
        job_id: str,
        status: int | None,
        judged: Assessment | None,
        findings: Iterable[Finding],
    ) -> None:
        """Record how a known job was judged, and what of it repeats."""
        found = [
            evolve(finding, job_id=job_id, reproduce=self.reproduce(job_id)) for finding in findings
        ]
        self.jobs.append(Job(job_id, status, judged.variant if judged else None, len(found)))
        self.add_findings(found)
        if judged is not None and judged.instance is not None:
            self.exercised.update(covered_rules(self.contract.job, judged.instance))
            self._keep(job_id, judged, found)

    def _keep(self, job_id: str, judged: Assessment, found: Sequence[Finding]) -> None:
        """Keep the body if it is one of the first of its variant, or shows something new."""
        facts = {(finding.location, finding.keyword, repr(finding.seen)) for finding in found}
        if self._kept[judged.variant] < SAMPLES:
            self._kept[judged.variant] += 1
        elif facts <= self._shown or len(self._shown) > MOST_FACTS:
            return
        self._shown |= facts
        self.samples[job_id] = judged.instance

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Record findings, each fact once."""
        for finding in findings:
            safe = self._safe(finding)
            if safe.identity in self._known:
                continue
            if len(self.findings) == MOST:
                self.warn(f"there are more than {MOST:,} findings; the rest is left out")
                break
            self._known.add(safe.identity)
            self.findings.append(safe)

    def no_response(self, error: NoResponse) -> None:
        """Record that a request got no answer, or was one too many."""
        message = self.target.credential.hide(error.message)
        if error.reason == "budget":
            self.warn(f"{message}: not all checks were run")
        elif all(trouble.reason != error.reason for trouble in self.troubles):
            self.troubles.append(Trouble(Reason(error.reason), message))

    def ran(self, check: str) -> None:
        """Record that a check asked for more than the known jobs."""
        if check not in self.checks:
            self.checks.append(check)

    def warn(self, sentence: str) -> None:
        """Record what deserves a look but decides nothing, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def add_flaky(self, findings: Iterable[Finding]) -> None:
        """Record what did not repeat, of too much of it the first."""
        self.flaky.extend(map(self._safe, islice(findings, max(MOST - len(self.flaky), 0))))

    def reproduce(self, value: str, credential: str | None = None) -> str:
        """The command line that asks for `value` again, the token by its variable's name.

        Args:
            value: The id, percent-encoded where it has to be.
            credential: The Authorization header; empty for none, None for the real one.
        """
        shown = self.target.credential.shown if credential is None else credential
        header = f' -H "Authorization: {shown}"' if shown else ""
        return f"curl -s {quote(self.target.url + self.contract.path_of(value))}{header}"

    def _safe(self, finding: Finding) -> Finding:
        hide = self.target.credential.hide
        return evolve(
            finding,
            location=hide(finding.location),
            seen=hide(finding.seen),
            message=hide(finding.message),
        )
