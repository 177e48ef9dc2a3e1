"""What the decoders of the models are written with: each rule of a contract, checked once.

The decoders test a value's class in line; what stands here runs for the values that need more.
Knows JSON and JSON Schema's words, and no property of any contract.
"""

from __future__ import annotations

import re
import sys
from binascii import unhexlify
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID, SafeUUID

from .enums import OpenEnum
from .errors import ContractViolationError

_T = TypeVar("_T")
_E = TypeVar("_E", bound=OpenEnum)


def broken(keyword: str, expected: object, seen: object) -> ContractViolationError:
    """The error for a rule that the value at hand breaks."""
    return ContractViolationError("", keyword, expected, seen)


def missing(name: str, data: object) -> ContractViolationError:
    """The error for a property that the object `data` lacks; it has the object's location."""
    return broken("required", name, data)


def as_object(value: object) -> dict[str, Any]:
    """A JSON object that came as no plain dict.

    Raises:
        ContractViolationError: It is something else.
    """
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise broken("type", "object", value)


def as_array(value: object) -> list[Any]:
    """A JSON array that came as no plain list; raises as `as_object` does."""
    if isinstance(value, (list, tuple)):
        return list(cast("Sequence[Any]", value))
    raise broken("type", "array", value)


def as_string(value: object) -> str:
    """A JSON string that came as no plain str; raises as `as_object` does."""
    if isinstance(value, str):
        return str.__str__(value)
    raise broken("type", "string", value)


def as_integer(value: object) -> int:
    """A JSON integer that came as no plain int, such as `1.0`; raises as `as_object` does."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise broken("type", "integer", value)


def as_number(value: object) -> float:
    """A JSON number that came as no plain float; raises as `as_object` does."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise broken("type", "number", value)


_CLASSES: Mapping[str, type | tuple[type, ...]] = {
    "null": type(None),
    "boolean": bool,
    "string": str,
    "array": (list, tuple),
    "object": Mapping,
}


def is_a(value: object, kind: str) -> bool:
    """Whether `value` is of the JSON type `kind`."""
    if kind in _CLASSES:
        return isinstance(value, _CLASSES[kind])
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return kind == "number" or isinstance(value, int) or value.is_integer()


def as_any_of(value: _T, kinds: tuple[str, ...]) -> _T:
    """A value that may be of several JSON types.

    Raises:
        ContractViolationError: It is of none of them.
    """
    if any(is_a(value, kind) for kind in kinds):
        return value
    raise broken("type", kinds, value)


class _UuidDraft(UUID):
    """A UUID whose attributes may still be set, and which no `__init__` parses."""

    __slots__ = ()
    __init__: Any = object.__init__
    __setattr__: Any = object.__setattr__


_from_bytes = int.from_bytes
_unknown_safety = SafeUUID.unknown


def as_uuid(text: str) -> UUID:
    """The UUID that `text` writes, in the one form that JSON Schema's format `uuid` has.

    `UUID(text)` takes more forms than that one, and twice as long.

    Raises:
        ContractViolationError: It writes none.
    """
    if text[8:24:5] == "----":
        try:
            number = unhexlify(text.replace("-", "", 4))  # one dash more is no digit
        except ValueError:
            number = b""
        if len(number) == 16:  # noqa: PLR2004
            value: Any = _UuidDraft()
            value.int = _from_bytes(number)
            value.is_safe = _unknown_safety
            value.__class__ = UUID
            return value  # type: ignore[no-any-return]
    raise broken("format", "uuid", text)


if sys.version_info >= (3, 14):

    def _fromisoformat(text: str) -> datetime:
        # Only here does the standard library take 24:00 for the next day's 00:00.
        if text[11:13] == "24":
            raise ValueError(text)
        return datetime.fromisoformat(text)

else:
    _fromisoformat = datetime.fromisoformat

_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]:)([0-5][0-9]|60)"
    r"(\.[0-9]+)?([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def as_datetime(text: str) -> datetime:
    """The instant that `text` writes, in the form of RFC 3339, with its time zone.

    Digits below the microsecond are cut off; a leap second is the second after it.

    Raises:
        ContractViolationError: It writes none that a `datetime` can hold.
    """
    # The common forms, told by the characters between the digits. `fromisoformat` checks the
    # digits themselves; it would take other forms, and more than six digits of anything.
    form = text[4:20:3]
    if (form == "--T::Z" and len(text) == 20) or (  # noqa: PLR2004 - the forms' own numbers
        form == "--T::." and text[-1] == "Z" and 21 < len(text) < 28  # noqa: PLR2004
    ):
        try:
            return _fromisoformat(text)
        except ValueError:
            pass  # a leap second, or no instant at all
    return _any_datetime(text)


