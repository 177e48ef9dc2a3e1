"""What two shapes say differently, at each location where they do. Pure: no I/O.

A location is the instance's: a JSON pointer with `*` for each item of an array. At a location
whose types differ nothing else is compared, as nothing else would mean the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from contract_tests.spec.values import Json, join, kind_of
from scripts.compare import unions
from scripts.compare.renames import renamed
from scripts.compare.shapes import NULL, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY = "*"
MAX_LISTED = 50  # names of properties in an outline
_UNSAID = object()


@frozen(eq=False)
class Difference:
    """One fact that differs at one location.

    Attributes:
        location: The instance location.
        change: What kind of difference it is, in the words of `effects`.
        ours: What the contract says, or None where it says nothing.
        theirs: What the vendor's document says, likewise.
        at_ours: The pointer into the contract of what differs; where it is missing there, the
            pointer that it would have.
        at_theirs: The same of the vendor's document.
        here: Where the comparison stood.
        shapes: The two shapes that differ; of a property those of the object that holds it.
        name: The property's name, where the difference is one of a property.
    """

    location: str
    change: str
    ours: Json
    theirs: Json
    at_ours: str
    at_theirs: str
    here: Here
    shapes: tuple[Shape, Shape] | None = None
    name: str | None = None


@frozen
class Here:
    """Where a comparison stands.

    Attributes:
        location: The instance location.
        variant: The name of the variant that it is within.
        sent: Whether importers send what is compared, rather than receive it.
        optional: Whether, by the contract, it may be missing.
        site: The pointers, in both documents, at which the shapes are used; a `$ref` stands there
            where the shapes stand elsewhere.
    """

    location: str = ""
    variant: str | None = None
    sent: bool = False
    optional: bool = False
    site: tuple[str, str] | None = None


def between(ours: Shape, theirs: Shape, here: Here) -> Iterator[Difference]:
    """Every difference between two shapes, the contract's order first."""
    if ours.branches or theirs.branches:
        yield from _nullability(ours, theirs, here)
        yield from _unions(ours, theirs, here)
        return
    pair = ours, theirs
    if ours.types - {NULL} != theirs.types - {NULL}:
        yield _difference("type changed", pair, here, "type", (_types(ours), _types(theirs)))
        return
    yield from _nullability(ours, theirs, here)
    for keyword in dict.fromkeys((*ours.keywords, *theirs.keywords)):
        yield from _keyword(keyword, ours, theirs, here)
    yield from _properties(ours, theirs, here, frozenset())
    for part, keyword in (("items", "items"), ("values", "additionalProperties")):
        one, other = getattr(ours, part), getattr(theirs, part)
        if one or other:
            site = ours.at(keyword), theirs.at(keyword)
            below = evolve(here, location=join(here.location, ANY), optional=False, site=site)
            yield from between(one or Shape((site[0],)), other or Shape((site[1],)), below)


def _nullability(ours: Shape, theirs: Shape, here: Here) -> Iterator[Difference]:
    if ours.nullable != theirs.nullable:
        change = "made nullable" if theirs.nullable else "no longer nullable"
        fact = NULL if NULL in (ours if ours.nullable else theirs).where else "type"
        yield _difference(change, (ours, theirs), here, fact, (ours.nullable, theirs.nullable))


def _keyword(keyword: str, ours: Shape, theirs: Shape, here: Here) -> Iterator[Difference]:
    one, other = ours.keywords.get(keyword, _UNSAID), theirs.keywords.get(keyword, _UNSAID)
    if _equal(one, other):
        return
    ours_value, theirs_value = _said(one), _said(other)
    pair = ours, theirs
    word = "added" if one is _UNSAID else "removed" if other is _UNSAID else "changed"
    if keyword == "enum" and word == "changed":
        for member in (value for value in other if value not in one):
            yield _difference("enum member added", pair, here, keyword, (None, member))
        for member in (value for value in one if value not in other):
            yield _difference("enum member removed", pair, here, keyword, (member, None))
        return
    if keyword == "readOnly":
        name = "read-only mark"
    elif keyword in {"enum", "format", "default"}:
        name = keyword
    else:
        name = "bound"
        ours_value = None if one is _UNSAID else {keyword: one}
        theirs_value = None if other is _UNSAID else {keyword: other}
    yield _difference(f"{name} {word}", pair, here, keyword, (ours_value, theirs_value))


def _properties(
    ours: Shape, theirs: Shape, here: Here, passed: frozenset[str]
) -> Iterator[Difference]:
    pair = ours, theirs
    names = [name for name in ours.properties if name not in passed]
    gone = [name for name in names if name not in theirs.properties]
    known = passed.union(ours.properties)
    new = [name for name in theirs.properties if name not in known]
    pairs = renamed(dict.fromkeys(gone, ours), dict.fromkeys(new, theirs))
    for name in names:
        fact = f"properties/{name}"
        location = join(here.location, name)
        within = evolve(here, location=location, optional=name not in ours.required)
        if name in pairs:
            yield _property("property renamed", pair, within, name, (name, pairs[name]))
        elif name in gone:
            said = outline(ours.properties[name], required=name in ours.required)
            yield _property("property removed", pair, within, name, (said, None))
        else:
            if (name in ours.required) != (name in theirs.required):
                change = "no longer required" if name in ours.required else "made required"
                sides = name in ours.required, name in theirs.required
                yield _property(change, pair, within, name, sides)
            site = (ours.at(fact), theirs.at(fact))
            one, other = ours.properties[name], theirs.properties[name]
            yield from between(one, other, evolve(within, site=site))
    for name in new:
        if name not in pairs.values():
            said = outline(theirs.properties[name], required=name in theirs.required)
            within = evolve(here, location=join(here.location, name), optional=True)
            yield _property("property added", pair, within, name, (None, said))


