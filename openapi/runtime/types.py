"""JSON values, missing properties, open enums, and unions of models with their decoders."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, Self, TypeAlias

import msgspec

Json: TypeAlias = Any
"""A JSON value, as `json.loads` returns it."""

Unset = msgspec.UnsetType
"""The type of `UNSET`."""

UNSET: Final = msgspec.UNSET
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


Decode = Callable[[bytes], Any]
# A name in a body, plans by the text after it, and the decoders to try where none of these follows.
Plan = tuple[bytes, Mapping[bytes, Any], tuple[Decode, ...]]
_PLANS: dict[Any, Plan] = {}
_WINDOW = 60  # bytes from a name on in which the text after it is looked for


class ModelUnion(type):
    """The type of a union, because msgspec has none for attrs classes.

    Instances of its branches count as its instances.

    Attributes:
        branches: The models, by the value of the tag or else by a property that only they have.
        tag: The property whose value selects the branch, or None.
        other: The model for an unknown value of the tag, or None.
    """

    branches: Mapping[str, type]
    tag: str | None
    other: type | None

    @classmethod
    def of(
        cls,
        name: str,
        branches: Mapping[str, type],
        tag: str | None = None,
        other: type | None = None,
    ) -> Any:
        """Return the union `name`, which is in the module of its branches."""
        (module, *_) = (branch.__module__ for branch in branches.values())
        values = {"branches": branches, "tag": tag, "other": other, "__module__": module}
        union = cls(name, (), values)
        # Without a tag there is no decoder: `checking` selects the branch.
        plans = {key.encode(): _PLANS[branch] for key, branch in branches.items()} if tag else {}
        _PLANS[union] = (json.dumps(tag).encode(), plans, ())
        return union

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, (*cls.branches.values(), cls.other or ()))


def decoders_for(kind: Any, body: bytes) -> tuple[Decode, ...]:
    """Return the decoders that may fit the body, the likeliest first; a wrong one raises."""
    name, plans, decoders = _PLANS[kind]
    while plans and (start := body.find(name)) >= 0:
        # The text in quotes after the name: the value of a tag, or the first property of an object.
        plan = plans.get(body[start : start + _WINDOW].split(b'"', 4)[-2])
        if plan is None:
            break
        name, plans, decoders = plan
    return decoders


def plan_model(kind: Any) -> None:
    """Have msgspec read a model, once, for `decoders_for` and for models that contain it.

    For a union in a model, msgspec makes a dictionary, which a hook converts. A decoder of one
    branch takes a third less time, so there is one for each branch of the first union.
    """
    fields = kind.__attrs_attrs__
    # Without what only `attrs.evolve` needs, msgspec decodes a fifth faster.
    kind.__attrs_attrs__ = tuple(field for field in fields if field.name != "_unknown")
    places = [
        (name, hint, owner.__annotations__)
        for owner in kind.__mro__[:-1]
        for name, hint in owner.__annotations__.items()
        if isinstance(hint, ModelUnion) and hint.tag is None
    ]
    faster: dict[bytes, Decode] = {}
    for name, union, hints in places[:1]:
        for key, hints[name] in union.branches.items():
            if union.branches.keys() - {field.name for field in hints[name].__attrs_attrs__}:
                continue  # the branch alone would not notice the property of another
            faster[key.encode()] = msgspec.json.Decoder(kind, dec_hook=_convert).decode
            del kind.__msgspec_cache__
        hints[name] = union
    general = msgspec.json.Decoder(kind, dec_hook=_convert).decode
    kind.__attrs_attrs__ = fields
    plans: dict[bytes, Plan] = {key: (b"", {}, (decode, general)) for key, decode in faster.items()}
    _PLANS[kind] = (json.dumps(places[0][0]).encode() if places else b"", plans, (general,))


def _convert(kind: Any, value: Any) -> Any:
    """Decode a union in a model."""
    if kind.tag is not None:
        branch = kind.branches.get(value[kind.tag], kind.other)
    else:
        (branch,) = (each for key, each in kind.branches.items() if value.get(key) is not None)
    return msgspec.convert(value, branch)
