"""Models: immutable attrs classes that are decoded from JSON and written as JSON again.

msgspec decodes the bytes directly into the attributes. If it refuses them, or the caller
is strict, `checking` decides what is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, wraps
from types import MappingProxyType, ModuleType
from typing import Any, NoReturn, Self, cast, dataclass_transform
from uuid import UUID

import attrs
import msgspec

from .contract import IS_DIRECT
from .errors import BodyError, ContractViolationError
from .types import UNSET, Json, decoders_for, plan_model


def _checking() -> ModuleType:
    from . import checking  # noqa: PLC0415 - most bodies are decoded without it

    return checking


class _ModelType(type):
    """The type of models: attrs classes whose constructor checks the rules of the contract."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        made: Any = super().__new__(cls, name, bases, namespace)
        if not bases or "__attrs_attrs__" in namespace:
            return made  # attrs makes each class again, with slots
        made = attrs.frozen(kw_only=True, eq=False, repr=False)(made)
        plan_model(made)
        plain = made.__init__

        @wraps(plain)
        def __init__(self: Any, **values: Any) -> None:  # noqa: N807
            plain(self, **values)
            _check_constructed(self, self._unknown)

        made.__init__ = __init__
        return made


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
@attrs.frozen(kw_only=True, eq=False, repr=False)
class Model(metaclass=_ModelType):
    """A JSON object that follows the contract.

    Instances are immutable; `attrs.evolve` creates changed copies. A decoded instance keeps its
    JSON: `to_dict` and `to_json` return it as it was received, with unknown properties.
    """

    # The decoded JSON and its type; None for a part of another instance.
    _unknown: tuple[bytes, Any] | None = attrs.field(default=None, alias="unknown_properties")

    @property
    def unknown_properties(self) -> Mapping[str, Json]:
        """The properties that the contract does not know, by JSON pointer.

        They belong to the decoded object; the objects inside it have none of their own.
        """
        checker = _checking().Checker(strict=False)
        if self._unknown is not None:
            checker.check(self._unknown[1], parse_json(self._unknown[0]))
        return MappingProxyType(checker.unknown)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Decode a JSON object and check every rule of the contract.

        Args:
            data: The object, as `json.loads` returns it.
            strict: Whether an unknown property, enum member or variant is an error.

        Raises:
            ContractViolationError: A rule is broken; the error names the rule and the location.
        """
        return decode(cls, data, strict=strict)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, body: bytes | str, *, strict: bool = False) -> Self:
        """Decode JSON text; raises as `from_dict`, and `BodyError` if the text is not JSON."""
        return decode(cls, body, strict=strict)  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, equal to the decoded one."""
        data: dict[str, Any] = parse_json(self.to_json())
        return data

    def to_json(self) -> bytes:
        """Return the JSON object as text in UTF-8."""
        if self._unknown is not None:
            return self._unknown[0]
        if IS_DIRECT:
            try:
                return msgspec.json.encode(self)
            except (OverflowError, UnicodeEncodeError):
                pass  # an integer of more than 64 bits, or half of a surrogate pair
        return _dumps({name: value for name, value in _data(self).items() if value is not UNSET})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(self) is not type(other):
            return NotImplemented
        if _values(self) != _values(other):
            return False
        same_body = self._unknown == other._unknown
        return same_body or self.unknown_properties == other.unknown_properties

    def __hash__(self) -> int:
        return hash((type(self), *map(_hashable, _values(self))))

    def __repr__(self) -> str:
        """Return the constructor's call, without missing properties."""
        values = {name: getattr(self, name, UNSET) for name in _attributes(type(self))}
        if unknown := self.unknown_properties:
            values["unknown_properties"] = dict(unknown)
        shown = (f"{name}={value!r}" for name, value in values.items() if value is not UNSET)
        return f"{type(self).__name__}({', '.join(shown)})"


_slot: Any = vars(Model)["_unknown"]
_set_unknown = _slot.__set__


def _get_unknown(instance: Model) -> Any:
    try:
        return _slot.__get__(instance)
    except AttributeError:  # a part of an instance: msgspec sets its properties only
        return None


Model._unknown = property(_get_unknown, _set_unknown)  # type: ignore[assignment]  # noqa: SLF001


@cache
def _attributes(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind) if field.name != "_unknown")


