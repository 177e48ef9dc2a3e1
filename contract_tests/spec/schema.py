"""Schemas resolved and whole, and the rules that stand in them.

A schema here has its references followed and its `allOf` merged, and knows which keyword of the
document each of its rules is. Must never know what a property of the job is called.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from contract_tests.spec.branches import Condition, conditions_of, conflicts_of, select
from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import ASSERTIONS
from contract_tests.spec.references import follow, origin
from contract_tests.spec.values import Json, join, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
        location: Where it stands in the flattened document.
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


class SchemaBuilder:
    """Schemas made of the flattened document; `within` refuses those that contain themselves."""

    def __init__(self, data: dict[str, Json], flat: dict[str, Json]) -> None:
        self.data = data
        self.flat = flat
        self.within: list[str] = []
        self.made: dict[str, Schema] = {}

    def schema(self, node: Json, location: str) -> Schema:
        """The schema that `node`, found at `location`, stands for.

        Raises:
            DocumentError: It refers to nothing or contains itself, or nothing tells the branches
                of a `oneOf` in it apart.
        """
        node, location = follow(self.flat, node, location)
        if location in self.within:
            raise DocumentError(f"{location}: the schema contains itself, a cycle; break it")
        if location not in self.made:
            if not isinstance(node, dict):
                raise DocumentError(f"{location}: is {kind_of(node)}; expected a schema object")
            self.within.append(location)
            self.made[location] = self._schema(node, location)
            self.within.pop()
        return self.made[location]

    def _schema(self, node: dict[str, Json], location: str) -> Schema:
        if "anyOf" in node:
            raise DocumentError(f"{location}: `anyOf` lets branches overlap; say `oneOf`")
        if "oneOf" in node:
            return self._union(node, location)
        types = node.get("type", ())
        if node.get("const", ...) is None:
            types = "null"  # `const: null` is the spelling that every generator understands
        return Schema(
            location=location,
            name=location.rpartition("/")[2],
            types=(types,) if isinstance(types, str) else tuple(types),
            assertions={
                key: value
                for key, value in node.items()
                if key in ASSERTIONS and not (key == "const" and value is None)
            },
            properties={
                name: self.schema(value, join(location, "properties", name))
                for name, value in node.get("properties", {}).items()
            },
            required=tuple(node.get("required", ())),
            items=self.schema(node["items"], join(location, "items")) if "items" in node else None,
            branches=(),
            discriminator=None,
            distinguishing=(),
            rules=self._rules(node, location),
            annotations={
                key: value
                for key, value in node.items()
                if key in {"default", "description", "examples", "readOnly"}
            },
        )

    def _rules(self, node: dict[str, Json], location: str) -> dict[str, tuple[Rule, ...]]:
        rules: dict[str, tuple[Rule, ...]] = {
            "type" if key == "const" and node[key] is None else key: (
                Rule(origin(self.data, join(location, key)), key),
            )
            for key in node
            if key in ASSERTIONS or key in {"type", "oneOf"}
        }
        if node.get("required"):
            places = dict.fromkeys(
                _requiring(self.data, location, name) for name in node["required"]
            )
            rules["required"] = tuple(Rule(place, "required") for place in places)
        return rules

    def _union(self, node: dict[str, Json], location: str) -> Schema:
        parts = [(part, join(location, "oneOf", index)) for index, part in enumerate(node["oneOf"])]
        whole = [part for part in parts if part[0].get("type") != "null"]
        branches = tuple(self.schema(*part) for part in whole)
        rules = self._rules({"oneOf": ()}, location)
        if len(whole) < len(parts) and len(whole) == 1:
            # `oneOf: [X, null]` is how OpenAPI 3.1 says that a named schema may be null.
            (branch,) = branches
            nullable = {"type": (*rules["oneOf"], *branch.rules.get("type", ()))}
            return evolve(branch, types=(*branch.types, "null"), rules={**branch.rules, **nullable})
        discriminator = node.get("discriminator", {}).get("propertyName")
        union = Schema(
            location=location,
            name=location.rpartition("/")[2],
            types=("null",) if len(whole) < len(parts) else (),
            assertions={},
            properties={},
            required=(),
            items=None,
            branches=branches,
            discriminator=discriminator,
            distinguishing=() if discriminator else tuple(_distinguishing(branches, location)),
            rules=rules,
            annotations={},
        )
        if discriminator and len(_tags(union)) < len(branches):
            message = f"{location}: the branches share a value of {discriminator!r}, or lack one"
            raise DocumentError(f"{message}; give it a `const` of its own in each branch")
        return union


def _requiring(data: dict[str, Json], location: str, name: str) -> str:
    """Where the `required` stands that names `name` for the schema at `location`."""
    node, where = follow(data, {"$ref": "#" + origin(data, location)}, "")
    if name in node.get("required", ()):
        return join(where, "required")
    for index, part in enumerate(node.get("allOf", ())):
        _, place = follow(data, part, join(where, "allOf", index))
        try:
            return _requiring(data, place, name)
        except LookupError:
            continue
    raise LookupError(name)


def _distinguishing(branches: tuple[Schema, ...], location: str) -> Iterator[str]:
    """For each branch the property that only it requires and every other one forbids or lacks."""
    for branch in branches:
        others = [other for other in branches if other is not branch]
        names = [
            name
            for name in branch.required
            if all(
                name in other.properties and other.properties[name].types == ("null",)
                for other in others
            )
        ]
        if not names:
            message = f"{location}: the oneOf is ambiguous, nothing tells {branch.name} apart"
            raise DocumentError(
                f"{message}; require a property in it that the other branches allow only as null"
            )
        yield names[0]


def _tags(union: Schema) -> set[Json]:
    return {
        branch.properties[union.discriminator].assertions["const"]
        for branch in union.branches
        if union.discriminator in branch.required
        and "const" in branch.properties[union.discriminator].assertions
    }


def walk(schema: Schema) -> Iterator[Schema]:
    """`schema` and every schema inside it, once for each place where it is used."""
    yield schema
    for inner in (*schema.properties.values(), *schema.branches):
        yield from walk(inner)
    if schema.items is not None:
        yield from walk(schema.items)
