"""Read schemas of OpenAPI 3.0 and 3.1 as shapes, with references resolved.

The tolerant counterpart of `contract_tests.spec`: the vendor's intent counts, not how a validator
would interpret the document. For example, `nullable` allows null wherever it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import ANNOTATIONS, ASSERTIONS, LIMITS, NUMBERS, STRINGS
from contract_tests.spec.references import follow, pointer_of
from contract_tests.spec.values import Json, at, join, kind_of
from scripts.compare.shapes import NULL, Merger, Shape, with_null

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_SHAPES = 50_000
MAX_WITHIN = 150  # nested schemas; the stack of Python allows about four times as many

_STRUCTURE = frozenset(
    {
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "discriminator",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "items",
        "nullable",
        "oneOf",
        "properties",
        "required",
        "type",
    }
)
_KINDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(LIMITS, NUMBERS),
    "enum": frozenset({"array"}),
    "exclusiveMaximum": NUMBERS | {"boolean"},
    "exclusiveMinimum": NUMBERS | {"boolean"},
    "format": STRINGS,
    "multipleOf": NUMBERS,
    "pattern": STRINGS,
}
_IGNORED = (ANNOTATIONS | {"$schema"}) - {"default", "readOnly"}
_NEUTRAL = {
    "readOnly": False,
    **{name: each.neutral for name, each in ASSERTIONS.items() if each.neutral is not None},
}


class ShapeReader:
    """Reads the shapes of one document, each schema once."""

    def __init__(self, data: dict[str, Json]) -> None:
        self.data = data
        self.made: dict[str, Shape] = {}
        self.within: list[str] = []
        self.merger = Merger()

    def shape(self, node: Json, pointer: str) -> Shape:
        """Return the shape of the schema `node`, whose pointer is `pointer`.

        Raises:
            DocumentError: The schema is invalid, has a dangling reference, contains itself, or is
                too large.
        """
        if pointer in self.made:
            return self.made[pointer]
        if pointer in self.within:
            raise DocumentError(f"{pointer}: the schema contains itself, a cycle; break it")
        if len(self.within) >= MAX_WITHIN or len(self.made) >= MAX_SHAPES:
            message = f"{pointer}: more than {MAX_SHAPES:,} schemas, or {MAX_WITHIN} in each other"
            raise DocumentError(f"{message}; expected what one operation needs")
        self.within.append(pointer)
        made = self._shape(node, pointer)
        self.within.pop()
        self.made[pointer] = made
        return made

    def _shape(self, node: Json, pointer: str) -> Shape:
        if node is True:
            return Shape((pointer,))
        if not isinstance(node, dict):
            raise DocumentError(f"{pointer}: expected a schema object, got {kind_of(node)}")
        _check_keywords(node, pointer)
        parts = []
        if isinstance(node.get("$ref"), str):
            parts.append(self._referred(node["$ref"], pointer))
            if not any(_counts(key) for key in node if key != "$ref"):
                return parts[0]
        parts += self._listed(node, "allOf", pointer)
        for keyword in ("oneOf", "anyOf"):
            if keyword in node:
                parts.append(self._union(node, keyword, pointer))
        shape = self._own(node, pointer)
        if len(parts) == 1 and shape.unconstrained:
            (part,) = parts
            where = {**part.where, **shape.where}
            # Properties can be added next to an `allOf`, but not next to a `$ref`.
            places = (pointer, *part.places) if "allOf" in node else (*part.places, pointer)
            shape = evolve(part, places=places, where=where)
        else:
            for part in parts:
                shape = self.merger.merge(shape, part)
        if _allows_null(node):
            shape = with_null(shape, pointer)
        return shape

    def _referred(self, reference: str, pointer: str) -> Shape:
        follow(self.data, {"$ref": reference}, pointer)  # raises if dangling, circular or external
        location = pointer_of(reference)
        return self.shape(at(self.data, location), location)

    def _listed(self, node: dict[str, Json], keyword: str, pointer: str) -> list[Shape]:
        listed = node.get(keyword, [])
        if not isinstance(listed, list):
            where = join(pointer, keyword)
            raise DocumentError(f"{where}: expected a list of schemas, got {kind_of(listed)}")
        return [
            self.shape(part, join(pointer, keyword, index)) for index, part in enumerate(listed)
        ]

    def _own(self, node: dict[str, Json], pointer: str) -> Shape:
        where = {key: join(pointer, key) for key in node}
        properties = _object(node, "properties", pointer)
        required = _texts(node, "required", pointer)
        for name in properties:
            where[f"properties/{name}"] = join(pointer, "properties", name)
        for index, name in enumerate(required):
            where[f"required/{name}"] = join(pointer, "required", index)
        for key, other in (("const", "enum"), ("nullable", NULL)):
            if key in where:
                where.setdefault(other, where[key])
        keywords = dict(_keywords(node))
        values = node.get("additionalProperties", True)
        if values is False:
            keywords["additionalProperties"] = False
        return Shape(
            places=(pointer,),
            types=_types(node, keywords, pointer),
            keywords=keywords,
            properties={
                name: self.shape(value, join(pointer, "properties", name))
                for name, value in properties.items()
            },
            required=frozenset(required),
            items=self.shape(node["items"], where["items"]) if "items" in node else None,
            values=self.shape(values, where["additionalProperties"])
            if isinstance(values, dict) and values
            else None,
            where=where,
        )

    def _union(self, node: dict[str, Json], keyword: str, pointer: str) -> Shape:
        shapes = self._listed(node, keyword, pointer)
        parts = [
            (shape, _target(part, join(pointer, keyword, index)))
            for index, (shape, part) in enumerate(zip(shapes, node[keyword], strict=True))
            if not shape.only_null
        ]
        null = len(parts) < len(shapes) or any(shape.nullable for shape, _ in parts)
        branches = tuple(evolve(shape, types=shape.types - {NULL}) for shape, _ in parts)
        where = {"oneOf": join(pointer, keyword), NULL: join(pointer, keyword)}
        if not parts:
            return Shape((pointer,), types=frozenset({NULL}) if null else frozenset(), where=where)
        if len(parts) == 1:
            return with_null(parts[0][0], where[NULL]) if null else parts[0][0]
        types = frozenset[str]().union(*(branch.types for branch in branches))
        if null:
            types |= {NULL}
        if all(_only_types(branch) for branch in branches):
            return Shape((pointer,), types=types, where={**where, "type": where["oneOf"]})
        tag, named = self._discriminator(node, pointer)
        tags = {}
        for index, ((_, target), branch) in enumerate(zip(parts, branches, strict=True)):
            names = [value for value, meant in named.items() if meant == target]
            tags.update(dict.fromkeys(names or _tags(branch, tag, target), index))
        return Shape((pointer,), types=types, branches=branches, tag=tag, tags=tags, where=where)

    def _discriminator(self, node: dict[str, Json], pointer: str) -> tuple[str | None, Any]:
        """Return the property that selects the branch, and the pointer for each of its values."""
        discriminator = _object(node, "discriminator", pointer)
        mapping = _object(discriminator, "mapping", join(pointer, "discriminator"))
        tag = discriminator.get("propertyName")
        return tag if isinstance(tag, str) else None, {
            value: pointer_of(str(meant))
            if str(meant).startswith("#/")
            else join("/components/schemas", str(meant))
            for value, meant in mapping.items()
        }


def _target(part: Json, pointer: str) -> str:
    is_reference = isinstance(part, dict) and "$ref" in part
    return pointer_of(str(part["$ref"])) if is_reference else pointer


def _tags(branch: Shape, tag: str | None, target: str) -> list[str]:
    """Return the values that select `branch` without a mapping."""
    if tag is None:
        return []
    if tag in branch.properties and len(branch.properties[tag].keywords.get("enum", ())) == 1:
        return list(map(str, branch.properties[tag].keywords["enum"]))
    return [target.rpartition("/")[2]]


def _only_types(shape: Shape) -> bool:
    """Whether it has only types, so that a union of such shapes is a list of types."""
    rest = (shape.keywords, shape.properties, shape.items, shape.values, shape.branches)
    return bool(shape.types) and not any(rest)


def _counts(key: str) -> bool:
    return key not in _IGNORED and not key.startswith("x-")


def _allows_null(node: dict[str, Json]) -> bool:
    """Whether null is allowed by `nullable`, or by an `enum` that lists it."""
    listed = node.get("enum")
    return node.get("nullable") in (True, "true") or (isinstance(listed, list) and None in listed)


def _types(node: dict[str, Json], keywords: dict[str, Json], pointer: str) -> frozenset[str]:
    listed = node.get("type")
    if isinstance(listed, str):
        return frozenset({listed})
    if listed is not None:
        return frozenset(_texts(node, "type", pointer))
    if "const" in node or isinstance(node.get("enum"), list):
        return frozenset(map(kind_of, keywords.get("enum", [None])))
    if "properties" in node or "required" in node:
        return frozenset({"object"})
    return frozenset({"array"}) if "items" in node else frozenset()


def _keywords(node: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the keywords of a schema except its structure, in the spelling of OpenAPI 3.1."""
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list) and values != [None]:
        yield "enum", [value for value in values if value is not None]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if node.get(exclusive) is True and bound in node:
            yield exclusive, node[bound]
        elif bound in node:
            yield bound, node[bound]
        if exclusive in node and not isinstance(node[exclusive], bool):
            yield exclusive, node[exclusive]
    for key, value in node.items():
        known = key in _STRUCTURE or key in {"minimum", "maximum"}
        if not known and _counts(key) and not (key in _NEUTRAL and _NEUTRAL[key] == value):
            yield key, value


def _check_keywords(node: dict[str, Json], pointer: str) -> None:
    for key, kinds in _KINDS.items():
        if key in node and kind_of(node[key]) not in kinds:
            expected = " or ".join(sorted(kinds))
            message = f"{join(pointer, key)}: expected {expected}, got {kind_of(node[key])}"
            raise DocumentError(message)


def _object(node: dict[str, Json], key: str, pointer: str) -> dict[str, Json]:
    value = node.get(key, {})
    if not isinstance(value, dict):
        raise DocumentError(f"{join(pointer, key)}: expected an object, got {kind_of(value)}")
    return value


def _texts(node: dict[str, Json], key: str, pointer: str) -> list[str]:
    value = node.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DocumentError(f"{join(pointer, key)}: expected a list of texts")
    return list(dict.fromkeys(value))
