"""Merge the parts of an `allOf` into one schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.spec.keywords import ANNOTATIONS, ASSERTIONS, LIMITS, TYPES
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    Node = dict[str, Json]

# The types of an unrestricted value.
ANY = [kind for kind in TYPES if kind != "integer"]
# Keywords that restrict what is valid.
RESTRICTING = ASSERTIONS.keys() | {
    *("additionalProperties", "allOf", "anyOf", "items", "not", "nullable", "oneOf"),
    *("properties", "required", "type"),
}


def merge(merged: Node, part: Node) -> Iterator[str]:
    """Add the keywords of `part`, so that both apply; yield a sentence for what is lost."""
    states = {_allows_null(merged), _allows_null(part)}
    if states == {True, False} and "nullable" in {*merged, *part}:
        yield "only one part of the allOf is nullable; null is valid"
    for keyword, value in part.items():
        known = merged.setdefault(keyword, value)
        if known == value or keyword in ANNOTATIONS - {"readOnly"} or keyword.startswith("x-"):
            continue
        both = _both(keyword, known, value)
        if both is None:
            yield f"the parts of the allOf differ in `{keyword}`; only the first is checked"
        else:
            merged[keyword] = both


def _both(keyword: str, known: Json, value: Json) -> Json:
    """Return a value of the keyword that combines both values, or None."""
    if keyword in LIMITS and not isinstance(value, bool):
        return LIMITS[keyword].tighter(known, value)
    match keyword:
        case "properties":
            both = {name: {"allOf": [known[name], value[name]]} for name in known.keys() & value}
            return {**known, **value, **both}
        case "required":
            return list(dict.fromkeys([*known, *value]))
        case "items":
            return {"allOf": [known, value]}
        case "enum":
            spelled = set(map(spell, value))
            return [member for member in known if spell(member) in spelled] or None
        case "type":
            return _common(_listed(known), _listed(value)) or None
        case "nullable" | "readOnly" | "uniqueItems":
            return True
    return None


def _allows_null(schema: Node) -> bool | None:
    """Return whether a schema allows null; None if it does not restrict the type."""
    if schema.get("nullable") is True:
        return True
    return "null" in _listed(schema["type"]) if "type" in schema else None


def _listed(types: Json) -> list[str]:
    return [types] if isinstance(types, str) else list(types)


def _common(types: list[str], others: list[str]) -> list[str]:
    """Return the types that both lists allow; an integer is a number."""
    wider = {*others, *(["integer"] if "number" in others else [])}
    common = [kind for kind in types if kind in wider]
    if "number" in types and "integer" in others and "number" not in others:
        common.append("integer")
    return common


def spell(value: Json) -> str:
    """Return a key that differs between `1` and `true`, and between `0` and `false`."""
    return f"{kind_of(value)} {value!r}"
