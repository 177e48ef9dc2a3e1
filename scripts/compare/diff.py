"""Compare two shapes; return each difference with its instance location. No I/O.

A location is a JSON pointer into the instance, with `*` for each item of an array. If the types
differ, nothing below is compared, because it would not be comparable.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from contract_tests.spec.values import Json, join, kind_of
from scripts.compare import unions
from scripts.compare.renames import find_renames
from scripts.compare.shapes import NULL, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY = "*"
MAX_LISTED = 50  # names of properties in an outline
_ABSENT = object()


@frozen(eq=False)
class SchemaDiff:
    """One difference at one location.

    Attributes:
        location: The instance location.
        change: The kind of change, as listed in `impact`.
        ours: The contract's value, or None if it has none.
        theirs: The value in the vendor's document, or None.
        at_ours: The JSON pointer of that value in the contract; if it is missing, the pointer
            that it would have.
        at_theirs: The same for the vendor's document.
        context: The context in which the difference was found.
        shapes: The two shapes that differ; for a property, those of the object that holds it.
        name: The property's name, for a difference between properties.
    """

    location: str
    change: str
    ours: Json
    theirs: Json
    at_ours: str
    at_theirs: str
    context: Context
    shapes: tuple[Shape, Shape] | None = None
    name: str | None = None


@frozen
class Context:
    """The context of a comparison.

    Attributes:
        location: The instance location.
        variant: The name of the enclosing variant.
        sent: Whether importers send this value; otherwise they receive it.
        optional: Whether the contract allows it to be missing.
        site: The JSON pointers, in both documents, at which the shapes are used. A `$ref` is there
            when the shapes are defined elsewhere.
    """

    location: str = ""
    variant: str | None = None
    sent: bool = False
    optional: bool = False
    site: tuple[str, str] | None = None


def diff_shapes(ours: Shape, theirs: Shape, context: Context) -> Iterator[SchemaDiff]:
    """Yield every difference between two shapes, in the contract's order."""
    if ours.branches or theirs.branches:
        yield from _nullability(ours, theirs, context)
        yield from _unions(ours, theirs, context)
        return
    pair = ours, theirs
    if ours.types - {NULL} != theirs.types - {NULL}:
        yield _diff("type changed", pair, context, "type", (_types(ours), _types(theirs)))
        return
    yield from _nullability(ours, theirs, context)
    for keyword in dict.fromkeys((*ours.keywords, *theirs.keywords)):
        yield from _keyword(keyword, ours, theirs, context)
    yield from _properties(ours, theirs, context, frozenset())
    for part, keyword in (("items", "items"), ("values", "additionalProperties")):
        one, other = getattr(ours, part), getattr(theirs, part)
        if one or other:
            site = ours.at(keyword), theirs.at(keyword)
            below = evolve(context, location=join(context.location, ANY), optional=False, site=site)
            yield from diff_shapes(one or Shape((site[0],)), other or Shape((site[1],)), below)


def _nullability(ours: Shape, theirs: Shape, context: Context) -> Iterator[SchemaDiff]:
    if ours.nullable != theirs.nullable:
        change = "made nullable" if theirs.nullable else "no longer nullable"
        fact = NULL if NULL in (ours if ours.nullable else theirs).where else "type"
        yield _diff(change, (ours, theirs), context, fact, (ours.nullable, theirs.nullable))


def _keyword(keyword: str, ours: Shape, theirs: Shape, context: Context) -> Iterator[SchemaDiff]:
    one, other = ours.keywords.get(keyword, _ABSENT), theirs.keywords.get(keyword, _ABSENT)
    if _canonical(one) == _canonical(other):
        return
    pair = ours, theirs
    word = "added" if one is _ABSENT else "removed" if other is _ABSENT else "changed"
    if keyword == "enum" and word == "changed":
        for member in _without(other, one):
            yield _diff("enum member added", pair, context, keyword, (None, member))
        for member in _without(one, other):
            yield _diff("enum member removed", pair, context, keyword, (member, None))
        return
    name = {"readOnly": "read-only mark"}.get(keyword, keyword)
    values = tuple(None if value is _ABSENT else value for value in (one, other))
    if keyword not in {"readOnly", "enum", "format", "default"}:
        name = "bound"
        values = tuple(None if value is _ABSENT else {keyword: value} for value in (one, other))
    yield _diff(f"{name} {word}", pair, context, keyword, (values[0], values[1]))


def _properties(
    ours: Shape, theirs: Shape, context: Context, ignored: frozenset[str]
) -> Iterator[SchemaDiff]:
    pair = ours, theirs
    names = [name for name in ours.properties if name not in ignored]
    gone = [name for name in names if name not in theirs.properties]
    known = ignored.union(ours.properties)
    new = [name for name in theirs.properties if name not in known]
    renamed = find_renames(dict.fromkeys(gone, ours), dict.fromkeys(new, theirs))
    for name in names:
        fact = f"properties/{name}"
        location = join(context.location, name)
        within = evolve(context, location=location, optional=name not in ours.required)
        if name in renamed:
            yield _property("property renamed", pair, within, name, (name, renamed[name]))
        elif name in gone:
            value = outline(ours.properties[name], required=name in ours.required)
            yield _property("property removed", pair, within, name, (value, None))
        else:
            if (name in ours.required) != (name in theirs.required):
                change = "no longer required" if name in ours.required else "made required"
                sides = name in ours.required, name in theirs.required
                yield _property(change, pair, within, name, sides)
            site = (ours.at(fact), theirs.at(fact))
            one, other = ours.properties[name], theirs.properties[name]
            yield from diff_shapes(one, other, evolve(within, site=site))
    for name in new:
        if name not in renamed.values():
            value = outline(theirs.properties[name], required=name in theirs.required)
            within = evolve(context, location=join(context.location, name), optional=True)
            yield _property("property added", pair, within, name, (None, value))
    # A `required` may also name something that is not a property.
    unknown = tuple(each.required - each.properties.keys() for each in pair)
    for name in sorted(unknown[0] ^ unknown[1]):
        change = "no longer required" if name in unknown[0] else "made required"
        within = evolve(context, location=join(context.location, name), optional=True)
        yield _property(change, pair, within, name, (name in unknown[0], name in unknown[1]))


