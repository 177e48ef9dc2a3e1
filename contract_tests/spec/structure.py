"""Check that a document is OpenAPI 3.1 and its schemas JSON Schema, by the published schemas.

What these find is about the form of the document. `lint` finds what is well formed and wrong.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs

from contract_tests.spec.keywords import TYPES
from contract_tests.spec.references import is_followed, mapping_of
from contract_tests.spec.values import Json, join, kind_of, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

_METASCHEMA = "https://json-schema.org/draft/2020-12/schema"
_SCHEMA_FILE = "resources/schemas/v3.1/schema.json"
# The keywords whose value is one schema, a list of schemas, or a mapping to schemas.
_ONE = frozenset({"additionalProperties", "contains", "else", "if", "items", "not"}) | {
    *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
}
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPPINGS = frozenset({"$defs", "dependentSchemas", "patternProperties", "properties"})


def check_structure(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield the location and a sentence for each part that is not OpenAPI 3.1."""
    for error in _openapi().iter_errors(data):
        location = join("", *error.instance_path)
        yield from _describe(location, error)


def schemas_of(
    node: Json, location: str = "", mapping: str | None = None
) -> Iterator[tuple[str, Json]]:
    """Yield each outermost schema of a document, with its location."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from schemas_of(item, join(location, index))
    elif isinstance(node, dict):
        for key, value in node.items():
            where = join(location, key)
            if mapping == "schemas" or (key == "schema" and mapping is None):
                yield where, value
            elif is_followed(key, mapping):
                yield from schemas_of(value, where, mapping_of(key, mapping))


def inner_schemas(schema: Json, location: str) -> Iterator[tuple[str, Json]]:
    """Yield a schema and every schema in it, with its location; references are not followed."""
    yield location, schema
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        where = join(location, key)
        if key in _ONE and isinstance(value, dict):
            yield from inner_schemas(value, where)
        elif key in _LISTS:
            for index, item in enumerate(value):
                yield from inner_schemas(item, join(where, index))
        elif key in _MAPPINGS:
            for name, item in value.items():
                yield from inner_schemas(item, join(where, name))


def check_schema(schema: Json, location: str) -> Iterator[tuple[str, str]]:
    """Yield the location and a sentence for each part of `schema` that is not JSON Schema."""
    for error in _json_schema().iter_errors(schema):
        where = join(location, *error.instance_path)
        yield from _describe(where, error)


@cache
def _openapi() -> jsonschema_rs.Draft202012Validator:
    spec = find_spec("openapi_spec_validator")  # found, not imported: that takes a second
    assert spec is not None
    assert spec.submodule_search_locations is not None
    text = Path(spec.submodule_search_locations[0], _SCHEMA_FILE).read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))


@cache
def _json_schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": _METASCHEMA}, validate_formats=False)


def _describe(location: str, error: jsonschema_rs.ValidationError) -> Iterator[tuple[str, str]]:
    """Yield what is wrong and what to write, in our words; the engine's own as a last resort."""
    kind, seen = error.kind, error.instance
    if kind.name in {"unevaluatedProperties", "additionalProperties"}:
        for name in kind.value:
            yield join(location, name), f"unknown field {name!r}; remove it or fix its name"
    elif kind.name == "required":
        yield location, f"missing field {kind.value!r}; add it"
    elif kind.name == "type":
        expected = kind.value if isinstance(kind.value, (list, tuple)) else [kind.value]
        yield location, f"is {kind_of(seen)}; expected {' or '.join(map(str, expected))}"
    elif kind.name == "enum":
        yield location, f"is {shorten(seen)!r}; expected one of {', '.join(map(str, kind.value))}"
    elif kind.name == "uniqueItems":
        yield location, "has an entry twice; keep one"
    elif kind.name == "anyOf" and location.endswith("/type"):
        yield location, _wrong_type(seen)
    else:
        yield location, " ".join(f"{error.message}; fix it".split())


def _wrong_type(seen: Json) -> str:
    for name in seen if isinstance(seen, list) else [seen]:
        if name not in TYPES:
            near = get_close_matches(str(name), TYPES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(TYPES)}"
            return f"unknown type {shorten(name)!r}; {hint}"
    return "has a type twice; keep one" if seen else "is empty; write at least one type"
