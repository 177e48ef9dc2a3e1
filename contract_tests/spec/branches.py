"""Select the branch of a `oneOf` for an instance; no other module decides this.

`Schema.branch` tests the conditions on an instance, the oracle compiles them into its schema.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.keywords import TYPES
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.schema import Schema

_NOT_NULL = tuple(kind for kind in TYPES if kind != "null")


@frozen
class Condition:
    """A property of an object that selects a branch.

    Attributes:
        name: The property, which must be present.
        types: The types that its value may have.
        tag: The value that it must have, for a discriminator; None for any.
        without: Properties that must be missing.
    """

    name: str
    types: tuple[str, ...] = TYPES
    tag: str | None = None
    without: tuple[str, ...] = ()

    def holds(self, instance: Mapping[str, Json]) -> bool:
        """Return whether an object meets the condition."""
        if self.tag is not None:
            return bool(instance.get(self.name) == self.tag)
        if self.name not in instance or any(name in instance for name in self.without):
            return False
        kind = kind_of(instance[self.name])
        return kind in self.types or (kind == "integer" and "number" in self.types)

    @property
    def schema(self) -> dict[str, Json]:
        """The condition as a JSON Schema."""
        value = {"type": list(self.types)} if self.tag is None else {"const": self.tag}
        forbidden = dict.fromkeys(self.without, False)
        return {
            "type": "object",
            "required": [self.name],
            "properties": {self.name: value, **forbidden},
        }


def conditions_of(union: Schema) -> list[tuple[Condition, Schema]]:
    """Return the conditions of a union in order; the first that holds selects its branch.

    The value of the discriminator selects the branch. Without one, a property that only one branch
    requires does: with a valid type, else with any value except null, else as the only one.
    """
    if union.discriminator is not None:
        name = union.discriminator
        return [(Condition(name, tag=tag), branch) for tag, branch in union.tags.items()]
    named = list(zip(union.distinguishing, union.branches, strict=True))
    return [
        *_typed(union),
        *((Condition(name, _NOT_NULL), branch) for name, branch in named),
        *(
            (Condition(name, without=tuple(n for n in union.distinguishing if n != name)), branch)
            for name, branch in named
        ),
    ]


def conflicts_of(union: Schema) -> list[tuple[Condition, Condition]]:
    """Return the pairs of conditions that together select several branches, and therefore none."""
    if union.discriminator is not None:
        return []
    return list(combinations((condition for condition, _ in _typed(union)), 2))


def select(union: Schema, instance: Json) -> Schema | None:
    """Return the branch that `instance` selects, or None if it selects none or several."""
    if not isinstance(instance, dict):
        return None
    if any(one.holds(instance) and other.holds(instance) for one, other in union.conflicts):
        return None
    return next((branch for case, branch in union.conditions if case.holds(instance)), None)


def _typed(union: Schema) -> list[tuple[Condition, Schema]]:
    return [
        (
            Condition(name, tuple(t for t in _kinds(branch.properties[name]) if t != "null")),
            branch,
        )
        for name, branch in zip(union.distinguishing, union.branches, strict=True)
    ]


def _kinds(schema: Schema) -> tuple[str, ...]:
    """Return the types that a value may have; for a union, those of its branches."""
    if schema.branches:
        return tuple({kind: None for branch in schema.branches for kind in _kinds(branch)})
    return schema.types or TYPES
