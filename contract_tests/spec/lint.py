"""What makes a contract blind: faults that no linter of the field flags.

A misspelled keyword is an annotation to a validator, a response without content is never judged,
a constraint beside the wrong type is silent for ever. Each of them turns a check off without a
word, so each is a fault here. Dangling references, cycles and unions whose branches nothing tells
apart are refused by `contract.resolve` already. Must never know what a property of the job is
called.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import jsonschema_rs

from contract_tests.spec import formats
from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import ASSERTIONS, EVERY
from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, join, kind_of, shorten, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.spec.contract import Contract

_APPLICATORS = frozenset({"$ref", "allOf", "items", "oneOf", "properties", "required", "type"})
_ANNOTATIONS = frozenset({"default", "description", "discriminator", "examples", "readOnly"})
_KEYWORDS = _APPLICATORS | _ANNOTATIONS | ASSERTIONS.keys()
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
# What says what an instance is, so that something else may be left out.
_SAYS_WHAT = frozenset({"$ref", "allOf", "const", "enum", "oneOf", "type"})


def faults(contract: Contract) -> list[str]:
    """Everything that would blind a check, one sentence each: where, what, and what to do."""
    data = contract.document.data
    return [
        f"{contract.document.name}:{contract.document.line(location)}: {location}: {sentence}"
        for location, sentence in (*_of_responses(contract), *_of_schemas(data, data, ""))
    ]


def _of_responses(contract: Contract) -> Iterator[tuple[str, str]]:
    where = join("/paths", contract.path, "get", "responses")
    for status, response in contract.responses.items():
        if not response.content:
            yield join(where, status), "no content, so its body is never judged; say what it holds"


def _of_schemas(data: Json, node: Json, location: str) -> Iterator[tuple[str, str]]:
    """The faults of every schema below `node`, which is none itself."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        where = join(location, key)
        if key == "schema" or split(location) == ["components", "schemas"]:
            yield from _of_schema(data, value, where)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from _of_schemas(data, item, join(where, index))
        else:
            yield from _of_schemas(data, value, where)


def _of_schema(data: Json, schema: Json, location: str) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, dict):
        yield location, f"is {kind_of(schema)}; expected a schema object"
        return
    try:
        follow(data, schema, location)
    except DocumentError as error:
        yield location, str(error).partition(": ")[2]
        return
    yield from _of_keywords(schema, location)
    yield from _of_constraints(schema, location)
    if not _SAYS_WHAT & schema.keys():
        yield location, "says nothing about the type, so it allows everything; say `type`"
    for name in schema.get("required", ()):
        if name not in _documented(data, schema, location):
            yield (
                join(location, "required"),
                f"names {name!r}, which is no property; add or mend it",
            )
    for name, inner in schema.get("properties", {}).items():
        yield from _of_schema(data, inner, join(location, "properties", name))
    for keyword in ("allOf", "oneOf"):
        for index, inner in enumerate(schema.get(keyword, ())):
            yield from _of_schema(data, inner, join(location, keyword, index))
    if "items" in schema:
        yield from _of_schema(data, schema["items"], join(location, "items"))


def _of_keywords(schema: dict[str, Json], location: str) -> Iterator[tuple[str, str]]:
    for keyword in schema:
        if keyword not in _KEYWORDS and not keyword.startswith("x-"):
            near = get_close_matches(keyword, _KEYWORDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "remove it, or teach it to the oracle"
            yield join(location, keyword), f"the keyword {keyword!r} is unknown; {hint}"
    for name in _types(schema):
        if name not in _TYPES:
            yield join(location, "type"), f"the type {name!r} is unknown; say one of JSON Schema's"
    name = schema.get("format", "uuid")
    if name not in formats.KNOWN:
        known = ", ".join(sorted(formats.KNOWN))
        yield (
            join(location, "format"),
            f"the format {name!r} is asserted by nobody; say one of {known}",
        )


def _of_constraints(schema: dict[str, Json], location: str) -> Iterator[tuple[str, str]]:
    types = _types(schema)
    for keyword, about in ((key, each.types) for key, each in ASSERTIONS.items()):
        if keyword not in schema:
            continue
        where = join(location, keyword)
        if "$ref" in schema:
            yield where, "stands beside a $ref, where the generator loses it; say it inline"
        elif about != EVERY and types and not about & set(types):
            yield where, f"says nothing about {' or '.join(types)}; mend the type or remove it"
    if not jsonschema_rs.meta.is_valid(schema):
        return  # the specification's own validator says more about it
    judging = {key: value for key, value in schema.items() if key in ASSERTIONS or key == "type"}
    values = {"default": [schema["default"]] if "default" in schema else []}
    values |= {key: schema.get(key, []) for key in ("examples", "enum")}
    for keyword, instances in values.items():
        for instance in instances:
            if not jsonschema_rs.is_valid(judging, instance):
                sentence = f"{shorten(instance)!r} does not fit the schema that it stands in"
                yield join(location, keyword), f"{sentence}; mend one of them"


def _types(schema: dict[str, Json]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _documented(data: Json, schema: dict[str, Json], location: str) -> set[str]:
    names = set(schema.get("properties", {}))
    for index, part in enumerate(schema.get("allOf", ())):
        target, where = follow(data, part, join(location, "allOf", index))
        names |= _documented(data, target, where)
    return names
