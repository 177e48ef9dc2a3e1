"""Unions of models as types, because msgspec decodes no unions of attrs classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ModelUnion(type):
    """The type of a union; the instances of its branches are its instances.

    Attributes:
        branches: The models, by what selects them.
        tag: The property whose value selects the branch; None where the property does that only
            this branch requires.
        other: The model for an unknown value of the tag, or None.
    """

    branches: Mapping[str, type]
    tag: str | None
    other: type | None
    kinds: tuple[type, ...]

    @classmethod
    def of(
        cls,
        name: str,
        branches: Mapping[str, type],
        *,
        module: str,
        doc: str,
        tag: str | None = None,
        other: type | None = None,
    ) -> Any:
        """Return the union `name`."""
        kinds = (*branches.values(), *((other,) if other else ()))
        values = {"branches": branches, "tag": tag, "other": other, "kinds": kinds}
        return cls(name, (), {"__module__": module, "__doc__": doc, **values})

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.kinds)
