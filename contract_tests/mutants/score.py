"""Decide which mutants are killed: found for the right reason, and valid without the fault."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.instances.population import encode
from contract_tests.mutants.bodies import PAIR
from contract_tests.oracle.deviations import Deviation, Deviations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from contract_tests.mutants.bodies import BodyMutant
    from contract_tests.mutants.faults import Expected
    from contract_tests.oracle.finding import Finding


@frozen
class Outcome:
    """The result of one mutant.

    Attributes:
        name: The mutant's full name.
        family: Its family.
        checks: The checks that found it for the right reason; none if it survived.
        seconds: How long the search took.
        reason: Why it does not count as killed, or None.
    """

    name: str
    family: str
    checks: tuple[str, ...]
    seconds: float
    reason: str | None = None

    @property
    def killed(self) -> bool:
        """Whether it was found for the right reason and is certainly a fault."""
        return self.reason is None


def score(
    mutants: Iterable[BodyMutant],
    find: Callable[[bytes], list[Finding]],
    proves: Callable[[bytes, Expected], bool],
) -> Iterator[Outcome]:
    """Yield the outcome of each body mutant.

    Args:
        mutants: The mutants.
        find: Returns every finding about a body.
        proves: Returns whether a second validator finds the body invalid at the expected location.
    """
    twins: dict[str, list[Finding]] = {}
    for mutant in mutants:
        if mutant.job_id not in twins:
            twins[mutant.job_id] = find(encode(mutant.twin))
        started = time.perf_counter()
        found = find(mutant.body)
        seconds = time.perf_counter() - started
        reason = mismatch_of(mutant.expected, found)
        if reason is None and mutant.family == PAIR:
            reason = _hidden(found)
        if twins[mutant.job_id]:
            reason = f"its twin has findings: {describe(twins[mutant.job_id])}"
        elif not all(proves(mutant.body, expected) for expected in mutant.expected):
            reason = "not proved to be a fault"
        checks = () if reason else tuple(sorted({finding.check for finding in found}))
        yield Outcome(mutant.name, mutant.family, checks, seconds, reason)


def mismatch_of(expected: Iterable[Expected], found: Iterable[Finding]) -> str | None:
    """Return how `found` differs from what is expected; None if it does not."""
    wanted = sorted((each.kind, each.location, each.keyword, each.name) for each in expected)
    named = {each for *_, each in wanted if each}
    seen = sorted((each.kind, each.location, each.keyword, _name(each, named)) for each in found)
    if seen == wanted:
        return None
    wishes = ", ".join(f"{keyword} at {where or 'the body'}" for _, where, keyword, _ in wanted)
    return f"expected {wishes}; found {describe(found)}"


def describe(found: Iterable[Finding]) -> str:
    """Describe findings in a few words."""
    texts = [f"{each.keyword} at {each.location or 'the body'}" for each in found]
    return ", ".join(texts) or "nothing"


def _name(finding: Finding, named: set[str]) -> str:
    name = finding.expected if finding.keyword == "required" else None
    return name if isinstance(name, str) and name in named else ""


def _hidden(found: Sequence[Finding]) -> str | None:
    """Return a reason if accepting one of two findings hides the other."""
    if len({finding.identity for finding in found}) < len(found):
        return "two findings have one identity"
    today = date(2026, 1, 1)
    for finding in found:
        fields = {name: getattr(finding, name) for name in ("keyword", "expected", "response")}
        accepted = Deviation(finding.location, fields, "accepted", today, 1)
        marked, _ = Deviations("", drift=(accepted,)).accept("drift", found, today)
        if all(each.deviation for each in marked):
            return f"{describe([finding])} hides another finding"
    return None
