"""Draft schemas for the contract from shapes.

Names and values from outside end up in generated code, so only plain ones are accepted. A person
must write the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_tests.spec.keywords import LIMITS
from contract_tests.spec.lint_schemas import unfit_values
from contract_tests.spec.values import Json, at, join, kind_of
from scripts.compare.shapes import NULL, Shape
from scripts.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_SCHEMAS = 200
MAX_MEMBERS = 500
COMPONENTS = "#/components/schemas/"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_TEXT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .,:/+@-]{0,99}|/?")
_FORMAT = re.compile(r"[a-z][a-z0-9-]{0,39}")
_COPIED = frozenset({*LIMITS, "maxProperties", "minProperties", "multipleOf"})
_MARKS = frozenset({"readOnly", "uniqueItems"})
_DECISIONS = {
    "branch": "each branch needs its own value of the discriminator, and importers use its model",
    "branches": "only the discriminator or `required` can distinguish branches",
    "security": "it decides how the token is sent",
    "server": "it decides where the token is sent",
    "parameter": "it decides what is sent",
    "response": "it decides how responses are decoded",
    "deprecation": "importers should know what replaces the operation",
}


class ManualChangeError(ValueError):
    """A change that a person must make; the message says why."""


def reason_to_decide(change: str) -> str:
    """Return why a person must make a change of this kind."""
    return _DECISIONS.get(change.partition(" ")[0], "it needs a decision")


def checked_name(name: str) -> str:
    """Return `name` if it is allowed as the name of a property.

    Raises:
        ManualChangeError: It is not.
    """
    if not _NAME.fullmatch(name):
        raise ManualChangeError("a name with characters other than letters, digits, `_`, `.`, `-`")
    return name


def checked_value(value: Json) -> Json:
    """Return `value` if it is a plain one.

    Raises:
        ManualChangeError: It is not a scalar, or a string with special characters.
    """
    if isinstance(value, str) and not _TEXT.fullmatch(value):
        raise ManualChangeError("a string with characters other than letters, digits, punctuation")
    if isinstance(value, dict | list):
        raise ManualChangeError(f"a value of type {kind_of(value)}")
    return value


def checked_keyword(keyword: str, value: Json) -> Json:
    """Return the value of `keyword` if it may be copied without review.

    Raises:
        ManualChangeError: It may not.
    """
    if keyword == "format" and isinstance(value, str) and _FORMAT.fullmatch(value):
        return value
    if keyword == "default":
        return checked_value(value)
    kinds = {"boolean"} if keyword in _MARKS else {"integer", "number"}
    if keyword in _COPIED | _MARKS and kind_of(value) in kinds:
        return value
    raise ManualChangeError(f"`{keyword}`" if _NAME.fullmatch(keyword) else "an unknown keyword")


class SchemaDrafter:
    """Drafts the schemas of one proposal, and the named components that they need.

    Attributes:
        components: The components, in the order in which they are used.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.components: dict[str, Json] = {}
        self.made = 0

    def property(self, shape: Shape, name: str) -> dict[str, Json]:
        """Return the schema of a property; its description, where it needs one, is empty.

        Raises:
            ManualChangeError: A person must write it.
        """
        schema = self.schema(shape, name)
        return schema if "$ref" in schema or "oneOf" in schema else {"description": "", **schema}

    def schema(self, shape: Shape, name: str) -> dict[str, Json]:
        """Return a schema for `shape`; objects and enums become components named after `name`.

        Raises:
            ManualChangeError: A person must write it.
        """
        self.made += 1
        if self.made > MAX_SCHEMAS:
            raise ManualChangeError(f"over {MAX_SCHEMAS} schemas")
        if shape.branches:
            raise ManualChangeError("a union; its branches need discriminators")
        members = shape.keywords.get("enum")
        if members or shape.properties:
            return self._component(name, shape)
        schema: dict[str, Json] = {}
        if shape.types:
            types = sorted(shape.types, key=lambda kind: (kind == NULL, kind))
            schema["type"] = types[0] if len(types) == 1 else types
        for keyword, value in shape.keywords.items():
            if keyword != "additionalProperties":
                schema[keyword] = checked_keyword(keyword, value)
        if shape.items:
            schema["items"] = self.schema(shape.items, name)
        return schema

    def _component(self, name: str, shape: Shape) -> dict[str, Json]:
        extra = {
            keyword: checked_keyword(keyword, value)
            for keyword, value in shape.keywords.items()
            if keyword not in {"additionalProperties", "enum"} and value is not None
        }
        title = self._title(name)
        self.components[title] = component = {"description": ""}
        if shape.keywords.get("enum"):
            component.update(_enum(shape))
        else:
            component.update(self._object(shape, name))
        component.update(extra)  # not next to the `$ref`, where the generator loses it
        reference = {"$ref": COMPONENTS + title}
        return with_null(reference) if shape.nullable else reference

    def _object(self, shape: Shape, name: str) -> dict[str, Json]:
        schema: dict[str, Json] = {"type": "object"}
        required = [checked_name(each) for each in shape.properties if each in shape.required]
        if required:
            schema["required"] = required
        schema["properties"] = {
            checked_name(each): self.property(inner, f"{name}_{each}")
            for each, inner in shape.properties.items()
        }
        return schema

    def _title(self, name: str) -> str:
        words = re.split(r"[^A-Za-z0-9]+", name)
        base = "".join(word[:1].upper() + word[1:] for word in words)[:80] or "Schema"
        base = base if base[0].isalpha() else f"Schema{base}"
        title, number = base, 2
        while title in self.taken:
            title, number = f"{base}{number}", number + 1
        self.taken.add(title)
        return title


