"""A body's bytes as one JSON value, and everything about the bytes that JSON or its readers forbid.

Python's own reader lets most of this pass: repeated keys, NaN, half of a surrogate pair, numbers
that no 64-bit reader can hold. Must never know what the value is meant to be.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NoReturn

from attrs import frozen

from contract_tests.values import Json, join, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPTH = 100
_INTEGERS = range(-(2**63), 2**63)
_DIGITS = 20  # more than an integer of 64 bits has, its sign included


@frozen
class Fault:
    """One thing that is wrong with the bytes.

    Attributes:
        keyword: Its short name: `json`, `encoding`, `duplicate-key`, `non-finite-number`,
            `integer-range`, `surrogate` or `depth`.
        location: The instance location; empty where the bytes are no JSON value at all.
        expected: What a strict reader asks for.
        seen: What was there, shortened.
    """

    keyword: str
    location: str
    expected: str
    seen: Json


@frozen
class Unreadable(Exception):  # noqa: N818 - not an error: a verdict that `parse` hands on
    """The bytes are no JSON value."""

    fault: Fault


def parse(body: bytes) -> tuple[Json, list[Fault]]:
    """The JSON value of `body`, and its faults, each at its location.

    A repeated key keeps its last value, a number that can't be held becomes 0, half of a surrogate
    pair becomes U+FFFD, so that the rest of the value can still be judged.

    Raises:
        Unreadable: There is no value: not UTF-8, not JSON, or nested without end.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        seen = f"byte 0x{body[error.start]:02x} at offset {error.start}"
        _refuse("encoding", "UTF-8", seen)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        seen = "an empty body" if not text.strip() else f"{error.msg} at offset {error.pos}"
        _refuse("json", "one JSON value", seen)
    except RecursionError:
        _refuse("depth", f"at most {MAX_DEPTH} levels", "more")
    faults: list[Fault] = []
    return _plain(value, "", 0, faults), faults


def _refuse(keyword: str, expected: str, seen: str) -> NoReturn:
    raise Unreadable(Fault(keyword, "", expected, seen)) from None


class _Object(dict[str, Json]):
    """An object as it was sent, with the keys that it repeats."""

    repeated: tuple[str, ...] = ()


@frozen
class _Number:
    """A number that can't be held, as it was written."""

    text: str
    keyword: str


def _object(members: Iterable[tuple[str, Json]]) -> _Object:
    pairs = list(members)
    value = _Object(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        value.repeated = tuple(key for key in value if keys.count(key) > 1)
    return value


def _integer(text: str) -> int | _Number:
    if len(text) <= _DIGITS and (value := int(text)) in _INTEGERS:
        return value
    return _Number(text, "integer-range")


def _float(text: str) -> float | _Number:
    value = float(text)
    return _Number(text, "non-finite-number") if math.isinf(value) else value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=lambda text: _Number(text, "non-finite-number"),
)
_EXPECTED = {
    "integer-range": "an integer of 64 bits",
    "non-finite-number": "a finite number",
}


def _plain(value: Json, location: str, depth: int, faults: list[Fault]) -> Json:
    if depth > MAX_DEPTH:
        _refuse("depth", f"at most {MAX_DEPTH} levels", "more")
    if isinstance(value, str):
        return _text(value, location, faults)
    if isinstance(value, _Object):
        faults.extend(
            Fault("duplicate-key", join(location, _clean(key)), "each key once", _brief(value[key]))
            for key in value.repeated
        )
        return {
            _text(key, location, faults): _plain(
                item, join(location, _clean(key)), depth + 1, faults
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _plain(item, join(location, index), depth + 1, faults)
            for index, item in enumerate(value)
        ]
    if isinstance(value, _Number):
        expected = _EXPECTED[value.keyword]
        faults.append(Fault(value.keyword, location, expected, shorten(value.text)))
        return 0
    return value


def _text(value: str, location: str, faults: list[Fault]) -> str:
    if value.isascii() or (clean := _clean(value)) == value:
        return value
    faults.append(Fault("surrogate", location, "whole surrogate pairs", shorten(clean)))
    return clean


def _brief(value: Json) -> Json:
    return shorten(value.text if isinstance(value, _Number) else value)


def _clean(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
