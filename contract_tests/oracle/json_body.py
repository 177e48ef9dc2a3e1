"""Parse a body strictly: one JSON value, and each fault that lenient parsers ignore.

The parser of Python accepts repeated keys, NaN, lone surrogates, and numbers beyond 64 bits.
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
MAX_VALUES = 10_000  # each can have a fault, and each fault takes a kilobyte of memory
_INTEGERS = range(-(2**63), 2**63)
_MAX_DIGITS = 20  # more than an integer of 64 bits has, with its sign
_SAFE_DIGITS = 18  # any number of so many characters fits into 64 bits


@frozen
class Unreadable(Exception):  # noqa: N818 - a result of `parse`, not an error of ours
    """The bytes are not a JSON value."""

    fault: BodyFault


def parse(body: bytes, most: int = MAX_VALUES) -> tuple[Json, list[BodyFault]]:
    """Return the JSON value of `body` and its faults, each at its location.

    A repeated key keeps its last value, a number out of range becomes 0, and a lone surrogate
    becomes U+FFFD, so that the rest of the value can still be checked.

    Args:
        body: The bytes.
        most: The maximum number of values, at every depth.

    Raises:
        Unreadable: The body is not UTF-8, not JSON, or too deep or too large.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        seen = f"byte 0x{body[error.start]:02x} at offset {error.start}"
        _refuse("encoding", "UTF-8", seen)
    with suppress(_Doubtful, ValueError, RecursionError):
        return _parse_fast(text, most), []
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


class _Doubtful(Exception):  # noqa: N818 - a decision, not an error
    """There may be a fault, which only the slow parser can locate."""


def _parse_fast(text: str, most: int) -> Json:
    """Return the value of a text that certainly has no fault.

    Nearly every body is valid, and is parsed eight times as fast without a walk over its values.

    Raises:
        _Doubtful: It may have a fault.
        ValueError: It is not JSON.
        RecursionError: It is too deep.
    """
    brackets = text.count("{") + text.count("[")
    # Both are upper bounds: they also count the characters in strings.
    if brackets > MAX_DEPTH or brackets + text.count(",") >= most or _SURROGATE.search(text):
        raise _Doubtful
    return _FAST_DECODER.decode(text)


def _object_without_repeats(members: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(members)
    if len(value) < len(members):
        raise _Doubtful
    return value


def _small_integer(text: str) -> int:
    if len(text) > _SAFE_DIGITS:
        raise _Doubtful
    return int(text)


def _finite_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Doubtful
    return value


def _no_constant(_: str) -> NoReturn:
    raise _Doubtful


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_FAST_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_repeats,
    parse_int=_small_integer,
    parse_float=_finite_float,
    parse_constant=_no_constant,
)


class _Object(dict[str, Json]):
    """An object and the keys that it repeats."""

    __slots__ = ("repeated",)
    repeated: tuple[str, ...]


@frozen
class _Number:
    """The text of a number that is out of range."""

    text: str
    keyword: str

    @property
    def nearest(self) -> int:
        """An integer outside of 64 bits with the same sign, so that it breaks the same bounds."""
        if self.keyword == "non-finite-number":
            return 0
        return -(2**64) if self.text.startswith("-") else 2**64


def _object(members: Iterable[tuple[str, Json]]) -> _Object:
    pairs = list(members)
    value = _Object(pairs)
    value.repeated = ()
    if len(value) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        value.repeated = tuple(key for key, times in counts.items() if times > 1)
    return value


def _integer(text: str) -> int | _Number:
    if len(text) <= _MAX_DIGITS and (value := int(text)) in _INTEGERS:
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
    """Converts what the decoder returned to plain JSON, and collects the faults."""

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
            self.note(value.keyword, location, _EXPECTED[value.keyword], value.text)
            return value.nearest
        return value

    def text(self, value: str, location: str) -> str:
        if (clean := _clean(value)) == value:
            return value
        self.note("surrogate", location, "whole surrogate pairs", clean)
        return clean

    def note(self, keyword: str, location: str, expected: str, seen: Json) -> None:
        shown = shorten(seen.text if isinstance(seen, _Number) else seen)
        self.faults.append(BodyFault(keyword, expected, shown, location))


def _inside(location: str, key: str) -> str:
    return join(location, shorten(_clean(key)))


def _clean(text: str) -> str:
    return (
        text
        if text.isascii()
        else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    )
