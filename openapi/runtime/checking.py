"""Check a JSON value exactly by the types of a model: the slow path of decoding.

It accepts what JSON Schema accepts (`1.0` is an integer), reports the first broken rule with its
location, and collects the properties that the contract does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin
from typing import get_type_hints as _get_type_hints
from uuid import UUID

import msgspec

from .errors import ContractViolationError
from .types import Json, OpenEnum, Unset
from .unions import ModelUnion

if TYPE_CHECKING:
    from collections.abc import Iterator

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:)([0-5][0-9]|60)"
    r"(\.[0-9]+)?([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_JSON_TYPES: Mapping[Any, str] = {
    str: "string",
    UUID: "string",
    datetime: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    tuple: "array",
    Mapping: "object",
    NoneType: "null",
    Any: "any",
}
_CLASSES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "array": (list, tuple),
    "object": Mapping,
    "null": NoneType,
    "any": object,
}


class Property(NamedTuple):
    """A property of a model: its attribute, its name in JSON, its type."""

    attribute: str
    name: str
    type: Any
    required: bool


class Alternative(NamedTuple):
    """One of the types that a value may have, with its rules by keyword."""

    type: Any
    json_type: str
    rules: Mapping[str, Any]


@cache
def properties_of(kind: Any) -> tuple[Property, ...]:
    """The properties of a model, in the order of its attributes."""
    hints = _get_type_hints(kind, include_extras=True)
    found: list[Property] = []
    for field in kind.__attrs_attrs__:
        if not field.name.startswith("_"):
            hint = hints[field.name]
            name = _extra(hint).get("name", field.name)
            found.append(Property(field.name, name, hint, field.default is not msgspec.UNSET))
    return tuple(found)


class Checker:
    """A walk through a JSON value.

    Attributes:
        strict: Whether an unknown property, enum member or variant is an error.
        unknown: The unknown properties found, by JSON pointer.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.unknown: dict[str, Json] = {}

    def check(self, hint: Any, value: Any, at: str = "") -> Any:
        """Return the value of an attribute of type `hint`.

        Args:
            hint: The type.
            value: A JSON value, or a value that such an attribute may already have.
            at: The location of the value, a JSON pointer.

        Raises:
            ContractViolationError: The value breaks a rule.
        """
        alternatives = _alternatives_of(hint)
        if self.strict:
            _check_portable(value, at)
        for alternative in alternatives:
            if _fits(value, alternative):
                for keyword, expected in alternative.rules.items():
                    self._check_rule(keyword, expected, value, at)
                return self._convert(alternative.type, value, at)
        types = tuple(item.json_type for item in alternatives if item.json_type != "null")
        expected = types if len(types) > 1 else (types or ("null",))[0]
        raise ContractViolationError(at, "type", expected, value)

    def _check_rule(self, keyword: str, expected: Any, value: Any, at: str) -> None:
        if keyword not in _RULES or (keyword == "enum" and not self.strict):
            return
        types, holds = _RULES[keyword]
        if any(is_a(value, kind) for kind in types) and not holds(value, expected):
            raise ContractViolationError(at, keyword, expected, value)

    def _convert(self, kind: Any, value: Any, at: str) -> Any:
        if get_origin(kind) is tuple:
            item = get_args(kind)[0] or NoneType  # of `tuple[None, ...]` it is None itself
            return tuple(self.check(item, each, f"{at}/{i}") for i, each in enumerate(value))
        if get_origin(kind) is Literal:
            if value not in get_args(kind):
                raise ContractViolationError(at, "const", get_args(kind)[0], value)
            return str(value)
        if kind is Any or not isinstance(kind, type):
            return value
        if isinstance(value, kind) and kind not in _CONVERT:
            return value
        if isinstance(kind, ModelUnion):
            known = [item.name for each in kind.branches.values() for item in properties_of(each)]
            branch = self._branch(kind, value, at)
            return self.model(branch, value, at, () if branch is kind.other else known)
        if hasattr(kind, "__attrs_attrs__"):
            return self.model(kind, value, at)
        if issubclass(kind, OpenEnum):
            return self._member(kind, value, at)
        try:
            return _CONVERT[kind](value)
        except (ValueError, OverflowError, msgspec.ValidationError):
            raise ContractViolationError(at, "format", _FORMATS[kind], value) from None

    def _member(self, kind: type[OpenEnum], value: str, at: str) -> OpenEnum:
        if self.strict and value not in list(kind):
            raise ContractViolationError(at, "enum", tuple(kind), value)
        return kind(value)

    def model(
        self, kind: Any, data: Mapping[str, Any], at: str = "", known: Sequence[str] = ()
    ) -> Any:
        """Return the instance of the model `kind` for a JSON object.

        Args:
            kind: The model.
            data: The object.
            at: Its location.
            known: Other known properties, from other branches of a union.
        """
        values: dict[str, Any] = {}
        names = set(known)
        for item in properties_of(kind):
            names.add(item.name)
            if item.name in data:
                values[item.attribute] = self.check(item.type, data[item.name], join(at, item.name))
            elif item.required:
                raise ContractViolationError(at, "required", item.name, data)
        for name in data:
            if name not in names:
                if self.strict:
                    where = join(at, name)
                    raise ContractViolationError(where, "additionalProperties", False, data[name])  # noqa: FBT003
                self.unknown[join(at, name)] = data[name]
        instance = kind.__new__(kind)
        for field in kind.__attrs_attrs__:
            object.__setattr__(instance, field.name, values.get(field.name, field.default))
        return instance

    def _branch(self, union: ModelUnion, data: Mapping[str, Any], at: str) -> Any:
        """Return the branch that an object selects, without trying one after another."""
        if union.tag is None:
            return union.branches[self._distinguishing(union.branches, data, at)]
        if union.tag not in data:
            raise ContractViolationError(at, "required", union.tag, data)
        tag = self.check(str, data[union.tag], join(at, union.tag))
        if tag not in union.branches and self.strict:
            raise ContractViolationError(join(at, union.tag), "enum", tuple(union.branches), tag)
        return union.branches.get(tag, union.other)

    def _distinguishing(self, branches: Mapping[str, Any], data: Mapping[str, Any], at: str) -> str:
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


