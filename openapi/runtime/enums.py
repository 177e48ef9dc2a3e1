"""Enums that stay open: a member that the contract does not know is kept, and says so."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


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

    @property
    def is_known(self) -> bool:
        """Whether the contract lists this member."""
        return self.value in type(self)._value2member_map_

    def __repr__(self) -> str:
        """Return an expression for this value that shows whether it is known."""
        if self.is_known:
            return f"{type(self).__name__}.{self.name}"
        return f"{type(self).__name__}({self.value!r})"
