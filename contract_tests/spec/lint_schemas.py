"""Check the keywords of one schema: each is known, applies, and agrees with the others."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import jsonschema_rs

from contract_tests.spec import formats
from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import ANNOTATIONS, ASSERTIONS, EVERY, KNOWN, LIMITS, Bound
from contract_tests.spec.patterns import PatternError, to_python
from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, join, kind_of, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    Problems = Iterator[tuple[str, str]]

# Keywords that describe an instance, so that others may be omitted.
_DESCRIBES = frozenset({"$ref", "allOf", "anyOf", "const", "enum", "oneOf", "type"})
_OBJECT_KEYWORDS = frozenset({"properties", "required", "additionalProperties"})
_UNIONS = ("oneOf", "anyOf")
_INSTEAD = {
    "nullable": "write `type: [<type>, 'null']`, or a `oneOf` with `type: 'null'`",
    "anyOf": "write `oneOf`",
    "not": "state what is allowed",
    "prefixItems": "write `items`",
    "patternProperties": "write `properties`",
    "minProperties": "write `required`",
    "additionalProperties": "write `properties`, or leave it out: objects are open",
}


def check_keywords(data: dict[str, Json], schema: Json, location: str) -> Problems:
    """Yield the location and a sentence for each problem of a schema, but not of nested ones."""
    if not isinstance(schema, dict):
        yield location, f"is {kind_of(schema)}; expected a schema object"
        return
    yield from _unknown(schema, location)
    if "$ref" in schema:
        for keyword in schema.keys() - ANNOTATIONS - {"$ref"}:
            if keyword in KNOWN:
                yield (
                    join(location, keyword),
                    "is beside a $ref, where generators ignore it; move it into the target",
                )
        return
    if not _DESCRIBES & schema.keys():
        yield location, "has no type, so it allows everything; write `type`"
    yield from _applicability(schema, location)
    yield from _format(schema, location)
    yield from _limits(schema, location)
    yield from _members(schema, location)
    yield from _union(data, schema, location)
    if "pattern" in schema:
        try:
            to_python(schema["pattern"])
        except PatternError as error:
            yield join(location, "pattern"), f"the pattern {error}"
    documented = _documented(data, schema, location)
    for index, name in enumerate(schema.get("required", ())):
        if name not in documented:
            near = get_close_matches(name, documented, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "add it to `properties` or remove it"
            yield join(location, "required", index), f"{name!r} is not a property; {hint}"
    yield from _values(data, schema, location)


def _unknown(schema: dict[str, Json], location: str) -> Problems:
    for keyword, value in schema.items():
        where = join(location, keyword)
        if keyword == "additionalProperties" and value is True:
            continue
        if keyword == "anyOf" and _is_nullable_union(value):
            continue
        if keyword in KNOWN or keyword.startswith("x-"):
            continue
        near = get_close_matches(keyword, KNOWN - {"$ref"}, n=1)
        if keyword in _INSTEAD:
            yield where, f"the keyword {keyword!r} is not supported; {_INSTEAD[keyword]}"
        elif near:
            yield where, f"unknown keyword {keyword!r}; did you mean {near[0]!r}?"
        else:
            yield where, f"the keyword {keyword!r} is not supported; remove it"


def _is_nullable_union(branches: Json) -> bool:
    nulls = [branch for branch in branches if isinstance(branch, dict) and _is_null(branch)]
    return len(branches) == 2 and len(nulls) == 1  # noqa: PLR2004


def _is_null(schema: dict[str, Json]) -> bool:
    return schema.get("type") in ("null", ["null"]) or schema.get("const", ...) is None


def _types(schema: dict[str, Json]) -> list[str]:
    """Return the types that a schema states or implies; none if it allows every type."""
    if "type" in schema:
        types = schema["type"]
        return [types] if isinstance(types, str) else types
    for keyword, values in (("const", [schema.get("const")]), ("enum", schema.get("enum", []))):
        if keyword in schema:
            return list(dict.fromkeys(map(kind_of, values)))
    return []


def _applicability(schema: dict[str, Json], location: str) -> Problems:
    types = _types(schema)
    kinds = [kind for kind in types if kind != "null"]
    if "allOf" in schema and not types:
        return  # the parts state the type
    for keyword in schema:
        applies = ASSERTIONS[keyword].types if keyword in ASSERTIONS else None
        if keyword == "format":
            applies = formats.types_of(schema["format"])
        elif keyword in _OBJECT_KEYWORDS:
            applies = frozenset({"object"})
        elif keyword == "items":
            applies = frozenset({"array"})
        if applies is None or applies == EVERY:
            continue
        where = join(location, keyword)
        if not types and not (set(_UNIONS) & schema.keys()):
            fitting = min(applies - {"integer"} or applies)
            yield where, f"has no `type` beside it; write `type: {fitting}`"
        elif types and not applies & set(types):
            yield where, f"does not apply to {' or '.join(types)}; fix the type or remove it"
        elif len(kinds) > 1 and not set(kinds) <= applies and keyword not in LIMITS:
            sentence = f"applies to only some of {', '.join(kinds)}"
            yield where, f"{sentence}, which the client can't check; write one type"


def _format(schema: dict[str, Json], location: str) -> Problems:
    name = schema.get("format", "uuid")
    if name not in formats.KNOWN:
        near = get_close_matches(name, formats.KNOWN, n=1)
        known = ", ".join(sorted(formats.KNOWN))
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {known}"
        yield join(location, "format"), f"unknown format {shorten(name)!r}; {hint}"


def _limits(schema: dict[str, Json], location: str) -> Problems:
    """Yield the pairs of limits that no value can meet."""
    found = [LIMITS[keyword] for keyword in schema if keyword in LIMITS]
    for lower in (limit for limit in found if limit.bound is Bound.LOWER):
        for upper in (limit for limit in found if limit.bound is Bound.UPPER):
            if lower.types != upper.types:
                continue
            least, most = schema[lower.name], schema[upper.name]
            if least > most or (least == most and (lower.exclusive or upper.exclusive)):
                yield (
                    join(location, lower.name),
                    f"{lower.name} {least} and {upper.name} {most} allow no value; fix one",
                )


def _members(schema: dict[str, Json], location: str) -> Problems:
    members = schema.get("enum")
    if members is None:
        return
    where = join(location, "enum")
    if not members:
        yield where, "has no members; write at least one"
    seen: set[str] = set()
    for index, member in enumerate(members):
        spelled = f"{kind_of(member)} {member!r}"
        if spelled in seen:
            yield join(where, index), f"{shorten(member)!r} is a member twice; keep one"
        seen.add(spelled)
    if "const" in schema and schema["const"] not in members:
        yield where, f"does not have the const {shorten(schema['const'])!r}; keep one of the two"
    if "null" in _types(schema) and None not in members and "type" in schema:
        yield where, "has no null, so null is never valid; add it, or remove it from `type`"


def _union(data: dict[str, Json], schema: dict[str, Json], location: str) -> Problems:
    keyword = next((keyword for keyword in _UNIONS if keyword in schema), None)
    if keyword is None:
        if "discriminator" in schema:
            yield (
                join(location, "discriminator"),
                "has no `oneOf` beside it, so it selects nothing; write `oneOf` with the variants",
            )
        return
    for sibling in schema.keys() - ANNOTATIONS - {keyword, "discriminator"}:
        if sibling in KNOWN | {"additionalProperties", *_UNIONS}:
            yield (
                join(location, sibling),
                f"is beside {keyword}, where it is lost; move it into the branches",
            )
    yield from _branches(data, schema[keyword], join(location, keyword))
    if "discriminator" in schema:
        yield from _mapping(data, schema, location, keyword)


def _branches(data: dict[str, Json], branches: list[Json], location: str) -> Problems:
    targets = [
        (join(location, index), target)
        for index, branch in enumerate(branches)
        for target in [follow(data, branch, location)[0]]
        if isinstance(target, dict)
    ]
    whole = [(where, target) for where, target in targets if not _is_null(target)]
    if not whole:
        yield location, "allows only null; write `const: null`"
    for where, target in whole:
        if len(whole) < len(targets) and location.endswith("oneOf") and "null" in _types(target):
            yield where, "allows null, as another branch does, so null is invalid; keep one"
        if len(whole) > 1 and not _is_object(data, target):
            yield where, "is not an object, so nothing selects it; write a list of types instead"


def _is_object(data: dict[str, Json], schema: dict[str, Json]) -> bool:
    if "allOf" in schema:
        return all(
            _is_object(data, target)
            for part in schema["allOf"]
            for target in [follow(data, part, "")[0]]
            if isinstance(target, dict) and _DESCRIBES & target.keys()
        )
    return _types(schema) == ["object"]


def _mapping(
    data: dict[str, Json], schema: dict[str, Json], location: str, keyword: str
) -> Problems:
    """Yield where the mapping of a discriminator and the `const` of the branches disagree."""
    discriminator = schema["discriminator"]
    if not (isinstance(discriminator, dict) and isinstance(discriminator.get("propertyName"), str)):
        yield join(location, "discriminator"), "has no propertyName; write one"
        return
    mapping = discriminator.get("mapping", {})
    where = join(location, "discriminator", "mapping")
    if not (isinstance(mapping, dict) and all(isinstance(each, str) for each in mapping.values())):
        yield where, "is not a mapping of text to references; write `<tag>: <reference>`"
        return
    tags = {}
    for index, branch in enumerate(schema[keyword]):
        target, place = follow(data, branch, join(location, keyword, index))
        tag = _tag(data, target, discriminator["propertyName"], place)
        if isinstance(tag, str):
            tags[tag] = branch.get("$ref", "")
    for name, target in mapping.items():
        reference = target if str(target).startswith("#") else f"#/components/schemas/{target}"
        if name not in tags:
            near = get_close_matches(name, tags, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(tags)}"
            yield join(where, name), f"{shorten(name)!r} is not the const of any branch; {hint}"
        elif reference != tags[name]:
            yield join(where, name), f"leads to {shorten(target)}; expected {tags[name]}"
    for tag, reference in tags.items():
        if tag not in mapping and reference.rpartition("/")[2] != tag and reference:
            yield (
                where if mapping else join(location, "discriminator"),
                f"the mapping has no {shorten(tag)!r}; add it with {reference!r}",
            )


def _tag(data: dict[str, Json], schema: Json, name: str, location: str) -> Json:
    """Return the const of the property `name`, wherever an `allOf` states it."""
    if not isinstance(schema, dict):
        return None
    own, _ = follow(data, schema.get("properties", {}).get(name, {}), location)
    if isinstance(own, dict) and "const" in own:
        return own["const"]
    for index, part in enumerate(schema.get("allOf", ())):
        target, place = follow(data, part, join(location, "allOf", index))
        if place != location and (tag := _tag(data, target, name, place)) is not None:
            return tag
    return None


def _documented(data: dict[str, Json], schema: dict[str, Json], location: str) -> set[str]:
    names = set(schema.get("properties", {}))
    for index, part in enumerate(schema.get("allOf", ())):
        target, where = follow(data, part, join(location, "allOf", index))
        names |= _documented(data, target, where)
    return names


def _values(data: dict[str, Json], schema: dict[str, Json], location: str) -> Problems:
    for where, value in unfit_values(data, schema, location):
        yield where, f"{shorten(value)!r} is not valid under its own schema; fix one of them"


def unfit_values(
    data: dict[str, Json], schema: dict[str, Json], location: str
) -> Iterator[tuple[str, Json]]:
    """Yield each default, example and enum member that the schema itself refuses."""
    values = [(join(location, key), schema[key]) for key in ("default", "example") if key in schema]
    for key in ("examples", "enum"):
        values += [
            (join(location, key, index), value) for index, value in enumerate(schema.get(key, ()))
        ]
    if "const" in schema:
        values.append((join(location, "const"), schema["const"]))
    if not values:
        return
    try:
        validator = jsonschema_rs.Draft202012Validator(
            {**data, "$ref": f"#{location}"} if _SCHEMAS & schema.keys() else schema,
            formats=dict(formats.CHECKS),
            validate_formats=True,
        )
        wrong = [(where, value) for where, value in values if not validator.is_valid(value)]
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, DocumentError):
        return  # what is wrong in it is reported where it is
    yield from wrong


_SCHEMAS = frozenset({"allOf", "anyOf", "items", "oneOf", "properties"})
