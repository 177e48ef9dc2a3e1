"""What two operations say differently: each difference once, wherever a shared schema repeats it.

Pure: no I/O.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.contract import SUCCESS
from scripts.compare.effects import PART_OF, part_of, severity_of
from scripts.compare.operations import between_operations

if TYPE_CHECKING:
    from contract_tests.spec.values import Json
    from scripts.compare.differences import Difference
    from scripts.compare.effects import Part, Severity
    from scripts.compare.operation import Operation


@frozen(eq=False)
class Divergence:
    """One thing that the vendor's document says other than the contract.

    Attributes:
        location: The instance location at which it is met first.
        change: What kind of difference it is.
        ours: What the contract says, or None where it says nothing.
        theirs: What the vendor's document says, likewise.
        line_ours: The line of the contract that says it, or that would hold it.
        line_theirs: The line of the vendor's document, likewise.
        severity: Its effect on an importer of today's client.
        part: Which part of the version its being taken in raises.
        variants: The variants that it is limited to; none where it is in all of them.
        differences: The difference at each location where it is met.
        deviation: Why it is accepted, or None where no deviation covers it.
    """

    location: str
    change: str
    ours: Json
    theirs: Json
    line_ours: int
    line_theirs: int
    severity: Severity
    part: Part
    variants: tuple[str, ...]
    differences: tuple[Difference, ...]
    deviation: str | None = None

    @property
    def elsewhere(self) -> list[str]:
        """The other locations at which it is met."""
        locations = dict.fromkeys(each.location for each in self.differences)
        return [each for each in locations if each != self.location]


def find_divergences(ours: Operation, theirs: Operation) -> list[Divergence]:
    """Everything that `theirs` says other than `ours`, in the order of `ours`."""
    found = list(between_operations(ours, theirs))
    variants = _variants(ours)
    divergences = []
    for group in _one_change_each(found):
        first = group[0]
        met = tuple(dict.fromkeys(each.here.variant for each in group if each.here.variant))
        divergences.append(
            Divergence(
                location=first.location,
                change=first.change,
                ours=first.ours,
                theirs=first.theirs,
                line_ours=ours.line(first.at_ours),
                line_theirs=theirs.line(first.at_theirs),
                severity=min(map(severity_of, group), key=list(PART_OF).index),
                part=min(map(part_of, group), key=list(PART_OF.values()).index),
                variants=() if set(met) >= variants else met,
                differences=tuple(group),
            )
        )
    return divergences


def _one_change_each(found: list[Difference]) -> list[list[Difference]]:
    """Differences grouped so that each group is one change of a document.

    Those are one that say the same and meet in a location, or in the place of either document.
    """
    groups: dict[tuple[str, str, str], list[Difference]] = {}
    for each in found:
        said = json.dumps([each.change, each.ours, each.theirs], sort_keys=True)
        keys = [
            ("location", each.location, said),
            ("ours", each.at_ours, said),
            ("theirs", each.at_theirs, said),
        ]
        meeting = {id(groups[key]): groups[key] for key in keys if key in groups}
        group = next(iter(meeting.values()), [])
        group.append(each)
        for other in list(meeting.values())[1:]:
            group.extend(other)
            for key, held in groups.items():
                if held is other:
                    groups[key] = group
        for key in keys:
            groups[key] = group
    unique = {id(group): group for group in groups.values()}
    order = {id(each): index for index, each in enumerate(found)}
    ordered = [sorted(group, key=lambda each: order[id(each)]) for group in unique.values()]
    return sorted(ordered, key=lambda group: order[id(group[0])])


def _variants(operation: Operation) -> set[str]:
    answer = operation.responses.get(SUCCESS)
    shapes = answer.content.values() if answer else ()
    return {
        branch.place.rpartition("/")[2]
        for shape in shapes
        if shape.tag
        for branch in shape.branches
    }
