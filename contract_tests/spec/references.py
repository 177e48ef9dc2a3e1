"""Follow the references of an OpenAPI document and merge its `allOf`s."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from contract_tests.spec.document import DocumentError
from contract_tests.spec.values import Json, at, join, kind_of, split

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keywords whose values are instances, not schemas: nothing in them is followed or merged.
_INSTANCES = frozenset({"const", "default", "enum", "example", "examples"})
# Keywords that hold a mapping by name. A name in one is never a keyword: `default` is a response.
_MAPPINGS = frozenset(
    {
        *("$defs", "callbacks", "content", "dependentSchemas", "encoding", "headers", "links"),
        *("parameters", "pathItems", "paths", "patternProperties", "properties", "requestBodies"),
        *("responses", "schemas", "securitySchemes", "variables"),
    }
)
ANNOTATIONS = frozenset(
    {"title", "description", "example", "examples", "deprecated", "externalDocs"}
)


def is_followed(key: str, mapping: str | None) -> bool:
    """Return whether a value can contain references and schemas.

    Args:
        key: Its key.
        mapping: The keyword whose mapping by name has the key; None if the key is a keyword.
    """
    return mapping is not None or not (key in _INSTANCES or key.startswith("x-"))


def mapping_of(key: str, mapping: str | None) -> str | None:
    """Return `key` if it is a keyword that holds a mapping by name; arguments as `is_followed`."""
    return key if mapping is None and key in _MAPPINGS else None


def pointer_of(reference: str) -> str:
    """Return the JSON pointer in a `$ref`, without percent-encoding; other text as it is."""
    return unquote(reference[1:]) if reference.startswith("#") else reference


def reference_to(pointer: str) -> dict[str, Json]:
    """Return a reference to the JSON pointer `pointer`."""
    return {"$ref": "#" + pointer.replace("%", "%25")}


def follow(data: dict[str, Json], schema: Json, location: str) -> tuple[Json, str]:
    """Return the target of `schema` and its location, through any chain of local `$ref`s.

    Raises:
        DocumentError: A reference is dangling, circular or leads out of the document.
    """
    seen = [location]
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        reference = schema["$ref"]
        location = pointer_of(reference)
        if not reference.startswith("#/"):
            message = f"{seen[-1]}: $ref {reference!r}; expected one that starts with '#/'"
            raise DocumentError(message)
        if location in seen:
            raise DocumentError(f"{seen[-1]}: $ref {reference!r} is a cycle; break it")
        seen.append(location)
        try:
            schema = at(data, location)
        except (LookupError, TypeError, ValueError) as error:
            message = f"{seen[-2]}: $ref {reference!r} points at nothing; define it or fix it"
            raise DocumentError(message) from error
    return schema, location


def flatten(data: dict[str, Json]) -> dict[str, Json]:
    """Return `data` with each `allOf` merged, without the components that only an `allOf` used.

    `origin` leads back to the source.

    Raises:
        DocumentError: An `allOf` is a cycle, or two of its parts disagree.
    """
    flat = {
        key: _flat(data, value, join("", key), (), mapping_of(key, None))
        if key in {"paths", "components"}
        else value
        for key, value in data.items()
    }
    components = flat.get("components", {})
    if "schemas" in components:
        used = set(_targets(data, flat.get("paths", {})))
        schemas = {
            name: schema
            for name, schema in components["schemas"].items()
            if join("/components/schemas", name) in used
        }
        flat["components"] = {**components, "schemas": schemas}
    return flat


def _flat(
    data: dict[str, Json],
    node: Json,
    location: str,
    within: tuple[str, ...],
    mapping: str | None = None,
) -> Json:
    if isinstance(node, list):
        return [_flat(data, item, join(location, index), within) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    flat = {
        key: _flat(data, value, join(location, key), within, mapping_of(key, mapping))
        if is_followed(key, mapping)
        else value
        for key, value in node.items()
        if mapping or not (key == "allOf" and isinstance(value, list))
    }
    if len(flat) == len(node):
        return flat
    if location in within:
        raise DocumentError(f"{location}: allOf is a cycle; break it")
    merged: dict[str, Json] = {}
    for index, part in enumerate(node["allOf"]):
        target, where = follow(data, part, join(location, "allOf", index))
        if not isinstance(target, dict):
            raise DocumentError(f"{where}: {kind_of(target)} in an allOf; expected a schema object")
        _merge(merged, _flat(data, target, where, (*within, location)), where)
    _merge(merged, flat, location)
    return merged


def _merge(merged: dict[str, Json], part: dict[str, Json], where: str) -> None:
    for keyword, value in part.items():
        if keyword == "properties":
            known = merged.setdefault(keyword, {})
            for name in known.keys() & value.keys():
                if known[name] != value[name]:
                    message = (
                        f"{where}: the property {name!r} differs between two parts of an allOf"
                    )
                    raise DocumentError(f"{message}; write it once")
            known.update(value)
        elif keyword == "required":
            known = merged.setdefault(keyword, [])
            known.extend(name for name in value if name not in known)
        elif merged.setdefault(keyword, value) != value:
            if keyword not in ANNOTATIONS and not keyword.startswith("x-"):
                message = f"{where}: {keyword!r} differs between the parts of an allOf"
                raise DocumentError(f"{message}; write it once")
            merged[keyword] = value


def _targets(data: dict[str, Json], start: Json) -> Iterator[str]:
    """Yield the target of each `$ref` that the paths `start` lead to; not those of an `allOf`."""
    seen: set[str] = set()
    todo: list[tuple[Json, str | None]] = [(start, "paths")]
    while todo:
        node, mapping = todo.pop()
        if isinstance(node, list):
            todo.extend((item, None) for item in node)
        elif isinstance(node, dict):
            todo.extend(
                (value, mapping_of(key, mapping))
                for key, value in node.items()
                if is_followed(key, mapping)
            )
            if mapping or not isinstance(node.get("$ref"), str):
                continue
            location = pointer_of(node["$ref"])
            if location not in seen:
                seen.add(location)
                yield location
                follow(data, node, "")
                todo.append((_flat(data, at(data, location), location, ()), None))


def origin(data: dict[str, Json], pointer: str) -> str:
    """Return the location in `data` of the value at `pointer` of the flattened document."""
    return _origin(data, data, "", split(pointer)) or pointer


def _origin(data: dict[str, Json], node: Json, location: str, tokens: list[str]) -> str | None:
    if not tokens:
        return location
    first, *rest = tokens
    if isinstance(node, list):
        is_index = first.isdigit() and int(first) < len(node)
        return _origin(data, node[int(first)], join(location, first), rest) if is_index else None
    if not isinstance(node, dict):
        return None
    if first in node:
        found = _origin(data, node[first], join(location, first), rest)
        if found is not None:
            return found
    parts = node.get("allOf")
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        target, where = follow(data, part, join(location, "allOf", index))
        found = _origin(data, target, where, tokens)
        if found is not None:
            return found
    return None
