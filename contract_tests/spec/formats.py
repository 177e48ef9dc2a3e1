"""The formats that a contract may use, and checks for those that the engine checks poorly.

The engine asserts most formats of JSON Schema by itself. It accepts signs and dots in place of the
digits of dates and times, so their form is checked here.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import jsonschema_rs
from croniter import croniter

from contract_tests.spec.keywords import RANGES, UNCHECKED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_CRON_FIELDS = 5
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
_FORMS = {"date": _DATE, "date-time": f"{_DATE}[Tt]{_TIME}", "time": _TIME}
_NOT_ZONES = {"localtime"}  # a file that many systems keep next to the zones
_MAX_LENGTH = 300  # no real expression is that long


@lru_cache(maxsize=512)
def is_cron(text: str) -> bool:
    """Return whether `text` is a cron expression of five fields, so without seconds."""
    fields = text.split()
    return (
        len(text) <= _MAX_LENGTH
        and len(fields) == _CRON_FIELDS
        # croniter has random and hashed schedules of its own, which cron does not know.
        and not any(field[0] in "RrHh" for field in fields)
        and bool(croniter.is_valid(text))
    )


def _strictly(name: str) -> Callable[[str], bool]:
    """Return a check for a format of RFC 3339: its form, and that the day and time exist."""
    form = re.compile(_FORMS[name])
    engine = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)

    def check(text: str) -> bool:
        return form.fullmatch(text) is not None and engine.is_valid(text)

    return check


def is_timezone(text: str) -> bool:
    """Return whether `text` is a tz identifier, such as `Etc/UTC`; case matters."""
    return text in _timezones()


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOT_ZONES


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "cron": is_cron,
    "timezone": is_timezone,
    **{name: _strictly(name) for name in _FORMS},
}
_BY_ENGINE = frozenset(
    {
        *("duration", "email", "hostname", "ipv4", "ipv6"),
        *("uri", "uri-reference", "uuid"),
    }
)
KNOWN = frozenset({*CHECKS, *RANGES, *UNCHECKED, *_BY_ENGINE})


def types_of(name: str) -> frozenset[str]:
    """Return the types that the format `name` applies to."""
    if name in RANGES:
        return frozenset({"integer"})
    if name in {"float", "double"}:
        return frozenset({"integer", "number"})
    return frozenset({"string"})
