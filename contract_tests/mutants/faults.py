"""What can be wrong with one place of a job: for each of its rules at least one fault.

A fault says what a check must find: kind, location and keyword. Must never know what a property
of the job is called, nor ask the oracle: what is expected follows from the contract alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.instances.population import encode
from contract_tests.mutants import wrong_values as wrong
from contract_tests.mutants.edits import Drop, Put, Raw
from contract_tests.oracle.finding import ADDITION, Kind
from contract_tests.spec.values import Json, at, join, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.mutants.edits import Edit
    from contract_tests.mutants.places import Place
    from contract_tests.spec.schema import Rule, Schema

_UNDOCUMENTED = "undocumented"
_ADDITIONS: tuple[tuple[str, str, Json], ...] = (
    ("undocumented-text", _UNDOCUMENTED, "text"),
    ("undocumented-null", _UNDOCUMENTED, None),
    ("undocumented-object", _UNDOCUMENTED, {_UNDOCUMENTED: []}),
    ("undocumented-odd-name", "~ a/b %", 0),
    ("undocumented-empty-name", "", 0),
)
_BEYOND_64_BITS = str(2**64)


@frozen
class Expected:
    """What a check must say of a fault."""

    kind: Kind
    location: str
    keyword: str


@frozen
class Fault:
    """One deliberate fault at one place.

    Attributes:
        family: What sort of fault it is.
        name: What is wrong, the end of the mutant's name.
        edits: What makes it.
        expected: What must be found, and nothing else.
        rules: The rules that it breaks.
    """

    family: str
    name: str
    edits: tuple[Edit, ...]
    expected: tuple[Expected, ...]
    rules: tuple[Rule, ...] = ()


def violation(location: str, keyword: str) -> tuple[Expected, ...]:
    """The expectation of one broken rule."""
    return (Expected(Kind.VIOLATION, location, keyword),)


def faults(place: Place, document: Json) -> Iterator[Fault]:
    """Every fault of `place` by itself, for which no other job is needed.

    Args:
        place: A place of a valid job.
        document: The contract as it stands in its file; says where a property is required.
    """
    yield from _types(place)
    yield from _values(place)
    yield from _json(place)
    if place.is_property:
        yield from _names(place, document)
    if isinstance(place.value, dict) and place.schema.properties:
        yield from _additions(place)


def _types(place: Place) -> Iterator[Fault]:
    schema, where = place.schema, place.location
    allowed = set(schema.types)
    if place.siblings:
        # Null, or what another branch allows here, changes which branch is meant: see branches.
        allowed |= {"null", *place.siblings[place.token].properties[place.token].types}
    if not schema.types:
        return
    branches = place.union.branches if place.union else (schema,)
    rules = tuple(rule for branch in branches for rule in branch.rules.get("type", ()))
    for kind in wrong.unlike(tuple(allowed)):
        family = "null" if kind == "null" else "type"
        put = Put(where, wrong.WRONG_TYPES[kind])
        yield Fault(family, f"is-{kind}", (put,), violation(where, "type"), rules)
    text = wrong.spelled(place.value)
    if text is not None and "string" not in allowed:
        yield Fault("spelled", "as-text", (Put(where, text),), violation(where, "type"), rules)


def _values(place: Place) -> Iterator[Fault]:
    schema, where = place.schema, place.location
    for keyword in schema.assertions.keys() & {"const", "enum"}:
        known = schema.assertions[keyword]
        rules = schema.rules[keyword]
        if place.is_tag:
            assert place.parent is not None
            assert place.parent.union is not None
            known, keyword = list(place.parent.union.tags), "enum"  # noqa: PLW2901
            rules = (*rules, *place.parent.union.rules["oneOf"])
        elif keyword == "const":
            known = [known]
        for name, value in wrong.wrong_members(known):
            yield Fault("enum", name, (Put(where, value),), violation(where, keyword), rules)
    for name, keyword, value in wrong.wrong_values(schema, place.value):
        family = "format" if keyword == "format" else "bound"
        edit = Put(where, value)
        yield Fault(family, name, (edit,), violation(where, keyword), schema.rules[keyword])


def _names(place: Place, document: Json) -> Iterator[Fault]:
    assert place.parent is not None
    around, name = place.parent, place.token
    present = [sibling for sibling in place.siblings if sibling in around.value]
    if len(present) > 1 and name in around.schema.required:
        return  # without it the null beside it is meant: see branches
    drop = Drop(place.location)
    rename = Put(f"{place.location}_renamed", place.value)
    renamed = (Expected(Kind.ADDITION, rename.location, ADDITION),)
    if name not in around.schema.required:
        yield Fault("renamed", "renamed", (drop, rename), renamed)
        return
    missing = violation(around.location, "required")
    rules = tuple(
        rule for rule in around.schema.rules["required"] if name in at(document, rule.location)
    )
    if place.siblings and around.union is not None:
        rules += around.union.rules["oneOf"]
    yield Fault("missing", "missing", (drop,), missing, rules)
    yield Fault("renamed", "renamed", (drop, rename), (*missing, *renamed), rules)


def _additions(place: Place) -> Iterator[Fault]:
    first = next(iter(place.schema.properties))
    for name, key, value in (*_ADDITIONS, ("undocumented-other-case", first.swapcase(), 0)):
        if key not in _documented(place):
            where = join(place.location, key)
            found = (Expected(Kind.ADDITION, where, ADDITION),)
            yield Fault("undocumented", name, (Put(where, value),), found)


def _documented(place: Place) -> set[str]:
    """The properties that the contract knows at an object, in whichever branch."""
    schemas = (place.schema, *(place.union.branches if place.union else ()))
    return {name for schema in schemas for name in schema.properties}


def _json(place: Place) -> Iterator[Fault]:
    """Values that no strict reader of JSON takes, or that two readers take for two values."""
    where = place.location
    kind = kind_of(place.value)

    def fault(name: str, text: str, keyword: str) -> Fault:
        found = (Expected(Kind.BEHAVIOR, where, keyword),)
        return Fault("json", name, (Raw(where, text),), found)

    if kind in {"integer", "number"}:
        yield fault("is-nan", "NaN", "non-finite-number")
        yield fault("is-infinite", "-Infinity", "non-finite-number")
        yield fault("overflows", "1e999", "non-finite-number")
        yield fault("beyond-64-bits", _BEYOND_64_BITS, "integer-range")
    elif kind == "string" and not place.schema.assertions:
        yield fault("lone-surrogate", r'"\ud800"', "surrogate")
    if place.is_property:
        key, value = encode(place.token).decode(), encode(place.value).decode()
        yield fault("twice", f"{value},{key}:{value}", "duplicate-key")


def mismatch(value: Json, schema: Schema, location: str) -> tuple[Expected, ...]:
    """What is wrong with `value`, an object of another branch, where `schema` is due.

    Empty where that can't be told by names alone, as the two share a property.
    """
    if not isinstance(value, dict) or schema.properties.keys() & value.keys():
        return ()
    missing = [Expected(Kind.VIOLATION, location, "required") for _ in schema.required]
    unknown = [Expected(Kind.ADDITION, join(location, name), ADDITION) for name in value]
    return (*missing, *unknown)
