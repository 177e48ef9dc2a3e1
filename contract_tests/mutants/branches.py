"""What can be wrong with the branch that an object means: none, several, or another one's parts.

Must never know what a property of the job is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from contract_tests.mutants.edits import Drop, Put
from contract_tests.mutants.faults import Fault, mismatch, violation
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.mutants.edits import Edit
    from contract_tests.mutants.places import Place
    from contract_tests.spec.schema import Schema

    Donors: TypeAlias = Mapping[tuple[str, str], Json]


def branch_faults(place: Place, donors: Donors) -> Iterator[Fault]:
    """Every fault in which branch `place` means.

    Args:
        place: A place of a valid job.
        donors: For each union, by its name, and each of its branches a valid value; where none is
            at hand, the faults that need one are left out.
    """
    if place.union is None:
        return
    if place.union.discriminator is not None:
        yield from _mismatched(place, place.union, donors)
    else:
        yield from _meant(place, place.union, donors)


def _meant(place: Place, union: Schema, donors: Donors) -> Iterator[Fault]:
    where = place.location
    names = dict(zip(union.distinguishing, union.branches, strict=True))
    (own,) = (name for name, branch in names.items() if branch is place.schema)
    others = [name for name in names if name != own]
    drops: dict[str, Edit] = {
        name: Drop(join(where, name)) for name in names if name in place.value
    }
    nothing = violation(where, "required")
    rules = (*union.rules["oneOf"], *place.schema.rules["required"])
    if len(drops) > 1:  # else it is just the missing property
        yield Fault("branch", "no-branch", tuple(drops.values()), nothing, rules)
    nulls = {name: Put(join(where, name), None) for name in names}
    yield Fault("branch", "all-branches-null", tuple(nulls.values()), nothing, rules)
    alone = (nulls[own], *(drops[name] for name in others if name in drops))
    typed = violation(join(where, own), "type")
    rules_of_own = place.schema.properties[own].rules["type"]
    yield Fault("branch", "branch-is-null", alone, typed, rules_of_own)
    for name in others:
        donor = donors.get((place.union_name, names[name].name))
        if donor is None:
            continue  # no job at hand means this branch
        both = (Put(join(where, name), donor[name]),)
        # What the branch says of the other one's property is then what the fault breaks.
        broken = (*union.rules["oneOf"], *place.schema.properties[name].rules["type"])
        yield Fault("branch", f"with-{name}-too", both, violation(where, "oneOf"), broken)


def _mismatched(place: Place, union: Schema, donors: Donors) -> Iterator[Fault]:
    where = place.location
    assert union.discriminator is not None
    for tag, branch in union.tags.items():
        if branch is place.schema:
            continue
        donor = donors.get((place.union_name, branch.name), {})
        differing = [
            name
            for name, inner in branch.properties.items()
            if name != union.discriminator
            and name in place.value
            and inner.rules != place.schema.properties[name].rules
        ]
        found = tuple(
            each
            for name in differing
            for each in mismatch(place.value[name], branch.properties[name], join(where, name))
        )
        if found:
            edit = Put(join(where, union.discriminator), tag)
            rules = place.schema.properties[union.discriminator].rules["const"]
            yield Fault("branch", f"claims-{tag}", (edit,), found, rules)
        for name in (name for name in differing if name in donor):
            inside = join(where, name)
            found = mismatch(donor.get(name), place.schema.properties[name], inside)
            if found:
                edit = Put(inside, donor[name])
                yield Fault("branch", f"with-{name}-of-{tag}", (edit,), found)
