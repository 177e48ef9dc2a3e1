"""Convert unions: find what distinguishes the branches, or what all of them allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.references import pointer_of
from contract_tests.spec.values import Json, join
from scripts.slice.merging import ANY, RESTRICTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.slice.schemas import Converter

    Node = dict[str, Json]


@frozen
class Branch:
    """A branch of a `oneOf` or `anyOf` that is not null.

    Attributes:
        node: The branch as the document has it.
        place: Its location.
        target: The location of the schema that it refers to; that of the branch itself if none.
        merged: That schema, with its `allOf` merged.
    """

    node: Node
    place: str
    target: str
    merged: Node

    @property
    def members(self) -> list[Json]:
        """The values that a `const` or `enum` allows; empty if it has neither."""
        if "const" in self.merged:
            return [self.merged["const"]]
        members = self.merged.get("enum")
        return members if isinstance(members, list) else []

    def hint(self, otherwise: str) -> str:
        """Return the name of the component that it refers to, `otherwise` if it is inline."""
        return self.target.rpartition("/")[2] if self.target != self.place else otherwise


def is_null(node: Json) -> bool:
    """Return whether a schema allows null only."""
    return isinstance(node, dict) and (
        node.get("type") in ("null", ["null"])
        or node.get("enum") == [None]
        or ("const" in node and node["const"] is None)
    )


def _tags(
    converter: Converter, branches: Sequence[Branch], discriminator: Node
) -> list[str] | None:
    """Return the discriminator's value for each branch, None if it is not clear.

    It is that of the mapping, else the only value that the branch allows, else the component's
    name.
    """
    key = discriminator["propertyName"]
    mapping = discriminator.get("mapping")
    by_target: dict[str, list[str]] = {}
    for tag, target in (mapping if isinstance(mapping, dict) else {}).items():
        place = pointer_of(str(target))
        place = place if place.startswith("/") else join("/components/schemas", place)
        by_target.setdefault(place, []).append(str(tag))
    tags: list[str] = []
    for branch in branches:
        members = _members_of(converter, branch, key)
        found = by_target.get(branch.target) or (members if len(members) == 1 else [])
        if not found and branch.target != branch.place:
            found = [branch.target.rpartition("/")[2]]
        if len(found) != 1 or not isinstance(found[0], str):
            return None
        tags.append(found[0])
    return tags if len(set(tags)) == len(tags) else None


def _members_of(converter: Converter, branch: Branch, key: str) -> list[Json]:
    """Return the values that a branch allows for a property; empty if it does not list them."""
    place = join(branch.target, "properties", key)
    own = converter.merged(branch.merged.get("properties", {}).get(key), place)
    members = [own["const"]] if "const" in own else own.get("enum")
    return members if isinstance(members, list) else []


def _implied(converter: Converter, branches: Sequence[Branch]) -> Node | None:
    """Return the discriminator if each branch requires a property with a value of its own."""
    for key in branches[0].merged.get("required", ()) if branches else ():
        values = [
            _members_of(converter, branch, key)
            for branch in branches
            if key in branch.merged.get("required", ())
        ]
        tags = {each[0] for each in values if len(each) == 1 and isinstance(each[0], str)}
        if len(tags) == len(branches):
            return {"propertyName": key}
    return None


def _are_distinguished(branches: Sequence[Branch]) -> bool:
    """Return whether each branch requires a property that no other branch has."""
    schemas = [branch.merged for branch in branches]
    return all(
        any(
            all(name not in other.get("properties", {}) for other in schemas if other is not schema)
            for name in schema.get("required", ())
            if name in schema.get("properties", {})
        )
        for schema in schemas
    )


def convert_union(converter: Converter, node: Node, where: str, name: str) -> Node:
    """Return the schema for a merged schema with a `oneOf` or `anyOf`."""
    keyword = "oneOf" if "oneOf" in node else "anyOf"
    base = {key: node[key] for key in sorted(RESTRICTING & node.keys() - {keyword, "nullable"})}
    if "anyOf" in base:
        converter.note(where, "`anyOf` beside `oneOf`; left out")
        del base["anyOf"]
    listed = node[keyword] if isinstance(node[keyword], list) else []
    branches = [
        _branch(converter, part, join(where, keyword, index), base)
        for index, part in enumerate(listed)
    ]
    whole = [branch for branch in branches if not is_null(branch.merged)]
    null = len(whole) < len(branches) and "null" in base.get("type", "null")
    if len(whole) == 1:
        made = converter.schema(whole[0].node, whole[0].place, name)
    else:
        made = _choice(converter, {**node, **base}, where, name, whole)
    return with_null(made) if null or node.get("nullable") is True else made


def with_null(made: Node) -> Node:
    """Return the converted schema that allows null too."""
    if "$ref" in made:
        return {"oneOf": [made, {"type": "null"}]}
    if "oneOf" in made:
        has = any(is_null(each) for each in made["oneOf"])
        return made if has else {**made, "oneOf": [*made["oneOf"], {"type": "null"}]}
    kinds = made["type"] if isinstance(made["type"], list) else [made["type"]]
    made = {**made, "type": kinds if "null" in kinds else [*kinds, "null"]}
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made


def _branch(converter: Converter, part: Json, place: str, base: Node) -> Branch:
    """Return a branch, with what is beside the union in it too."""
    node = part if isinstance(part, dict) else {}
    target = pointer_of(node["$ref"]) if isinstance(node.get("$ref"), str) else place
    own = converter.merged(node, place)
    stated = base.get("type", [])
    if set(converter.types(own, place)) <= set([stated] if isinstance(stated, str) else stated):
        base = {key: value for key, value in base.items() if key != "type"}
    if not base or is_null(own):
        return Branch(node, place, target, own)
    node = {"allOf": [node, base]}
    return Branch(node, place, target, converter.merged(node, place))


def _choice(
    converter: Converter, node: Node, where: str, name: str, whole: Sequence[Branch]
) -> Node:
    """Return the schema of several branches, or one that allows what each of them allows."""
    types = [converter.types(branch.merged, branch.place) for branch in whole]
    kinds = list(dict.fromkeys(kind for each in types for kind in each)) or list(ANY)
    if "number" in kinds:
        kinds = [kind for kind in kinds if kind != "integer"]
    simple = {
        key: value
        for key, value in node.items()
        if key not in {"oneOf", "anyOf", "discriminator", "nullable"}
    }
    if whole and all(branch.members for branch in whole):
        members = [member for branch in whole for member in branch.members]
        return converter.plain({**simple, "type": kinds, "enum": members}, where, name)
    if kinds == ["object"]:
        if (made := _objects(converter, node, name, whole)) is not None:
            return {"description": str(node.get("description") or ""), **made}
        converter.note(where, "nothing distinguishes the branches of the union; any object")
    else:
        shown = " or ".join(kinds)
        converter.note(where, f"a union of different types; any {shown} is valid")
    return converter.plain({**simple, "type": kinds}, where, name)


def _objects(converter: Converter, node: Node, name: str, whole: Sequence[Branch]) -> Node | None:
    """Return the union of objects, None if nothing distinguishes them."""
    discriminator = node.get("discriminator")
    if not isinstance(discriminator, dict) or "propertyName" not in discriminator:
        discriminator = _implied(converter, whole)
    if discriminator is not None:
        tags = _tags(converter, whole, discriminator)
        return None if tags is None else _tagged(converter, discriminator, name, whole, tags)
    if "anyOf" in node or not _are_distinguished(whole):
        return None
    return {
        "oneOf": [
            converter.schema(branch.node, branch.place, branch.hint(f"{name} {index + 1}"))
            for index, branch in enumerate(whole)
        ],
    }


def _tagged(
    converter: Converter,
    discriminator: Node,
    name: str,
    whole: Sequence[Branch],
    tags: Sequence[str],
) -> Node:
    key = discriminator["propertyName"]
    made = {}
    for branch, tag in zip(whole, tags, strict=True):
        merged = branch.merged
        if tag not in (members := _members_of(converter, branch, key)) and members:
            converter.note(branch.place, f"{key} {tag!r} is not a member of the branch's enum")
        constant = {key: {"type": "string", "const": tag}}
        tagged = {
            **merged,
            "properties": {**merged.get("properties", {}), **constant},
            "required": [*dict.fromkeys([*merged.get("required", ()), key])],
        }
        made[tag] = converter.schema(tagged, branch.target, branch.hint(f"{name} {tag}"))
    mapping = {tag: schema["$ref"] for tag, schema in made.items()}
    return {
        "oneOf": list(made.values()),
        "discriminator": {"propertyName": key, "mapping": mapping},
    }
