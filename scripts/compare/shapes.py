"""Shapes: what schemas allow, independent of how a document spells it; and merging them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.values import Json

NULL = "null"
MAX_BRANCHES = 64
MAX_MERGED = 20_000


@frozen(eq=False)
class Shape:
    """What a schema allows an instance to be.

    Attributes:
        places: The JSON pointers of the schemas it was read from, the outermost first.
        types: The allowed JSON types, including `null`; empty if every type is allowed.
        keywords: The other keywords in the spelling of OpenAPI 3.1; a `const` is an `enum` of one.
        properties: The properties by name.
        required: The names of the required properties.
        items: The shape of array items.
        values: The shape of properties that are not in `properties`.
        branches: The branches of a `oneOf` or `anyOf`, each merged with the keywords next to it.
        tag: The property whose value selects the branch, if the document names one.
        tags: For each of its values, the index of the branch.
        where: The pointer of each keyword; also of `properties/NAME` and `required/NAME`.
    """

    places: tuple[str, ...]
    types: frozenset[str] = frozenset()
    keywords: Mapping[str, Json] = field(factory=dict)
    properties: Mapping[str, Shape] = field(factory=dict)
    required: frozenset[str] = frozenset()
    items: Shape | None = None
    values: Shape | None = None
    branches: tuple[Shape, ...] = ()
    tag: str | None = None
    tags: Mapping[str, int] = field(factory=dict)
    where: Mapping[str, str] = field(factory=dict)

    @property
    def place(self) -> str:
        """The pointer of the outermost schema."""
        return self.places[0]

    @property
    def nullable(self) -> bool:
        """Whether null is explicitly allowed."""
        return NULL in self.types

    @property
    def only_null(self) -> bool:
        """Whether only null is allowed."""
        return self.types == {NULL}

    @property
    def unconstrained(self) -> bool:
        """Whether every instance is allowed."""
        facts = (self.types, self.keywords, self.properties, self.required, self.branches)
        return not any(facts) and self.items is None and self.values is None

    def at(self, fact: str) -> str:
        """Return the pointer of the keyword `fact`, or of the schema if it has none."""
        return self.where.get(fact, self.place)


def with_null(shape: Shape, place: str) -> Shape:
    """Return `shape` with null allowed."""
    if shape.nullable or not shape.types:
        return shape
    return evolve(shape, types=shape.types | {NULL}, where={**shape.where, NULL: place})


class Merger:
    """Merges shapes to what both allow, as `allOf` does; each pair once."""

    def __init__(self) -> None:
        self.made: dict[tuple[int, int], tuple[Shape, Shape, Shape]] = {}

    def merge(self, one: Shape, other: Shape) -> Shape:
        """Return the shape of what both allow; if neither is tighter, `one` wins.

        Raises:
            DocumentError: There are too many to merge, or their unions multiply.
        """
        if one is other:
            return one
        key = (id(one), id(other))
        if key not in self.made:
            if len(self.made) >= MAX_MERGED:
                message = f"{one.place}: over {MAX_MERGED:,} schemas to merge"
                raise DocumentError(f"{message}; expected what one operation needs")
            self.made[key] = (
                one,
                other,
                self._merged(one, other),
            )  # kept alive, so that ids stay unique
        return self.made[key][2]

    def _merged(self, one: Shape, other: Shape) -> Shape:
        places = tuple(dict.fromkeys(one.places + other.places))
        where = {**other.where, **one.where}
        if one.branches or other.branches:
            return self._union(one, other, places, where)
        properties = {
            name: self._both(shape, other.properties.get(name))
            for name, shape in one.properties.items()
        }
        return Shape(
            places=places,
            types=_types(one.types, other.types),
            keywords=_keywords(one.keywords, other.keywords),
            properties={**other.properties, **properties},
            required=one.required | other.required,
            items=self._both(one.items, other.items) if one.items else other.items,
            values=self._both(one.values, other.values) if one.values else other.values,
            where=where,
        )

    def _union(
        self, one: Shape, other: Shape, places: tuple[str, ...], where: Mapping[str, str]
    ) -> Shape:
        """Merge what is next to a union into each of its branches."""
        ones, others = one.branches or (one,), other.branches or (other,)
        if len(ones) * len(others) > MAX_BRANCHES:
            message = f"{one.place}: unions that multiply to over {MAX_BRANCHES} branches"
            raise DocumentError(f"{message}; write them out")
        return Shape(
            places=places,
            types=_types(one.types, other.types),
            branches=tuple(
                self.merge(each, beside) if one.branches else self.merge(beside, each)
                for each in ones
                for beside in others
            ),
            tag=one.tag or other.tag,
            tags=one.tags or other.tags,
            where=where,
        )

    def _both(self, one: Shape, other: Shape | None) -> Shape:
        return one if other is None else self.merge(one, other)


def _types(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if not (one and other):
        return one | other
    whole = {"integer"} if "integer" in one ^ other and "number" in one ^ other else set()
    return (one & other) | whole


def _keywords(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    merged = {**other, **one}
    for keyword in one.keys() & other.keys():
        if keyword == "enum":
            allowed = set(map(repr, other[keyword]))
            merged[keyword] = [value for value in one[keyword] if repr(value) in allowed]
        elif keyword in LIMITS:
            merged[keyword] = LIMITS[keyword].tighter(one[keyword], other[keyword])
    return merged
