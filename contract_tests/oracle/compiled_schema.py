"""The schema that the oracle's engine is given: branches chosen, objects closed.

A union becomes a chain of `if`, so that the engine judges only the branch that an instance means.
What no keyword of JSON Schema says by itself, such as "both branches at once", is a `false` in the
chain with a marker beside it that tells the oracle what it stands for.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

    Place: TypeAlias = tuple[str | int, ...]
    Step: TypeAlias = Callable[[Place], Json]


@frozen
class Marker:
    """What a `false` in the judging schema stands for."""

    keyword: str
    names: tuple[str, ...]
    message: str

    def seen(self, instance: Json) -> list[str]:
        """Which of `names` stand in `instance`."""
        return [name for name in self.names if name in instance]


class CompiledSchema:
    """A judging schema, and what stands at each place of it.

    Attributes:
        document: The JSON Schema, without any reference.
    """

    def __init__(self, schema: Schema) -> None:
        """Build the judging schema of `schema`."""
        self._schemas: dict[Place, Schema] = {}
        self._markers: dict[Place, Marker] = {}
        self.document = self._judge(schema, ())

    def at(self, place: Place) -> tuple[Schema, Marker | None]:
        """The schema that is judged at `place`, and the marker there if it is a `false`."""
        marker = self._markers.get(place)
        while place not in self._schemas:
            place = place[:-1]
        return self._schemas[place], marker

    def _judge(self, schema: Schema, place: Place, also: Sequence[str] = ()) -> Json:
        self._schemas[place] = schema
        if schema.branches:
            branch = self._by_property if schema.discriminator is None else self._by_tag
            if "null" not in schema.types:
                return branch(schema, place)
            return {"if": {"type": "null"}, "else": branch(schema, (*place, "else"))}
        judging = dict(schema.assertions)
        if "enum" in judging and "null" in schema.types:
            # `oneOf: [an enum, null]` is one schema here, and its enum does not list null.
            judging["enum"] = [*judging["enum"], None]
        if schema.types:
            judging["type"] = list(schema.types)
        if schema.required:
            judging["required"] = list(schema.required)
        if schema.properties:
            known: dict[str, Json] = dict.fromkeys(also, True)
            for name, inner in schema.properties.items():
                known[name] = self._judge(inner, (*place, "properties", name))
            judging["properties"] = known
            judging["additionalProperties"] = False
        if schema.items is not None:
            judging["items"] = self._judge(schema.items, (*place, "items"))
        return judging

    def _by_tag(self, union: Schema, place: Place) -> Json:
        """The branch that the discriminator names; else what all branches have in common."""
        assert union.discriminator is not None
        conditions = [_has(union.discriminator, {"const": tag}) for tag in union.tags]
        steps = [self._step(branch, _documented(union)) for branch in union.tags.values()]
        otherwise = self._step(_common(union), _documented(union))
        return _chain(list(zip(conditions, steps, strict=True)), otherwise, place)

    def _by_property(self, union: Schema, place: Place) -> Json:
        """The branch whose distinguishing property is there; see `Schema.branch`."""
        names = union.distinguishing
        typed = [
            _has(name, {"type": [kind for kind in branch.properties[name].types if kind != "null"]})
            for name, branch in zip(names, union.branches, strict=True)
        ]
        there = [_has(name, {"not": {"type": "null"}}) for name in names]
        alone = [
            _has(name, {}) | {"properties": {other: False for other in names if other != name}}
            for name in names
        ]
        steps = [self._step(branch, _documented(union)) for branch in union.branches]
        several = {"anyOf": [{"allOf": list(pair)} for pair in combinations(typed, 2)]}
        return _chain(
            [
                (several, partial(self._several, union)),
                *zip((*typed, *there, *alone), steps * 3, strict=True),
                ({"type": "object"}, partial(self._none, union)),
            ],
            partial(self._no_object, union),
            place,
        )

    def _step(self, schema: Schema, also: Sequence[str]) -> Step:
        return lambda place: self._judge(schema, place, also)

    def _several(self, union: Schema, place: Place) -> Json:
        """More than one branch at once: one fault, and each branch's own property still judged."""
        names = union.distinguishing
        message = f"has several of {', '.join(names)}; expected just one"
        properties = {
            name: self._judge(branch.properties[name], (*place, "properties", name))
            for name, branch in zip(names, union.branches, strict=True)
        }
        return self._fault(union, place, Marker("oneOf", names, message)) | {
            "properties": dict.fromkeys(_documented(union), True) | properties
        }

    def _none(self, union: Schema, place: Place) -> Json:
        names = union.distinguishing
        message = f"has none of {', '.join(names)}; expected one of them"
        return self._fault(union, place, Marker("required", names, message)) | {
            "properties": dict.fromkeys(_documented(union), True)
        }

    def _fault(self, union: Schema, place: Place, marker: Marker) -> dict[str, Json]:
        self._schemas[place] = union
        self._markers[(*place, "allOf", 0)] = marker
        return {"allOf": [False], "additionalProperties": False}

    def _no_object(self, union: Schema, place: Place) -> Json:
        types = _types(union)
        self._schemas[place] = evolve(union, types=types)
        return {"type": list(types)}


def _chain(conditions: Sequence[tuple[Json, Step]], otherwise: Step, place: Place) -> Json:
    if not conditions:
        return otherwise(place)
    (condition, step), *rest = conditions
    return {
        "if": condition,
        "then": step((*place, "then")),
        "else": _chain(rest, otherwise, (*place, "else")),
    }


def _has(name: str, value: Json) -> dict[str, Json]:
    return {"type": "object", "required": [name], "properties": {name: value}}


def _documented(union: Schema) -> list[str]:
    """Every property that some branch documents: in no branch is it an addition."""
    return list(dict.fromkeys(name for branch in union.branches for name in branch.properties))


def _types(union: Schema) -> tuple[str, ...]:
    kinds = (kind for schema in (*union.branches, union) for kind in schema.types)
    return tuple(dict.fromkeys(kinds))


def _common(union: Schema) -> Schema:
    """What an object must be whose discriminator names no branch: what all branches agree on."""
    assert union.discriminator is not None
    first, *others = union.branches
    tag = first.properties[union.discriminator]
    tags = evolve(
        tag,
        assertions={"enum": list(union.tags)},
        rules={"type": tag.rules["type"], "enum": union.rules["oneOf"]},
    )
    shared = {
        name: schema
        for name, schema in first.properties.items()
        if all(_same(schema, other.properties.get(name)) for other in others)
    }
    return evolve(
        first,
        location=union.location,
        name=union.name,
        types=_types(union),
        properties={**shared, union.discriminator: tags},
        required=tuple(
            name for name in first.required if all(name in other.required for other in others)
        ),
    )


def _same(schema: Schema | None, other: Schema | None) -> bool:
    """Whether two schemas are one in the document, reached through different branches."""
    if schema is None or other is None or schema is other:
        return schema is other
    return (
        schema.rules == other.rules
        and schema.properties.keys() == other.properties.keys()
        and all(_same(inner, other.properties[name]) for name, inner in schema.properties.items())
        and _same(schema.items, other.items)
    )
