"""Convert schemas of OpenAPI 3.0 and 3.1 into the JSON Schema that a contract may use.

What a contract can't state is replaced by something looser, never by something tighter, and noted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, field

from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import TYPES
from contract_tests.spec.naming import RESERVED_CLASSES, pascal
from contract_tests.spec.references import follow, origin
from contract_tests.spec.values import Json, join, kind_of
from scripts.slice.assertions import add_assertions, is_valid
from scripts.slice.merging import ANY, RESTRICTING, merge
from scripts.slice.unions import convert_union, is_null, with_null

if TYPE_CHECKING:
    Node = dict[str, Json]

COMPONENTS = "#/components/schemas/"
_DROPPED_SILENTLY = frozenset(
    {
        *("title", "xml", "externalDocs", "example", "examples", "deprecated", "writeOnly"),
        *("$comment", "$id", "$schema", "$anchor", "contentMediaType", "contentEncoding"),
    }
)
_CONVERTED = (RESTRICTING - {"not"}) | {
    *("$ref", "default", "description", "discriminator", "readOnly"),
}
_OF_OBJECTS = frozenset({"additionalProperties", "properties", "required"})
_DEEP = 100  # tokens of a location
_MOST = 50_000  # schemas; the parts of an `allOf` that refer to one another never end


@define
class Converter:
    """Converts schemas and collects the components that they need.

    Attributes:
        data: The source document.
        components: The converted components by their new names.
        notes: What was replaced by something looser, one sentence each.
    """

    data: Node
    components: dict[str, Node] = field(factory=dict)
    notes: dict[str, None] = field(factory=dict)
    _made: dict[str, Node] = field(factory=dict)
    _within: list[str] = field(factory=list)
    _count: int = 0

    def note(self, where: str, sentence: str) -> None:
        """Record what the new contract leaves out."""
        self.notes[f"{origin(self.data, where)}: {sentence}"] = None

    def schema(self, node: Json, where: str, name: str) -> Node:
        """Return the schema for `node` at `where`; `name` is for what needs a name."""
        if not isinstance(node, dict) or where.count("/") > _DEEP:
            if node not in (None, True):
                self.note(where, "is false or nested too deeply; anything is valid")
            return {"description": "", "type": ANY}
        self._count += 1
        if self._count > _MOST:
            raise DocumentError(f"{where}: over {_MOST:,} schemas in the response; simplify it")
        node = self._with_siblings(node)
        if reference := _only_reference(node):
            made = self._reference(reference, where)
            return with_null(made) if node.get("nullable") is True else made
        merged = self.merged(node, where)
        if {"oneOf", "anyOf"} & merged.keys():
            made = convert_union(self, merged, where, name)
        else:
            made = self.plain(merged, where, name)
        if made.get("properties") or "discriminator" in made or "enum" in made or _is_union(made):
            made = self._hoisted(made, name)
        return made

    def _with_siblings(self, node: Node) -> Node:
        """Return a `$ref` with keywords beside it as an `allOf`; before 3.1 they mean nothing."""
        beside = RESTRICTING & node.keys() if isinstance(node.get("$ref"), str) else None
        if not beside or str(self.data.get("openapi")).startswith("3.0"):
            return node
        return {"allOf": [{"$ref": node["$ref"]}, {key: node[key] for key in sorted(beside)}]}

    def _reference(self, node: Node, where: str) -> Node:
        target, location = follow(self.data, node, where)
        if location in self._within:
            kinds = self.types(self.merged(target, location), location)
            self.note(where, f"the schema contains itself; any {' or '.join(kinds)} is valid here")
            return {"description": "", "type": kinds[0] if len(kinds) == 1 else kinds}
        if location not in self._made:
            self._within.append(location)
            self._made[location] = self.schema(target, location, location.rpartition("/")[2])
            self._within.pop()
        return self._made[location]

    def _hoisted(self, made: Node, name: str) -> Node:
        base = pascal(re.sub(r"[^A-Za-z0-9]+", " ", name)) or "Schema"
        base = base if base[0].isalpha() else f"Schema{base}"
        base = f"{base}Object" if base in RESERVED_CLASSES else base
        title, number = base, 2
        null = isinstance(made.get("type"), list) and "null" in made["type"] and "enum" not in made
        made = {"description": "", **made, **({"type": "object"} if null else {})}
        while title in self.components and self.components[title] != made:
            title, number = f"{base}{number}", number + 1
        self.components[title] = made
        reference = {"$ref": COMPONENTS + title}
        return with_null(reference) if null else reference

    def merged(self, node: Json, where: str, seen: tuple[str, ...] = ()) -> Node:
        """Return the schema that `node` is or refers to, with its `allOf` merged."""
        node = self._with_siblings(node) if isinstance(node, dict) else {}
        node, where = follow(self.data, node, where)
        parts = node.get("allOf") if isinstance(node, dict) else None
        if not isinstance(parts, list) or where in seen:
            return node if isinstance(node, dict) and parts is None else {}
        if alone := _only_reference(node):
            nullable = {"nullable": True} if node.get("nullable") is True else {}
            return {**self.merged(alone, where, (*seen, where)), **nullable}
        merged: Node = {}
        own = {key: value for key, value in node.items() if key != "allOf"}
        for index, part in enumerate([*parts, own]):
            place = join(where, "allOf", index)
            for sentence in merge(merged, self.merged(part, place, (*seen, where))):
                self.note(where, sentence)
        return merged

    def types(self, node: Node, where: str) -> list[str]:
        """Return the types that a merged schema allows, inferred if it does not state them."""
        types = node.get("type")
        kinds = [types] if isinstance(types, str) else list(types or ())
        for kind in kinds:
            if kind not in TYPES:
                self.note(where, f"unknown type {kind!r}; anything is valid")
                return list(ANY)
        if not kinds:
            if {"oneOf", "anyOf"} & node.keys():
                return list(ANY)
            inferred = "object" if _OF_OBJECTS & node.keys() else "array" if "items" in node else ""
            if inferred:
                self.note(where, f"no type is stated; {inferred} is inferred")
                kinds = [inferred]
            elif "const" in node:
                kinds = [kind_of(node["const"])]
            elif isinstance(node.get("enum"), list):
                kinds = [*dict.fromkeys(map(kind_of, node["enum"]))]
        kinds = kinds or list(ANY)
        if node.get("nullable") is True and "null" not in kinds:
            kinds.append("null")
        return kinds

    def plain(self, node: Node, where: str, name: str) -> Node:
        """Return the schema for a merged schema that is not a union."""
        kinds = self.types(node, where)
        whole = [kind for kind in kinds if kind != "null"]
        made: Node = {"description": str(node.get("description") or "")}
        made["type"] = kinds[0] if len(kinds) == 1 else kinds
        for sentence in add_assertions(node, made, kinds):
            self.note(where, sentence)
        if whole == ["object"]:
            self._object(node, made, where, name)
        elif whole == ["array"] and "items" in node:
            made["items"] = self.schema(node["items"], join(where, "items"), f"{name} item")
        elif lost := [key for key in ("properties", "required", "items") if key in node]:
            self.note(where, f"`{lost[0]}` does not apply to {' or '.join(kinds)}; left out")
        if node.get("readOnly") is True:
            made["readOnly"] = True
        self._beside(node, made, where)
        return made

    def _object(self, node: Node, made: Node, where: str, name: str) -> None:
        properties = node.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        made["properties"] = {
            key: self.schema(value, join(where, "properties", key), f"{name} {key}")
            for key, value in properties.items()
        }
        required = []
        for key in dict.fromkeys(node.get("required") or ()):
            place = join(where, "properties", key)
            if self._is_write_only(properties.get(key), place):
                self.note(place, "is writeOnly; a response need not have it")
                continue
            made["properties"].setdefault(key, {"description": "", "type": ANY})
            required.append(key)
        made.update({"required": required} if required else {})
        if not made["properties"]:
            del made["properties"]

    def _is_write_only(self, node: Json, where: str) -> bool:
        own = isinstance(node, dict) and node.get("writeOnly") is True
        return own or self.merged(node, where).get("writeOnly") is True

    def _beside(self, node: Node, made: Node, where: str) -> None:
        """Note what is left out, and keep the default and the examples that are valid."""
        values = node.get("additionalProperties", True)
        if values is False:
            self.note(where, "`additionalProperties: false`; another property is an addition")
        elif isinstance(values, dict) and values:
            self.note(where, "`additionalProperties` with a schema; its values are not checked")
        if "discriminator" in node:
            self.note(where, "the discriminator has no `oneOf`; subtypes are not checked")
        for keyword in node.keys() - _CONVERTED - _DROPPED_SILENTLY:
            if not keyword.startswith("x-"):
                self.note(where, f"`{keyword}` is not supported; left out")
        if not isinstance(node.get("default", {}), (dict, list)) and is_valid(
            made, node["default"]
        ):
            made["default"] = node["default"]
        examples = node.get("examples") if isinstance(node.get("examples"), list) else []
        given = [*([node["example"]] if "example" in node else []), *(examples or [])]
        given = [value for value in given if not isinstance(value, (dict, list))]
        if good := [value for value in given if is_valid(made, value)]:
            made["examples"] = good[:3]


def _only_reference(node: Node) -> Node | None:
    """Return the reference that a schema consists of: a `$ref`, or an `allOf` of just one."""
    if isinstance(node.get("$ref"), str):
        return node
    parts = node.get("allOf")
    if not isinstance(parts, list) or len(parts) != 1 or not isinstance(parts[0], dict):
        return None
    alone = not RESTRICTING & node.keys() - {"allOf", "nullable"}
    return parts[0] if alone and isinstance(parts[0].get("$ref"), str) else None


def _is_union(made: Node) -> bool:
    return len([each for each in made.get("oneOf", ()) if not is_null(each)]) > 1
