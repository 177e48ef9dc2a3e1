"""Values and text from a server, made safe to read: bounded, with invisible characters escaped."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from contract_tests.spec.values import shorten

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

LONGEST = 600
# Controls, formats (bidirectional overrides, zero width), surrogates, unassigned, separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"})
# Letters, symbols and marks that are drawn as nothing: fillers, joiners and variation selectors.
_BLANK = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)


class _Escapes(dict[int, int | str]):
    """The translation of each character: itself, or its escape if it is invisible."""

    def __missing__(self, code: int) -> int | str:
        char = chr(code)
        hidden = unicodedata.category(char) in _INVISIBLE or char in _BLANK
        self[code] = json.dumps(char)[1:-1] if hidden and char != " " else code
        return self[code]


_ESCAPES = _Escapes()


def visible(text: str, longest: int = LONGEST) -> str:
    """Return `text` with invisible characters as JSON escapes, cut at `longest`."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return cut.translate(_ESCAPES)


def show(value: Json) -> str:
    """Return a JSON value as one short line; a list as its items."""
    if isinstance(value, list):
        return visible(", ".join(show(item) for item in value))
    if isinstance(value, dict):
        return str(shorten(value))
    return visible(json.dumps(shorten(value), ensure_ascii=False))


def plural(number: int, noun: str) -> str:
    """Return the number with its noun: "1 job", "2 jobs"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
