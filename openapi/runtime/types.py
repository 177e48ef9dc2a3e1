"""JSON values, the value of a property that is missing, and enums that stay open."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, Self, TypeAlias

from msgspec import UNSET as _UNSET
from msgspec import UnsetType

Json: TypeAlias = Any
"""A JSON value, as `json.loads` returns it."""

Unset = UnsetType
"""The type of `UNSET`."""

UNSET: Final = _UNSET
"""The value of a missing property; it is false. A property that is null is None."""


class OpenEnum(StrEnum):
    """An enum of strings to which the server may add members at any time.

    `SomeEnum("NEW")` raises nothing: it gives a value that equals `"NEW"`, is an instance of
    `SomeEnum` and has `is_known` False. It is made anew each time, and kept nowhere.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    def __reduce_ex__(self, _: object) -> tuple[Any, ...]:
        return type(self), (self._value_,)  # an early Python 3.11 pickles members by name

    @property
    def is_known(self) -> bool:
        """Whether the contract lists this member."""
        return self.value in type(self)._value2member_map_

    def __repr__(self) -> str:
        if self.is_known:
            return f"{type(self).__name__}.{self.name}"
        return f"{type(self).__name__}({self.value!r})"
