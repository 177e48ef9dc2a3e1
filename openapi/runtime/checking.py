"""Check a JSON value exactly by the types of a model: the slow path of decoding.

It accepts what JSON Schema accepts (`1.0` is an integer), reports the first broken rule with its
location, and collects the properties that the contract does not know.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from types import NoneType
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from msgspec import inspect

from .errors import ContractViolationError
from .types import UNSET, Json

Plan: TypeAlias = inspect.Type
"""A type as msgspec describes it."""

_JSON_TYPES: Mapping[type[Plan], str] = {
    inspect.StrType: "string",
    inspect.LiteralType: "string",
    inspect.EnumType: "string",
    inspect.UUIDType: "string",
    inspect.DateTimeType: "string",
    inspect.IntType: "integer",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
    inspect.VarTupleType: "array",
    inspect.DictType: "object",
    inspect.DataclassType: "object",
    inspect.CustomType: "object",
    inspect.AnyType: "any",
}
_CLASSES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "array": (list, tuple),
    "object": Mapping,
    "null": NoneType,
    "any": object,
}
_plan_of = cache(inspect.type_info)


class Checker:
    """A walk through a JSON value.

    Attributes:
        strict: Whether an unknown property, enum member or variant is an error.
        unknown: The unknown properties found, by JSON pointer.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.unknown: dict[str, Json] = {}

    def check(self, hint: Any, value: Any) -> Any:
        """Return a JSON value as an attribute of type `hint` has it.

        Raises:
            ContractViolationError: The value breaks a rule.
        """
        return self._check(_plan_of(hint), value, "")

    def _check(self, whole: Plan, value: Any, at: str) -> Any:
        if self.strict:
            _check_portable(value, at)
        types: list[str] = []
        for plan, extra in _alternatives(whole, {}):
            types.append(_JSON_TYPES[type(plan)])
            if is_a(value, types[-1]):
                self._check_rules(plan, extra, value, at)
                return self._converted(plan, value, at)
        expected = tuple(each for each in types if each != "null") or ("null",)
        raise ContractViolationError(at, "type", expected if expected[1:] else expected[0], value)

    def _check_rules(self, plan: Plan, extra: Mapping[str, Any], value: Any, at: str) -> None:
        for keyword, expected in (*_bounds(plan), *extra.items()):
            if keyword in _RULES and (self.strict or keyword != "enum"):
                json_type, holds = _RULES[keyword]
                if is_a(value, json_type) and not holds(value, expected):
                    raise ContractViolationError(at, keyword, expected, value)

    def _converted(self, plan: Any, value: Any, at: str) -> Any:
        match plan:
            case inspect.VarTupleType(item_type=item):
                return tuple(self._check(item, each, f"{at}/{i}") for i, each in enumerate(value))
            case inspect.LiteralType(values=(const,)) if value != const:
                raise ContractViolationError(at, "const", const, value)
            case inspect.EnumType(cls=enum):
                if self.strict and value not in list(enum):
                    raise ContractViolationError(at, "enum", tuple(enum), value)
                return enum(value)
            case inspect.DataclassType(cls=kind):
                return self._model(kind, value, at, fields_of(kind))
            case inspect.CustomType():
                return self._union(plan.cls, value, at)
            case inspect.IntType():
                return int(value)
            case inspect.UUIDType() | inspect.DateTimeType():
                name, read = _FORMATS[type(plan)]
                try:
                    return read(value)
                except (ValueError, OverflowError, msgspec.ValidationError):
                    raise ContractViolationError(at, "format", name, value) from None
            case _:
                return value

    def _model(self, kind: Any, data: Mapping[str, Any], at: str, known: Container[str]) -> Any:
        instance = kind.__new__(kind)
        for name, field in fields_of(kind).items():
            value: Any = UNSET
            if name in data:
                value = self._check(field.type, data[name], join(at, name))
            elif field.required:
                raise ContractViolationError(at, "required", name, data)
            object.__setattr__(instance, field.name, value)
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
            key = self._check(_plan_of(str), data[tag], join(at, tag))
        else:
            raise ContractViolationError(at, "required", tag, data)
        if key in union.branches:
            kinds = union.branches.values()
            known = {name for kind in kinds for name in fields_of(kind)}
            return self._model(union.branches[key], data, at, known)
        if self.strict:
            raise ContractViolationError(join(at, str(tag)), "enum", tuple(union.branches), key)
        return self._model(union.other, data, at, fields_of(union.other))


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
    plans = _alternatives(fields_of(kind)[name].type, {})
    return any(is_a(value, _JSON_TYPES[type(plan)]) for plan, _ in plans)


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


@cache
def fields_of(kind: Any) -> Mapping[str, inspect.Field]:
    """Return the attributes of a model by their names in JSON."""
    plan: Any = _plan_of(kind)
    fields = {field.name: field for field in plan.fields}
    ordered = [fields[each.name] for each in kind.__attrs_attrs__ if each.name != "_unknown"]
    return {_extra(field.type).get("name", field.name): field for field in ordered}


def _extra(plan: Any) -> Mapping[str, Any]:
    return getattr(plan, "extra", None) or {}


def _alternatives(plan: Any, extra: Mapping[str, Any]) -> Iterator[tuple[Plan, Mapping[str, Any]]]:
    """Yield the types that a value may have, with the rules that msgspec does not know."""
    if isinstance(plan, inspect.UnionType):
        for each in plan.types:
            yield from _alternatives(each, extra)
    elif isinstance(plan, inspect.Metadata):
        yield from _alternatives(plan.type, {**extra, **_extra(plan)})
    else:
        yield plan, extra


def _bounds(plan: Plan) -> Iterator[tuple[str, Any]]:
    """Yield the rules that msgspec knows, as keywords."""
    for name in plan.__struct_fields__:
        keyword, expected = _KEYWORDS.get(name), getattr(plan, name)
        if keyword is not None and expected is not None:
            is_array = isinstance(plan, inspect.VarTupleType)
            yield keyword.replace("Length", "Items") if is_array else keyword, expected


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


_KEYWORDS: Mapping[str, str] = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
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


_FORMATS: Mapping[type[Plan], tuple[str, Callable[[str], Any]]] = {
    inspect.UUIDType: ("uuid", _uuid),
    inspect.DateTimeType: ("date-time", _datetime),
}
