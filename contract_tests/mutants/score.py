"""Whether mutants are killed: found for the right reason, and their untouched twins not at all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from contract_tests.mutants.bodies import BodyMutant
    from contract_tests.mutants.faults import Expected
    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.values import Json


@frozen
class Outcome:
    """What became of one mutant.

    Attributes:
        name: The mutant's full name.
        family: Its family.
        checks: The checks that found it for the right reason; none where it survived.
        seconds: How long finding it took.
        complaint: Why it does not count as killed, or None.
    """

    name: str
    family: str
    checks: tuple[str, ...]
    seconds: float
    complaint: str | None = None

    @property
    def killed(self) -> bool:
        """Whether it was found, for the right reason, and nothing is wrong with it as a mutant."""
        return self.complaint is None


def score(
    mutants: Iterable[BodyMutant],
    find: Callable[[bytes], list[Finding]],
    proves: Callable[[bytes, Expected], bool],
    encode: Callable[[Json], bytes],
) -> Iterator[Outcome]:
    """What becomes of each body mutant, one after the other.

    Args:
        mutants: The mutants.
        find: Every finding about a body.
        proves: Whether another validator finds a body at fault where that is expected.
        encode: A twin as it goes over the wire.
    """
    twins: dict[str, list[Finding]] = {}
    for mutant in mutants:
        if mutant.job_id not in twins:
            twins[mutant.job_id] = find(encode(mutant.twin))
        begun = time.perf_counter()
        found = find(mutant.body)
        seconds = time.perf_counter() - begun
        complaint = mismatch_of(mutant.expected, found)
        if twins[mutant.job_id]:
            complaint = f"its twin is not clean: {describe(twins[mutant.job_id])}"
        elif not all(proves(mutant.body, expected) for expected in mutant.expected):
            complaint = "not proved to be a fault"
        yield Outcome(
            mutant.name,
            mutant.family,
            () if complaint else tuple(sorted({finding.check for finding in found})),
            seconds,
            complaint,
        )


def mismatch_of(expected: Iterable[Expected], found: Iterable[Finding]) -> str | None:
    """Why `found` is not just what is expected; None where it is."""
    wanted = sorted((each.kind, each.location, each.keyword) for each in expected)
    if sorted((each.kind, each.location, each.keyword) for each in found) == wanted:
        return None
    wishes = ", ".join(f"{keyword} at {location or 'the body'}" for _, location, keyword in wanted)
    return f"expected {wishes}; found {describe(found)}"


def describe(found: Iterable[Finding]) -> str:
    """Findings in a few words."""
    texts = [f"{each.keyword} at {each.location or 'the body'}" for each in found]
    return ", ".join(texts) or "nothing"
