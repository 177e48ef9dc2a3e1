r"""Patterns with one meaning: ECMA 262 as the validation engine reads it, translated for Python.

The engine and Python's `re` differ in `\d`, `\w`, `\s` and `$`. `to_python` writes out what the
engine means, so that the client and the oracle agree on every string. Patterns that can take
exponential time are refused: a server could stop a client with one string.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Not imported by statements, because type checkers disagree whether these modules exist.
_constants: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

MAX_LENGTH = 1_000
_SPACES = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACES}
_TOKEN = re.compile(
    r"""(?P<escape>\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|.))
    | (?P<group>\(\?(?:<[A-Za-z_]\w*>|[:=!]|<[=!])) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN_ESCAPES = frozenset("nrtfvbB0") | frozenset("^$\\.*+?()[]{}|/-_@ :;,=!<>#&%~'\"`")
# Represents "any character" when the starts of two alternatives are compared.
_ALPHABET = frozenset(map(chr, range(128))) | {"é", "😀"}
_END: frozenset[str | None] = frozenset({None})
_UNBOUNDED = 50  # more repetitions than this count as unbounded


class PatternError(ValueError):
    """A pattern that the contract may not use. The message completes "the pattern …"."""


@lru_cache(maxsize=1024)
def to_python(pattern: str) -> str:
    """Return the pattern of Python's `re.search` that matches what `pattern` matches.

    Raises:
        PatternError: It is invalid, uses syntax with no equal in Python, or can take exponential
            time.
    """
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"has {len(pattern):,} characters; expected {MAX_LENGTH:,} at most")
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except jsonschema_rs.ValidationError as error:
        raise PatternError("is not a valid regular expression of ECMA 262") from error
    translated = "".join(_translate(pattern))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(translated)
            parsed: Any = _parser.parse(translated)
    except (re.error, FutureWarning, OverflowError, RecursionError) as error:
        raise PatternError(f"has no equal in Python: {error}") from error
    _check_repeats(parsed)
    return translated


def _translate(pattern: str) -> Iterator[str]:
    in_class = False
    for match in _TOKEN.finditer(pattern):
        text = match[0]
        if match["escape"]:
            yield _escape(text, in_class=in_class)
        elif in_class:
            in_class = text != "]"
            yield "\\[" if text == "[" else text
        elif match["group"]:
            yield f"(?P{text[2:]}" if text[2] == "<" and text[-1] == ">" else text
        elif text == "(" and pattern.startswith("(?", match.start()):
            raise PatternError("uses a group that only some engines know; write `(?:…)`")
        else:
            in_class = text == "["
            yield r"\Z" if text == "$" else text


def _escape(text: str, *, in_class: bool) -> str:
    kind = text[1]
    if kind in _CLASSES:
        return _CLASSES[kind] if in_class else f"[{_CLASSES[kind]}]"
    if kind.lower() in _CLASSES and not in_class:
        return f"[^{_CLASSES[kind.lower()]}]"
    if kind == "c" and len(text) == 3:  # noqa: PLR2004
        return f"\\x{ord(text[2]) % 32:02x}"
    if kind in _PLAIN_ESCAPES or kind in "ux" or (kind.isdigit() and not in_class):
        return text
    raise PatternError(f"uses `{text}`, which only some engines know; write the characters out")


def _check_repeats(
    parsed: Any, loop: frozenset[str | None] = frozenset(), after: frozenset[str | None] = _END
) -> None:
    """Refuse repeats inside a repeat that can match the same text in many ways.

    Args:
        parsed: The items of a pattern.
        loop: The first characters of each round of the repeat around them; empty outside of one.
        after: The first characters of what follows them.
    """
    items = list(parsed)
    for index, (kind, value) in enumerate(items):
        rest = _first(items[index + 1 :])
        following = (rest - {None}) | after if None in rest else rest
        if kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            _, most, body = value
            first = _first(body) - {None}
            if most is not _constants.MAXREPEAT and most <= _UNBOUNDED:
                _check_repeats(body, loop, following)
                continue
            if first & loop and first & following:
                raise PatternError(
                    "repeats a repeat that can match the same text in many ways, which takes "
                    "exponential time; separate the two"
                )
            _check_repeats(body, first, following | first)
        elif kind is _constants.BRANCH:
            if loop:
                _check_branches(value[1])
            for branch in value[1]:
                _check_repeats(branch, loop, following)
        else:
            for inner in _bodies(kind, value):
                _check_repeats(inner, loop, following)


def _check_branches(branches: Iterable[Any]) -> None:
    seen: set[str | None] = set()
    for branch in branches:
        first = _first(branch)
        if first & seen:
            raise PatternError(
                "repeats alternatives that start with the same characters, which takes exponential "
                "time; make them differ in their first character"
            )
        seen |= first


def _bodies(kind: Any, value: Any) -> list[Any]:
    if kind is _constants.SUBPATTERN:
        return [value[-1]]
    if kind in {_constants.ASSERT, _constants.ASSERT_NOT}:
        return [value[1]]
    return []


def _first(items: Any) -> frozenset[str | None]:
    """Return the characters that a match can start with; None among them if it can be empty."""
    found: frozenset[str | None] = frozenset()
    for kind, value in items:
        first = _first_of(kind, value)
        found |= first - {None}
        if None not in first:
            return found
    return found | {None}


def _first_of(kind: Any, value: Any) -> frozenset[str | None]:
    if kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
        least, _, body = value
        return _first(body) | (frozenset() if least else {None})
    if kind is _constants.BRANCH:
        return frozenset().union(*map(_first, value[1]))
    if kind is _constants.SUBPATTERN:
        return _first(value[-1])
    if kind is _constants.LITERAL:
        return frozenset({chr(value)})
    if kind is _constants.ANY:
        return _ALPHABET
    if kind in {_constants.IN, _constants.NOT_LITERAL}:
        single = re.compile(_spelled(kind, value))
        return frozenset(filter(single.match, _ALPHABET))
    if kind is _constants.GROUPREF:
        return _ALPHABET | {None}
    return frozenset({None})  # a position, such as `^` or a lookahead


def _spelled(kind: Any, value: Any) -> str:
    """Return a set of characters as a pattern."""
    if kind is _constants.NOT_LITERAL:
        return f"[^{re.escape(chr(value))}]"
    text = ""
    for item, argument in value:
        if item is _constants.NEGATE:
            text += "^"
        elif item is _constants.RANGE:
            text += "-".join(re.escape(chr(end)) for end in argument)
        else:
            text += re.escape(chr(argument))
    return f"[{text}]"
