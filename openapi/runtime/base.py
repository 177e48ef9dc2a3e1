"""Models: immutable attrs classes that are decoded from JSON and written as JSON again.

msgspec decodes the bytes directly into the attributes. Where it refuses them, and where a caller is
strict, `checking` decides; it alone says what is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, cast, dataclass_transform

import attrs
import msgspec

from .contract import IS_DIRECT
from .errors import BodyError
from .types import UNSET
from .unions import ModelUnion

if TYPE_CHECKING:
    from .checking import Property
    from .types import Json

T = TypeVar("T")


def _check(kind: Any, value: Any, *, strict: bool = False) -> tuple[Any, Mapping[str, Json]]:
    """Return the checked value, and its unknown properties."""
    from .checking import Checker  # noqa: PLC0415 - most bodies are decoded without it

    checker = Checker(strict=strict)
    return checker.check(kind, value), checker.unknown


def _properties_of(kind: type) -> tuple[Property, ...]:
    from .checking import properties_of  # noqa: PLC0415 - as above

    return properties_of(kind)


class Unknown(Mapping[str, Any]):
    """The properties that the contract does not know, by JSON pointer; found when first asked for.

    Attributes:
        body: The JSON that the instance came as, or None for a part of another instance.
    """

    __slots__ = ("_found", "_kind", "body")

    def __init__(self, body: bytes | None = None, kind: Any = None) -> None:
        self.body = body
        self._kind = kind
        self._found: Mapping[str, Any] | None = None

    def _values(self) -> Mapping[str, Any]:
        if self._found is None:
            is_part = self.body is None
            self._found = {} if is_part else _check(self._kind, parse_json(self.body or b""))[1]
        return self._found

    def __getitem__(self, pointer: str) -> Any:
        return self._values()[pointer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Unknown) and self.body == other.body:
            return True
        if not isinstance(other, Mapping):
            return False
        return dict(self) == dict(cast("Mapping[str, Any]", other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.body, self._kind)


_NOTHING = Unknown()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Model:
    """A JSON object that follows the contract.

    Instances never change; `attrs.evolve` creates others. An instance that was decoded keeps the
    JSON that it came as: `to_dict` and `to_json` return it, with unknown properties and spellings.
    """

    _unknown: Unknown = attrs.field(default=_NOTHING, alias="unknown_properties")

    @property
    def unknown_properties(self) -> Mapping[str, Json]:
        """The properties that the contract does not know, by JSON pointer.

        They belong to the object that was decoded; its parts have none of their own.
        """
        return self._unknown

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Decode a JSON object and check every rule of the contract.

        Args:
            data: The object, as `json.loads` returns it.
            strict: Whether an unknown property, enum member or variant is an error.

        Raises:
            ContractViolationError: A rule is broken; the error names the rule and the location.
        """
        return decode_any(cls, data, strict=strict)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, body: bytes | str, *, strict: bool = False) -> Self:
        """Decode JSON text; raises as `from_dict`, and `BodyError` where it is not JSON."""
        return decode_any(cls, body, strict=strict)  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, equal to the decoded one."""
        data: dict[str, Any] = parse_json(self.to_json())
        return data

    def to_json(self) -> bytes:
        """Return the JSON object as text in UTF-8."""
        if self._unknown.body is not None:
            return self._unknown.body
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
        return _values(self) == _values(other) and self._unknown == other._unknown

    def __hash__(self) -> int:
        return hash((type(self), _values(self)))

    def __repr__(self) -> str:
        """Return the constructor's call, without what is unset."""
        names = [item.attribute for item in _properties_of(type(self))]
        values = {name: getattr(self, name, UNSET) for name in names}
        if self._unknown:
            values["unknown_properties"] = self._unknown
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
        return _NOTHING


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
    """Make a class of annotated properties a model, whose constructor checks their rules."""
    made: Any = attrs.frozen(kw_only=True, eq=False, repr=False)(cls)
    # msgspec reads the attributes here, once. Without `_unknown`, which only `attrs.evolve` needs,
    # it decodes a fifth faster.
    attributes = made.__attrs_attrs__
    made.__attrs_attrs__ = tuple(field for field in attributes if field.name != "_unknown")
    msgspec.json.Decoder(made, dec_hook=_convert)
    made.__attrs_attrs__ = attributes
    plain = made.__init__

    @wraps(plain)
    def __init__(self: Any, **values: Any) -> None:  # noqa: N807
        plain(self, **values)
        _check_constructed(self)

    made.__init__ = __init__
    return made  # type: ignore[no-any-return]


