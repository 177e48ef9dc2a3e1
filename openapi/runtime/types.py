"""What the models are written with: the value of a property that is not there, and JSON."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias, final

Json: TypeAlias = Any
"""A JSON value, as `json.loads` makes it."""


@final
class Unset:
    """The type of `UNSET`, the value of a property that is not there; it is false.

    A property that is there as null is None instead.
    """

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        # The name of the one instance: copies and pickles of it are that instance again.
        return "UNSET"


UNSET: Final = Unset()
