"""Instances to judge: real payloads, changed copies, and valid ones made at random."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from contract_tests.spec.values import at, split

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

CONTRACT = load()
ORACLE = Oracle(CONTRACT)
PAYLOADS = Path(__file__).parent.parent / "payloads"
ABSENT = object()

TEXTS = (
    "",
    " ",
    "0",
    "null",
    "\u0000\u0001\u001f\u007f",
    "\U0001f468\u200d\U0001f469 e\u0301 \u202eabc\u202c \ufeff\ufffd\uffff\U0010ffff",
    "數據 данные بيانات " * 5,
    'a "quoted" \\ back/slash,\n\ttab and \u2028 \u2029',
    "<script>alert(1)</script> ${jndi:x} %00 ../../etc/passwd",
    "x" * 100_000,
    "\U0001f680" * 10_000,
)
FORMATS = {
    "uuid": ("00000000-0000-0000-0000-000000000000", "FFFFFFFF-ffff-FFFF-ffff-FFFFFFFFFFFF"),
    "date-time": (
        "2023-10-25T12:10:21.75634Z",
        "2024-02-29T23:59:59+14:00",
        "1970-01-01T00:00:00-00:00",
        "9999-12-31T23:59:59.999999Z",
        "2016-12-31T23:59:60Z",
        "2023-10-25t12:10:21z",
    ),
    "uri": ("app://a/b", "https://u:p@[::1]:8443/a?b=c#d", "urn:isbn:1", "mailto:a@example.com"),
    "cron": ("* * * * *", "*/15 * * * *", "0 22 * jan-mar MON-FRI", "59 23 31 12 7", "0 0 29 2 *"),
    "timezone": ("Etc/UTC", "UTC", "America/Argentina/Buenos_Aires", "US/Eastern", "Europe/Kyiv"),
}
WHOLE = (0, 1, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 1.0, 7.0)


def payload(name: str) -> Json:
    """A real payload, parsed."""
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def changed(instance: Json, pointer: str, value: Json) -> Json:
    """A copy of `instance` with `value` at `pointer`, or nothing there where that is `ABSENT`."""
    copied = copy.deepcopy(instance)
    where, _, _ = pointer.rpartition("/")
    parent = at(copied, where)
    key = split(pointer)[-1]
    if value is ABSENT:
        del parent[int(key) if isinstance(parent, list) else key]
    elif isinstance(parent, list):
        parent[int(key) : int(key) + 1] = [value]
    else:
        parent[key] = value
    return copied


def told(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """Kind, location and keyword of each finding, in their order."""
    return [(item.kind, item.location, item.keyword) for item in findings]


def made(schema: Schema, chance: random.Random) -> Json:
    """A valid instance of `schema`, with a boundary or an extreme value wherever one may stand."""
    if schema.branches:
        return _of_branch(schema, chance)
    if "const" in schema.assertions:
        return schema.assertions["const"]
    if "enum" in schema.assertions:
        return chance.choice(schema.assertions["enum"])
    kinds = schema.types or ("string", "integer", "boolean", "null")
    match chance.choice(kinds):
        case "object":
            names = [
                name
                for name in schema.properties
                if name in schema.required or chance.random() < 0.7
            ]
            chance.shuffle(names)
            return {name: made(schema.properties[name], chance) for name in names}
        case "array":
            least = schema.assertions.get("minItems", 0)
            assert schema.items is not None
            return [made(schema.items, chance) for _ in range(least + chance.choice((0, 0, 1, 3)))]
        case "string":
            form = schema.assertions.get("format")
            # A long text everywhere would only test how fast text is copied.
            short = TEXTS if chance.random() < 0.01 else TEXTS[:-2]
            return chance.choice(FORMATS[form] if form else short)
        case "boolean":
            return chance.choice((True, False))
        case "integer":
            least = schema.assertions.get("minimum", -(2**63))
            most = schema.assertions.get("maximum", math.inf)
            numbers = [number for number in (least, *WHOLE) if least <= number <= most]
            return chance.choice(numbers)
    return None


def _of_branch(union: Schema, chance: random.Random) -> Json:
    """An instance of one branch; the properties of the others are there as null now and then."""
    branch = chance.choice(union.branches)
    instance = made(branch, chance)
    if union.distinguishing:
        for name, inner in branch.properties.items():
            if inner.types == ("null",) and chance.random() < 0.5:
                instance[name] = None
    return instance
