"""The model of a schema that every package reads: references followed, `allOf` merged.

A schema knows its name, and for each of its rules the keyword of the document that states it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.branches import Condition, conditions_of, conflicts_of, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.spec.values import Json


@frozen
class Rule:
    """One keyword at one schema location of the contract.

    Attributes:
        location: The JSON pointer of the keyword in the document.
        keyword: Its name.
    """

    location: str
    keyword: str


@frozen(eq=False)
class Schema:
    """A schema with its references followed and its `allOf` merged; compared by identity.

    Attributes:
        location: Its location in the flattened document.
        name: The component's name, or the last token of its location.
        types: The JSON types that it allows, or none where it does not say; of a `oneOf` just
            `null`, where that is one of its branches.
        assertions: The values of its other keywords that an instance can break.
        properties: Its properties, in the document's order.
        required: The properties that must be there.
        items: What each item of an array must be.
        branches: The branches of its `oneOf`; an instance means just one of them.
        discriminator: The property whose value names the branch, where one does.
        distinguishing: For each branch without a discriminator, the property that only it requires.
        rules: Its rules by keyword; one of `required` for each part of an `allOf` that has one.
        annotations: What it says that no instance can break: default, examples, readOnly.
    """

    location: str
    name: str
    types: tuple[str, ...]
    assertions: Mapping[str, Json]
    properties: Mapping[str, Schema]
    required: tuple[str, ...]
    items: Schema | None
    branches: tuple[Schema, ...]
    discriminator: str | None
    distinguishing: tuple[str, ...]
    rules: Mapping[str, tuple[Rule, ...]]
    annotations: Mapping[str, Json]

    @cached_property
    def tags(self) -> Mapping[Json, Schema]:
        """For each value of the discriminator, the branch that it names."""
        assert self.discriminator is not None
        return {
            branch.properties[self.discriminator].assertions["const"]: branch
            for branch in self.branches
        }

    @cached_property
    def conditions(self) -> list[tuple[Condition, Schema]]:
        """The conditions that select a branch, in order."""
        return conditions_of(self)

    @cached_property
    def conflicts(self) -> list[tuple[Condition, Condition]]:
        """The pairs of conditions that together select none."""
        return conflicts_of(self)

    def branch(self, instance: Json) -> Schema | None:
        """The branch that `instance` selects, None if it selects none or several."""
        return select(self, instance)


def walk(schema: Schema) -> Iterator[Schema]:
    """Yield `schema` and every schema inside it, once for each use."""
    yield schema
    for inner in (*schema.properties.values(), *schema.branches):
        yield from walk(inner)
    if schema.items is not None:
        yield from walk(schema.items)


def size_of(schema: Schema, sizes: dict[int, int]) -> int:
    """Return roughly how many schemas there are if each is written out at every use.

    Args:
        schema: The schema.
        sizes: What is known already, by the identity of the schema; this adds to it.
    """
    if id(schema) not in sizes:
        inner = [*schema.properties.values(), *([schema.items] if schema.items else [])]
        branches = [branch for _, branch in schema.conditions] if schema.branches else []
        sizes[id(schema)] = 1 + sum(size_of(each, sizes) for each in (*inner, *branches))
    return sizes[id(schema)]