def _any_datetime(text: str) -> datetime:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise broken("format", "date-time", text)
    date, time, second, fraction, zone = match.groups("")
    leap = second == "60"
    exact = "59" if leap else second + fraction[:7]
    with suppress(ValueError, OverflowError):
        value = _fromisoformat(f"{date}T{time}{exact}{zone.upper()}")
        if not leap:
            return value
        utc = value.replace(tzinfo=None) - (value.utcoffset() or timedelta())
        if (utc.hour, utc.minute) == (23, 59):
            return value + timedelta(seconds=1)
    raise broken("format", "date-time", text)


def as_member(kind: type[_E], value: str, strict: bool) -> _E:  # noqa: FBT001 - called for each value
    """The member of an open enum that the contract does not list.

    Raises:
        ContractViolationError: The decoder is strict.
    """
    if strict:
        raise broken("enum", tuple(kind), value)
    return kind(value)


def as_items(
    values: Sequence[Any],
    decode: Callable[[Any, bool], _T],
    strict: bool,  # noqa: FBT001 - called for each array
) -> tuple[_T, ...]:
    """The items of an array, each decoded; raises what `decode` raises, with the item's index."""
    items: list[_T] = []
    try:
        for value in values:
            items.append(decode(value, strict))  # noqa: PERF401 - its length is the index
    except ContractViolationError as error:
        raise error.within(len(items)) from None
    return tuple(items)


def as_strings(values: Sequence[Any]) -> tuple[str, ...]:
    """The items of an array of strings; raises as `as_items` does."""
    return as_items(values, lambda item, _: as_string(item), False)  # noqa: FBT003


def refuse_repeats(values: Sequence[Any]) -> None:
    """Refuse an array that holds an item twice, as `uniqueItems` does."""
    for index, value in enumerate(values):
        if any(same(value, other) for other in values[:index]):
            raise broken("uniqueItems", True, values)  # noqa: FBT003


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal as JSON Schema says: `1` is `1.0`, but true is not `1`."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_a(one, "object") and is_a(other, "object"):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if is_a(one, "array") and is_a(other, "array"):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def is_one_of(value: object, members: Sequence[object]) -> bool:
    """Whether `value` is one of the `members` of an enum."""
    return any(same(value, member) for member in members)


def additions(data: dict[str, Any], known: frozenset[str], *, strict: bool) -> dict[str, Any]:
    """The properties of `data` that are not `known`.

    Raises:
        ContractViolationError: The decoder is strict.
    """
    found = {name: value for name, value in data.items() if name not in known}
    if strict and found:
        name, value = next(iter(found.items()))
        raise broken("additionalProperties", False, value).within(name)  # noqa: FBT003
    return found


def chosen(data: dict[str, Any], tells: Mapping[str, tuple[str, ...]]) -> str:
    """Of a union's branches the one that `data` means, as the property that tells it.

    Args:
        data: The object.
        tells: For each branch the property that only it requires, and that property's types.

    Raises:
        ContractViolationError: It means none of them, or two at once.
    """
    present = [name for name in tells if data.get(name) is not None]
    if len(present) > 1:
        typed = [name for name in present if is_any_of(data[name], tells[name])]
        present = typed if len(typed) == 1 else present
    elif not present:
        present = [name for name in tells if name in data]
        if len(present) != 1:
            raise broken("required", tuple(tells), data)
    if len(present) > 1:
        raise broken("oneOf", tuple(tells), data)
    return present[0]


def is_any_of(value: object, kinds: tuple[str, ...]) -> bool:
    """Whether `value` is of one of the JSON types `kinds`."""
    return any(is_a(value, kind) for kind in kinds)


def matches(pattern: str, text: str) -> bool:
    """Whether the regular expression `pattern` occurs in `text`."""
    return re.search(pattern, text) is not None


def is_multiple(value: float, of: float) -> bool:
    """Whether `value` is a whole multiple of `of`."""
    from fractions import Fraction  # noqa: PLC0415 - costs more than this whole module

    return Fraction(str(value)) % Fraction(str(of)) == 0
