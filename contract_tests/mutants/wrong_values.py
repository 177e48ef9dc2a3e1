"""Values that are wrong for a type, a keyword or a format, each with what is wrong as its name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from contract_tests.instances.samples import samples
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_tests.spec.schema import Schema

WRONG_TYPES: Mapping[str, Json] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 1.5,
    "string": "text",
    "array": [],
    "object": {},
}
WRONG_FORMATS: Mapping[str, Mapping[str, str]] = {
    "uuid": {
        "without-hyphens": "3c90c3cc0d444b5088888dd25736052a",
        "short": "3c90c3cc-0d44-4b50-8888-8dd25736052",
        "no-hex": "3c90c3cc-0d44-4b50-8888-8dd25736052g",
        "braces": "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
        "urn": "urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "number": "42",
        "empty": "",
    },
    "date-time": {
        "without-offset": "2023-10-25T12:10:21",
        "date-alone": "2023-10-25",
        "month-13": "2023-13-25T12:10:21Z",
        "february-30": "2023-02-30T12:10:21Z",
        "hour-25": "2023-10-25T25:10:21Z",
        "unix-time": "1698235821",
        "short-year": "23-10-25T12:10:21Z",
        "signed-year": "+023-10-25T12:10:21Z",
        "dot-for-digit": "2023-10-25T12:10:2.Z",
        "empty": "",
    },
    "uri": {
        "relative": "/icons/job.svg",
        "without-scheme": "example.com/icons/job.svg",
        "space": "https://example.com/a b",
        "bad-escape": "https://example.com/%zz",
        "placeholder": "<string>",
        "empty": "",
    },
    "cron": {
        "with-seconds": "0 */15 * * * *",
        "four-fields": "*/15 * * *",
        "minute-60": "60 * * * *",
        "weekday-9": "0 0 * * 9",
        "nickname": "@daily",
        "words": "every quarter of an hour",
        "empty": "",
    },
    "timezone": {
        "unknown": "Mars/Olympus_Mons",
        "other-case": "europe/paris",
        "offset": "+02:00",
        "misspelt": "Europe/Pariss",
        "parent": "../Etc/UTC",
        "empty": "",
    },
}
_FAR = 2**31
_ODD_TEXTS = ("", " ", "\u0000", "?", "x", "0")


def unlike(types: tuple[str, ...]) -> Iterator[str]:
    """The JSON types that are none of `types`; every integer is a number too."""
    for kind in WRONG_TYPES:
        if kind not in types and not (kind == "integer" and "number" in types):
            yield kind


def spelled(value: Json) -> str | None:
    """A number or boolean as the text that it reads as; None for anything else."""
    return json.dumps(value) if kind_of(value) in {"boolean", "integer", "number"} else None


def wrong_members(members: list[Json]) -> Iterator[tuple[str, Json]]:
    """Values of the members' own types that are none of them."""
    texts = [member for member in members if isinstance(member, str)]
    if texts:
        first = texts[0]
        yield "unknown-member", "".join(["NEW_", *max(texts, key=len)])
        yield (
            "other-case",
            next((text for text in (first.swapcase(), first.title()) if text not in texts), "?"),
        )
        yield "padded-member", f"{first} "
        yield from (("empty-member", "") for _ in texts[:1] if "" not in texts)
    numbers = [member for member in members if kind_of(member) in {"integer", "number"}]
    if numbers:
        yield "unknown-number", max(numbers) + 1


def wrong_values(schema: Schema, value: Json) -> Iterator[tuple[str, str, Json]]:
    """For each bound of `schema` a name, its keyword, and a value that breaks only that bound.

    `value` is a valid one, from which wrong arrays are made.
    """
    says = schema.assertions
    for keyword, bound in says.items():
        if keyword == "format":
            for name, text in WRONG_FORMATS.get(bound, {}).items():
                yield f"{bound}-{name}", keyword, text
        elif keyword in _NUMBERS:
            for name, wrong in _NUMBERS[keyword](bound, says.get("multipleOf", 1)).items():
                yield name, keyword, wrong
        elif keyword in _TEXTS:
            for text in _TEXTS[keyword](bound):
                yield f"against-{keyword}", keyword, text
        elif keyword in _ARRAYS and value and bound:
            for items in _ARRAYS[keyword](bound, value, schema):
                yield f"against-{keyword}", keyword, items


def _longer(bound: int, value: list[Json], schema: Schema) -> list[list[Json]]:
    if not schema.assertions.get("uniqueItems"):
        return [(value * (bound + 1))[: bound + 1]]
    others = samples(schema.items, "item") if schema.items else ()
    longer = value + [item for item in others if item not in value]
    return [longer[: bound + 1]] if len(longer) > bound else []


def _repeating(_: int, value: list[Json], __: Schema) -> list[list[Json]]:
    return [[*value[:-1], value[0]] if len(value) > 1 else value * 2]


# Each number is a multiple of the step, so that it breaks no `multipleOf` beside its bound.
_NUMBERS: Mapping[str, Callable[[float, float], Mapping[str, float]]] = {
    "minimum": lambda bound, step: {
        "below-minimum": (-(-bound // step) - 1) * step,
        "far-below-minimum": (-(-bound // step) - _FAR) * step,
    },
    "maximum": lambda bound, step: {
        "above-maximum": (bound // step + 1) * step,
        "far-above-maximum": (bound // step + _FAR) * step,
    },
    "exclusiveMinimum": lambda bound, step: {"at-minimum": bound // step * step},
    "exclusiveMaximum": lambda bound, step: {"at-maximum": -(-bound // step) * step},
    "multipleOf": lambda bound, _: {
        "no-multiple": 1000 * bound + (1 if isinstance(bound, int) else bound / 2)
    },
}
_TEXTS: Mapping[str, Callable[[Json], list[str]]] = {
    "minLength": lambda bound: ["x" * (bound - 1)] if bound else [],
    "maxLength": lambda bound: ["x" * (bound + 1)],
    "pattern": lambda bound: [text for text in _ODD_TEXTS if not re.search(bound, text)][:1],
}
_ARRAYS: Mapping[str, Callable[[int, list[Json], Schema], list[list[Json]]]] = {
    "minItems": lambda bound, value, _: [value[: bound - 1]],
    "maxItems": _longer,
    "uniqueItems": _repeating,
}
