"""Values and text of a server, made fit for people to read: bounded, and nothing invisible.

A server's text may hold terminal escapes, right-to-left overrides or a megabyte; no report may
pass those on.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from contract_tests.spec.values import shorten

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

LONGEST = 600
# Controls, formats (bidirectional overrides, zero width), surrogates, unassigned, line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def visible(text: str, longest: int = LONGEST) -> str:
    """`text` with what can't be seen written as JSON escapes it, cut at `longest`."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(
        json.dumps(character)[1:-1] if unicodedata.category(character) in _INVISIBLE else character
        for character in cut
    )


def show(value: Json) -> str:
    """A JSON value as one short line of text; of several values, each."""
    if isinstance(value, list):
        return visible(", ".join(show(item) for item in value))
    if isinstance(value, dict):
        return str(shorten(value))
    return visible(json.dumps(shorten(value), ensure_ascii=False))


def plural(number: int, noun: str) -> str:
    """`number` and the noun that goes with it: "1 job", "2 jobs"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
