"""A body's bytes as one JSON value, and everything about the bytes that JSON or its readers forbid.

Python's own reader lets most of this pass: repeated keys, NaN, half of a surrogate pair, numbers
that no 64-bit reader can hold. Must never know what the value is meant to be.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from attrs import field, frozen, mutable

from contract_tests.oracle.http_response import BodyFault
from contract_tests.spec.values import Json, join, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPTH = 100
MAX_VALUES = 10_000  # each may be at fault, and each fault takes a kilobyte of memory
_INTEGERS = range(-(2**63), 2**63)
_DIGITS = 20  # more than an integer of 64 bits has, its sign included
_SURELY_64_BITS = 18  # characters of a number that 64 bits hold, whatever its digits


@frozen
class Unreadable(Exception):  # noqa: N818 - not an error: a verdict that `parse` hands on
    """The bytes are no JSON value."""

    fault: BodyFault


def parse(body: bytes, most: int = MAX_VALUES) -> tuple[Json, list[BodyFault]]:
    """The JSON value of `body`, and its faults, each at its location.

    A repeated key keeps its last value, a number that can't be held becomes 0, half of a surrogate
    pair becomes U+FFFD, so that the rest of the value can still be judged.

    Args:
        body: The bytes.
        most: How many values there may be, at every depth.

    Raises:
        Unreadable: There is no value: not UTF-8, not JSON, or nested or long without end.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        seen = f"byte 0x{body[error.start]:02x} at offset {error.start}"
        _refuse("encoding", "UTF-8", seen)
    with suppress(_Inconclusive, ValueError, RecursionError):
        return _quickly(text, most), []
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        seen = "an empty body" if not text.strip() else f"{error.msg} at offset {error.pos}"
        _refuse("json", "one JSON value", seen)
    except RecursionError:
        _refuse("depth", f"at most {MAX_DEPTH} levels", "more")
    walk = _Walk(most)
    return walk.plain(value, "", 0), walk.faults


def _refuse(keyword: str, expected: str, seen: str) -> NoReturn:
    raise Unreadable(BodyFault(keyword, expected, seen)) from None


class _Inconclusive(Exception):  # noqa: N818 - a decision, not an error
    """There may be a fault: the careful reader has to say which, and where."""


def _quickly(text: str, most: int) -> Json:
    """The value of a text that is surely without fault: no walk over its values is needed.

    Nearly every body is right, and eight times as fast to read where nothing has to be noted.

    Raises:
        _Doubtful: It may have a fault.
        ValueError: It is not JSON.
        RecursionError: It is nested without end.
    """
    brackets = text.count("{") + text.count("[")
    # What stands in strings is counted too: both are bounds from above.
    if brackets > MAX_DEPTH or brackets + text.count(",") >= most or _SURROGATE.search(text):
        raise _Inconclusive
    return _QUICK_DECODER.decode(text)


def _object_without_repeats(members: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(members)
    if len(value) < len(members):
        raise _Inconclusive
    return value


def _small_integer(text: str) -> int:
    if len(text) > _SURELY_64_BITS:
        raise _Inconclusive
    return int(text)


def _finite_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Inconclusive
    return value


def _no_constant(_: str) -> NoReturn:
    raise _Inconclusive


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_QUICK_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_repeats,
    parse_int=_small_integer,
    parse_float=_finite_float,
    parse_constant=_no_constant,
)


class _Object(dict[str, Json]):
    """An object as it was sent, with the keys that it repeats."""

    __slots__ = ("repeated",)
    repeated: tuple[str, ...]


@frozen
class _Number:
    """A number that can't be held, as it was written."""

    text: str
    keyword: str


def _object(members: Iterable[tuple[str, Json]]) -> _Object:
    pairs = list(members)
    value = _Object(pairs)
    value.repeated = ()
    if len(value) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        value.repeated = tuple(key for key, times in counts.items() if times > 1)
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


@mutable
class _Walk:
    """Makes plain JSON of what the decoder gave, and notes what is wrong with it."""

    most: int
    faults: list[BodyFault] = field(factory=list)
    values: int = 0

    def plain(self, value: Json, location: str, depth: int) -> Json:
        self.values += 1
        if depth > MAX_DEPTH:
            _refuse("depth", f"at most {MAX_DEPTH} levels", "more")
        if self.values > self.most:
            _refuse("size", f"at most {self.most:,} values", "more")
        if isinstance(value, str):
            return self.text(value, location)
        if isinstance(value, _Object):
            for key in value.repeated:
                self.note("duplicate-key", _inside(location, key), "each key once", value[key])
            return {
                self.text(key, location): self.plain(item, _inside(location, key), depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [
                self.plain(item, join(location, index), depth + 1)
                for index, item in enumerate(value)
            ]
        if isinstance(value, _Number):
            self.note(value.keyword, location, _EXPECTED[value.keyword], value)
            return 0
        return value

    def text(self, value: str, location: str) -> str:
        if value.isascii() or (clean := _clean(value)) == value:
            return value
        self.note("surrogate", location, "whole surrogate pairs", clean)
        return clean

    def note(self, keyword: str, location: str, expected: str, seen: Json) -> None:
        self.faults.append(BodyFault(keyword, expected, _brief(seen), location))


def _inside(location: str, key: str) -> str:
    return join(location, shorten(_clean(key)))


def _brief(value: Json) -> Json:
    return shorten(value.text if isinstance(value, _Number) else value)


def _clean(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
