"""Convert schemas of OpenAPI 3.0 and 3.1 into the JSON Schema that a contract may use.

What a contract can't state is replaced by something looser, never by something tighter, and noted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jsonschema_rs
from attrs import define, field

from contract_tests.spec import formats
from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import ASSERTIONS, LIMITS, TYPES, Bound
from contract_tests.spec.naming import RESERVED_CLASSES, pascal
from contract_tests.spec.patterns import PatternError, to_python
from contract_tests.spec.references import follow, pointer_of
from contract_tests.spec.values import Json, join, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    Node = dict[str, Json]

COMPONENTS = "#/components/schemas/"
ANY = [kind for kind in TYPES if kind != "integer"]
_DROPPED_SILENTLY = frozenset(
    {
        *("title", "xml", "externalDocs", "example", "examples", "deprecated", "writeOnly"),
        *("$comment", "$id", "$schema", "$anchor", "contentMediaType", "contentEncoding"),
    }
)
_CONVERTED = frozenset(
    {
        *("type", "nullable", "enum", "const", "properties", "required", "items", "description"),
        *("allOf", "oneOf", "anyOf", "discriminator", "default", "readOnly", "$ref"),
        *ASSERTIONS,
    }
)
_SHALLOW = 60  # schemas in schemas


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

    def note(self, where: str, sentence: str) -> None:
        """Record what the new contract leaves out."""
        self.notes[f"{where}: {sentence}"] = None

    def schema(self, node: Json, where: str, name: str) -> Node:
        """Return the schema for `node` at `where`; `name` is for what needs a name."""
        if not isinstance(node, dict) or len(self._within) > _SHALLOW:
            return {"description": "", "type": ANY}
        if isinstance(node.get("$ref"), str):
            return self._reference(node, where)
        merged = self._merged(node, where, ())
        if isinstance(merged.get("$ref"), str):
            return self._nullable(self._reference(merged, where), node)
        if {"oneOf", "anyOf"} & merged.keys():
            made = self._union(merged, where, name)
        else:
            made = self._plain(merged, where, name)
        if made.get("properties") or "discriminator" in made or "enum" in made or _is_union(made):
            made = self._hoisted(made, name)
        return made

    def _reference(self, node: Node, where: str) -> Node:
        target, location = follow(self.data, node, where)
        if location in self._within:
            self.note(where, "the schema contains itself; cut to `type: object`")
            return {"description": "", "type": "object"}
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
        while title in self.components and self.components[title] != made:
            title, number = f"{base}{number}", number + 1
        null = isinstance(made.get("type"), list) and "null" in made["type"]
        if null and "enum" not in made:
            made = {**made, "type": "object"}
        self.components[title] = {"description": "", **made}
        reference = {"$ref": COMPONENTS + title}
        if null and "enum" not in made:
            return {"oneOf": [reference, {"type": "null"}]}
        return reference

    def _nullable(self, made: Node, node: Node) -> Node:
        return {"oneOf": [made, {"type": "null"}]} if node.get("nullable") is True else made

    def _merged(self, node: Node, where: str, seen: tuple[str, ...]) -> Node:
        """Return `node` with its `allOf` merged; a single reference stays a reference."""
        parts = node.get("allOf")
        if not isinstance(parts, list):
            return node
        own = {key: value for key, value in node.items() if key != "allOf"}
        plain = own.keys() <= _DROPPED_SILENTLY | {"description", "nullable", "readOnly", "default"}
        if len(parts) == 1 and plain and isinstance(parts[0], dict) and "$ref" in parts[0]:
            return dict(parts[0])
        merged: Node = {}
        for index, part in enumerate([*parts, own]):
            target, location = follow(self.data, part, join(where, "allOf", index))
            if location in seen or not isinstance(target, dict):
                continue
            self._merge(merged, self._merged(target, location, (*seen, location)), where)
        merged.pop("discriminator", None) if "oneOf" not in merged else None
        return merged

    def _merge(self, merged: Node, part: Node, where: str) -> None:
        if isinstance(part.get("$ref"), str):
            part = self._merged(*follow(self.data, part, where), (where,))
        for keyword, value in part.items():
            if keyword == "properties" and isinstance(value, dict):
                known = merged.setdefault("properties", {})
                for name, schema in value.items():
                    both = name in known and known[name] != schema
                    known[name] = {"allOf": [known[name], schema]} if both else schema
            elif keyword == "required" and isinstance(value, list):
                known = merged.setdefault("required", [])
                known += [name for name in value if name not in known]
            elif keyword in LIMITS and keyword in merged:
                merged[keyword] = LIMITS[keyword].tighter(merged[keyword], value)
            elif keyword in {"oneOf", "anyOf"} and keyword in merged:
                self.note(where, f"two `{keyword}` in one allOf; only the first is kept")
            else:
                merged.setdefault(keyword, value)

    def _types(self, node: Node) -> list[str]:
        types = node.get("type")
        kinds = [types] if isinstance(types, str) else list(types or ())
        if not kinds:
            if "properties" in node or "required" in node or "additionalProperties" in node:
                kinds = ["object"]
            elif "items" in node:
                kinds = ["array"]
            elif "const" in node:
                kinds = [kind_of(node["const"])]
            elif isinstance(node.get("enum"), list):
                kinds = [*dict.fromkeys(map(kind_of, node["enum"]))]
            else:
                return list(ANY)
        kinds = [kind for kind in kinds if kind in TYPES] or list(ANY)
        if node.get("nullable") is True and "null" not in kinds:
            kinds.append("null")
        return kinds

    def _plain(self, node: Node, where: str, name: str) -> Node:
        kinds = self._types(node)
        whole = [kind for kind in kinds if kind != "null"]
        made: Node = {"description": str(node.get("description") or "")}
        made["type"] = kinds[0] if len(kinds) == 1 else kinds
        self._keywords(node, made, whole, where)
        self._members(node, made, kinds)
        if whole == ["object"] and isinstance(node.get("properties"), dict):
            made["properties"] = {
                key: self.schema(value, join(where, "properties", key), f"{name} {key}")
                for key, value in node["properties"].items()
            }
        if whole == ["object"] and isinstance(node.get("required"), list):
            required = [key for key in dict.fromkeys(node["required"]) if isinstance(key, str)]
            for key in required:
                made.setdefault("properties", {}).setdefault(key, {"description": "", "type": ANY})
            if required:
                made["required"] = required
        if whole == ["array"] and "items" in node:
            made["items"] = self.schema(node["items"], join(where, "items"), f"{name} item")
        if node.get("readOnly") is True:
            made["readOnly"] = True
        self._beside(node, made, where)
        return made

    def _beside(self, node: Node, made: Node, where: str) -> None:
        """Note what is left out, and keep the default and the examples that are valid."""
        values = node.get("additionalProperties")
        if isinstance(values, dict) and values:
            self.note(where, "`additionalProperties` with a schema; its values are not checked")
        for keyword in node.keys() - _CONVERTED - _DROPPED_SILENTLY - {"additionalProperties"}:
            if not keyword.startswith("x-"):
                self.note(where, f"`{keyword}` is not supported; left out")
        if "default" in node and _is_valid(made, node["default"]):
            made["default"] = node["default"]
        examples = node.get("examples") if isinstance(node.get("examples"), list) else []
        given = [*([node["example"]] if "example" in node else []), *(examples or [])]
        if good := [value for value in given if _is_valid(made, value)]:
            made["examples"] = good[:3]

    def _keywords(self, node: Node, made: Node, whole: list[str], where: str) -> None:
        node = _exclusive(node)
        for keyword in ASSERTIONS.keys() & node.keys() - {"enum", "const"}:
            value = node[keyword]
            applies = ASSERTIONS[keyword].types
            if keyword == "format":
                if value not in formats.KNOWN:
                    if whole == ["string"]:
                        self.note(where, f"unknown format {value!r}; any text is valid")
                    continue
                applies = formats.types_of(value)
            if isinstance(value, bool) and keyword != "uniqueItems":
                continue
            if len(whole) != 1 or whole[0] not in applies:
                self.note(where, f"`{keyword}` does not apply to {' or '.join(whole)}; left out")
                continue
            if keyword == "pattern":
                try:
                    to_python(value)
                except PatternError as error:
                    self.note(where, f"the pattern {error}; left out")
                    continue
            made[keyword] = value
        self._contradictions(made, where)

    def _contradictions(self, made: Node, where: str) -> None:
        for lower in [each for each in LIMITS.values() if each.bound is Bound.LOWER]:
            for upper in [each for each in LIMITS.values() if each.bound is Bound.UPPER]:
                if lower.types != upper.types or not {lower.name, upper.name} <= made.keys():
                    continue
                strict = lower.exclusive or upper.exclusive
                if made[lower.name] > made[upper.name] or (
                    strict and made[lower.name] == made[upper.name]
                ):
                    self.note(where, f"{lower.name} and {upper.name} contradict; left out")
                    del made[lower.name], made[upper.name]

    def _members(self, node: Node, made: Node, kinds: list[str]) -> None:
        if "const" in node and kind_of(node["const"]) in {*kinds, "integer"}:
            made["const"] = node["const"]
        elif isinstance(node.get("enum"), list):
            spelled = {f"{kind_of(value)} {value!r}": value for value in node["enum"]}
            members = [
                value
                for value in spelled.values()
                if kind_of(value) in kinds or (kind_of(value) == "integer" and "number" in kinds)
            ]
            if "null" in kinds and None not in members:
                members.append(None)
            if members and members != [None]:
                made["enum"] = members

    def _union(self, node: Node, where: str, name: str) -> Node:
        keyword = "oneOf" if "oneOf" in node else "anyOf"
        listed = node[keyword] if isinstance(node[keyword], list) else []
        branches = [
            (part, *follow(self.data, part, join(where, keyword, index)))
            for index, part in enumerate(listed)
        ]
        whole = [each for each in branches if not _is_null(each[1])]
        null = len(whole) < len(branches) or node.get("nullable") is True
        if len(whole) == 1:
            made = self.schema(whole[0][0], join(where, keyword, 0), name)
            return _with_null(made) if null else made
        merged = [self._merged(each[1], each[2], (each[2],)) for each in whole]
        if all(self._types(each) == ["object"] for each in merged) and whole:
            made_union = self._objects(node, where, name, whole, merged)
            if made_union is not None:
                return {
                    **made_union,
                    "oneOf": [*made_union["oneOf"], *([{"type": "null"}] if null else [])],
                }
            self.note(where, f"nothing distinguishes the branches of `{keyword}`; any object")
            return {"description": "", "type": ["object", "null"] if null else "object"}
        kinds: list[str] = []
        for each in merged:
            nested = {"oneOf", "anyOf"} & each.keys()
            kinds += list(ANY) if nested else self._types(each)
        kinds = list(dict.fromkeys([*kinds, *(["null"] if null else [])])) or list(ANY)
        if "number" in kinds:
            kinds = [kind for kind in kinds if kind != "integer"]
        self.note(where, f"`{keyword}` of different types; any {' or '.join(kinds)} is valid")
        return {"description": "", "type": kinds if len(kinds) > 1 else kinds[0]}

    def _objects(
        self,
        node: Node,
        where: str,
        name: str,
        whole: list[tuple[Node, Node, str]],
        merged: list[Node],
    ) -> Node | None:
        """Return the union of objects, None if nothing distinguishes them."""
        discriminator = node.get("discriminator")
        title = name
        if isinstance(discriminator, dict) and isinstance(discriminator.get("propertyName"), str):
            key = discriminator["propertyName"]
            tags = _tags(discriminator.get("mapping"), whole, merged, key)
            if tags is None:
                return None
            made = {}
            for (part, _, location), branch, tag in zip(whole, merged, tags, strict=True):
                own = {
                    **branch,
                    "properties": {
                        **branch.get("properties", {}),
                        key: {"type": "string", "const": tag},
                    },
                    "required": [*dict.fromkeys([*branch.get("required", ()), key])],
                }
                hint = location.rpartition("/")[2] if "$ref" in part else f"{title} {tag}"
                made[tag] = self.schema(own, location, hint)
            return {
                "description": str(node.get("description") or ""),
                "oneOf": list(made.values()),
                "discriminator": {
                    "propertyName": key,
                    "mapping": {tag: branch["$ref"] for tag, branch in made.items()},
                },
            }
        if "anyOf" in node or not _distinguished(merged):
            return None
        return {
            "description": str(node.get("description") or ""),
            "oneOf": [
                self.schema(part, join(where, "oneOf", index), f"{title} {index + 1}")
                for index, (part, _, _) in enumerate(whole)
            ],
        }


def _is_union(made: Node) -> bool:
    return len([each for each in made.get("oneOf", ()) if not _is_null(each)]) > 1


def _exclusive(node: Node) -> Node:
    """Return the limits as OpenAPI 3.1 writes them: `exclusiveMinimum` is a number."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if node.get(exclusive) is True and bound in node:
            limit = node[bound]
            node = {key: value for key, value in node.items() if key != bound} | {exclusive: limit}
    return node


