"""Pair the branches of two unions, and find what distinguishes the branches of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from contract_tests.spec.values import Json
    from scripts.compare.shapes import Shape

NamedBranches: TypeAlias = "list[tuple[str, Shape]]"


def _branches(union: Shape) -> tuple[Shape, ...]:
    return union.branches or (union,)


def values(union: Shape, tag: str) -> list[Json]:
    """Return the values that the property `tag` may have in any branch, each once."""
    listed = [value for each in _values_by_branch(union, tag) for value in each]
    return list({repr(value): value for value in listed}.values())


def _values_by_branch(union: Shape, tag: str) -> list[list[Json]]:
    return [
        list(branch.properties[tag].keywords.get("enum", ())) if tag in branch.properties else []
        for branch in _branches(union)
    ]


def place(union: Shape, tag: str | None) -> str:
    """Return the pointer of what distinguishes the branches."""
    for branch in _branches(union):
        if tag is not None and tag in branch.properties:
            return branch.properties[tag].at("enum")
    return union.at("oneOf")


def discriminators(union: Shape, tag: str | None) -> frozenset[str] | None:
    """Return the properties that distinguish the branches; None if an instance can match two.

    Either the tag has its own values in each branch, or each branch requires a property that every
    other branch allows only as null.
    """
    branches = _branches(union)
    if tag is not None:
        seen: set[str] = set()
        for branch, own in zip(branches, _values_by_branch(union, tag), strict=True):
            keys = {repr(value) for value in own}
            if not own or tag not in branch.required or keys & seen:
                return None
            seen |= keys
        return frozenset({tag})
    names = _distinguishing(branches)
    return frozenset(name for name in names if name) if all(names) else None


def _distinguishing(branches: tuple[Shape, ...]) -> list[str | None]:
    """Return, for each branch, a property that only it requires and the others allow as null."""
    only_null = [
        {name for name, shape in branch.properties.items() if shape.only_null}
        for branch in branches
    ]
    return [
        next(
            (
                name
                for name in branch.properties
                if name in branch.required
                and all(
                    name in others
                    for other, others in zip(branches, only_null, strict=True)
                    if other is not branch
                )
            ),
            None,
        )
        for branch in branches
    ]


def discriminator_values(union: Shape, tag: str | None) -> Json:
    """Return what distinguishes each branch: the tag's values, or a property's name."""
    if tag is not None:
        return _values_by_branch(union, tag)
    names = _distinguishing(_branches(union))
    return names if all(names) else None


def null_siblings(
    one: Shape, other: Shape, distinct: tuple[frozenset[str] | None, frozenset[str] | None]
) -> frozenset[str]:
    """Return the properties that a branch allows only as null to distinguish itself.

    They are reported once, at the union, as branches that overlap.
    """
    names = (distinct[0] or frozenset()) | (distinct[1] or frozenset())
    return frozenset(
        name
        for name in names
        for branch in (one, other)
        if name in branch.properties and branch.properties[name].only_null
    )


def pair_branches(
    ours: Shape, theirs: Shape, tag: str | None
) -> tuple[list[tuple[Shape, Shape]], NamedBranches, NamedBranches]:
    """Return the pairs of corresponding branches; those only in ours; those only in theirs."""
    names, other_names = _by_tag(ours, tag), _by_tag(theirs, tag)
    if tag and names and other_names:
        both = [(one, other_names[name]) for name, one in names.items() if name in other_names]
    else:
        both = _most_similar(_branches(ours), _branches(theirs))
    ones, others = ({id(pair[side]) for pair in both} for side in (0, 1))
    gone = [(name, each) for name, each in _named(ours, names) if id(each) not in ones]
    new = [(name, each) for name, each in _named(theirs, other_names) if id(each) not in others]
    unique = {(id(one), id(other)): (one, other) for one, other in both}
    return list(unique.values()), gone, new


def _by_tag(union: Shape, tag: str | None) -> dict[str, Shape]:
    """Return the branch that each value of the tag selects."""
    if tag is None:
        return {}
    if union.tags and union.tag == tag:
        return {name: _branches(union)[index] for name, index in union.tags.items()}
    return {
        str(own[0]): branch
        for own, branch in zip(_values_by_branch(union, tag), _branches(union), strict=True)
        if len(own) == 1
    }


def _named(union: Shape, names: dict[str, Shape]) -> NamedBranches:
    """Return every branch with its tag's value, or else with what it requires or its name."""
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


def _most_similar(ours: tuple[Shape, ...], theirs: tuple[Shape, ...]) -> list[tuple[Shape, Shape]]:
    """Pair branches by what they require and contain, the most similar first."""
    scores = sorted(
        (-_similarity(one, other), left, right)
        for left, one in enumerate(ours)
        for right, other in enumerate(theirs)
    )
    pairs: dict[int, int] = {}
    for score, left, right in scores:
        if score < 0 and left not in pairs and right not in pairs.values():
            pairs[left] = right
    return [(ours[left], theirs[right]) for left, right in sorted(pairs.items())]


def _similarity(one: Shape, other: Shape) -> int:
    names, others = (
        {name for name, shape in each.properties.items() if not shape.only_null}
        for each in (one, other)
    )
    required = len(one.required & other.required)
    return 4 * required + 2 * len(names & others) + (one.types == other.types)
