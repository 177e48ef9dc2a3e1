"""Build schemas from a flattened document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import (
    ANNOTATIONS,
    ASSERTIONS,
    NUMBERS,
    RANGES,
    RULES,
    UNCHECKED,
)
from contract_tests.spec.naming import derive_name
from contract_tests.spec.references import follow, origin, reference_to
from contract_tests.spec.schema import Rule, Schema
from contract_tests.spec.values import Json, join, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Rules = dict[str, tuple[Rule, ...]]

NULL = "null"


class SchemaBuilder:
    """Builds each schema of a document once, and refuses a schema that contains itself."""

    def __init__(self, data: dict[str, Json], flat: dict[str, Json], operation_id: str) -> None:
        self.data = data
        self.flat = flat
        self.operation_id = operation_id
        self.components = data.get("components", {}).get("schemas", {})
        self.within: list[str] = []
        self.made: dict[str, Schema] = {}

    def schema(self, node: Json, location: str) -> Schema:
        """Return the schema `node` at `location`.

        Raises:
            DocumentError: A reference is dangling, the schema contains itself, or the branches of
                a `oneOf` cannot be distinguished.
        """
        own = node
        node, location = follow(self.flat, node, location)
        if location in self.within:
            raise DocumentError(
                f"{location}: the schema contains itself, a cycle; write `type: object` inside"
            )
        if location not in self.made:
            if not isinstance(node, dict):
                raise DocumentError(f"{location}: expected a schema object, got {kind_of(node)}")
            self.within.append(location)
            self.made[location] = self._schema(node, location)
            self.within.pop()
        made = self.made[location]
        if own is not node and (beside := _annotations(own)):
            return evolve(made, annotations={**made.annotations, **beside})
        return made

    def _schema(self, node: dict[str, Json], location: str) -> Schema:
        for keyword in ("oneOf", "anyOf"):
            if keyword in node:
                return self._union(node, location, keyword)
        types, rules = self._types(node, location)
        assertions = {
            key: value
            for key, value in node.items()
            if key in ASSERTIONS and not (key == "const" and value is None)
        }
        if assertions.get("format") in UNCHECKED:
            rules.pop("format")
            del assertions["format"]
        if assertions.get("format") in RANGES:
            self._limit(assertions, rules)
        return Schema(
            location=location,
            name=self._name(location),
            types=types,
            assertions=assertions,
            properties={
                name: self.schema(value, join(location, "properties", name))
                for name, value in node.get("properties", {}).items()
            },
            required=tuple(node.get("required", ())),
            items=self.schema(node["items"], join(location, "items")) if "items" in node else None,
            branches=(),
            discriminator=None,
            distinguishing=(),
            rules=rules,
            annotations=_annotations(node),
        )

    def _types(self, node: dict[str, Json], location: str) -> tuple[tuple[str, ...], Rules]:
        """Return the types, inferred from `const` or `enum` if there is no `type`, and the rules.

        An inferred type is a rule too; the keyword that implies it is where the document states it.
        """
        rules = self._rules(node, location)
        if "type" in node:
            types = node["type"]
            return ((types,) if isinstance(types, str) else tuple(types)), rules
        for keyword, values in (("const", [node.get("const")]), ("enum", node.get("enum", []))):
            if keyword in node:
                kinds = tuple(dict.fromkeys(map(kind_of, values)))
                if set(kinds) >= NUMBERS:
                    kinds = tuple(kind for kind in kinds if kind != "integer")
                rules["type"] = rules[keyword]
                if kinds == (NULL,) and keyword == "const":
                    del rules["const"]
                return kinds, rules
        return (), rules

    def _limit(self, assertions: dict[str, Json], rules: Rules) -> None:
        """Replace an integer format by its limits."""
        rule = rules.pop("format")
        limits = zip(("minimum", "maximum"), RANGES[assertions.pop("format")], strict=True)
        for keyword, limit in limits:
            if keyword in assertions:
                assertions[keyword] = RULES[keyword].tighter(assertions[keyword], limit)
            else:
                assertions[keyword] = limit
                rules[keyword] = rule

    def _name(self, location: str) -> str:
        place = origin(self.data, location)
        return derive_name(place, self.operation_id, self.components)

    def _rules(self, node: dict[str, Json], location: str) -> Rules:
        rules: Rules = {
            key: (Rule(origin(self.data, join(location, key)), key),)
            for key in node
            if key in ASSERTIONS or key in {"type", "oneOf", "anyOf"}
        }
        if node.get("required"):
            places = dict.fromkeys(
                _requiring(self.data, location, name) for name in node["required"]
            )
            rules["required"] = tuple(Rule(place, "required") for place in places)
        return rules

    def _union(self, node: dict[str, Json], location: str, keyword: str) -> Schema:
        parts = [(part, join(location, keyword, index)) for index, part in enumerate(node[keyword])]
        whole = [part for part in parts if not _is_null(self.flat, *part)]
        branches = tuple(self.schema(*part) for part in whole)
        rule = self._rules({keyword: ()}, location)[keyword]
        nullable = len(whole) < len(parts)
        if nullable and len(whole) == 1:
            return _nullable(branches[0], rule, _annotations(node))
        discriminator = node.get("discriminator", {}).get("propertyName")
        union = Schema(
            location=location,
            name=self._name(location),
            types=(NULL,) if nullable else (),
            assertions={},
            properties={},
            required=(),
            items=None,
            branches=branches,
            discriminator=discriminator,
            distinguishing=() if discriminator else tuple(_distinguishing(branches, location)),
            rules={"oneOf": rule},
            annotations=_annotations(node),
        )
        if discriminator and len(_tags(union)) < len(branches):
            message = f"{location}: the branches share a value of {discriminator!r}, or lack one"
            raise DocumentError(
                f"{message}; give each branch a required property {discriminator!r} with a "
                "`const` of its own"
            )
        return union


def _annotations(node: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in node.items() if key in ANNOTATIONS}


def _is_null(flat: dict[str, Json], node: Json, location: str) -> bool:
    node, _ = follow(flat, node, location)
    return isinstance(node, dict) and (
        node.get("type") == NULL or ("const" in node and node["const"] is None)
        if not isinstance(node.get("type"), list)
        else node["type"] == [NULL]
    )


def _nullable(schema: Schema, rule: tuple[Rule, ...], annotations: dict[str, Json]) -> Schema:
    """Return the schema of `oneOf: [X, null]`, which is how OpenAPI 3.1 allows null."""
    assertions, rules = dict(schema.assertions), dict(schema.rules)
    if "const" in assertions:
        assertions["enum"] = [assertions.pop("const")]
        rules["enum"] = rules.pop("const")
    if "enum" in assertions and None not in assertions["enum"]:
        assertions["enum"] = [*assertions["enum"], None]
    types = schema.types
    if (types or schema.branches) and NULL not in types:
        types = (*types, NULL)
        rules["type"] = (*rule, *rules.get("type", ()))
    rules["oneOf"] = rule
    return evolve(
        schema,
        types=types,
        assertions=assertions,
        rules=rules,
        annotations={**schema.annotations, **annotations},
    )


def _requiring(data: dict[str, Json], location: str, name: str) -> str:
    """Return the location of the `required` that lists `name` for the schema at `location`."""
    node, where = follow(data, reference_to(origin(data, location)), "")
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
    """For each branch, the property that it requires and the others lack or allow only as null."""
    for branch in branches:
        others = [other for other in branches if other is not branch]
        names = [
            name
            for name in branch.required
            if branch.properties[name].types != (NULL,)
            and all(
                name not in other.properties or other.properties[name].types == (NULL,)
                for other in others
            )
        ]
        if not names:
            message = f"{location}: the oneOf is ambiguous: nothing distinguishes {branch.name}"
            raise DocumentError(
                f"{message}; add a discriminator, or require a property in it that the other "
                "branches lack or allow only as null"
            )
        yield names[0]


def _tags(union: Schema) -> set[Json]:
    return {
        branch.properties[union.discriminator].assertions["const"]
        for branch in union.branches
        if union.discriminator in branch.required
        and isinstance(branch.properties[union.discriminator].assertions.get("const"), str)
    }
