"""A schema's meaning as one value, whichever way a document spells it, and how two are merged.

Must never know where documents come from, nor what a property of the job is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from contract_tests.spec.document import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.spec.values import Json

NULL = "null"
MAX_BRANCHES = 64
MAX_MERGED = 20_000

# How two parts of an `allOf` that both bound a value are one bound: the tighter of them.
_TIGHTER: Mapping[str, Callable[[Json, Json], Json]] = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minItems": max,
    "minLength": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxItems": min,
    "maxLength": min,
    "maxProperties": min,
}


@frozen(eq=False)
class Shape:
    """What a schema lets an instance be.

    Attributes:
        places: The JSON pointers of the schemas that say it, the one that gathers them first.
        types: The JSON types allowed, `null` among them; none where anything is allowed.
        keywords: Its other keywords in OpenAPI 3.1's spelling; a `const` is an `enum` of one.
        properties: Its properties by name.
        required: The properties that must be there.
        items: What each item of an array is.
        values: What each property that is not in `properties` is.
        branches: The branches of a `oneOf` or `anyOf`; what stands beside it is in each of them.
        tag: The property whose value names the branch, where the document says so.
        tags: The branch that each value of it names, as an index into `branches`.
        where: The pointer of each keyword; of a property `properties/NAME`, of its being required
            `required/NAME`.
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
        """The pointer of the schema that gathers the others."""
        return self.places[0]

    @property
    def nullable(self) -> bool:
        """Whether null is allowed by name."""
        return NULL in self.types

    @property
    def only_null(self) -> bool:
        """Whether nothing but null is allowed."""
        return self.types == {NULL}

    @property
    def silent(self) -> bool:
        """Whether it says nothing, so that anything is allowed."""
        said = (self.types, self.keywords, self.properties, self.required, self.branches)
        return not any(said) and self.items is None and self.values is None

    def at(self, fact: str) -> str:
        """The pointer of the keyword `fact`, or of the schema where it does not stand."""
        return self.where.get(fact, self.place)


def with_null(shape: Shape, place: str) -> Shape:
    """`shape`, or null."""
    if shape.nullable or not shape.types:
        return shape
    return evolve(shape, types=shape.types | {NULL}, where={**shape.where, NULL: place})


class Merger:
    """What two shapes both allow: the meaning of an `allOf`. Each pair is merged once."""

    def __init__(self) -> None:
        self.made: dict[tuple[int, int], tuple[Shape, Shape, Shape]] = {}

    def merge(self, one: Shape, other: Shape) -> Shape:
        """`one` and `other` together; `one` gathers, and wins where no reading is tighter.

        Raises:
            DocumentError: There are too many of them, or their unions multiply.
        """
        if one is other:
            return one
        key = (id(one), id(other))
        if key not in self.made:
            if len(self.made) >= MAX_MERGED:
                message = f"{one.place}: over {MAX_MERGED:,} schemas to merge"
                raise DocumentError(f"{message}; expected what one operation needs")
            self.made[key] = (one, other, self._merged(one, other))  # kept, so that ids stay theirs
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
        """What stands beside a union holds in each of its branches."""
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
            merged[keyword] = [value for value in one[keyword] if value in other[keyword]]
        elif keyword in _TIGHTER:
            merged[keyword] = _TIGHTER[keyword](one[keyword], other[keyword])
    return merged
