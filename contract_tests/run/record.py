"""The run record: what a run has observed so far, and which findings are confirmed.

A finding is confirmed once two responses show the same fact, for one job or for several; a fact
that only one response shows is flaky. Everything is redacted as it is recorded.
"""

from __future__ import annotations

import re
from collections import Counter
from shlex import quote
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen, mutable

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


SAMPLES = 10  # bodies kept for each variant
MOST_FACTS = 100  # different findings, after which they no longer cause bodies to be kept
MOST_SAMPLE_BYTES = 4_000_000
MOST = 10_000  # findings; by then it is clear that everything is wrong
MOST_FLAKY = 100
_CONFIRMED = 2  # responses that must show a fact
_INDEX = re.compile(r"/\d+(?=/|\Z)")


@frozen
class JobResult:
    """The last response about one known job: see `Job`."""

    id: str
    status: int | None
    variant: str | None
    checked: bool


@mutable
class RunRecord:
    """What a run has observed so far.

    Attributes:
        contract: The contract to check against.
        target: The server to check.
        results: The known jobs that were requested.
        warnings: Messages that do not affect the verdict.
        troubles: What could not be checked, the first message for each reason.
        covered: The rules that the observed instances exercised.
        samples: Some observed instances of each variant, by job id.
        injected: The number of faults injected and found by the self-check.
        checks: The names of the checks that ran in addition to the known jobs.
        probes: The names of the probes that got a response.
    """

    contract: Contract
    target: Target
    results: list[JobResult] = field(factory=list)
    warnings: list[str] = field(factory=list)
    troubles: list[Trouble] = field(factory=list)
    covered: set[Rule] = field(factory=set)
    samples: dict[str, Json] = field(factory=dict)
    injected: int = 0
    checks: list[str] = field(factory=list)
    probes: set[str] = field(factory=set)
    _observed: dict[Identity, dict[Identity, Finding]] = field(factory=dict)
    _responses: Counter[Identity] = field(factory=Counter)
    _findings: int = 0
    _kept: Counter[str | None] = field(factory=Counter)
    _sample_bytes: int = 0
    _shown: set[tuple[str, str, str]] = field(factory=set)

    @property
    def known_id(self) -> str:
        """The id of a job that the server returned, or else of one that it should return."""
        returned = (result.id for result in self.results if result.variant)
        return next(returned, self.target.known_ids[0])

    @property
    def checked(self) -> int:
        """The number of known jobs that the server returned, valid or not."""
        return sum(result.checked for result in self.results)

    @property
    def should_stop(self) -> bool:
        """Whether requests are pointless: the server does not respond, or refuses the token."""
        if not self.checked and self.troubles:
            return True
        survivable = {Reason.SERVER_ERROR, Reason.BUDGET, Reason.LISTING}
        return any(trouble.reason not in survivable for trouble in self.troubles)

    def add_job(self, job_id: str, status: int | None, assessment: Assessment | None) -> None:
        """Record the last response about a known job."""
        instance = None if assessment is None else assessment.instance
        variant = None if assessment is None else assessment.variant
        self.results.append(JobResult(job_id, status, variant, instance is not None))
        if instance is not None:
            self.cover(instance)

    def cover(self, instance: Json) -> None:
        """Record the rules that an instance exercises."""
        if len(self.covered) < len(self.contract.rules):
            self.covered.update(covered_rules(self.contract.job, instance))

    def observe(self, findings: Sequence[Finding], job_id: str | None, reproduce: str) -> None:
        """Record the findings about one response."""
        facts = set()
        for finding in findings:
            if self._findings >= MOST:
                self.warn(f"there are more than {MOST:,} findings; the rest is left out")
                break
            redacted = self._redacted(evolve(finding, job_id=job_id, reproduce=reproduce))
            key = fact(redacted)
            facts.add(key)
            same = self._observed.setdefault(key, {})
            if redacted.identity not in same:
                self._findings += 1
                same[redacted.identity] = redacted
        self._responses.update(facts)

    def keep_sample(self, job_id: str, assessment: Assessment, size: int) -> None:
        """Keep a body if it is one of the first of its variant, or shows something new."""
        facts = {(item.location, item.keyword, repr(item.seen)) for item in assessment.findings}
        if self._sample_bytes + size > MOST_SAMPLE_BYTES:
            return
        if self._kept[assessment.variant] < SAMPLES:
            self._kept[assessment.variant] += 1
        elif facts <= self._shown or len(self._shown) > MOST_FACTS:
            return
        self._shown |= facts
        self._sample_bytes += size
        self.samples[job_id] = self.target.credential.redactor.redact(assessment.instance)

    def confirmed(self) -> list[Finding]:
        """Return the findings that two responses showed."""
        return [
            finding
            for key, findings in self._observed.items()
            if self._responses[key] >= _CONFIRMED
            for finding in findings.values()
        ]

    def flaky(self) -> list[Finding]:
        """Return a finding for each fact that only one response showed, up to a limit."""
        once = [
            next(iter(findings.values()))
            for key, findings in self._observed.items()
            if self._responses[key] < _CONFIRMED
        ]
        return once[:MOST_FLAKY]

    def jobs(self, findings: Iterable[Finding]) -> tuple[Job, ...]:
        """Return the known jobs, each with its number of `findings`."""
        counts = Counter(finding.job_id for finding in findings)
        return tuple(
            Job(result.id, result.status, result.variant, counts[result.id])
            for result in self.results
        )

    def no_response(self, error: NoResponse) -> None:
        """Record why a request got no response."""
        self.trouble(error.reason, error.message)

    def trouble(self, reason: Reason, message: str) -> None:
        """Record what can't be checked, with one message for each reason."""
        if all(trouble.reason != reason for trouble in self.troubles):
            redacted = self.target.credential.redactor.redact(message)
            self.troubles.append(Trouble(reason, redacted))

    def ran(self, check: str) -> None:
        """Record that a check ran."""
        if check not in self.checks:
            self.checks.append(check)

    def warn(self, sentence: str) -> None:
        """Record a warning, once."""
        redacted = self.target.credential.redactor.redact(sentence)
        if redacted not in self.warnings:
            self.warnings.append(redacted)

    def reproduce(self, value: str, credential: str | None = None) -> str:
        """Return the command line that sends a request again, without the token.

        Args:
            value: The id.
            credential: The value of the credential; empty for none, None for the run's own.
        """
        own = self.target.credential
        options = own.options(own.shown if credential is None else credential)
        return f"curl -s {quote(self.target.url + self.contract.path_of(value))}{options}"

    def _redacted(self, finding: Finding) -> Finding:
        redact = self.target.credential.redactor.redact
        return evolve(
            finding,
            location=redact(finding.location),
            expected=redact(finding.expected),
            seen=redact(finding.seen),
            message=redact(finding.message),
            reproduce=redact(finding.reproduce),
        )


def fact(finding: Finding) -> Identity:
    """Return a key that is equal for findings about several jobs or array items that are one fact.

    A truncated body may be due to chance, so that fact must repeat for the same job.
    """
    kind, response, location, *rest = finding.fact
    moment = (finding.job_id or "",) if finding.keyword == "framing" else ()
    return (kind, response, _INDEX.sub("/*", location), *rest, *moment)
