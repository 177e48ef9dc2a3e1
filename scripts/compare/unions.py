"""The branches of two unions: which are the same one, and what tells those of one union apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from contract_tests.spec.values import Json
    from scripts.compare.shapes import Shape

Named: TypeAlias = "list[tuple[str, Shape]]"


def _branches(union: Shape) -> tuple[Shape, ...]:
    return union.branches or (union,)


def values(union: Shape, tag: str) -> list[Json]:
    """What the property `tag` may be in any branch, each once."""
    listed = [value for each in _values_by_branch(union, tag) for value in each]
    return [value for index, value in enumerate(listed) if value not in listed[:index]]


def _values_by_branch(union: Shape, tag: str) -> list[list[Json]]:
    return [
        list(branch.properties[tag].keywords.get("enum", ())) if tag in branch.properties else []
        for branch in _branches(union)
    ]


def place(union: Shape, tag: str | None) -> str:
    """Where it stands what tells the branches apart."""
    for branch in _branches(union):
        if tag is not None and tag in branch.properties:
            return branch.properties[tag].at("enum")
    return union.at("oneOf")


def discriminators(union: Shape, tag: str | None) -> frozenset[str] | None:
    """The properties that tell the branches apart; None where one instance can mean two.

    Either the tag has values of its own in each branch, or each branch requires a property that
    every other one allows only as null.
    """
    branches = _branches(union)
    if tag is not None:
        seen: list[Json] = []
        for branch, own in zip(branches, _values_by_branch(union, tag), strict=True):
            if not own or tag not in branch.required or any(value in seen for value in own):
                return None
            seen += own
        return frozenset({tag})
    telling = [_distinguishing(branch, branches) for branch in branches]
    return frozenset(name for name in telling if name) if all(telling) else None


def _distinguishing(branch: Shape, branches: tuple[Shape, ...]) -> str | None:
    others = [other for other in branches if other is not branch]
    return next(
        (
            name
            for name in branch.properties
            if name in branch.required
            and all(
                name in other.properties and other.properties[name].only_null for other in others
            )
        ),
        None,
    )


def discriminators_of(union: Shape, tag: str | None) -> Json:
    """For each branch what tells it from the others: the tag's values, or a property's name."""
    if tag is not None:
        return _values_by_branch(union, tag)
    telling = [_distinguishing(branch, _branches(union)) for branch in _branches(union)]
    return telling if all(telling) else None


def siblings(
    one: Shape, other: Shape, apart: tuple[frozenset[str] | None, frozenset[str] | None]
) -> frozenset[str]:
    """The properties that a branch allows only as null, to be told from another branch.

    They are told of at the union, as branches that overlap, and not again at the property.
    """
    telling = (apart[0] or frozenset()) | (apart[1] or frozenset())
    return frozenset(
        name
        for name in telling
        for branch in (one, other)
        if name in branch.properties and branch.properties[name].only_null
    )


def pairs(
    ours: Shape, theirs: Shape, tag: str | None
) -> tuple[list[tuple[Shape, Shape]], Named, Named]:
    """The branches that are the same one; those only ours; those only theirs, with their names."""
    names, other_names = _names(ours, tag), _names(theirs, tag)
    if tag and names and other_names:
        both = [(one, other_names[name]) for name, one in names.items() if name in other_names]
    else:
        both = _alike(_branches(ours), _branches(theirs))
    ones, others = ({id(pair[side]) for pair in both} for side in (0, 1))
    gone = [(name, each) for name, each in _named(ours, names) if id(each) not in ones]
    new = [(name, each) for name, each in _named(theirs, other_names) if id(each) not in others]
    unique = {(id(one), id(other)): (one, other) for one, other in both}
    return list(unique.values()), gone, new


def _names(union: Shape, tag: str | None) -> dict[str, Shape]:
    """The branch that each value of the tag means."""
    if tag is None:
        return {}
    if union.tags and union.tag == tag:
        return {name: _branches(union)[index] for name, index in union.tags.items()}
    single = [
        (each[0], branch)
        for each, branch in zip(_values_by_branch(union, tag), _branches(union), strict=True)
        if len(each) == 1
    ]
    return {str(value): branch for value, branch in single}


def _named(union: Shape, names: dict[str, Shape]) -> Named:
    """Every branch once, by its tag's value, else by what it requires or is called."""
    by_branch = {id(branch): name for name, branch in names.items()}
    return [
        (
            by_branch.get(id(branch))
            or ", ".join(sorted(branch.required))
            or branch.place.rpartition("/")[2],
            branch,
        )
        for branch in _branches(union)
    ]


def _alike(ours: tuple[Shape, ...], theirs: tuple[Shape, ...]) -> list[tuple[Shape, Shape]]:
    """Branches paired by what they require and hold, the most alike first."""
    scores = sorted(
        (
            (-_likeness(one, other), index, place)
            for index, one in enumerate(ours)
            for place, other in enumerate(theirs)
        ),
    )
    both, taken, met = [], set(), set()
    for score, index, where in scores:
        if score < 0 and index not in taken and where not in met:
            taken.add(index)
            met.add(where)
            both.append((index, where))
    return [(ours[index], theirs[where]) for index, where in sorted(both)]


def _likeness(one: Shape, other: Shape) -> int:
    real, there = (
        {name for name, shape in each.properties.items() if not shape.only_null}
        for each in (one, other)
    )
    return (
        4 * len(one.required & other.required) + 2 * len(real & there) + (one.types == other.types)
    )