def _tags(
    mapping: Json, whole: list[tuple[Node, Node, str]], merged: list[Node], key: str
) -> list[str] | None:
    """Return the value of the discriminator for each branch, None if it is not clear."""
    by_target: dict[str, list[str]] = {}
    for tag, target in (mapping if isinstance(mapping, dict) else {}).items():
        place = pointer_of(str(target))
        place = place if place.startswith("/") else join("/components/schemas", place)
        by_target.setdefault(place, []).append(str(tag))
    tags: list[str] = []
    for (part, _, location), branch in zip(whole, merged, strict=True):
        own = branch.get("properties", {}).get(key)
        own = own if isinstance(own, dict) else {}
        members = [own["const"]] if "const" in own else own.get("enum", [])
        found = by_target.get(location) or (members if len(members) == 1 else [])
        if not found and "$ref" in part:
            found = [location.rpartition("/")[2]]
        if len(found) != 1 or not isinstance(found[0], str):
            return None
        tags.append(found[0])
    return tags if len(set(tags)) == len(tags) else None


def _distinguished(branches: list[Node]) -> bool:
    return all(
        any(
            all(
                name not in other.get("properties", {}) for other in branches if other is not branch
            )
            for name in branch.get("required", ())
            if name in branch.get("properties", {})
        )
        for branch in branches
    )


def _is_null(node: Json) -> bool:
    return isinstance(node, dict) and (
        node.get("type") in ("null", ["null"])
        or node.get("enum") == [None]
        or ("const" in node and node["const"] is None)
    )


def _with_null(made: Node) -> Node:
    if "$ref" in made:
        return {"oneOf": [made, {"type": "null"}]}
    if "oneOf" in made:
        has = any(_is_null(each) for each in made["oneOf"])
        return made if has else {**made, "oneOf": [*made["oneOf"], {"type": "null"}]}
    kinds = made["type"] if isinstance(made["type"], list) else [made["type"]]
    made = {**made, "type": kinds if "null" in kinds else [*kinds, "null"]}
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made


def _is_valid(schema: Node, value: Json) -> bool:
    rules: Iterable[str] = [key for key in schema if key in ASSERTIONS or key == "type"]
    try:
        return bool(
            jsonschema_rs.is_valid(
                {key: schema[key] for key in rules},
                value,
                formats=dict(formats.CHECKS),
                validate_formats=True,
            )
        ) and not isinstance(value, (dict, list))
    except (ValueError, DocumentError):
        return False