def _unions(ours: Shape, theirs: Shape, context: Context) -> Iterator[SchemaDiff]:
    tag = ours.tag or theirs.tag
    distinct = unions.discriminators(ours, tag), unions.discriminators(theirs, tag)
    if (distinct[0] is None) != (distinct[1] is None):
        change = "branches overlap" if distinct[0] else "branches distinguished"
        location = join(context.location, tag) if tag else context.location
        sides = unions.discriminator_values(ours, tag), unions.discriminator_values(theirs, tag)
        places = unions.place(ours, tag), unions.place(theirs, tag)
        yield SchemaDiff(location, change, *sides, *places, context, (ours, theirs))
    paired, gone, new = unions.pair_branches(ours, theirs, tag)
    for name, branch in gone:
        places = branch.place, theirs.at("oneOf")
        shapes = branch, theirs
        yield SchemaDiff(context.location, "branch removed", name, None, *places, context, shapes)
    for name, branch in new:
        places = ours.at("oneOf"), branch.place
        shapes = ours, branch
        yield SchemaDiff(context.location, "branch added", None, name, *places, context, shapes)
    if tag:
        known = {name for name, _ in (*gone, *new)}
        yield from _tag_values(ours, theirs, tag, known, context)
    for one, other in paired:
        variant = context.variant or (one.place.rpartition("/")[2] if tag else None)
        within = evolve(context, variant=variant)
        ignored = unions.null_siblings(one, other, distinct)
        if tag and tag in one.properties and tag in other.properties:
            one, other = _without_values(one, tag), _without_values(other, tag)  # noqa: PLW2901
        if ignored:
            yield from _properties(one, other, within, ignored)
        else:
            yield from diff_shapes(one, other, within)


def _tag_values(
    ours: Shape, theirs: Shape, tag: str, known: set[str], context: Context
) -> Iterator[SchemaDiff]:
    """Compare the tag's values across all branches; `known` are those of whole branches."""
    one, other = unions.values(ours, tag), unions.values(theirs, tag)
    places = unions.place(ours, tag), unions.place(theirs, tag)
    location = join(context.location, tag)
    for member in _without(other, one):
        if str(member) not in known:
            yield SchemaDiff(location, "enum member added", None, member, *places, context)
    for member in _without(one, other) if other else ():
        if str(member) not in known:
            yield SchemaDiff(location, "enum member removed", member, None, *places, context)


def _without_values(branch: Shape, tag: str) -> Shape:
    shape = branch.properties[tag]
    keywords = {key: value for key, value in shape.keywords.items() if key != "enum"}
    return evolve(branch, properties={**branch.properties, tag: evolve(shape, keywords=keywords)})


def _property(
    change: str, pair: tuple[Shape, Shape], context: Context, name: str, sides: tuple[Json, Json]
) -> SchemaDiff:
    keyword = "required" if change.endswith("required") else "properties"
    names = name, sides[1] if change == "property renamed" else name
    at_ours, at_theirs = (
        shape.where.get(f"{keyword}/{each}", join(shape.place, keyword, each))
        for shape, each in zip(pair, names, strict=True)
    )
    return SchemaDiff(context.location, change, *sides, at_ours, at_theirs, context, pair, name)


def _diff(
    change: str, pair: tuple[Shape, Shape], context: Context, fact: str, sides: tuple[Json, Json]
) -> SchemaDiff:
    at_ours, at_theirs = (shape.where.get(fact, join(shape.place, fact)) for shape in pair)
    return SchemaDiff(context.location, change, *sides, at_ours, at_theirs, context, pair)


def outline(shape: Shape, *, required: bool) -> dict[str, Json]:
    """Summarize a shape: its types, its keywords, the names of its properties."""
    summary: dict[str, Json] = {"type": _type_summary(shape), **shape.keywords}
    if shape.properties:
        summary["properties"] = list(shape.properties)[:MAX_LISTED]
    if shape.items:
        summary["items"] = {"type": _type_summary(shape.items)}
    return {**summary, "required": required}


def _type_summary(shape: Shape) -> Json:
    types = _types(shape) + ([NULL] if shape.nullable else [])
    return types[0] if len(types) == 1 else types


def _types(shape: Shape) -> list[str]:
    return sorted(shape.types - {NULL}) or ([] if shape.nullable else ["any"])


def _without(members: list[Json], others: list[Json]) -> list[Json]:
    """Return the `members` that are not in `others`, each once."""
    excluded = set(map(_canonical, others))
    return list(
        {_canonical(each): each for each in members if _canonical(each) not in excluded}.values()
    )


def _canonical(value: Json) -> Json:
    """Return a hashable form that is the same for equal JSON values, in any order of lists."""
    if value is _ABSENT:
        return value
    if isinstance(value, list):
        return tuple(sorted(map(_canonical, value), key=repr))
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    kind = kind_of(value)
    return kind, int(value) if kind == "integer" else value
