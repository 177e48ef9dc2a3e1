"""Check a JSON value exactly: the slow path of decoding.

The value is checked against the JSON Schema that msgspec derives from the models. What JSON Schema
accepts is accepted (`1.0` is an integer), the first broken rule is reported with its location, and
the properties that the contract does not know are collected.
"""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from types import NoneType
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from .errors import ContractViolationError
from .types import UNSET, Json

Schema: TypeAlias = dict[str, Any]


class Checker:
    """A walk through a JSON value.

    Attributes:
        strict: Whether an unknown property, enum member or variant is an error.
        unknown: The unknown properties found, by JSON pointer.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.unknown: dict[str, Json] = {}

    def check(self, kind: Any, value: Any) -> Any:
        """Return a JSON value as an instance of `kind`, a model, a union or the type of an id.

        Raises:
            ContractViolationError: The value breaks a rule.
        """
        return self._check(schema_of(kind), value, "")

    def _check(self, whole: Schema, value: Any, at: str) -> Any:
        if self.strict:
            _check_portable(value, at)
        alternatives = _alternatives(whole)
        for json_type, schema in alternatives:
            if is_a(value, json_type):
                self._check_rules(schema, value, at)
                return self._converted(json_type, schema, value, at)
        expected = tuple(each for each, _ in alternatives if each != "null") or ("null",)
        raise ContractViolationError(at, "type", expected if expected[1:] else expected[0], value)

    def _check_rules(self, schema: Schema, value: Any, at: str) -> None:
        for keyword, expected in schema.items():
            if keyword in _RULES and (self.strict or keyword != "enum"):
                json_type, holds = _RULES[keyword]
                if is_a(value, json_type) and not holds(value, expected):
                    raise ContractViolationError(at, keyword, expected, value)

    def _converted(self, json_type: str, schema: Schema, value: Any, at: str) -> Any:
        if json_type == "integer":
            return int(value)
        if json_type == "number":
            if abs(value) > sys.float_info.max:
                raise ContractViolationError(at, "non-finite-number", "a finite number", value)
            return float(value)
        if json_type == "array":
            item: Schema = schema.get("items", {})
            return tuple(self._check(item, each, f"{at}/{i}") for i, each in enumerate(value))
        if "union" in schema:
            return self._union(schema["union"], value, at)
        if "properties" in schema:
            return self._model(schema, value, at, schema["properties"])
        if "format" in schema:
            try:
                return _FORMATS[schema["format"]](value)
            except (ValueError, OverflowError, msgspec.ValidationError):
                raise ContractViolationError(at, "format", schema["format"], value) from None
        return schema["class"](value) if "class" in schema else value

    def _model(self, schema: Schema, data: Any, at: str, known: Container[str]) -> Any:
        instance = schema["class"].__new__(schema["class"])
        for name, inner in schema["properties"].items():
            value: Any = UNSET
            if name in data:
                value = self._check(inner, data[name], join(at, name))
            elif inner["attribute"] in schema["required"]:
                raise ContractViolationError(at, "required", name, data)
            object.__setattr__(instance, inner["attribute"], value)
        for name in data:
            if name not in known:
                where = join(at, name)
                if self.strict:
                    raise ContractViolationError(where, "additionalProperties", False, data[name])  # noqa: FBT003
                self.unknown[where] = data[name]
        return instance

    def _union(self, union: Any, data: Mapping[str, Any], at: str) -> Any:
        """Return the model that an object selects, without trying one after another."""
        tag: Any = union.tag
        if tag is None:
            key = _distinguishing(union.branches, data, at)
        elif tag in data:
            key = self._check(schema_of(str), data[tag], join(at, tag))
        else:
            raise ContractViolationError(at, "required", tag, data)
        if self.strict and key not in union.branches:
            raise ContractViolationError(join(at, str(tag)), "enum", tuple(union.branches), key)
        kind = union.branches.get(key, union.other)
        kinds = union.branches.values() if key in union.branches else (kind,)
        known = {name for each in kinds for name in schema_of(each)["properties"]}
        return self._model(schema_of(kind), data, at, known)


def _distinguishing(branches: Mapping[str, Any], data: Mapping[str, Any], at: str) -> str:
    """Return the property that selects the branch: the one that is present and not null."""
    present = [name for name in branches if data.get(name) is not None]
    if len(present) > 1:
        typed = [name for name in present if _is_typed(branches[name], name, data[name])]
        present = typed if len(typed) == 1 else present
    elif not present:
        present = [name for name in branches if name in data]
        if len(present) != 1:
            raise ContractViolationError(at, "required", tuple(branches), data)
    if len(present) > 1:
        raise ContractViolationError(at, "oneOf", tuple(branches), data)
    return present[0]


def _is_typed(kind: type, name: str, value: object) -> bool:
    whole = schema_of(kind)["properties"][name]
    return any(is_a(value, json_type) for json_type, _ in _alternatives(whole))


@cache
def schema_of(kind: Any) -> Schema:
    """Return the JSON Schema of a type.

    References are resolved. A model or an enum has its `class`, a property its name in JSON and its
    `attribute`.
    """
    (schema,), models = msgspec.json.schema_components(
        [kind], schema_hook=lambda union: {"type": "object", "union": union}, ref_template="{name}"
    )
    for name, model in models.items():
        model["class"] = getattr(sys.modules[kind.__module__], name)
        if "properties" in model:
            model["properties"].pop("_unknown", None)
            for attribute, each in model["properties"].items():
                each["attribute"] = attribute
            properties = model["properties"].values()
            model["properties"] = {each.get("name", each["attribute"]): each for each in properties}
        _complete(model, models)
    _complete(schema, models)
    return schema.get("$ref", schema)  # type: ignore[no-any-return]


def _complete(schema: Schema, models: Mapping[str, Schema]) -> None:
    if "$ref" in schema:
        schema["$ref"] = models[schema["$ref"]]
        return
    if schema.keys() & {"enum", "title", "type"} == {"enum"}:  # of a `Literal`
        (schema["const"],) = schema.pop("enum")
    if schema.keys() & {"enum", "const"}:
        schema.setdefault("type", "string")
    items = [schema["items"]] if "items" in schema else []
    for inner in (*items, *schema.get("anyOf", ()), *schema.get("properties", {}).values()):
        _complete(inner, models)


def _alternatives(schema: Schema) -> list[tuple[str, Schema]]:
    """Return the JSON types that a value may have, each with its schema."""
    schemas = [each.get("$ref", each) for each in schema.get("anyOf", (schema,))]
    return [(each.get("type", "any"), each) for each in schemas]


def _check_portable(value: object, at: str) -> None:
    """Refuse values that many JSON parsers refuse or change."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ContractViolationError(at, "integer-range", "an integer of 64 bits", value)
    if isinstance(value, str) and _SURROGATE.search(value):
        raise ContractViolationError(at, "surrogate", "whole surrogate pairs", value)