def _unions(ours: Shape, theirs: Shape, here: Here) -> Iterator[Difference]:
    tag = ours.tag or theirs.tag
    apart = unions.discriminators(ours, tag), unions.discriminators(theirs, tag)
    if (apart[0] is None) != (apart[1] is None):
        change = "branches overlap" if apart[0] else "branches told apart"
        location = join(here.location, tag) if tag else here.location
        sides = unions.discriminators_of(ours, tag), unions.discriminators_of(theirs, tag)
        places = unions.place(ours, tag), unions.place(theirs, tag)
        yield Difference(location, change, *sides, *places, here, (ours, theirs))
    paired, gone, new = unions.pairs(ours, theirs, tag)
    for name, branch in gone:
        places = branch.place, theirs.at("oneOf")
        shapes = branch, theirs
        yield Difference(here.location, "branch removed", name, None, *places, here, shapes)
    for name, branch in new:
        places = ours.at("oneOf"), branch.place
        shapes = ours, branch
        yield Difference(here.location, "branch added", None, name, *places, here, shapes)
    if tag:
        known = {name for name, _ in (*gone, *new)}
        yield from _tag_values(ours, theirs, tag, known, here)
    for one, other in paired:
        variant = here.variant or (one.place.rpartition("/")[2] if tag else None)
        within = evolve(here, variant=variant)
        passed = unions.siblings(one, other, apart)
        if tag and tag in one.properties and tag in other.properties:
            one, other = _without_values(one, tag), _without_values(other, tag)  # noqa: PLW2901
        if passed:
            yield from _properties(one, other, within, passed)
        else:
            yield from between(one, other, within)


def _tag_values(
    ours: Shape, theirs: Shape, tag: str, known: set[str], here: Here
) -> Iterator[Difference]:
    """What the tag may be, over all branches; those of whole branches are told elsewhere."""
    one, other = unions.values(ours, tag), unions.values(theirs, tag)
    places = unions.place(ours, tag), unions.place(theirs, tag)
    location = join(here.location, tag)
    for member in other:
        if member not in one and str(member) not in known:
            yield Difference(location, "enum member added", None, member, *places, here)
    for member in one:
        if other and member not in other and str(member) not in known:
            yield Difference(location, "enum member removed", member, None, *places, here)


def _without_values(branch: Shape, tag: str) -> Shape:
    shape = branch.properties[tag]
    keywords = {key: value for key, value in shape.keywords.items() if key != "enum"}
    return evolve(branch, properties={**branch.properties, tag: evolve(shape, keywords=keywords)})


def _property(
    change: str, pair: tuple[Shape, Shape], here: Here, name: str, sides: tuple[Json, Json]
) -> Difference:
    keyword = "required" if change.endswith("required") else "properties"
    names = name, sides[1] if change == "property renamed" else name
    at_ours, at_theirs = (
        shape.where.get(f"{keyword}/{each}", join(shape.place, keyword, each))
        for shape, each in zip(pair, names, strict=True)
    )
    return Difference(here.location, change, *sides, at_ours, at_theirs, here, pair, name)


def _difference(
    change: str, pair: tuple[Shape, Shape], here: Here, fact: str, sides: tuple[Json, Json]
) -> Difference:
    at_ours, at_theirs = (shape.where.get(fact, join(shape.place, fact)) for shape in pair)
    return Difference(here.location, change, *sides, at_ours, at_theirs, here, pair)


def outline(shape: Shape, *, required: bool) -> dict[str, Json]:
    """A shape in a few words: its types, its keywords, the names of its properties."""
    said: dict[str, Json] = {"type": _outlined(shape), **shape.keywords}
    if shape.properties:
        said["properties"] = list(shape.properties)[:MAX_LISTED]
    if shape.items:
        said["items"] = {"type": _outlined(shape.items)}
    return {**said, "required": required}


def _outlined(shape: Shape) -> Json:
    types = _types(shape) + ([NULL] if shape.nullable else [])
    return types[0] if len(types) == 1 else types


def _types(shape: Shape) -> list[str]:
    return sorted(shape.types - {NULL}) or ([] if shape.nullable else ["any"])


def _said(value: Json) -> Json:
    return None if value is _UNSAID else value


def _equal(one: Json, other: Json) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        # The order of an enum's members means nothing.
        return len(one) == len(other) and all(
            any(_equal(value, there) for there in other) for value in one
        )
    return kind_of(one) == kind_of(other) and bool(one == other)
