"""Models: immutable attrs classes that are decoded from JSON and written as JSON again.

msgspec decodes the bytes directly into the attributes. If it refuses them, or the caller
is strict, `checking` decides what is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from operator import attrgetter
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, cast, dataclass_transform

import attrs
import msgspec

from .contract import IS_DIRECT
from .errors import BodyError
from .types import UNSET
from .unions import decoders_for, plan_model

if TYPE_CHECKING:
    from .checking import Property
    from .types import Json

T = TypeVar("T")


def _checking() -> ModuleType:
    from . import checking  # noqa: PLC0415 - most bodies are decoded without it

    return checking


def _properties_of(kind: Any) -> tuple[Property, ...]:
    return _checking().properties_of(kind)  # type: ignore[no-any-return]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Model:
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
        values = ((item.name, getattr(self, item.attribute)) for item in _properties_of(type(self)))
        return _dumps({name: _as_json(value) for name, value in values if value is not UNSET})

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        assert isinstance(other, Model)
        if _values(self) != _values(other):
            return False
        one, another = self._unknown, other._unknown
        return one == another or self.unknown_properties == other.unknown_properties

    def __hash__(self) -> int:
        return hash((type(self), _values(self)))

    def __repr__(self) -> str:
        """Return the constructor's call, without missing properties."""
        names = [item.attribute for item in _properties_of(type(self))]
        values = {name: getattr(self, name, UNSET) for name in names}
        if unknown := self.unknown_properties:
            values["unknown_properties"] = dict(unknown)
        shown = (f"{name}={value!r}" for name, value in values.items() if value is not UNSET)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        names = [field.name for field in attrs.fields(type(self))]
        return _restore, (type(self), {name: getattr(self, name) for name in names})


_slot: Any = vars(Model)["_unknown"]
_set_unknown = _slot.__set__


def _get_unknown(instance: Model) -> Any:
    try:
        return _slot.__get__(instance)
    except AttributeError:
        return None


Model._unknown = property(_get_unknown, _set_unknown)  # type: ignore[assignment]  # noqa: SLF001


def _restore(kind: type[Model], values: Mapping[str, Any]) -> Model:
    instance = kind.__new__(kind)
    for name, value in values.items():
        object.__setattr__(instance, name, value)
    return instance


@cache
def _getter(kind: Any) -> Callable[[Model], Any]:
    return attrgetter("__class__", *(item.attribute for item in _properties_of(kind)))


def _values(model: Model) -> Any:
    return _getter(cast("Any", type(model)))(model)


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def model(cls: type[T]) -> type[T]:
    """Make a class with annotated properties a model, whose constructor checks their rules."""
    made: Any = attrs.frozen(kw_only=True, eq=False, repr=False)(cls)
    plan_model(made)
    plain = made.__init__

    @wraps(plain)
    def __init__(self: Any, **values: Any) -> None:  # noqa: N807
        plain(self, **values)
        _check_constructed(self)

    made.__init__ = __init__
    return made  # type: ignore[no-any-return]


def _check_constructed(self: Model) -> None:
    """Check and normalize the values that were passed, and keep their JSON."""
    kind, origin = type(self), _get_unknown(self)
    if not (origin is None or isinstance(origin, tuple)):
        raise TypeError("unknown_properties come from decoding alone: use from_dict")
    properties = _properties_of(kind)
    given = {item.name: getattr(self, item.attribute) for item in properties}
    given = {name: value for name, value in given.items() if value is not UNSET}
    checked = _checking().Checker(strict=False).check(kind, _Given(given))
    data = {name: _as_json(value) for name, value in given.items()}
    if origin is not None:  # by `attrs.evolve`: unchanged values keep their JSON
        body = cast("tuple[bytes, object]", origin)[0]
        before, came = decode(kind, body), parse_json(body)
        for item in properties:
            if getattr(before, item.attribute) == getattr(checked, item.attribute):
                continue
            if item.name in data:
                came[item.name] = data[item.name]
            else:
                del came[item.name]
        data = came
    for item in properties:
        object.__setattr__(self, item.attribute, getattr(checked, item.attribute))
    _set_unknown(self, (_dumps(data), kind))


class _Given(dict[str, Any]):
    """Values passed to a constructor, which, unlike a model, are still to be checked."""


def _as_json(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in cast("Sequence[Any]", value)]
    return msgspec.to_builtins(value)


def _dumps(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()


# What msgspec and the hook raise; its errors are no ValueErrors in older releases.
_REFUSALS = (
    *(msgspec.MsgspecError, ValueError, TypeError, LookupError),
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
    """Decode JSON as a model, or as the matching branch of a union.

    Args:
        kind: The model or union.
        data: JSON text, or an object as `json.loads` returns it.
        strict: Whether an unknown property, enum member or variant is an error.

    Raises:
        BodyError: The text is not JSON.
        ContractViolationError: A rule is broken; the error names the rule and the location.
    """
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
        instance = _checking().Checker(strict=strict).check(kind, parse_json(data))
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


def parse_json(body: bytes) -> Any:
    """Return the JSON value of a body.

    Raises:
        BodyError: The body is not JSON.
    """
    try:
        return _loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = f"the body is not JSON: {error}" if body else "the body is empty"
        raise BodyError(message[:500]) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


_loads = json.JSONDecoder(parse_constant=_refuse_constant).decode
