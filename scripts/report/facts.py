"""What several reports say about one run: counts, the headline, findings that are one fact.

Pure: everything here follows from the run and the contract.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.references import origin
from contract_tests.spec.values import join, split
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Coverage, Run
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema

# Keywords of which two different values seen are two different facts: a new enum member each.
_TOLD_APART_BY_VALUE = frozenset({"enum", "const", "status"})
_INDEX = re.compile(r"/\d+(?=/|\Z)")
_COMPONENT = re.compile(r"/components/[^/]+/([^/]+)")


@frozen
class Counts:
    """How many findings a run has; those that a deviation accepts are counted apart."""

    breaking: int
    additive: int
    accepted: int

    @property
    def deciding(self) -> int:
        """Those that no deviation accepts."""
        return self.breaking + self.additive


@frozen
class Fact:
    """Findings that say the same about one or more jobs.

    Attributes:
        finding: The first of them, which stands for all.
        place: Where it is, in words or as a JSON pointer, with `*` for any item of an array.
        count: How many they are.
        job_ids: The jobs that they are about.
        variants: The variants that those jobs are.
        line: Where the contract says otherwise, a line of `openapi/job.yaml`.
        fingerprint: The same for the same fact in every run.
    """

    finding: Finding
    place: str
    count: int
    job_ids: tuple[str, ...]
    variants: tuple[str, ...]
    line: int
    fingerprint: str


@frozen
class SchemaEvidence:
    """How many rules of one schema the observed instances exercised, and which they did not."""

    name: str
    exercised: int
    unexercised: tuple[str, ...]

    @property
    def rules(self) -> int:
        """How many rules it has."""
        return self.exercised + len(self.unexercised)


def count(run: Run) -> Counts:
    """The findings of `run`, counted."""
    accepted = sum(finding.deviation is not None for finding in run.findings)
    breaking = sum(f.deviation is None and f.severity == "breaking" for f in run.findings)
    return Counts(breaking, len(run.findings) - accepted - breaking, accepted)


def headline(run: Run) -> str:
    """What the run says, as one sentence."""
    if run.verdict == "inconclusive":
        return run.reason or "Nothing was proved."
    jobs = plural(len(run.jobs), "known job")
    deciding = [finding for finding in run.findings if finding.deviation is None]
    if not deciding:
        return f"{jobs} {'fits' if len(run.jobs) == 1 else 'fit'} the contract."
    touched = len({finding.job_id for finding in deciding} & {job.id for job in run.jobs})
    where = f" in {touched} of {jobs}" if touched else ""
    return f"{plural(len(deciding), 'finding')}{where}."


def fingerprint(finding: Finding) -> str:
    """Sixteen hexadecimal digits that stay the same for the same fact, whichever job shows it."""
    discriminators = finding.seen if finding.keyword in _TOLD_APART_BY_VALUE else None
    named = finding.expected if finding.keyword in {"required", "oneOf"} else None
    place = _INDEX.sub("/*", finding.location)
    facts = [finding.kind, finding.check, place, finding.keyword, named, discriminators]
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()[:16]


def facts_of(findings: Iterable[Finding], contract: Contract) -> tuple[Fact, ...]:
    """`findings` with those that say the same joined, breaking ones first."""
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((fingerprint(finding), finding.deviation), []).append(finding)
    facts = [
        Fact(
            group[0],
            _place_of(group),
            len(group),
            tuple(dict.fromkeys(f.job_id for f in group if f.job_id is not None)),
            tuple(dict.fromkeys(f.variant for f in group if f.variant is not None)),
            line_of(group[0], contract),
            key,
        )
        for (key, _), group in groups.items()
    ]
    return tuple(sorted(facts, key=lambda fact: fact.finding.severity != "breaking"))


def place(finding: Finding) -> str:
    """Where `finding` is: its location, or what it is about where it has none."""
    return visible(finding.location) or (
        "the response" if finding.kind == "behavior" else "the body"
    )


def _place_of(group: list[Finding]) -> str:
    alike = len({finding.location for finding in group}) == 1
    return place(group[0]) if alike else visible(_INDEX.sub("/*", group[0].location))


def line_of(finding: Finding, contract: Contract) -> int:
    """The line of the contract that `finding` is about.

    That of the broken rule; else, as for an addition, that of the deepest schema around it; for
    what is no part of a body, that of the operation.
    """
    line = contract.document.line
    if finding.rule is not None:
        return line(finding.rule)
    if not finding.location:
        return line(join("/paths", contract.path, "get"))
    return line(origin(contract.document.data, _around(finding, contract).location))


def _around(finding: Finding, contract: Contract) -> Schema:
    schema = contract.variants.get(finding.variant or "", contract.job)
    for token in split(finding.location):
        inner = next(
            (
                part.properties[token]
                for part in (schema, *schema.branches)
                if token in part.properties
            ),
            schema.items,
        )
        if inner is None:
            break
        schema = inner
    return schema


def by_schema(evidence: Coverage) -> tuple[SchemaEvidence, ...]:
    """The evidence for each schema of the contract, by name."""
    exercised: dict[str, int] = {}
    unexercised: dict[str, list[str]] = {}
    for rule in evidence.covered:
        name = _schema_name(rule)
        exercised[name] = exercised.get(name, 0) + 1
    for rule in evidence.uncovered:
        unexercised.setdefault(_schema_name(rule), []).append(rule)
    return tuple(
        SchemaEvidence(name, exercised.get(name, 0), tuple(unexercised.get(name, ())))
        for name in sorted(exercised.keys() | unexercised.keys())
    )


def _schema_name(rule: str) -> str:
    component = _COMPONENT.match(rule)
    return split("/" + component[1])[0] if component else "the operation"
