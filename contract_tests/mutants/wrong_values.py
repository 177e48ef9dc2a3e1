"""Invalid values for a type, a keyword or a format, each with the name of what is wrong."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import TYPE_CHECKING

import jsonschema_rs

from contract_tests.instances.samples import samples
from contract_tests.spec import formats
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
WRONG_FORMATS: Mapping[str, Mapping[str, Json]] = {
    "uuid": {
        "without-hyphens": "3c90c3cc0d444b5088888dd25736052a",
        "short": "3c90c3cc-0d44-4b50-8888-8dd25736052",
        "no-hex": "3c90c3cc-0d44-4b50-8888-8dd25736052g",
        "braces": "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
        "urn": "urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "number": "42",
        "empty": "",
    },
    "date": {
        "month-13": "2023-13-25",
        "february-30": "2023-02-30",
        "with-time": "2023-10-25T12:10:21Z",
        "signed-year": "+023-10-25",
        "slashes": "2023/10/25",
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
    "time": {"hour-25": "25:10:21Z", "words": "noon"},
    "duration": {"words": "one day", "empty": ""},
    "email": {"without-at": "jane.example.com", "empty": ""},
    "hostname": {"hyphen-first": "-example.com", "space": "exa mple.com"},
    "ipv4": {"octet-256": "192.0.2.256", "three-octets": "192.0.2"},
    "ipv6": {"ipv4": "192.0.2.1", "two-gaps": "2001::db8::7"},
    "uri": {
        "relative": "/icons/job.svg",
        "without-scheme": "example.com/icons/job.svg",
        "space": "https://example.com/a b",
        "bad-escape": "https://example.com/%zz",
        "placeholder": "<string>",
        "empty": "",
    },
    "uri-reference": {"space": "/a b", "bad-escape": "/%zz"},
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


def unlike(types: set[str]) -> Iterator[str]:
    """Yield the JSON types that are not in `types`; an integer is a number too."""
    for kind in WRONG_TYPES:
        if kind not in types and not (kind == "integer" and "number" in types):
            yield kind


def spelled(value: Json) -> str | None:
    """Return a number or boolean as text; None for anything else."""
    return json.dumps(value) if kind_of(value) in {"boolean", "integer", "number"} else None


def wrong_members(members: list[Json]) -> Iterator[tuple[str, Json]]:
    """Yield values of the members' types that are not members."""
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
    """Yield for each limit of `schema` a name, its keyword, and values that break only that limit.

    Args:
        schema: A schema.
        value: A valid value, from which invalid arrays are made.
    """
    for keyword, limit in schema.assertions.items():
        for name, wrong in _candidates(keyword, limit, schema, value):
            if len(schema.assertions) == 1 or _broken(schema, wrong) == {keyword}:
                yield name, keyword, wrong


def _candidates(  # noqa: C901, PLR0912 - one case for each keyword
    keyword: str, limit: Json, schema: Schema, value: Json
) -> Iterator[tuple[str, Json]]:
    step = schema.assertions.get("multipleOf", 1)
    against = f"against-{keyword}"
    match keyword:
        case "format":
            for name, wrong in WRONG_FORMATS.get(limit, {}).items():
                yield f"{limit}-{name}", wrong
        case "minimum":
            first = math.ceil(limit / step) - 1
            yield "below-minimum", first * step
            yield "far-below-minimum", (first + 1 - _FAR) * step
        case "maximum":
            last = limit // step
            yield "above-maximum", (last + 1) * step
            yield "far-above-maximum", (last + _FAR) * step
        case "exclusiveMinimum":
            yield "at-minimum", limit // step * step
        case "exclusiveMaximum":
            yield "at-maximum", math.ceil(limit / step) * step
        case "multipleOf":
            yield "no-multiple", 1000 * limit + (1 if isinstance(limit, int) else limit / 2)
        case "minLength" if limit:
            yield against, "x" * (limit - 1)
        case "maxLength":
            yield against, "x" * (limit + 1)
        case "pattern":
            odd = next((t for t in _ODD_TEXTS if _broken(schema, t) == {keyword}), None)
            yield from ((against, odd) for _ in [odd] if odd is not None)
        case "minItems" if value and limit:
            yield against, value[: limit - 1]
        case "maxItems" if value and limit:
            yield from ((against, items) for items in _longer(limit, value, schema))
        case "uniqueItems" if value and limit:
            yield against, [*value[:-1], value[0]] if len(value) > 1 else value * 2


def _longer(limit: int, value: list[Json], schema: Schema) -> Iterator[list[Json]]:
    if not schema.assertions.get("uniqueItems"):
        yield (value * (limit + 1))[: limit + 1]
        return
    others = samples(schema.items, "item") if schema.items else ()
    longer = value + [item for item in others if item not in value]
    if len(longer) > limit:
        yield longer[: limit + 1]


def _broken(schema: Schema, value: Json) -> set[str]:
    """Return the keywords of `schema` itself that `value` breaks."""
    return {
        "format" if "allOf" in error.schema_path else error.kind.name
        for error in _engine(schema).iter_errors(value)
    }


@lru_cache(maxsize=1024)
def _engine(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        dict(schema.assertions), formats=dict(formats.CHECKS), validate_formats=True
    )
