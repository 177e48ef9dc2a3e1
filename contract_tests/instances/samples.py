"""Values that the contract allows for a string, a number or a boolean, its boundaries among them.

Must never know what a property of the job is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.spec.document import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

# `uuid` is made anew at each place: a population of equal ids would hide a mix-up.
FORMATS: Mapping[str, tuple[str, ...]] = {
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
    "uri": (
        "https://example.com",
        "app://console/icon",
        "https://user@example.com:8443/a/b.svg?size=2&dark=%C3%A9#top",
        "http://[2001:db8::7]/icon",
        "urn:isbn:0451450523",
    ),
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
_LONGEST = 10_000  # a longer maximum is a bound on abuse, not one that a job comes near


def samples(schema: Schema, name: str) -> tuple[Json, ...]:
    """Values of each scalar type that `schema` allows; those of `uuid` are left to the caller.

    Args:
        schema: A schema; its properties and items are passed over.
        name: What the value is called, from which texts are made that a person can tell apart.

    Raises:
        DocumentError: It has a format or a pattern that nothing here fits, and no `examples`.
    """
    if "const" in schema.assertions:
        return (schema.assertions["const"],)
    if "enum" in schema.assertions:
        return tuple(schema.assertions["enum"])
    made = [value for kind in schema.types for value in _of(kind, schema, name)]
    # `True == 1` and `0 == 0.0`: equal values of two types are two samples.
    return tuple({(type(value), value): value for value in made}.values())


def _of(kind: str, schema: Schema, name: str) -> Iterator[Json]:
    match kind:
        case "boolean":
            yield from (True, False)
        case "null":
            yield None
        case "integer" | "number":
            yield from _given(schema, (int, float))
            yield from _numbers(schema, kind)
        case "string":
            yield from _given(schema, (str,))
            yield from _texts(schema, name)


def _given(schema: Schema, types: tuple[type, ...]) -> Iterator[Json]:
    """The document's own examples and default, where they are of one of the types."""
    notes = schema.annotations
    for value in (*notes.get("examples", ()), notes.get("default")):
        if isinstance(value, types) and not isinstance(value, bool):
            yield value


def _numbers(schema: Schema, kind: str) -> Iterator[Json]:
    says = schema.assertions
    step = says.get("multipleOf", 1)
    least = says.get("minimum", says.get("exclusiveMinimum", 0))
    most = says.get("maximum", says.get("exclusiveMaximum"))
    start = -(-least // step) * step
    edges = [start + step * count for count in _NUMBERS]
    if most is not None:
        edges += [most // step * step, (most // step - 1) * step]
    if kind == "number" and "multipleOf" not in says:
        edges += [edge + 0.5 for edge in edges[:2]]
    for edge in edges:
        if (
            edge >= least
            and (most is None or edge <= most)
            and edge != says.get("exclusiveMinimum")
            and edge != says.get("exclusiveMaximum")
        ):
            yield edge


def _texts(schema: Schema, name: str) -> Iterator[str]:
    says = schema.assertions
    if "format" in says or "pattern" in says:
        known = FORMATS.get(says.get("format", ""), ()) if "pattern" not in says else ()
        if not known and not any(_given(schema, (str,))):
            fault = " and ".join(
                f"{key} {says[key]!r}" for key in ("format", "pattern") if key in says
            )
            raise DocumentError(f"{schema.location}: no sample for the {fault}; give `examples`")
        yield from known
        return
    least, most = says.get("minLength", 0), says.get("maxLength", _LONGEST)
    for text in (
        name,
        *_TEXTS,
        "x" * least,
        "x" * min(most, _LONGEST) if "maxLength" in says else "",
    ):
        if least <= len(text) <= most:
            yield text
