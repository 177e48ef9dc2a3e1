"""Read the success response of a vendor's document without the comparison's code.

This is the independent ground truth of the back-test: for each instance location, the bare
keywords that the document has there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCALARS = (
    *("type", "format", "nullable", "default", "readOnly", "minimum", "maximum", "minLength"),
    *("maxLength", "minItems", "maxItems", "pattern", "additionalProperties"),
)


def changed_locations(before: Json, after: Json, path: str) -> list[str]:
    """Return the locations of the success response that differ, outermost only."""
    one, other = _facts(before, path), _facts(after, path)
    changed = sorted(
        location
        for location in one.keys() | other.keys()
        if one.get(location, set()) != other.get(location, set())
    )
    return [
        each
        for each in changed
        if not any(
            each.startswith(f"{parent}/") and (parent not in one or parent not in other)
            for parent in changed
        )
    ]


def _facts(data: Json, path: str) -> dict[str, set[str]]:
    shape = "".join("{}" if "{" in part else part + "/" for part in path.split("/"))
    item = next(
        item
        for name, item in data["paths"].items()
        if "".join("{}" if "{" in part else part + "/" for part in name.split("/")) == shape
    )
    response, _ = follow(data, item["get"]["responses"]["200"], "")
    facts: dict[str, set[str]] = defaultdict(set)
    for content in response["content"].values():
        for location, fact in _walk(data, content["schema"], ""):
            facts[location].add(fact)
    return facts


def _walk(data: Json, node: Json, location: str) -> Iterator[tuple[str, str]]:
    if "$ref" in node:
        target, _ = follow(data, node, location)
        yield from _walk(
            data, {**target, **{k: v for k, v in node.items() if k != "$ref"}}, location
        )
        return
    for keyword in _SCALARS:
        if keyword in node and node[keyword] not in (False, None):
            yield location, f"{keyword} {json.dumps(node[keyword], sort_keys=True)}"
    for member in node.get("enum", ()):
        yield location, f"enum {json.dumps(member)}"
    for name in node.get("required", ()):
        yield join(location, name), "required"
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in node.get(keyword, ()):
            yield from _walk(data, part, location)
    for name, schema in node.get("properties", {}).items():
        yield join(location, name), "property"
        yield from _walk(data, schema, join(location, name))
    if "items" in node:
        yield from _walk(data, node["items"], join(location, "*"))
