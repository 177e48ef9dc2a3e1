"""Make values and text from a server safe to show: shortened, with invisible characters escaped."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from contract_tests.spec.values import printable, shorten

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

LONGEST = 600


def visible(text: str, longest: int = LONGEST) -> str:
    """Return `text` with invisible characters as JSON escapes, cut at `longest`."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return printable(cut)


def describe(error: Exception) -> str:
    """Return the message of an error as visible text; an error about a file names it first."""
    if isinstance(error, OSError) and error.filename:
        return visible(f"{os.fsdecode(error.filename)}: {error.strerror}")
    return visible(str(error))


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