def _check_constructed(self: Model) -> None:
    """Check and normalize the values that were passed, and write the JSON that they are."""
    kind, origin = type(self), _get_unknown(self)
    if not isinstance(origin, Unknown):
        raise TypeError("unknown_properties come from decoding alone: use from_dict")
    properties = _properties_of(kind)
    given = {item.name: getattr(self, item.attribute) for item in properties}
    given = {name: value for name, value in given.items() if value is not UNSET}
    checked, _ = _check(kind, _Given(given))
    data = {name: _as_json(value) for name, value in given.items()}
    if origin.body is not None:  # by `attrs.evolve`: what did not change stays as it came
        before, came = decode(kind, origin.body), parse_json(origin.body)
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
    _set_unknown(self, Unknown(_dumps(data), kind))


class _Given(dict[str, Any]):
    """Values passed to a constructor; unlike a model, to be checked."""


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
_WINDOW = 40  # bytes after the name of a tag in which its value is looked for
_LONG = 4300  # digits of an integer that Python does not read
_LONG_INTEGER = re.compile(rb"[0-9]{%d}" % _LONG)


def _is_plain(body: bytes) -> bool:
    """Whether what msgspec skips in the body is JSON that Python reads too."""
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            return False
    return len(body) < _LONG or not _LONG_INTEGER.search(body)


@cache
def _decoders(kind: Any) -> tuple[bytes, tuple[tuple[bytes, Callable[[bytes], Any]], ...]]:
    """Return the tag as it is in a body, and the decoders with the tag's value for each."""
    if isinstance(kind, ModelUnion) and kind.tag is not None:
        kinds = {json.dumps(value).encode(): branch for value, branch in kind.branches.items()}
        tag = json.dumps(kind.tag).encode()
    else:
        kinds, tag = {b"": kind}, b""
    decoder = msgspec.json.Decoder
    return tag, tuple((v, decoder(each, dec_hook=_convert).decode) for v, each in kinds.items())


def _convert(kind: Any, value: dict[str, Any] | list[Any] | str | float | None) -> Any:
    """Decode a union in a model."""
    branch = None
    if not isinstance(value, dict):
        raise TypeError("not an object")
    if kind.tag is not None:
        branch = kind.branches.get(value[kind.tag], kind.other)
    else:
        for name, each in kind.branches.items():
            if value.get(name) is not None:
                if branch is not None:
                    raise ValueError("two branches")
                branch = each
    return msgspec.convert(value, branch)


def decode(kind: Any, body: bytes, *, strict: bool = False) -> Any:
    """Decode JSON text as a model, or as the branch of a union that it means.

    Args:
        kind: The model or union.
        body: The text, in UTF-8.
        strict: Whether an unknown property, enum member or variant is an error.

    Raises:
        BodyError: The text is not JSON.
        ContractViolationError: A rule is broken; the error names the rule and the location.
    """
    if IS_DIRECT and not strict and _is_plain(body):
        tag, decoders = _decoders(kind)
        start = body.find(tag) + len(tag)
        after = body[start : start + _WINDOW]
        for value, decode_branch in decoders:
            if value in after:
                try:
                    instance = decode_branch(body)
                except _REFUSALS:
                    break
                _set_unknown(instance, Unknown(body, kind))
                return instance
    return _checked(kind, parse_json(body), body, strict=strict)


def decode_any(kind: Any, data: Mapping[str, Any] | bytes | str, *, strict: bool = False) -> Any:
    """Decode a JSON object, as `json.loads` returns it, or JSON text; raises as `decode`."""
    if isinstance(data, (bytes, str)):
        return decode(kind, data.encode() if isinstance(data, str) else data, strict=strict)
    try:
        body = _dumps(dict(data) if isinstance(data, Mapping) else data)
    except (TypeError, ValueError, RecursionError) as error:
        _check(kind, data, strict=strict)  # says where, if that is known
        raise BodyError(f"the data is not JSON: {error}") from None
    return decode(kind, body, strict=strict)


def _checked(kind: Any, data: Any, body: bytes, *, strict: bool) -> Any:
    try:
        instance, _ = _check(kind, data, strict=strict)
    except RecursionError:
        raise BodyError("the body is nested too deeply") from None
    _set_unknown(instance, Unknown(body, kind))
    return instance


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
