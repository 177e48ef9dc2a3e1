"""A schema compiled for the validation engine: branches selected, objects closed.

A union becomes a chain of `if`, so that the engine validates only the branch that an instance
selects. A fault that no keyword of JSON Schema describes, such as "two branches at once", is a
`false` in the chain, with a marker that holds the finding's facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

    Path: TypeAlias = tuple[str | int, ...]
    Step: TypeAlias = Callable[[Path], Json]


@frozen
class Marker:
    """The finding that a `false` in the compiled schema reports.

    Attributes:
        keyword: The keyword of the finding.
        names: The properties that it is about.
        message: What is wrong.
    """

    keyword: str
    names: tuple[str, ...]
    message: str

    def seen(self, instance: Json) -> list[str]:
        """Return which of `names` are in `instance`."""
        return [name for name in self.names if name in instance]


class CompiledSchema:
    """A JSON Schema for the engine, and the contract's schema at each path of it.

    Attributes:
        document: The JSON Schema, without any reference.
    """

    def __init__(self, schema: Schema) -> None:
        """Compile `schema`."""
        self._schemas: dict[Path, Schema] = {}
        self._markers: dict[Path, Marker] = {}
        self.document = self._compile(schema, ())

    def at(self, path: Path) -> tuple[Schema, Marker | None]:
        """Return the schema that applies at `path`, and the marker of a `false`."""
        marker = self._markers.get(path)
        while path not in self._schemas:
            path = path[:-1]
        return self._schemas[path], marker

    def _compile(self, schema: Schema, path: Path, also: Iterable[str] = ()) -> Json:
        """Compile one schema; other branches document the properties `also`."""
        self._schemas[path] = schema
        if schema.branches:
            if "null" not in schema.types:
                return self._union(schema, path)
            return {"if": {"type": "null"}, "else": self._union(schema, (*path, "else"))}
        compiled = dict(schema.assertions)
        if schema.types:
            compiled["type"] = list(schema.types)
        if schema.required:
            compiled["required"] = list(schema.required)
        if schema.properties:
            properties = {
                name: self._compile(inner, (*path, "properties", name))
                for name, inner in schema.properties.items()
            }
            compiled["properties"] = {**dict.fromkeys(also, True), **properties}
            compiled["additionalProperties"] = False
        if schema.items is not None:
            compiled["items"] = self._compile(schema.items, (*path, "items"))
        return compiled

    def _union(self, union: Schema, path: Path) -> Json:
        """Compile the selected branch, or what is known if none is selected."""
        steps: list[tuple[Json, Step]] = [
            (condition.schema, self._branch(union, branch))
            for condition, branch in union.conditions
        ]
        if union.discriminator is not None:
            return _chain(steps, self._branch(union, _common(union)), path)
        if union.conflicts:
            pairs = [{"allOf": [one.schema, other.schema]} for one, other in union.conflicts]
            steps.insert(0, ({"anyOf": pairs}, lambda at: self._several(union, at)))
        steps.append(({"type": "object"}, lambda at: self._none(union, at)))
        return _chain(steps, lambda at: self._other_type(union, at), path)

    def _branch(self, union: Schema, branch: Schema) -> Step:
        return lambda path: self._compile(branch, path, _documented(union))

    def _several(self, union: Schema, path: Path) -> Json:
        """Report several branches at once as one finding, and validate the property of each."""
        names = union.distinguishing
        message = f"has several of {', '.join(names)}; expected exactly one"
        properties = {
            name: self._compile(branch.properties[name], (*path, "properties", name))
            for name, branch in zip(names, union.branches, strict=True)
        }
        return self._fault(union, path, Marker("oneOf", names, message), properties)

    def _none(self, union: Schema, path: Path) -> Json:
        names = union.distinguishing
        message = f"has none of {', '.join(names)}; expected one of them"
        return self._fault(union, path, Marker("required", names, message), {})

    def _fault(
        self, union: Schema, path: Path, marker: Marker, properties: dict[str, Json]
    ) -> dict[str, Json]:
        self._schemas[path] = union
        self._markers[(*path, "allOf", 0)] = marker
        return {
            "allOf": [False],
            "properties": {**dict.fromkeys(_documented(union), True), **properties},
            "additionalProperties": False,
        }

    def _other_type(self, union: Schema, path: Path) -> Json:
        types = _types(union)
        self._schemas[path] = evolve(union, types=types)
        return {"type": list(types)}


def _chain(steps: Sequence[tuple[Json, Step]], otherwise: Step, path: Path) -> Json:
    if not steps:
        return otherwise(path)
    (condition, step), *rest = steps
    return {
        "if": condition,
        "then": step((*path, "then")),
        "else": _chain(rest, otherwise, (*path, "else")),
    }


def _documented(union: Schema) -> list[str]:
    """Return every property that a branch documents; in other branches it is not an addition."""
    return list(dict.fromkeys(name for branch in union.branches for name in branch.properties))


def _types(union: Schema) -> tuple[str, ...]:
    kinds = (kind for schema in (*union.branches, union) for kind in schema.types)
    return tuple(dict.fromkeys(kinds))


def _common(union: Schema) -> Schema:
    """Return what all branches have in common, for an object that selects none of them."""
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
    """Return whether two schemas of different branches are the same schema of the document."""
    if schema is None or other is None or schema is other:
        return schema is other
    return (
        schema.rules == other.rules
        and schema.properties.keys() == other.properties.keys()
        and all(_same(inner, other.properties[name]) for name, inner in schema.properties.items())
        and _same(schema.items, other.items)
    )
