"""Convert the keywords that restrict a value by itself: limits, formats, patterns, members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema_rs

from contract_tests.spec import formats
from contract_tests.spec.keywords import ASSERTIONS, LIMITS, Bound
from contract_tests.spec.patterns import PatternError, to_python
from scripts.slice.merging import spell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.spec.values import Json

    Node = dict[str, Json]


def add_assertions(node: Node, made: Node, kinds: Sequence[str]) -> Iterator[str]:
    """Add the assertions of `node` to `made`; yield a sentence for each that is left out.

    Args:
        node: A schema of a document, with its `allOf` merged.
        made: Its conversion, with `type`.
        kinds: The types that the schema allows.
    """
    whole = [kind for kind in kinds if kind != "null"]
    node = _exclusive(node)
    for keyword in sorted(ASSERTIONS.keys() & node.keys() - {"enum", "const"}):
        value = node[keyword]
        if problem := _problem(keyword, value, whole):
            yield problem
        elif not isinstance(value, bool) or keyword == "uniqueItems":
            made[keyword] = value
    for lower, upper in _contradictions(made):
        yield f"{lower} and {upper} contradict each other; left out"
        del made[lower], made[upper]
    yield from _add_members(node, made, kinds)


def _problem(keyword: str, value: Json, whole: Sequence[str]) -> str:
    """Return why an assertion is left out; empty if it is kept."""
    applies = ASSERTIONS[keyword].types
    if keyword == "format":
        if value not in formats.KNOWN:
            return f"unknown format {value!r}; any value of the type is valid"
        applies = formats.types_of(value)
    if len(whole) != 1 or whole[0] not in applies:
        return f"`{keyword}` does not apply to {' or '.join(whole)}; left out"
    if keyword == "pattern":
        try:
            to_python(value)
        except PatternError as error:
            return f"the pattern {error}; left out"
    return ""


def _exclusive(node: Node) -> Node:
    """Return the limits as OpenAPI 3.1 writes them: `exclusiveMinimum` is a number."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if node.get(exclusive) is True and bound in node:
            limit = node[bound]
            node = {key: value for key, value in node.items() if key != bound} | {exclusive: limit}
    return node


def _contradictions(made: Node) -> list[tuple[str, str]]:
    """Return the pairs of limits that no value meets."""
    found = [limit for limit in LIMITS.values() if limit.name in made]
    return [
        (lower.name, upper.name)
        for lower in found
        for upper in found
        if lower.bound is Bound.LOWER and upper.bound is Bound.UPPER and lower.types == upper.types
        if made[lower.name] > made[upper.name]
        or (made[lower.name] == made[upper.name] and (lower.exclusive or upper.exclusive))
    ]


def _add_members(node: Node, made: Node, kinds: Sequence[str]) -> Iterator[str]:
    """Add `const` or `enum`, with the types that its members have."""
    if "const" in node:
        listed = [node["const"]]
    elif isinstance(node.get("enum"), list):
        listed = node["enum"]
    else:
        return
    members = [
        value
        for value in {spell(value): value for value in listed}.values()
        if is_valid(made, value)
    ]
    if node.get("nullable") is True and None not in members:
        members.append(None)
    if not members:
        yield "no member of the enum is valid under the other keywords; the enum is left out"
        return
    if members == [None]:
        for keyword in ASSERTIONS.keys() & made.keys():
            del made[keyword]
        made["type"] = "null"
        return
    if "null" in kinds and None not in members:
        kinds = [kind for kind in kinds if kind != "null"]
        made["type"] = kinds[0] if len(kinds) == 1 else kinds
    if "const" in node and len(members) == 1:
        made["const"] = members[0]
    else:
        made["enum"] = members


def is_valid(schema: Node, value: Json) -> bool:
    """Return whether a value is valid under the type and the assertions of a converted schema."""
    rules = {key: schema[key] for key in schema if key in ASSERTIONS or key == "type"}
    formats_checked = dict(formats.CHECKS)
    try:
        validator = jsonschema_rs.Draft202012Validator(
            rules, formats=formats_checked, validate_formats=True
        )
        return bool(validator.is_valid(value))
    except ValueError:
        return False
