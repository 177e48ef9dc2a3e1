"""What all models share: they are made of a JSON object, never change, and write it again.

A decoder sets the attributes of a draft, whose slots are laid out as the model's are, and then
makes it the model: setting them on a frozen instance takes five times as long.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from .decoding import as_datetime
from .errors import ContractViolationError
from .types import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_ADDITIONS: Mapping[str, Any] = MappingProxyType({})


class Model:
    """A JSON object that fits the contract. Instances never change; `attrs.evolve` makes others.

    What the contract does not know of stands in `additional_properties`, and comes back. An
    instance that was decoded writes its instants and ids with the very text that came; one that
    was constructed or evolved writes its own in the usual form, and its parts as they were.
    """

    # The object that the instance was decoded from, or None. Only a hint at the order of its
    # properties and the spelling of its values: `to_dict` trusts the attributes alone.
    # `__weakref__` stands here because CPython 3.11 takes no class that adds it for a draft.
    __slots__ = ("__weakref__", "_source")

    PROPERTIES: ClassVar[Mapping[str, str]]
    """For each attribute the name of its property in JSON."""

    _source: dict[str, Any] | None
    additional_properties: Mapping[str, Any]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False) -> Model:
        """Decode a JSON object, and check every rule of the contract.

        Args:
            data: The object, as `json.loads` makes it. It belongs to the instance from then on:
                what is changed in it later may or may not show in `additional_properties`.
            strict: Whether a property, an enum's member or a variant that the contract does not
                know is an error.

        Raises:
            ContractViolationError: A rule is broken; the error says which, and where.
        """
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: equal to the decoded one, in its order and with its spellings."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """The constructor's call, without what is unset."""
        values = ((name, getattr(self, name)) for name in self.PROPERTIES)
        shown = [f"{name}={value!r}" for name, value in values if value is not UNSET]
        if self.additional_properties:
            shown.append(f"additional_properties={dict(self.additional_properties)!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """The attributes, without the views on dictionaries that no pickle takes."""
        values = {name: getattr(self, name) for name in self.PROPERTIES}
        return _restore, (type(self), values, dict(self.additional_properties), self._source)


def _restore(
    kind: type[Model],
    values: dict[str, Any],
    additions: dict[str, Any],
    source: dict[str, Any] | None,
) -> Model:
    model = kind.__new__(kind)
    for name, value in values.items():
        object.__setattr__(model, name, value)
    frozen_additions = MappingProxyType(additions) if additions else NO_ADDITIONS
    object.__setattr__(model, "additional_properties", frozen_additions)
    object.__setattr__(model, "_source", source)
    return model


def draft_of(kind: type[Model]) -> Any:
    """A class of the same layout as `kind`, whose instances can be filled and then made a `kind`.

    A sibling, not a subclass: from one of those the change of class costs three times as much.
    """
    return type(f"{kind.__name__}Draft", kind.__bases__, {"__slots__": kind.__slots__})


def construct(model: Model, values: Mapping[str, Any], additions: Mapping[str, Any]) -> None:
    """Fill `model` with values that somebody gave, by the same rules as decoded ones.

    Raises:
        ContractViolationError: They break a rule.
        TypeError: An addition has the name of a property that the contract knows.
    """
    data = {name: as_json(value) for name, value in values.items() if value is not UNSET}
    known = [name for name in additions if name in values]
    if known:
        raise TypeError(f"{known[0]!r} is no additional property; give it by its own argument")
    data.update(additions)
    decoded = model.from_dict(data)
    for name in (*model.PROPERTIES, "additional_properties"):
        object.__setattr__(model, name, getattr(decoded, name))
    object.__setattr__(model, "_source", None)


def as_json(value: Any, hint: Any = None) -> Any:
    """A value of a model's attribute as the JSON that it stands for; others as they are.

    Args:
        value: The value.
        hint: The JSON that it may have come from, whose spelling is kept where that is so.
    """
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, datetime):
        return datetime_text(value, hint)
    if isinstance(value, UUID):
        return uuid_text(value, hint)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        hints = cast("list[object]", hint) if isinstance(hint, list) else []
        return [as_json(*pair) for pair in zip_longest(items, hints[: len(items)])]
    return value


def datetime_as_text(value: datetime) -> str:
    """An instant as RFC 3339 text; `Z` for UTC, no zeros at the end of a fraction."""
    text = value.isoformat()
    if value.microsecond:
        time, zone = text[:26], text[26:]
        text = f"{time.rstrip('0')}{zone}"
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def uuid_text(value: UUID, hint: object) -> str:
    """The text of a UUID, spelled as `hint` where that is the same one."""
    text = str(value)
    return hint if isinstance(hint, str) and hint.lower() == text else text


def datetime_text(value: datetime, hint: object) -> str:
    """The text of an instant, spelled as `hint` where that is the same one."""
    if isinstance(hint, str):
        try:
            if as_datetime(hint) == value:
                return hint
        except ContractViolationError:
            pass  # the hint was changed since
    return datetime_as_text(value)


def without_stale(model: Model, data: dict[str, Any]) -> dict[str, Any]:
    """`data` without what its source had and the instance has not."""
    properties = model.PROPERTIES.items()
    keep = {key for name, key in properties if getattr(model, name) is not UNSET}
    keep |= model.additional_properties.keys()
    return {key: value for key, value in data.items() if key in keep}
