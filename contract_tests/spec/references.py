"""Follow the references of an OpenAPI document and merge its `allOf`s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.spec.document import DocumentError
from contract_tests.spec.values import Json, at, join, kind_of, split

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keywords whose values are instances, not schemas: nothing in them is followed or merged.
INSTANCES = frozenset({"const", "default", "enum", "example", "examples"})
ANNOTATIONS = frozenset(
    {"title", "description", "example", "examples", "deprecated", "externalDocs"}
)


def follow(data: dict[str, Json], schema: Json, location: str) -> tuple[Json, str]:
    """Return the target of `schema` and its location, through any chain of local `$ref`s.

    Raises:
        DocumentError: A reference is dangling, circular or leads out of the document.
    """
    seen = [location]
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        reference = schema["$ref"]
        location = reference.removeprefix("#")
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
        key: _flat(data, value, join("", key), ()) if key in {"paths", "components"} else value
        for key, value in data.items()
    }
    components = flat.get("components", {})
    if "schemas" in components:
        used = set(_references(data, flat.get("paths", {})))
        schemas = {
            name: schema
            for name, schema in components["schemas"].items()
            if join("#/components/schemas", name) in used
        }
        flat["components"] = {**components, "schemas": schemas}
    return flat


def _flat(data: dict[str, Json], node: Json, location: str, within: tuple[str, ...]) -> Json:
    if isinstance(node, list):
        return [_flat(data, item, join(location, index), within) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    flat = {
        key: value if key in INSTANCES else _flat(data, value, join(location, key), within)
        for key, value in node.items()
        if not (key == "allOf" and isinstance(value, list))
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


def _references(data: dict[str, Json], start: Json) -> Iterator[str]:
    """Yield every `$ref` that can be reached from `start`, each once; not those of an `allOf`."""
    seen: set[str] = set()
    todo: list[Json] = [start]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            todo.extend(value for key, value in node.items() if key not in INSTANCES)
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                yield reference
                target, location = follow(data, node, "")
                todo.append(_flat(data, target, location, ()))


def origin(data: dict[str, Json], pointer: str) -> str:
    """Return the location in `data` of the value at `pointer` of the flattened document."""
    return _origin(data, data, "", split(pointer)) or pointer


def _origin(data: dict[str, Json], node: Json, location: str, tokens: list[str]) -> str | None:
    if not tokens:
        return location
    first, *rest = tokens
    if isinstance(node, list):
        return _origin(data, node[int(first)], join(location, first), rest) if node else None
    if not isinstance(node, dict):
        return None
    if first in node:
        found = _origin(data, node[first], join(location, first), rest)
        if found is not None:
            return found
    for index, part in enumerate(node.get("allOf", ())):
        target, where = follow(data, part, join(location, "allOf", index))
        found = _origin(data, target, where, tokens)
        if found is not None:
            return found
    return None
