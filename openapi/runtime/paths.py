"""A path parameter as one segment of a path: nothing else can be inserted through it."""

from __future__ import annotations

import re
from urllib.parse import quote
from uuid import UUID

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def as_uuid_segment(value: object) -> str:
    """Return the segment for an id.

    Raises:
        TypeError: The value is neither a UUID nor text.
        ValueError: The text is not a UUID.
    """
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"invalid id: expected a UUID or its text, got {type(value).__name__}")
    if not _UUID.fullmatch(value):
        message = "expected the form 00000000-0000-0000-0000-000000000000"
        raise ValueError(f"invalid id {value[:80]!r}: {message}")
    return value.lower()


def as_segment(value: object) -> str:
    """Return the segment for a text.

    Raises:
        TypeError: The value is not text.
        ValueError: The text is empty or only dots, which would name another path.
    """
    if not isinstance(value, str):
        raise TypeError(f"invalid id: expected text, got {type(value).__name__}")
    if not value.strip("."):
        raise ValueError(f"invalid id {value!r}: it would name another path")
    return quote(value, safe="")
