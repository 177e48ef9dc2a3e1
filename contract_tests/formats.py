"""The formats that the validation engine does not assert by itself, from well-kept libraries.

`uuid` (hyphenated), `date-time` and `uri` are the engine's own.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from croniter import croniter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CRON_FIELDS = 5
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


def is_timezone(text: str) -> bool:
    """Whether `text` is a tz identifier, such as `Etc/UTC`; case matters."""
    return text in _timezones()


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - _FILES


CHECKS: Mapping[str, Callable[[str], bool]] = {"cron": is_cron, "timezone": is_timezone}
KNOWN = frozenset({"uuid", "date-time", "uri", *CHECKS})
