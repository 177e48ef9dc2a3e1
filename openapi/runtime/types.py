"""What the models are written with: the value of a property that is not there, and JSON."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, Literal, TypeAlias

Json: TypeAlias = Any
"""A JSON value, as `json.loads` makes it."""


class Unset(Enum):
    """The type of `UNSET`, the value of a property that is not there; it is false.

    A property that is there as null is None instead.
    """

    # An enum of one member, because type checkers know that there is no other one.
    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        """False: `value or default` reads well."""
        return False

    def __repr__(self) -> str:
        """Its name."""
        return "UNSET"


UNSET: Final = Unset.UNSET
