"""JSON values, their JSON Schema types, and RFC 6901 pointers to them."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, TypeAlias

Json: TypeAlias = Any

# Controls, formats (bidirectional overrides, zero width), surrogates, unassigned, separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"})
# Names of letters, symbols and marks that are drawn as nothing: fillers, joiners, selectors.
_BLANK = re.compile(r"FILLER|BLANK|JOINER|SELECTOR|INHERENT")


def kind_of(value: Json) -> str:
    """Return the JSON Schema type of `value`; `1.0` is an integer."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def with_article(kind: str) -> str:
    """Return the name of a type with its article, as in "an array"."""
    return kind if kind == "null" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


def join(pointer: str, *tokens: str | int) -> str:
    """Return `pointer` with reference tokens added, escaped according to RFC 6901."""
    for token in tokens:
        text = str(token)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        pointer = f"{pointer}/{text}"
    return pointer


def split(pointer: str) -> list[str]:
    """Return the reference tokens of a JSON pointer, unescaped."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def at(data: Json, pointer: str) -> Json:
    """Return the value at `pointer` in `data`.

    Raises:
        LookupError: There is no such value.
    """
    for token in split(pointer):
        data = data[int(token)] if isinstance(data, list) else data[token]
    return data


class _Escapes(dict[int, int | str]):
    """The translation of each character: itself, or its escape if it is invisible."""

    def __missing__(self, code: int) -> int | str:
        char = chr(code)
        hidden = unicodedata.category(char) in _INVISIBLE or _BLANK.search(
            unicodedata.name(char, "")
        )
        self[code] = json.dumps(char)[1:-1] if hidden and char != " " else code
        return self[code]


_ESCAPES = _Escapes()


def printable(text: str) -> str:
    """Return `text` with invisible characters as JSON escapes, which a terminal can't obey."""
    return text.translate(_ESCAPES)


SHORT = 80
CUT = "…"  # ends what was cut


def shorten(value: Json) -> Json:
    """Return `value` as reports may show it: long text cut, containers only counted.

    Reports may reach people who must not see a customer's data, and have little room.
    """
    match value:
        case str() if len(value) > SHORT:
            return value[: SHORT - 1] + CUT
        case dict():
            return f"an object of {len(value)} {'property' if len(value) == 1 else 'properties'}"
        case list():
            return f"an array of {len(value)} {'item' if len(value) == 1 else 'items'}"
        case int() if abs(value) >= 10**SHORT:
            return f"an integer of about {value.bit_length() * 3 // 10} digits"
        case _:
            return value