def join(at: str, token: str) -> str:
    """Return the JSON pointer of the property `token` of the object at `at`."""
    return f"{at}/{token.replace('~', '~0').replace('/', '~1')}"


def is_a(value: object, json_type: str) -> bool:
    """Whether `value` is of the JSON type."""
    if json_type in _CLASSES:
        return isinstance(value, _CLASSES[json_type])
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return json_type == "number" or isinstance(value, int) or value.is_integer()


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal in JSON Schema: `1` is `1.0`, but true is not `1`."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_a(one, "object") and is_a(other, "object"):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if is_a(one, "array") and is_a(other, "array"):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _has_no_repeats(values: Sequence[Any], _: object) -> bool:
    return not any(same(one, other) for i, one in enumerate(values) for other in values[:i])


def _is_multiple(value: float, of: float) -> bool:
    from fractions import Fraction  # noqa: PLC0415 - slow to import, seldom needed

    return Fraction(str(value)) % Fraction(str(of)) == 0


_CLASSES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "array": (list, tuple),
    "object": Mapping,
    "null": NoneType,
    "any": object,
}
# Keyword: the JSON type that it applies to, and whether it holds.
_RULES: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": ("number", operator.ge),
    "exclusiveMinimum": ("number", operator.gt),
    "maximum": ("number", operator.le),
    "exclusiveMaximum": ("number", operator.lt),
    "multipleOf": ("number", _is_multiple),
    "minLength": ("string", lambda value, bound: len(value) >= bound),
    "maxLength": ("string", lambda value, bound: len(value) <= bound),
    "pattern": ("string", lambda value, pattern: re.search(pattern, value) is not None),
    "minItems": ("array", lambda value, bound: len(value) >= bound),
    "maxItems": ("array", lambda value, bound: len(value) <= bound),
    "uniqueItems": ("array", _has_no_repeats),
    "const": ("any", same),
    "enum": ("any", lambda value, members: any(same(value, each) for each in members)),
}
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:)([0-5][0-9]|60)"
    r"(\.[0-9]+)?([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def _uuid(text: str) -> UUID:
    if not _UUID.fullmatch(text):
        raise ValueError(text)
    return UUID(text)


def _datetime(text: str) -> datetime:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    start, second, _, zone = match.groups("")
    if second != "60":
        return msgspec.convert(text, datetime)
    last = msgspec.convert(f"{start}59{zone}", datetime)  # the leap second is the second after it
    utc = last.replace(tzinfo=None) - (last.utcoffset() or timedelta())
    if (utc.hour, utc.minute) != (23, 59):
        raise ValueError(text)
    return last + timedelta(seconds=1)


_FORMATS: Mapping[str, Callable[[str], Any]] = {"uuid": _uuid, "date-time": _datetime}
