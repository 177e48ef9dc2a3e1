"""A path parameter as the segment of a path that it becomes: nothing else can be slipped in."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from .decoding import as_uuid
from .errors import ContractViolationError


def as_uuid_segment(value: object) -> str:
    """The segment for an id.

    Raises:
        TypeError: It is neither a UUID nor text.
        ValueError: It is text, but of no UUID.
    """
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"an id is a UUID or its text, this is of type {type(value).__name__}")
    try:
        return str(as_uuid(value))
    except ContractViolationError:
        message = "is no UUID; expected the form 00000000-0000-0000-0000-000000000000"
        raise ValueError(f"the id {value[:80]!r} {message}") from None


def as_segment(value: object) -> str:
    """The segment for a text.

    Raises:
        TypeError: It is no text.
        ValueError: It is empty or dots alone, which would name another path.
    """
    if not isinstance(value, str):
        raise TypeError(f"a path parameter is text, this is of type {type(value).__name__}")
    if not value.strip("."):
        raise ValueError(f"the path parameter {value!r} would name another path")
    return quote(value, safe="")
