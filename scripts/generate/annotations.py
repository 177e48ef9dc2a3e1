"""The Python annotation of a schema, as source text. No I/O."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import frozen
from openapi_python_client.strings import ClassName

from contract_tests.spec.document import DocumentError
from contract_tests.spec.patterns import PatternError, to_python
from contract_tests.spec.values import join
from scripts.generate.literals import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.schema import Schema

COMPONENTS = "/components/schemas/"
PREFIX = "field_"
# Every name that an annotation may use, other than classes.
NAMES = frozenset(
    {
        *("Annotated", "Json", "Literal", "Mapping", "Meta", "UNSET", "UUID", "Unset"),
        *("bool", "datetime", "float", "int", "str", "tuple"),
    }
)
_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "Mapping[str, Json]",
    "array": "tuple[Json, ...]",
}
_FORMATS = {"uuid": "UUID", "date-time": "datetime"}
_META = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "pattern": "pattern",
}
_BITS = 2**63


@frozen
class Annotation:
    """An annotation.

    Attributes:
        source: Its source text.
        is_direct: Whether msgspec checks every rule in it.
        nullable: Whether null is allowed, which `source` does not include.
    """

    source: str
    is_direct: bool = True
    nullable: bool = False

    @property
    def whole(self) -> str:
        """The annotation with None, where null is allowed."""
        return f"{self.source} | None" if self.nullable else self.source


def class_name(name: str) -> str:
    """Return the class of the component `name`, as the generator names it."""
    return str(ClassName(name, PREFIX))


def form_of(schema: Schema) -> str:
    """Return `union`, `model` or `enum` for a schema that is a class, else an empty string."""
    if schema.branches:
        return "union"
    if schema.properties:
        return "model"
    members = [member for member in schema.assertions.get("enum", ()) if member is not None]
    is_enum = members and _kinds(schema) == ("string",)
    return "enum" if is_enum and all(isinstance(member, str) for member in members) else ""


def _kinds(schema: Schema) -> tuple[str, ...]:
    return tuple(kind for kind in schema.types if kind != "null")


def annotate(schema: Schema) -> Annotation:
    """Return the annotation of a schema.

    Raises:
        DocumentError: It has an invalid type or pattern.
    """
    kinds = _kinds(schema)
    nullable = "null" in schema.types and bool(kinds or schema.branches)
    if form_of(schema):
        return Annotation(class_name(schema.name), nullable=nullable)
    if not schema.types:
        return _with_rules("Json", schema.assertions, schema, "", nullable=False)
    if not kinds:
        return Annotation("None")
    if unknown := [kind for kind in kinds if kind not in _TYPES]:
        raise DocumentError(f"{schema.location}/type: invalid type {unknown[0]!r} in the contract")
    if kinds == ("array",) and schema.items is not None:
        item = annotate(schema.items)
        made = _with_rules(
            f"tuple[{item.whole}, ...]", schema.assertions, schema, "array", nullable=nullable
        )
        return Annotation(made.source, made.is_direct and item.is_direct, nullable)
    if len(kinds) == 1 and isinstance(schema.assertions.get("const"), str):
        rules = {key: value for key, value in schema.assertions.items() if key != "const"}
        source = f"Literal[{literal(schema.assertions['const'])}]"
        return _with_rules(source, rules, schema, "", nullable=nullable)
    if len(kinds) == 1 and schema.assertions.get("format") in _FORMATS:
        source = _FORMATS[schema.assertions["format"]]
        if source == "datetime":
            source = "Annotated[datetime, Meta(tz=True)]"
        return _with_rules(source, schema.assertions, schema, "", nullable=nullable)
    parts = [
        _with_rules(_TYPES[kind], schema.assertions, schema, kind, nullable=False)
        for kind in kinds
        if not (kind == "integer" and "number" in kinds)
    ]
    source = " | ".join(part.source for part in parts)
    return Annotation(source, all(part.is_direct for part in parts), nullable)


def is_number(schema: Schema) -> bool:
    """Return whether ids are numbers alone; of the type number only integers are."""
    return bool(schema.types) and set(schema.types) <= {"integer", "number", "null"}


def annotate_id(schema: Schema) -> str:
    """Return the type of an id, as source text: a UUID, or an integer or text with its rules."""
    if schema.assertions.get("format") == "uuid":
        return "UUID"
    kind = "integer" if is_number(schema) else "string"
    return _with_rules(_TYPES[kind], schema.assertions, schema, kind, nullable=False).source


def _with_rules(
    source: str, rules: Mapping[str, Any], schema: Schema, kind: str, *, nullable: bool
) -> Annotation:
    """Add the rules for the JSON type `kind`; without a type, the slow path checks all."""
    applicable = {"integer": "number"}.get(kind, kind)
    meta: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for keyword, value in rules.items():
        expected = _in_python(schema, value) if keyword == "pattern" else value
        if keyword == "enum":
            extra[keyword] = tuple(value)
        elif keyword == "format" or (keyword == "uniqueItems" and value is not True):
            continue
        elif keyword not in _META or not kind:
            extra[keyword] = expected
        elif _applies_to(keyword) == applicable:
            if _fits(keyword, expected, kind):
                whole = kind == "integer" or applicable in {"array", "string"}
                meta[_META[keyword]] = int(expected) if whole and keyword != "pattern" else expected
            else:
                extra[keyword] = expected
    is_direct = not extra.keys() - {"enum"}
    if not all(isinstance(each, str) for each in (extra.get("const", ""), *extra.get("enum", ()))):
        # `typing` takes annotations that are equal for one, and in Python `[0]` equals `[False]`.
        extra["json"] = json.dumps([extra.get("const"), extra.get("enum")])
    if extra:
        # msgspec states no type where every value is allowed, and none for a `Literal`.
        meta["extra_json_schema"] = {"type": "any", **extra} if source == "Json" else extra
    if meta:
        arguments = ", ".join(f"{name}={literal(value)}" for name, value in meta.items())
        source = f"Annotated[{source}, Meta({arguments})]"
    return Annotation(source, is_direct, nullable)


def _applies_to(keyword: str) -> str:
    if keyword.endswith("Items"):
        return "array"
    return "string" if keyword.endswith("Length") or keyword == "pattern" else "number"


def _fits(keyword: str, expected: Any, kind: str) -> bool:
    """Return whether msgspec supports the rule for this type: 64 bits, integers for integers."""
    if kind == "integer":
        return bool(expected == int(expected) and abs(expected) < _BITS)
    return kind != "number" or keyword != "multipleOf"


def _in_python(schema: Schema, pattern: str) -> str:
    try:
        return to_python(pattern)
    except PatternError as error:
        raise DocumentError(f"{join(schema.location, 'pattern')}: the pattern {error}") from error
