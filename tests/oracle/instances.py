"""Instances to check: real payloads and changed copies of them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from contract_tests.spec.values import at, join, split
from tests import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

CONTRACT = load()
ORACLE = Oracle(CONTRACT)
# What is tested with the payloads as they were recorded, whatever the contract is now.
RECORDED = recorded.CONTRACT
RECORDED_ORACLE = Oracle(RECORDED)
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


def facts(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """Kind, location and keyword of each finding, in their order."""
    return [(item.kind, item.location, item.keyword) for item in findings]


def uses(schema: Schema, value: Json, pointer: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Yield the pointer and schema of each property that is there, and whether it is optional."""
    chosen = schema.branch(value) if schema.branches else schema
    if chosen is None or not isinstance(value, dict):
        return
    for name, inner in chosen.properties.items():
        if name not in value:
            continue
        where = join(pointer, name)
        yield where, inner, name not in chosen.required
        yield from uses(inner, value[name], where)
