"""JSON values, and the value of a property that is missing."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from msgspec import UNSET as _UNSET
from msgspec import UnsetType

Json: TypeAlias = Any
"""A JSON value, as `json.loads` returns it."""

Unset = UnsetType
"""The type of `UNSET`."""

UNSET: Final = _UNSET
"""The value of a property that is missing; it is false. A property that is null is None."""
