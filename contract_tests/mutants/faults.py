"""The faults that one place of a job can have, at least one for each of its rules.

Each fault lists the findings that a check must report. They are derived from the contract, not from
the oracle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from contract_tests.instances.population import encode
from contract_tests.mutants import wrong_values as wrong
from contract_tests.mutants.edits import Drop, Put, Raw
from contract_tests.oracle.finding import ADDITION, Kind
from contract_tests.spec.values import Json, at, join, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.mutants.edits import Edit
    from contract_tests.mutants.places import Place
    from contract_tests.spec.schema import Rule, Schema

    Donors: TypeAlias = Mapping[tuple[str, str], Json]

_UNDOCUMENTED = "undocumented"
_ADDITIONS: tuple[tuple[str, str, Json], ...] = (
    ("undocumented-text", _UNDOCUMENTED, "text"),
    ("undocumented-null", _UNDOCUMENTED, None),
    ("undocumented-object", _UNDOCUMENTED, {_UNDOCUMENTED: []}),
    ("undocumented-odd-name", "~ a/b %", 0),
    ("undocumented-empty-name", "", 0),
)
_BEYOND_64_BITS = str(2**64)
_LIMITS = frozenset({"const", "enum", "maximum", "exclusiveMaximum"})


@frozen
class Expected:
    """A finding that a check must report.

    Attributes:
        kind: Its kind.
        location: Its instance location.
        keyword: Its keyword.
        name: The missing property, if it is about one.
    """

    kind: Kind
    location: str
    keyword: str
    name: str = ""


@frozen
class Fault:
    """One deliberate fault at one place.

    Attributes:
        family: The kind of fault.
        name: What is wrong; the end of the mutant's name.
        edits: The changes to the body.
        expected: The exact findings that must be reported.
        rules: The rules that it breaks.
    """

    family: str
    name: str
    edits: tuple[Edit, ...]
    expected: tuple[Expected, ...]
    rules: tuple[Rule, ...] = ()


def faults(place: Place, document: Json, donors: Donors) -> Iterator[Fault]:
    """Yield every fault of `place`.

    Args:
        place: A place of a valid job.
        document: The contract's document.
        donors: A valid value for each union and branch, by `Place.branch_key`; faults that need
            one that is missing are left out.
    """
    yield from _types(place)
    yield from _values(place)
    yield from _json(place)
    if place.is_property:
        yield from _names(place, document)
    if isinstance(place.value, dict) and place.schema.properties:
        yield from _additions(place)
    if place.union is not None:
        if place.union.discriminator is None:
            yield from _selections(place, place.union, donors)
        else:
            yield from _mismatches(place, place.union, donors)


def _violation(location: str, keyword: str, name: str = "") -> tuple[Expected, ...]:
    return (Expected(Kind.VIOLATION, location, keyword, name),)


def _types(place: Place) -> Iterator[Fault]:
    schema, where = place.schema, place.location
    allowed = set(schema.types)
    if place.siblings:
        # Null, or a type of another branch, selects another branch: see `_selections`.
        allowed |= {"null", *place.siblings[place.token].properties[place.token].types}
    if not schema.types or schema.branches:
        return
    branches = place.union.branches if place.union else (schema,)
    rules = tuple(rule for branch in branches for rule in branch.rules.get("type", ()))
    allowed |= set(place.union.types) if place.union else set()
    for kind in wrong.unlike(allowed):
        family = "null" if kind == "null" else "type"
        put = Put(where, wrong.WRONG_TYPES[kind])
        yield Fault(family, f"is-{kind}", (put,), _violation(where, "type"), rules)
    text = wrong.spelled(place.value)
    if text is not None and "string" not in allowed:
        yield Fault("spelled", "as-text", (Put(where, text),), _violation(where, "type"), rules)


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
            yield Fault("enum", name, (Put(where, value),), _violation(where, keyword), rules)
    for name, keyword, value in wrong.wrong_values(schema, place.value):
        family = "format" if keyword == "format" else "bound"
        edit = Put(where, value)
        yield Fault(family, name, (edit,), _violation(where, keyword), schema.rules[keyword])


def _names(place: Place, document: Json) -> Iterator[Fault]:
    assert place.parent is not None
    around, name = place.parent, place.token
    present = [sibling for sibling in place.siblings if sibling in around.value]
    if len(present) > 1 and name in around.schema.required:
        return  # without it, the null of another branch selects that branch: see `_selections`
    drop = Drop(place.location)
    rename = Put(f"{place.location}_renamed", place.value)
    renamed = (Expected(Kind.ADDITION, rename.location, ADDITION),)
    if name not in around.schema.required:
        yield Fault("renamed", "renamed", (drop, rename), renamed)
        return
    missing = _violation(around.location, "required", "" if place.siblings else name)
    rules = tuple(
        rule for rule in around.schema.rules["required"] if name in at(document, rule.location)
    )
    if place.siblings and around.union is not None:
        rules += around.union.rules["oneOf"]
    yield Fault("missing", "missing", (drop,), missing, rules)
    yield Fault("renamed", "renamed", (drop, rename), (*missing, *renamed), rules)


def _additions(place: Place) -> Iterator[Fault]:
    schemas = (place.schema, *(place.union.branches if place.union else ()))
    documented = {name for schema in schemas for name in schema.properties}
    first = next(iter(place.schema.properties))
    for name, key, value in (*_ADDITIONS, ("undocumented-other-case", first.swapcase(), 0)):
        if key not in documented:
            where = join(place.location, key)
            found = (Expected(Kind.ADDITION, where, ADDITION),)
            yield Fault("undocumented", name, (Put(where, value),), found)


def _json(place: Place) -> Iterator[Fault]:
    """Yield values that strict JSON parsers reject, or that parsers interpret differently."""
    where = place.location
    kind = kind_of(place.value)

    def fault(name: str, text: str, keyword: str) -> Fault:
        found = (Expected(Kind.BEHAVIOR, where, keyword),)
        return Fault("json", name, (Raw(where, text),), found)

    if kind in {"integer", "number"}:
        yield fault("is-nan", "NaN", "non-finite-number")
        yield fault("is-infinite", "-Infinity", "non-finite-number")
        yield fault("overflows", "1e999", "non-finite-number")
        if not _LIMITS & place.schema.assertions.keys():  # else it breaks these too
            yield fault("beyond-64-bits", _BEYOND_64_BITS, "integer-range")
    elif kind == "string" and not place.schema.assertions:
        yield fault("lone-surrogate", r'"\ud800"', "surrogate")
    if place.is_property:
        key, value = encode(place.token).decode(), encode(place.value).decode()
        yield fault("twice", f"{value},{key}:{value}", "duplicate-key")


def _selections(place: Place, union: Schema, donors: Donors) -> Iterator[Fault]:
    """Yield the faults of an object whose branch is selected by a property."""
    where = place.location
    names = dict(zip(union.distinguishing, union.branches, strict=True))
    (own,) = (name for name, branch in names.items() if branch is place.schema)
    others = [name for name in names if name != own]
    drops: dict[str, Edit] = {
        name: Drop(join(where, name)) for name in names if name in place.value
    }
    nothing = _violation(where, "required")
    rules = (*union.rules["oneOf"], *place.schema.rules["required"])
    if len(drops) > 1:  # otherwise it equals the fault of a missing property
        yield Fault("branch", "no-branch", tuple(drops.values()), nothing, rules)
    nulls = {name: Put(join(where, name), None) for name in names}
    yield Fault("branch", "all-branches-null", tuple(nulls.values()), nothing, rules)
    alone = (nulls[own], *(drops[name] for name in others if name in drops))
    typed = _violation(join(where, own), "type")
    rules_of_own = place.schema.properties[own].rules["type"]
    yield Fault("branch", "branch-is-null", alone, typed, rules_of_own)
    for name in others:
        donor = donors.get((place.short, names[name].name))
        if donor is None:
            continue  # no job selects this branch
        both = (Put(join(where, name), donor[name]),)
        # It also breaks what this branch requires of the other branch's property, if it has it.
        inner = place.schema.properties.get(name)
        broken = (*union.rules["oneOf"], *(inner.rules.get("type", ()) if inner else ()))
        yield Fault("branch", f"with-{name}-too", both, _violation(where, "oneOf"), broken)


def _mismatches(place: Place, union: Schema, donors: Donors) -> Iterator[Fault]:
    """Yield the faults of an object whose discriminator and properties disagree."""
    where = place.location
    assert union.discriminator is not None
    for tag, branch in union.tags.items():
        if branch is place.schema:
            continue
        donor = donors.get((place.short, branch.name), {})
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
            for each in _foreign(place.value[name], branch.properties[name], join(where, name))
        )
        if found:
            edit = Put(join(where, union.discriminator), tag)
            rules = place.schema.properties[union.discriminator].rules["const"]
            yield Fault("branch", f"claims-{tag}", (edit,), found, rules)
        for name in (name for name in differing if name in donor):
            inside = join(where, name)
            found = _foreign(donor.get(name), place.schema.properties[name], inside)
            if found:
                edit = Put(inside, donor[name])
                yield Fault("branch", f"with-{name}-of-{tag}", (edit,), found)


def _foreign(value: Json, schema: Schema, location: str) -> tuple[Expected, ...]:
    """Return the findings about `value`, an object of another branch, under `schema`.

    Empty if property names alone can't decide, because the branches have one in common.
    """
    if not isinstance(value, dict) or not schema.properties or schema.properties.keys() & value:
        return ()
    missing = [Expected(Kind.VIOLATION, location, "required", name) for name in schema.required]
    unknown = [Expected(Kind.ADDITION, join(location, name), ADDITION) for name in value]
    return (*missing, *unknown)