def _enum(shape: Shape) -> dict[str, Json]:
    members = shape.keywords["enum"]
    if len(members) > MAX_MEMBERS or shape.types - {NULL} != {"string"}:
        raise ManualChangeError(f"an enum with over {MAX_MEMBERS} members, or not of strings")
    return {"type": "string", "enum": [checked_value(member) for member in members]}


def refuse_hostile_text(before: Json, after: Json) -> None:
    """Check each name, enum member and string that is in `after` and not in `before`.

    Raises:
        ManualChangeError: A name or member is not plain enough for generated code, or a string
            has invisible characters.
    """
    for text in sorted(set(_strings(after)) - set(_strings(before))):
        shown = text.replace("\n", "").replace("\t", "")
        if visible(shown, len(shown)) != shown:
            raise ManualChangeError(f"{text!r:.80} has invisible characters")
    new = set(_names(after)) - set(_names(before))
    for kind, text in sorted(new):
        try:
            checked_value(text) if kind == "enum" else checked_name(text)
        except ManualChangeError as error:
            raise ManualChangeError(f"{text!r:.80} in `{kind}` is {error}") from error


def _names(node: Json) -> Iterator[tuple[str, str]]:
    todo = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, list):
            todo.extend(each)
        elif isinstance(each, dict):
            todo.extend(each.values())
            for kind in ("properties", "schemas", "headers"):
                if isinstance(each.get(kind), dict):
                    yield from ((kind, name) for name in each[kind])
            enum = each.get("enum")
            members = [*(enum if isinstance(enum, list) else ()), each.get("const")]
            yield from (("enum", value) for value in members if isinstance(value, str))


def _strings(node: Json) -> Iterator[str]:
    todo = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, list):
            todo.extend(each)
        elif isinstance(each, dict):
            todo.extend([*each.keys(), *each.values()])
        elif isinstance(each, str):
            yield each


def with_null(schema: dict[str, Json]) -> dict[str, Json]:
    """Return `schema` with null allowed, in the contract's style."""
    if isinstance(schema.get("type"), str) and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [schema["type"], NULL]}
    if isinstance(schema.get("type"), list) and "enum" not in schema:
        return {**schema, "type": [*schema["type"], NULL]}
    return {"oneOf": [schema, {"type": NULL}]}


def without_null(schema: dict[str, Json]) -> dict[str, Json]:
    """Return `schema` with null not allowed.

    Raises:
        ManualChangeError: It does not have the contract's style.
    """
    types = schema.get("type")
    if isinstance(types, list) and NULL in types:
        rest = [kind for kind in types if kind != NULL]
        return {**schema, "type": rest[0] if len(rest) == 1 else rest}
    nulls = ({"type": NULL}, {"const": None})
    parts = [part for part in schema.get("oneOf", ()) if part not in nulls]
    if len(parts) == 1:
        return dict(parts[0])
    raise ManualChangeError("a null that is allowed in more than one place")


def fit_examples(data: Json, place: str) -> list[Json]:
    """Return the examples at `place` that are valid under their own schema."""
    schema = at(data, place)
    unfit = {where for where, _ in unfit_values(data, schema, place)}
    examples = enumerate(schema.get("examples", ()))
    return [each for index, each in examples if join(place, "examples", index) not in unfit]