def _fits(value: object, alternative: Alternative) -> bool:
    kind = alternative.type
    is_instance = isinstance(kind, type) and kind not in _PLAIN and isinstance(value, kind)
    return is_instance or is_a(value, alternative.json_type)


def _is_typed(kind: type, name: str, value: object) -> bool:
    (found,) = (item for item in properties_of(kind) if item.name == name)
    return any(_fits(value, alternative) for alternative in _alternatives_of(found.type))


@cache
def _alternatives_of(hint: Any) -> tuple[Alternative, ...]:
    return tuple(_alternatives(hint, {}))


def _alternatives(hint: Any, rules: Mapping[str, Any]) -> Iterator[Alternative]:
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        for item in get_args(hint):
            yield from _alternatives(item, rules)
    elif origin is Annotated:
        base, *metas = get_args(hint)
        for meta in metas:
            rules = {**rules, **_rules(meta, is_array=get_origin(base) is tuple)}
        yield from _alternatives(base, rules)
    elif hint is not Unset:
        yield Alternative(hint, _json_type(hint, origin), rules)


def _json_type(hint: Any, origin: Any) -> str:
    if origin is Literal:
        hint = get_args(hint)[0].__class__
    if isinstance(hint, type) and issubclass(hint, OpenEnum):
        return "string"
    return _JSON_TYPES.get(origin if origin in _JSON_TYPES else hint, "object")


def _rules(meta: msgspec.Meta, *, is_array: bool) -> dict[str, Any]:
    unit = "Items" if is_array else "Length"
    found = {
        "minimum": meta.ge,
        "exclusiveMinimum": meta.gt,
        "maximum": meta.le,
        "exclusiveMaximum": meta.lt,
        "multipleOf": meta.multiple_of,
        "pattern": meta.pattern,
        f"min{unit}": meta.min_length,
        f"max{unit}": meta.max_length,
    }
    return {key: value for key, value in found.items() if value is not None} | (meta.extra or {})


def _extra(hint: Any) -> Mapping[str, Any]:
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return {key: value for meta in metas if meta.extra for key, value in meta.extra.items()}


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


def _is_one_of(value: object, members: Sequence[object]) -> bool:
    return any(same(value, member) for member in members)


def _is_multiple(value: float, of: float) -> bool:
    from fractions import Fraction  # noqa: PLC0415 - slow to import, seldom needed

    return Fraction(str(value)) % Fraction(str(of)) == 0


# Keyword: the JSON types that it applies to, and whether it holds.
_RULES: Mapping[str, tuple[tuple[str, ...], Callable[[Any, Any], bool]]] = {
    "minimum": (("number",), lambda value, bound: value >= bound),
    "exclusiveMinimum": (("number",), lambda value, bound: value > bound),
    "maximum": (("number",), lambda value, bound: value <= bound),
    "exclusiveMaximum": (("number",), lambda value, bound: value < bound),
    "multipleOf": (("number",), _is_multiple),
    "minLength": (("string",), lambda value, bound: len(value) >= bound),
    "maxLength": (("string",), lambda value, bound: len(value) <= bound),
    "pattern": (("string",), lambda value, pattern: re.search(pattern, value) is not None),
    "minItems": (("array",), lambda value, bound: len(value) >= bound),
    "maxItems": (("array",), lambda value, bound: len(value) <= bound),
    "uniqueItems": (("array",), _has_no_repeats),
    "const": (("any",), same),
    "enum": (("any",), _is_one_of),
}


def _as_uuid(value: str | UUID) -> UUID:
    if isinstance(value, UUID):
        return value
    if not _UUID.fullmatch(value):
        raise ValueError(value)
    return UUID(value)


def _as_datetime(value: str | datetime) -> datetime:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(value)
        return value
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        raise ValueError(value)
    start, second, fraction, zone = match.groups("")
    if second != "60":
        return msgspec.convert(value, datetime)
    last = msgspec.convert(f"{start}59{zone}", datetime)  # the leap second is the second after it
    utc = last.replace(tzinfo=None) - (last.utcoffset() or timedelta())
    if (utc.hour, utc.minute) != (23, 59):
        raise ValueError(value + fraction)
    return last + timedelta(seconds=1)


_PLAIN = frozenset({int, float, str, bool, Any})
_CONVERT: Mapping[Any, Callable[[Any], Any]] = {
    UUID: _as_uuid,
    datetime: _as_datetime,
    str: str.__str__,
    int: int,
    float: lambda value: value,
    bool: bool,
}
_FORMATS: Mapping[Any, str] = {UUID: "uuid", datetime: "date-time"}
