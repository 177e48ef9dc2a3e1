"""The formats that the validation engine does not assert by itself, or not well enough.

`uuid` (hyphenated) and `uri` are the engine's own. Of `date-time` it knows the calendar, but takes
signs and dots for digits, so the form is asserted here.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import jsonschema_rs
from croniter import croniter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CRON_FIELDS = 5
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_CALENDAR = jsonschema_rs.Draft202012Validator({"format": "date-time"}, validate_formats=True)
_FILES = {"localtime"}  # lies among the zones of many a system, and is none
_MAX_LENGTH = 300  # no real expression comes near; a longer one is not worth parsing


@lru_cache(maxsize=512)
def is_cron(text: str) -> bool:
    """Whether `text` is a cron expression of five fields, so without seconds."""
    fields = text.split()
    return (
        len(text) <= _MAX_LENGTH
        and len(fields) == _CRON_FIELDS
        # croniter reads these as its own random and hashed schedules; cron knows neither.
        and not any(field[0] in "RrHh" for field in fields)
        and bool(croniter.is_valid(text))
    )


def is_date_time(text: str) -> bool:
    """Whether `text` is an instant as RFC 3339 writes it, with its offset, of a day that exists."""
    return _DATE_TIME.fullmatch(text) is not None and _CALENDAR.is_valid(text)


def is_timezone(text: str) -> bool:
    """Whether `text` is a tz identifier, such as `Etc/UTC`; case matters."""
    return text in _timezones()


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - _FILES


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "cron": is_cron,
    "date-time": is_date_time,
    "timezone": is_timezone,
}
KNOWN = frozenset({"uuid", "uri", *CHECKS})
