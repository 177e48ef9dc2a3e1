"""The ids of the operation: what the schema of its parameter allows, and what it does not."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from uuid import UUID

from contract_tests.instances.samples import matching, samples, valid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

_UNKNOWN = "7d1f2a52-9c0b-4f0e-8a63-2b1f7c5e9d40"  # drawn once; the id of no job
_UNKNOWN_NUMBERS = (2_147_480_017, 2_147_480_018)  # near the end of int32, where no id is yet
_SHORTEST = 8  # characters; a shorter text that a pattern allows could be the id of something
_INVALID = ("not-a-uuid", "not-an-id!", "x" * 257)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_DECIMAL = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_TRIES, _UNKNOWN_SEED = 16, 1_000_000  # texts for a pattern, from a seed that no mock server has


def is_uuid(schema: Schema) -> bool:
    """Return whether ids are UUIDs, which are compared in lower case."""
    return bool(schema.assertions.get("format") == "uuid")


def is_valid(schema: Schema, text: str) -> bool:
    """Return whether a text is an id."""
    value: Json = text
    if {"integer", "number"} & set(schema.types) and _INTEGER.fullmatch(text):
        value = int(text)
    elif "number" in schema.types and _DECIMAL.fullmatch(text):
        value = float(text)
    return text not in {"", ".", ".."} and bool(valid(schema, [value]))


def canonical(schema: Schema, text: str) -> str | None:
    """Return the id in `text` in its canonical form, or None if it is invalid."""
    text = text.strip()
    if is_uuid(schema):
        try:
            text = str(UUID(text))
        except ValueError:
            return None
    return text if is_valid(schema, text) else None


def describe(schema: Schema) -> str:
    """Return what is expected of an id, for a message."""
    rules = dict(schema.assertions)
    if is_uuid(schema):
        return f"a UUID such as {UUID(int=0)}"
    if "enum" in rules:
        return "one of " + ", ".join(str(member) for member in rules["enum"] if member is not None)
    noun = "a number" if {"integer", "number"} & set(schema.types) else "a text that is not empty"
    facts = ", ".join(f"{key} {value}" for key, value in rules.items())
    return f"{noun} ({facts})" if facts else noun


def distinct(schema: Schema, count: int, uuid: Callable[[str], str]) -> list[Json]:
    """Return up to `count` different ids.

    Args:
        schema: A schema of texts or integers.
        count: How many.
        uuid: Returns a UUID for a name.
    """
    if {"integer", "number"} & set(schema.types) and "enum" not in schema.assertions:
        least = schema.assertions.get("minimum", schema.assertions.get("exclusiveMinimum", 0) + 1)
        step = schema.assertions.get("multipleOf", 1)
        start = math.ceil(least / step) * step
        candidates: Iterable[Json] = (start + step * index for index in range(count))
    else:
        uuids = [uuid(f"job {index}") for index in range(count)]
        pattern = schema.assertions.get("pattern", "")
        texts = (*uuids, *_shortened(schema, uuids), *matching(pattern, 4 * count))
        candidates = (*texts, *samples(schema, "id"))
    found = (value for value in valid(schema, candidates) if value not in {"", ".", "..", None})
    return list(dict.fromkeys(value for value in found if "/" not in str(value)))[:count]


def unknown(schema: Schema, known: Collection[str]) -> str | None:
    """Return a valid id that does not exist, or None if every valid id may exist.

    Args:
        schema: The schema of ids.
        known: The ids that are known to exist.
    """
    texts = [_UNKNOWN, *_shortened(schema, [_UNKNOWN])]
    texts += matching(schema.assertions.get("pattern", ""), _TRIES, _UNKNOWN_SEED)
    numbers = [*_UNKNOWN_NUMBERS, schema.assertions.get("maximum", 0)]
    long = (text for text in (*texts, *map(str, numbers)) if len(text) >= _SHORTEST)
    return next((text for text in long if is_valid(schema, text) and text not in known), None)


def invalid(schema: Schema) -> str | None:
    """Return a text that is not a valid id, or None if every text is one."""
    return next((text for text in _INVALID if not is_valid(schema, text)), None)


def _shortened(schema: Schema, uuids: Iterable[str]) -> list[str]:
    longest = schema.assertions.get("maxLength")
    return [text.replace("-", "")[:longest] for text in uuids]
