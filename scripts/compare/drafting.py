"""Schemas for the contract, drafted from shapes, and nothing in them that could be more than data.

A stranger's names and values end up in generated code, so that only plain ones are taken; the
rest is for a person. Must never know what a property of the job is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_tests.spec.values import Json, kind_of
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
_CARRIED = frozenset(
    {
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "readOnly",
        "uniqueItems",
    }
)


class NotProposableError(ValueError):
    """A change that a person must make. Says why."""


def checked_name(name: str) -> str:
    """`name`, if it is one that a property may have.

    Raises:
        NotProposableError: It is not.
    """
    if not _NAME.fullmatch(name):
        raise NotProposableError("a name that is more than letters, digits, `_`, `.` and `-`")
    return name


def checked_value(value: Json) -> Json:
    """`value`, if it is a plain one.

    Raises:
        NotProposableError: It is text with characters that mean something elsewhere, or no scalar.
    """
    if isinstance(value, str) and not _TEXT.fullmatch(value):
        raise NotProposableError("a text that is more than letters, digits and plain punctuation")
    if isinstance(value, dict | list):
        raise NotProposableError(f"a value that is {kind_of(value)}")
    return value


def checked_keyword(keyword: str, value: Json) -> Json:
    """The value of `keyword`, if it may be taken without being read by a person.

    Raises:
        NotProposableError: It may not.
    """
    if keyword == "format" and isinstance(value, str) and _FORMAT.fullmatch(value):
        return value
    if keyword == "default":
        return checked_value(value)
    if keyword in _CARRIED and kind_of(value) in {"boolean", "integer", "number"}:
        return value
    raise NotProposableError(f"`{keyword}`" if _NAME.fullmatch(keyword) else "an unknown keyword")


class Drafting:
    """Schemas drafted for one proposal, and the named components that they need."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.components: dict[str, Json] = {}
        self.made = 0

    def schema(self, shape: Shape, name: str) -> dict[str, Json]:
        """A schema that means `shape`; objects and enums stand in components called as `name`.

        Raises:
            NotProposableError: A person must write it.
        """
        self.made += 1
        if self.made > MAX_SCHEMAS:
            raise NotProposableError(f"over {MAX_SCHEMAS} schemas")
        if shape.branches:
            raise NotProposableError("a choice between schemas, whose branches must be told apart")
        members = shape.keywords.get("enum")
        if members:
            return self._component(name, self._enum(members, shape), shape)
        if shape.properties:
            return self._component(name, self._object(shape, name), shape)
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

    def _enum(self, members: list[Json], shape: Shape) -> dict[str, Json]:
        if len(members) > MAX_MEMBERS or shape.types - {NULL} != {"string"}:
            raise NotProposableError(f"an enum of over {MAX_MEMBERS} members, or not of text")
        return {"type": "string", "enum": [checked_value(member) for member in members]}

    def _object(self, shape: Shape, name: str) -> dict[str, Json]:
        schema: dict[str, Json] = {"type": "object"}
        required = [checked_name(each) for each in shape.properties if each in shape.required]
        if required:
            schema["required"] = required
        schema["properties"] = {
            checked_name(each): self.schema(inner, f"{name}_{each}")
            for each, inner in shape.properties.items()
        }
        return schema

    def _component(self, name: str, schema: Json, shape: Shape) -> dict[str, Json]:
        beside = {
            keyword: checked_keyword(keyword, value)
            for keyword, value in shape.keywords.items()
            if keyword not in {"additionalProperties", "enum"}
        }
        words = re.split(r"[^A-Za-z0-9]+", name)
        base = "".join(word[:1].upper() + word[1:] for word in words)[:80] or "Schema"
        base = base if base[0].isalpha() else f"Schema{base}"
        title, number = base, 2
        while title in self.taken:
            title, number = f"{base}{number}", number + 1
        self.taken.add(title)
        self.components[title] = schema
        reference = {"$ref": COMPONENTS + title}
        return {**(nulled(reference) if shape.nullable else reference), **beside}


def refuse_strange_names(before: Json, after: Json) -> None:
    """Look at each name, enum member and text that `after` has and `before` has not.

    Raises:
        NotProposableError: A name or member is not plain enough for generated code, or a text
            holds what nobody who reads the change can see.
    """
    for text in sorted(set(_texts(after)) - set(_texts(before))):
        shown = text.replace("\n", "").replace("\t", "")
        if visible(shown, len(shown)) != shown:
            raise NotProposableError(f"{text!r:.80} holds characters that can't be seen")
    new = set(_names(after)) - set(_names(before))
    for kind, text in sorted(new):
        try:
            checked_value(text) if kind == "enum" else checked_name(text)
        except NotProposableError as error:
            raise NotProposableError(f"{text!r:.80} in `{kind}` is {error}") from error


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
            members = [*_listed(each.get("enum")), each.get("const")]
            yield from (("enum", value) for value in members if isinstance(value, str))


def _texts(node: Json) -> Iterator[str]:
    todo = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, list):
            todo.extend(each)
        elif isinstance(each, dict):
            todo.extend([*each.keys(), *each.values()])
        elif isinstance(each, str):
            yield each


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def nulled(schema: dict[str, Json]) -> dict[str, Json]:
    """`schema`, or null, in the contract's style."""
    if isinstance(schema.get("type"), str) and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [schema["type"], NULL]}
    if isinstance(schema.get("type"), list) and "enum" not in schema:
        return {**schema, "type": [*schema["type"], NULL]}
    return {"oneOf": [schema, {"type": NULL}]}


def not_nulled(schema: dict[str, Json]) -> dict[str, Json]:
    """`schema` without the null that it allows.

    Raises:
        NotProposableError: It says so in another way than the contract's.
    """
    types = schema.get("type")
    if isinstance(types, list) and NULL in types:
        rest = [kind for kind in types if kind != NULL]
        return {**schema, "type": rest[0] if len(rest) == 1 else rest}
    parts = [part for part in schema.get("oneOf", ()) if part != {"type": NULL}]
    if len(parts) == 1:
        return dict(parts[0])
    raise NotProposableError("a null that is allowed in more than one place")
