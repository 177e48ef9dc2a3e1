"""Find the divergences of two operations, each once even if a shared schema repeats it.

No I/O.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.contract import SUCCESS
from scripts.compare.diff_operations import diff_operations
from scripts.compare.impact import BUMPS, bump_of, impact_of

if TYPE_CHECKING:
    from contract_tests.spec.values import Json
    from scripts.compare.diff import SchemaDiff
    from scripts.compare.impact import Bump, Impact
    from scripts.compare.operation import OperationShape


@frozen(eq=False)
class Divergence:
    """A difference of the vendor's document from the contract.

    Attributes:
        location: The first instance location at which it occurs.
        change: The kind of change.
        ours: The contract's value, or None if it has none.
        theirs: The value in the vendor's document, or None.
        line_ours: The line of the value in the contract, or of what would contain it.
        line_theirs: The same for the vendor's document.
        severity: Its impact on an importer of today's client.
        bump: The part of the version that it raises.
        variants: The variants that it is limited to; empty if it occurs in all of them.
        diffs: The difference at each location.
        deviation: Why it is accepted, or None if no deviation covers it.
    """

    location: str
    change: str
    ours: Json
    theirs: Json
    line_ours: int
    line_theirs: int
    severity: Impact
    bump: Bump
    variants: tuple[str, ...]
    diffs: tuple[SchemaDiff, ...]
    deviation: str | None = None

    @property
    def elsewhere(self) -> list[str]:
        """The other locations at which it occurs."""
        locations = dict.fromkeys(each.location for each in self.diffs)
        return [each for each in locations if each != self.location]

    @property
    def identity(self) -> tuple[str, str, str]:
        """The key that is equal for the same divergence."""
        return self.location, self.change, json.dumps([self.ours, self.theirs], sort_keys=True)


def find_divergences(ours: OperationShape, theirs: OperationShape) -> list[Divergence]:
    """Return every divergence of `theirs` from `ours`, in the order of `ours`."""
    variants = _variants(ours)
    divergences = []
    for group in _grouped(list(diff_operations(ours, theirs))):
        first = group[0]
        named = tuple(dict.fromkeys(each.context.variant for each in group if each.context.variant))
        divergences.append(
            Divergence(
                location=first.location,
                change=first.change,
                ours=first.ours,
                theirs=first.theirs,
                line_ours=ours.line(first.at_ours),
                line_theirs=theirs.line(first.at_theirs),
                severity=min(map(impact_of, group), key=list(BUMPS).index),
                bump=min(map(bump_of, group), key=list(BUMPS.values()).index),
                variants=() if set(named) >= variants else named,
                diffs=tuple(group),
            )
        )
    return divergences


def _grouped(diffs: list[SchemaDiff]) -> list[list[SchemaDiff]]:
    """Group the differences that are one change of a document.

    They have the same values and share a location, or a place in either document.
    """
    leader = list(range(len(diffs)))

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    first: dict[tuple[str, str, str], int] = {}
    for index, each in enumerate(diffs):
        values = json.dumps([each.change, each.ours, each.theirs], sort_keys=True)
        for side in ("location", "at_ours", "at_theirs"):
            other = find(first.setdefault((side, getattr(each, side), values), index))
            one = find(index)
            leader[max(one, other)] = min(one, other)
    groups: dict[int, list[SchemaDiff]] = {}
    for index, each in enumerate(diffs):
        groups.setdefault(find(index), []).append(each)
    return [groups[index] for index in sorted(groups)]


def _variants(operation: OperationShape) -> set[str]:
    response = operation.responses.get(SUCCESS)
    shapes = response.content.values() if response else ()
    return {
        branch.place.rpartition("/")[2]
        for shape in shapes
        if shape.tag
        for branch in shape.branches
    }
