"""The places of a job: the location, schema and name of each value in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.values import Json, join, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.spec.schema import Schema

ITEM = "items"
_WHOLE = "body"  # the name of a whole job


@frozen(eq=False)
class Place:
    """One value of a job and its schema.

    Attributes:
        name: The names of its properties and branches, starting with the variant, joined by dots.
        short: The same without branches.
        location: Its instance location.
        value: The value.
        schema: Its schema; for a union, the selected branch.
        union: The union that `schema` is a branch of, if it is one.
        parent: The place around it; None for the whole job.
    """

    name: str
    short: str
    location: str
    value: Json
    schema: Schema
    union: Schema | None
    parent: Place | None

    @property
    def token(self) -> str:
        """The last token of its location: the name of a property or the index of an item."""
        return split(self.location)[-1] if self.location else ""

    @property
    def branch_key(self) -> tuple[str, str]:
        """The names of the place and the selected branch; equal keys are interchangeable."""
        return self.short, self.schema.name

    @property
    def is_property(self) -> bool:
        """Whether it is a property of an object, rather than an item or the whole job."""
        return self.parent is not None and isinstance(self.parent.value, dict)

    @property
    def is_tag(self) -> bool:
        """Whether it is the discriminator of the union around it."""
        around = self.parent.union if self.parent else None
        return around is not None and self.token == around.discriminator

    @property
    def siblings(self) -> Mapping[str, Schema]:
        """The branches of the union around it by distinguishing property, if it is one of those."""
        around = self.parent.union if self.parent else None
        if around is None or self.token not in around.distinguishing:
            return {}
        return dict(zip(around.distinguishing, around.branches, strict=True))


def places(schema: Schema, job: Json) -> Iterator[Place]:
    """Yield every place of `job`, a valid instance of `schema`, from the outside in."""
    return _places((), (), "", job, schema, None)


def _places(  # noqa: PLR0917
    names: tuple[str, ...],
    shorts: tuple[str, ...],
    location: str,
    value: Json,
    schema: Schema,
    parent: Place | None,
) -> Iterator[Place]:
    union = None
    if schema.branches and value is not None:
        union, selected = schema, schema.branch(value)
        assert selected is not None, f"{location} selects no branch; expected a valid job"
        schema = selected
        names = (*names, schema.name)
    name, short = ".".join(names) or _WHOLE, ".".join(shorts) or _WHOLE
    place = Place(name, short, location, value, schema, union, parent)
    yield place
    inner: list[tuple[str, str | int, Json, Schema]] = []
    if isinstance(value, dict):
        inner = [
            (key, key, value[key], each) for key, each in schema.properties.items() if key in value
        ]
    elif isinstance(value, list) and schema.items is not None:
        inner = [(ITEM, index, item, schema.items) for index, item in enumerate(value)]
    for step, token, each, its in inner:
        where = join(location, token)
        yield from _places((*names, step), (*shorts, step), where, each, its, place)
