"""Derive the shape of a live server's instances: the contract's shape, widened to what was seen.

It is widened only at locations with open findings, and only to values that were seen. No I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.oracle.finding import ADDITION
from contract_tests.spec.values import Json, join, kind_of, split
from scripts.compare.shapes import NULL, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from contract_tests.oracle.finding import Finding

# A broken bound is moved to the value that was seen.
_SIZES: Mapping[str, tuple[str, bool]] = {
    "minimum": ("number", True),
    "maximum": ("number", False),
    "minLength": ("string", True),
    "maxLength": ("string", False),
    "minItems": ("array", True),
    "maxItems": ("array", False),
}
_DROPPED = frozenset(
    {"exclusiveMaximum", "exclusiveMinimum", "format", "multipleOf", "pattern", "uniqueItems"}
)


def open_facts(findings: Sequence[Finding]) -> frozenset[tuple[str, str]]:
    """Return the location and keyword of each finding that no deviation covers.

    An array's index is `*` in these, and a missing property is reported at its own location.
    """
    facts = set()
    for finding in findings:
        if finding.kind == "behavior" or finding.deviation is not None:
            continue
        location = finding.location
        if finding.keyword == "required" and isinstance(finding.expected, str):
            location = join(location, finding.expected)
        tokens = ["*" if token.isdecimal() else token for token in split(location)]
        facts.add((join("", *tokens), finding.keyword))
    return frozenset(facts)


def widened(
    shape: Shape, values: Sequence[Json], facts: AbstractSet[tuple[str, str]], location: str = ""
) -> Shape:
    """Return `shape`, widened to the `values` at `location` if `facts` has a finding about it."""
    if shape.branches:
        return _widened_union(shape, values, facts, location)
    if (location, "type") in facts:
        shape = _retyped(shape, values)
    keywords = dict(shape.keywords)
    if (location, "enum") in facts and "enum" in keywords:
        new = [value for value in values if isinstance(value, str | int)]
        keywords["enum"] = list(dict.fromkeys((*keywords["enum"], *new)))
    for keyword in shape.keywords:
        if (location, keyword) in facts and keyword in _SIZES:
            keywords[keyword] = _moved(keyword, values, keywords[keyword])
        elif (location, keyword) in facts and keyword in _DROPPED:
            del keywords[keyword]
    properties, required = _widened_properties(shape, values, facts, location)
    items = shape.items
    if items is not None:
        within = [item for value in values if isinstance(value, list) for item in value]
        items = widened(items, within, facts, join(location, "*"))
    return evolve(shape, keywords=keywords, properties=properties, required=required, items=items)


def _widened_properties(
    shape: Shape, values: Sequence[Json], facts: AbstractSet[tuple[str, str]], location: str
) -> tuple[dict[str, Shape], frozenset[str]]:
    objects = [value for value in values if isinstance(value, dict)]
    properties = {}
    required = set(shape.required)
    for name, inner in shape.properties.items():
        here = join(location, name)
        within = [each[name] for each in objects if name in each]
        properties[name] = widened(inner, within, facts, here)
        if (here, "required") in facts:
            required.discard(name)
    for name in dict.fromkeys(name for each in objects for name in each):
        if name not in properties and (join(location, name), ADDITION) in facts:
            within = [each[name] for each in objects if name in each]
            properties[name] = shown(within)
            if len(within) == len(objects):
                required.add(name)
    return properties, frozenset(required)


def _widened_union(
    shape: Shape, values: Sequence[Json], facts: AbstractSet[tuple[str, str]], location: str
) -> Shape:
    """Return the values of each branch, selected by the tag or else by the property it requires."""
    groups: list[list[Json]] = [[] for _ in shape.branches]
    for value in values:
        index = _meant(shape, value)
        if index is not None:
            groups[index].append(value)
    branches = tuple(
        widened(branch, group, facts, location) if group else branch
        for branch, group in zip(shape.branches, groups, strict=True)
    )
    null = (location, "type") in facts and None in values
    types = shape.types | {NULL} if null else shape.types
    return evolve(shape, branches=branches, types=types)


def _meant(shape: Shape, value: Json) -> int | None:
    if not isinstance(value, dict):
        return None
    if shape.tag is not None:
        return shape.tags.get(str(value.get(shape.tag)))
    for index, branch in enumerate(shape.branches):
        real = [name for name in branch.required if value.get(name) is not None]
        if real:
            return index
    return None


def _retyped(shape: Shape, values: Sequence[Json]) -> Shape:
    seen = shown(values)
    if seen.types - {NULL} <= shape.types or "number" in shape.types & seen.types:
        return evolve(shape, types=shape.types | (seen.types & {NULL}))
    if "integer" in shape.types and seen.types - {NULL} == {"number"}:
        return evolve(shape, types=shape.types - {"integer"} | seen.types)
    return evolve(shape, types=shape.types | seen.types)


def _moved(keyword: str, values: Sequence[Json], bound: Json) -> Json:
    kind, lowest = _SIZES[keyword]
    if kind == "number":
        sizes = [value for value in values if kind_of(value) in {"integer", "number"}]
    else:
        sizes = [len(value) for value in values if kind_of(value) == kind]
    return min([bound, *sizes]) if lowest else max([bound, *sizes])


def shown(values: Sequence[Json], depth: int = 0) -> Shape:
    """Return the shape of `values`: their types, and the properties that all objects have."""
    kinds = frozenset(map(kind_of, values))
    if "number" in kinds:
        kinds -= {"integer"}
    objects = [value for value in values if isinstance(value, dict)]
    items = [item for value in values if isinstance(value, list) for item in value]
    names = dict.fromkeys(name for each in objects for name in each)
    return Shape(
        places=("",),
        types=kinds,
        properties={
            name: shown([each[name] for each in objects if name in each], depth + 1)
            for name in names
        },
        required=frozenset(name for name in names if all(name in each for each in objects)),
        items=shown(items, depth + 1) if "array" in kinds else None,
    )