def _hashable(value: Any) -> Any:
    """Return what equal values have in common and can be hashed: of free-form objects, the keys."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_hashable, cast("Sequence[Any]", value)))
    return frozenset(cast("dict[str, Any]", value)) if isinstance(value, dict) else value


def _values(model: Model) -> list[Any]:
    return [getattr(model, name) for name in _attributes(type(model))]


def _check_constructed(self: Model, origin: Any) -> None:
    """Check and normalize the values that were passed, and keep their JSON."""
    kind: type[Model] = type(self)
    if not (origin is None or isinstance(origin, tuple)):
        raise TypeError("unknown_properties cannot be passed; use from_dict")
    data = _data(self)
    if origin is not None:  # by `attrs.evolve`: unchanged values keep their JSON
        body = cast("bytes", origin[0])
        before = _data(decode(kind, body))
        changed = {name: value for name, value in data.items() if value != before[name]}
        data = parse_json(body) | changed
    checked = decode(kind, {name: value for name, value in data.items() if value is not UNSET})
    for name, attribute in _attributes_by_name(kind):
        given, value = getattr(self, attribute), getattr(checked, attribute)
        if not _is_of_type(given, value):
            where = _checking().join("", name)
            raise ContractViolationError(where, "type", type(value).__name__, given)
        object.__setattr__(self, attribute, value)
    _set_unknown(self, checked._unknown)  # noqa: SLF001


def _is_of_type(given: Any, value: Any) -> bool:
    """Whether what was passed is what its JSON was decoded as, not another model or type."""
    if isinstance(given, (list, tuple)):
        return all(map(_is_of_type, cast("Sequence[Any]", given), value))
    return not isinstance(given, (Model, UUID, datetime)) or isinstance(given, type(value))


@cache
def _attributes_by_name(kind: Any) -> list[tuple[str, str]]:
    properties = _checking().schema_of(kind)["properties"]
    return [(name, each["attribute"]) for name, each in properties.items()]


def _data(model: Model) -> dict[str, Any]:
    """Return the properties by their names in JSON, in JSON or UNSET."""
    named = _attributes_by_name(type(model))
    return {name: _as_json(getattr(model, attribute)) for name, attribute in named}


def _as_json(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in cast("Sequence[Any]", value)]
    return msgspec.to_builtins(value) if isinstance(value, (UUID, datetime)) else value


def _dumps(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()


# What msgspec and the hook raise; its errors are no ValueErrors in older releases.
_REFUSALS = (
    *(msgspec.MsgspecError, ValueError, TypeError, LookupError, AttributeError),
    *(RecursionError, OverflowError),
)
_LONG = 4300  # digits of an integer that Python does not read
_LONG_INTEGER = re.compile(rb"[0-9]{%d}" % _LONG)


def _is_plain(body: bytes) -> bool:
    """Whether the parts of the body that msgspec skips are JSON that Python reads too."""
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            return False
    return len(body) < _LONG or not _LONG_INTEGER.search(body)


def decode(kind: Any, data: Mapping[str, Any] | bytes | str, *, strict: bool = False) -> Any:
    """Decode JSON text or an object as `kind`, a model or a union; raises as `from_json`."""
    if not isinstance(data, bytes):
        data = _encoded(kind, data, strict=strict)
    if not strict and IS_DIRECT and ((len(data) < _LONG and data.isascii()) or _is_plain(data)):
        for decode_with in decoders_for(kind, data):
            try:
                instance = decode_with(data)
            except _REFUSALS:
                continue
            _set_unknown(instance, (data, kind))
            return instance
    try:
        instance = _checking().Checker(strict=strict).check(kind, parse_json(data, strict=strict))
    except RecursionError:
        raise BodyError("the body is nested too deeply") from None
    _set_unknown(instance, (data, kind))
    return instance


def _encoded(kind: Any, data: Any, *, strict: bool) -> bytes:
    if isinstance(data, str):
        return data.encode("utf-8", "surrogatepass")
    try:
        return _dumps(dict(cast("Mapping[str, Any]", data)) if isinstance(data, Mapping) else data)
    except (TypeError, ValueError, RecursionError) as error:
        _checking().Checker(strict=strict).check(kind, data)  # says where, if that is known
        raise BodyError(f"the data is not JSON: {error}") from None


def parse_json(body: bytes, *, strict: bool = False) -> Any:
    """Return the JSON value of a body.

    Raises:
        BodyError: The body is not JSON; or, if `strict`, a key occurs twice.
    """
    try:
        return (_loads_once if strict else _loads)(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = f"the body is not JSON: {error}" if body else "the body is empty"
        raise BodyError(message[:500]) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:80]!r} occurs twice")
        found[key] = value
    return found


_loads = json.JSONDecoder(parse_constant=_refuse_constant).decode
_loads_once = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_once).decode
