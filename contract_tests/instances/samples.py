"""Valid values of a scalar schema, including boundary values."""

from __future__ import annotations

import math
import random
import re
from typing import TYPE_CHECKING

import jsonschema_rs
import rstr

from contract_tests.spec import formats
from contract_tests.spec.document import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

# Without `uuid`: each value gets a new one, because equal ids would hide a mix-up.
FORMATS: Mapping[str, tuple[str, ...]] = {
    "date": ("2023-10-25", "2024-02-29", "1970-01-01"),
    "date-time": (
        "2023-10-25T12:10:21Z",
        "2023-10-25T12:10:21.7Z",
        "2023-10-25T12:10:21.75Z",
        "2023-10-25T12:10:21.756Z",
        "2023-10-25T12:10:21.7563Z",
        "2023-10-25T12:10:21.75634Z",
        "2024-02-29T23:59:59.999999Z",
        "2024-02-01T08:00:00+02:00",
        "2024-02-01T08:00:00.000001-05:30",
        "1970-01-01T00:00:00Z",
    ),
    "time": ("12:10:21Z", "23:59:59.999999+02:00"),
    "duration": ("P1D", "PT36H", "P1Y2M3DT4H5M6S"),
    "email": ("jane@example.com", "j.doe+jobs@mail.example.org"),
    "hostname": ("example.com", "localhost"),
    "ipv4": ("192.0.2.1", "0.0.0.0"),  # noqa: S104 - an instance, no interface
    "ipv6": ("2001:db8::7", "::1"),
    "uri": (
        "https://example.com",
        "app://console/icon",
        "https://user@example.com:8443/a/b.svg?size=2&dark=%C3%A9#top",
        "http://[2001:db8::7]/icon",
        "urn:isbn:0451450523",
    ),
    "uri-reference": ("/icons/job.svg", "https://example.com/icon", "?page=2"),
    "uuid": ("3c90c3cc-0d44-4b50-8888-8dd25736052a",),
    "cron": (
        "*/15 * * * *",
        "0 0 1 1 *",
        "59 23 31 12 7",
        "0,30 8-18/2 * * 1-5",
        "5 4 * * sun",
        "0 22 * jan-mar MON-FRI",
    ),
    "timezone": (
        "Etc/UTC",
        "Europe/Paris",
        "America/Argentina/Buenos_Aires",
        "Asia/Kathmandu",
        "Etc/GMT+12",
    ),
}
_TEXTS = (
    "",
    "Ærøskøbing 数据 🚀 e\u0301 \u202eabc",
    'a "quoted" \\ back/slash,\n\ta new line, \u0000 and \u2028',
    "0",
    "null",
    "x" * 300,
)
_NUMBERS = (0, 1, 250, 65_535, 2**31 - 1)
_TRIES = 8  # texts for a pattern, some of which may break another rule
_LONGEST = 10_000  # a longer maximum only limits abuse; no real value comes near it


def samples(schema: Schema, name: str) -> tuple[Json, ...]:
    """Return valid values of each scalar type that `schema` allows.

    Args:
        schema: A schema; its properties and items are ignored.
        name: The name of the value, used as a readable text.

    Raises:
        DocumentError: It has a pattern or bounds that no value here fulfills, and no `examples`.
    """
    null = [None] if "null" in schema.types else []
    if "const" in schema.assertions:
        return (schema.assertions["const"], *null)
    if "enum" in schema.assertions:
        members = schema.assertions["enum"]
        return tuple(members if None in members else [*members, *null])
    kinds = [kind for kind in schema.types or ("string",) if kind != "null"]
    candidates = [*_documented(schema), *(v for kind in kinds for v in _of(kind, schema, name))]
    found = valid(schema, candidates)
    if not found and not {"object", "array"} & set(kinds) and kinds:
        facts = ", ".join(f"{key} {value!r}" for key, value in schema.assertions.items())
        message = f"{schema.location}: no sample fulfills {facts}; add `examples`"
        raise DocumentError(message)
    # `True == 1` and `0 == 0.0`: equal values of two types are two samples.
    return tuple({(type(value), value): value for value in (*found, *null)}.values())


def valid(schema: Schema, candidates: Iterable[Json]) -> list[Json]:
    """Return the candidates that are valid scalars of `schema`."""
    rules = dict(schema.assertions) | {"type": list(schema.types or ("string",))}
    engine = jsonschema_rs.Draft202012Validator(
        rules, formats=dict(formats.CHECKS), validate_formats=True
    )
    return [value for value in candidates if engine.is_valid(value)]


def _documented(schema: Schema) -> Iterator[Json]:
    """Yield the document's own scalar examples and default."""
    notes = schema.annotations
    for value in (*notes.get("examples", ()), notes.get("default")):
        if isinstance(value, (str, int, float)):
            yield value


def _of(kind: str, schema: Schema, name: str) -> Iterator[Json]:
    """Yield candidates of one type; those that break another rule are dropped later."""
    match kind:
        case "boolean":
            yield from (True, False)
        case "integer" | "number":
            yield from _numbers(schema.assertions, kind)
        case "string":
            yield from _texts(schema.assertions, name)


def _numbers(rules: Mapping[str, Json], kind: str) -> Iterator[Json]:
    step = rules.get("multipleOf", 1)
    least = rules.get("minimum", rules.get("exclusiveMinimum"))
    most = rules.get("maximum", rules.get("exclusiveMaximum"))
    start = math.ceil((0 if least is None and (most is None or most >= 0) else least or 0) / step)
    edges = [step * (start + count) for count in _NUMBERS]
    if most is not None:
        edges += [most // step * step - step * count for count in (0, 1)]
    yield from edges
    if kind == "number" and "multipleOf" not in rules:
        yield from (edge + 0.5 for edge in edges[:2])


def _texts(rules: Mapping[str, Json], name: str) -> Iterator[str]:
    if "pattern" in rules:
        yield from matching(rules["pattern"], _TRIES)
    if rules.get("format") in FORMATS:
        yield from FORMATS[rules["format"]]
        return
    yield from (name, *_TEXTS, "x" * rules.get("minLength", 0))
    if "maxLength" in rules:
        yield "x" * min(rules["maxLength"], _LONGEST)


def matching(pattern: str, count: int, first: int = 0) -> Iterator[str]:
    """Yield random texts for a pattern, the same ones each time."""
    for seed in range(first, first + count):
        try:
            yield rstr.Rstr(random.Random(seed)).xeger(pattern)  # noqa: S311
        except re.error:  # an ECMA 262 pattern that Python does not support
            return
