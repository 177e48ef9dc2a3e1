"""Group findings into facts and compute what all reports share. No I/O."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, fields, frozen

from contract_tests.spec.values import Json, shorten
from scripts.report import advice
from scripts.report.places import line_of, path_of
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from scripts.report.history import Entry

SECURITY = frozenset({"authentication", "identity", "unknown-id"})
MAX_IDS = 100  # job ids that a group lists; `jobs` counts all
# Keywords for which different values are different facts, such as two new enum members.
_DISTINCT_BY_VALUE = frozenset({"enum", "const", "status"})
_INDEX = re.compile(r"/\d+(?=/|\Z)")


@frozen
class FindingGroup:
    """One fact: findings that report the same about one or more jobs.

    Attributes:
        fingerprint: The same for the same fact in every run, whichever job shows it.
        kind: `violation`, `addition` or `behavior`.
        severity: `breaking` or `additive`.
        effect: What an importer of the client notices.
        check: The check that found it.
        location: The location, with `*` for several items of an array.
        keyword: The keyword that is broken.
        expected: What the contract documents.
        seen: What the first finding saw, shortened.
        message: The message of the first finding.
        contract: The path of the contract.
        line: The line of the contract that it contradicts.
        findings: The number of findings.
        jobs: The number of known jobs affected.
        job_ids: The first of their ids.
        variants: Their variants.
        first_seen: When a run first reported the fact, as ISO 8601.
        deviation: Why it is accepted, or None.
        reproduce: A command line that repeats the request of the first finding.
    """

    fingerprint: str
    kind: str
    severity: str
    effect: str
    check: str
    location: str
    keyword: str
    expected: Json
    seen: Json
    message: str
    contract: str
    line: int
    findings: int
    jobs: int
    job_ids: tuple[str, ...]
    variants: tuple[str, ...]
    first_seen: str
    deviation: str | None
    reproduce: str | None

    @property
    def place(self) -> str:
        """The location, or what the fact is about if it has none."""
        whole = "the response" if self.kind == "behavior" else "the body"
        return visible(self.location) or whole

    @property
    def impact(self) -> str:
        """The effect as a sentence."""
        return f"{self.effect}: {advice.IMPACT[self.effect]}"

    @property
    def advice(self) -> str:
        """What to do about it."""
        return advice.advice(self.keyword, self.seen)

    @property
    def page(self) -> str:
        """The section of the documentation about it."""
        return advice.page(self.keyword)

    @property
    def affected(self) -> str:
        """The number of jobs affected, with their variants."""
        if not self.jobs:
            return f"no known job; found by the check {visible(self.check)!r}"
        variants = f" ({visible(', '.join(self.variants))})" if self.variants else ""
        return plural(self.jobs, "job") + variants

    def as_json(self) -> dict[str, Json]:
        """Return the group as JSON values."""
        data = asdict(self) | {"seen": shorten(self.seen)}
        return data | {"impact": self.impact, "advice": self.advice, "help": self.page}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FindingGroup:
        """Return the group that `as_json` returned as `data`.

        Raises:
            KeyError: A key is missing.
        """
        values = {field.name: data[field.name] for field in fields(cls)}
        values |= {name: tuple(values[name]) for name in ("job_ids", "variants")}
        return cls(**values)


@frozen
class Report:
    """A run with everything that reports show about it.

    Attributes:
        run: The run; without security findings if they are withheld.
        contract: The contract that was checked.
        facts: Facts that no deviation accepts, breaking ones first.
        accepted: Facts that a deviation accepts.
        flaky: Facts that did not repeat.
        past: Earlier runs against the same host, the oldest first.
        withheld: The number of security facts left out of this report.
    """

    run: Run
    contract: Contract
    facts: tuple[FindingGroup, ...]
    accepted: tuple[FindingGroup, ...]
    flaky: tuple[FindingGroup, ...]
    past: tuple[Entry, ...] = ()
    withheld: int = 0

    @property
    def source(self) -> str:
        """The path of the contract."""
        return path_of(self.contract)

    @property
    def breaking(self) -> int:
        """The number of breaking facts."""
        return sum(fact.severity == "breaking" for fact in self.facts)

    @property
    def additive(self) -> int:
        """The number of additive facts."""
        return len(self.facts) - self.breaking

    @property
    def headline(self) -> str:
        """The result of the run as one sentence."""
        run = self.run
        if run.verdict == "inconclusive":
            return run.reason or "The run is inconclusive."
        jobs = plural(len(run.jobs), "job")
        if not self.facts:
            if self.withheld:
                return f"{plural(self.withheld, 'security fact')}, withheld from this report."
            return f"{jobs} {'matches' if len(run.jobs) == 1 else 'match'} the contract."
        deciding = {finding.job_id for finding in run.findings if finding.deviation is None}
        affected = len(deciding & {job.id for job in run.jobs})
        where = f" in {affected:,} of {jobs}" if affected else ""
        return f"{plural(len(self.facts), 'fact')}{where}."

    @property
    def completeness(self) -> str:
        """How much was checked, as one line."""
        done = self.run.completeness
        return (
            f"Checked {done.jobs_checked:,} of {plural(done.jobs_known, 'job')}, "
            f"{done.probes_run} of {plural(done.probes, 'probe')}, "
            f"coverage {self.run.coverage.ratio:.0%}"
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """Notes to read before the facts."""
        notices = []
        if not self.run.complete and self.run.verdict != "inconclusive":
            reason = self.run.reason or "not everything was checked"
            notices.append(f"Incomplete run, so facts may be missing from this report: {reason}")
        if self.withheld:
            notices.append(
                f"{plural(self.withheld, 'security fact')} withheld, because others can read "
                "this report. Run scripts.drift on your machine to see them."
            )
        return tuple(notices)


def summarize(
    run: Run, contract: Contract, past: Sequence[Entry] = (), *, withhold: bool = False
) -> Report:
    """Return the report of `run`.

    Args:
        run: The run.
        contract: The contract that was checked.
        past: Earlier runs against the same host, the oldest first.
        withhold: Whether to leave out security findings.
    """
    withheld = 0
    if withhold:
        secret = [f for f in run.findings if f.keyword in SECURITY and f.deviation is None]
        withheld = len({fingerprint(finding) for finding in secret})
        run = evolve(
            run,
            findings=tuple(f for f in run.findings if f.keyword not in SECURITY),
            flaky=tuple(f for f in run.flaky if f.keyword not in SECURITY),
        )
    now = run.started_at.isoformat(timespec="seconds")
    known = frozenset(job.id for job in run.jobs)
    first_seen: dict[str, str] = {}
    for entry in past:
        for mark, seen in entry.facts.items():
            first_seen.setdefault(mark, seen)

    def grouped(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
        return _grouped(findings, contract, known, first_seen, now)

    return Report(
        run,
        contract,
        grouped(finding for finding in run.findings if finding.deviation is None),
        grouped(finding for finding in run.findings if finding.deviation is not None),
        grouped(run.flaky),
        tuple(past),
        withheld,
    )


def _grouped(
    findings: Iterable[Finding],
    contract: Contract,
    known: frozenset[str],
    first_seen: Mapping[str, str],
    now: str,
) -> tuple[FindingGroup, ...]:
    """Return `findings` grouped into facts, breaking ones first."""
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((fingerprint(finding), finding.deviation), []).append(finding)
    facts = [
        _group(mark, members, contract, known, first_seen.get(mark, now))
        for (mark, _), members in groups.items()
    ]
    return tuple(sorted(facts, key=lambda fact: fact.severity != "breaking"))


def _group(
    mark: str,
    findings: Sequence[Finding],
    contract: Contract,
    known: frozenset[str],
    first_seen: str,
) -> FindingGroup:
    first = findings[0]
    locations = {finding.location for finding in findings}
    job_ids = tuple(dict.fromkeys(f.job_id for f in findings if f.job_id in known))
    return FindingGroup(
        mark,
        first.kind,
        first.severity,
        first.effect,
        first.check,
        first.location if len(locations) == 1 else _INDEX.sub("/*", first.location),
        first.keyword,
        first.expected,
        first.seen,
        first.message,
        path_of(contract),
        line_of(first, contract),
        len(findings),
        len(job_ids),
        job_ids[:MAX_IDS],
        tuple(dict.fromkeys(f.variant for f in findings if f.variant is not None)),
        first_seen,
        first.deviation,
        first.reproduce,
    )


def fingerprint(finding: Finding) -> str:
    """Return sixteen hexadecimal digits, the same for the same fact in every run."""
    value = finding.seen if finding.keyword in _DISTINCT_BY_VALUE else None
    parts = [*evolve(finding, location=_INDEX.sub("/*", finding.location)).fact, value]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
