"""Every place of a job: where it is, what the contract says of it, and what it is called.

Must never know what a property of the job is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.values import Json, join, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.spec.schema import Schema

ITEM = "items"


@frozen
class Step:
    """One token of a place's name.

    Attributes:
        text: A property's name, a branch's name, or `items`.
        is_branch: Whether it is a branch; those may be left out where a place is named.
    """

    text: str
    is_branch: bool = False


@frozen(eq=False)
class Place:
    """One value of a job and what the contract says of it.

    Attributes:
        steps: Its name, from the variant on.
        location: Its instance location.
        value: What stands there.
        schema: What it must be; for a union the branch that it means.
        union: The union that `schema` is a branch of, where it is one.
        parent: The place around it; None for the whole job.
    """

    steps: tuple[Step, ...]
    location: str
    value: Json
    schema: Schema
    union: Schema | None
    parent: Place | None

    @property
    def token(self) -> str:
        """The last token of its location: a property's name, an item's index, or nothing."""
        return split(self.location)[-1] if self.location else ""

    @property
    def union_name(self) -> str:
        """What the union is called of which it means a branch."""
        return ".".join(step.text for step in self.steps[:-1])

    @property
    def is_property(self) -> bool:
        """Whether it is a property of an object, and not an item or the whole job."""
        return self.parent is not None and isinstance(self.parent.value, dict)

    @property
    def is_tag(self) -> bool:
        """Whether its value names the branch of the union around it."""
        around = self.parent.union if self.parent else None
        return around is not None and self.token == around.discriminator

    @property
    def siblings(self) -> Mapping[str, Schema]:
        """The branches of the union around it, by distinguishing property, where it is one."""
        around = self.parent.union if self.parent else None
        if around is None or self.token not in around.distinguishing:
            return {}
        return dict(zip(around.distinguishing, around.branches, strict=True))


def places(schema: Schema, job: Json) -> Iterator[Place]:
    """Every place of `job`, a valid instance of `schema`, from the outside in."""
    return _places((), "", job, schema, None)


def _places(
    steps: tuple[Step, ...], location: str, value: Json, schema: Schema, parent: Place | None
) -> Iterator[Place]:
    union = None
    if schema.branches:
        union, meant = schema, schema.branch(value)
        assert meant is not None, f"{location} means no branch; expected a valid job"
        schema = meant
        steps = (*steps, Step(schema.name, is_branch=True))
    place = Place(steps, location, value, schema, union, parent)
    yield place
    if isinstance(value, dict):
        for name, inner in schema.properties.items():
            if name in value:
                where = join(location, name)
                yield from _places((*steps, Step(name)), where, value[name], inner, place)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            where = join(location, index)
            yield from _places((*steps, Step(ITEM)), where, item, schema.items, place)
