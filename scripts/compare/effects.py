"""Whom a difference hurts, and which part of the version its being taken in raises.

Two questions, mostly with one answer. The severity says what an importer of today's client
notices once the server does what the vendor's document says. The part says what an importer
notices who takes the next release. They part where today's client refuses a body that the next
one reads without asking anything new of its importers: an optional property that may be null is
as empty, and as false, as one that is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.compare.differences import Difference

Severity: TypeAlias = Literal["breaking", "additive", "documentation"]
Part: TypeAlias = Literal["major", "minor", "patch"]

PART_OF: Mapping[Severity, Part] = {
    "breaking": "major",
    "additive": "minor",
    "documentation": "patch",
}
SEVERITIES: tuple[Severity, ...] = tuple(PART_OF)

# The formats that the client turns into a type of its own; any other stays the text that it is.
_DECODED = frozenset({"uuid", "date-time"})
_LOWER = frozenset({"minimum", "exclusiveMinimum", "minItems", "minLength", "minProperties"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxItems", "maxLength", "maxProperties"})

_SUCCESS = join("responses", SUCCESS)

# What importers receive.
_RECEIVED: Mapping[str, Severity] = {
    "property added": "additive",
    "property removed": "breaking",
    "property renamed": "breaking",
    "made required": "additive",
    "no longer required": "breaking",
    "made nullable": "breaking",
    "no longer nullable": "additive",
    "enum member added": "additive",  # the client keeps a member that it does not know
    "enum member removed": "breaking",  # importers name it
    "enum added": "additive",
    "enum removed": "breaking",
    "default added": "documentation",
    "default removed": "documentation",
    "default changed": "documentation",
    "read-only mark added": "documentation",
    "read-only mark removed": "documentation",
    "read-only mark changed": "documentation",
    "branch added": "additive",  # the client has a fallback for a tag that it does not know
    "branch removed": "breaking",
    "branches overlap": "documentation",
    "branches told apart": "documentation",
    "response added": "additive",
    "response removed": "documentation",
    "response body added": "documentation",
    "response body removed": "documentation",
    "header added": "additive",
    "header removed": "documentation",
    "header made required": "documentation",
    "header no longer required": "documentation",
}
# What importers send; a change not listed is breaking.
_SENT: Mapping[str, Severity] = {
    "no longer required": "additive",
    "made nullable": "additive",
    "enum member added": "additive",
    "enum removed": "additive",
    "bound removed": "additive",
    "format added": "documentation",
    "format removed": "documentation",
    "format changed": "documentation",
    "default added": "documentation",
    "default removed": "documentation",
    "default changed": "documentation",
    "security added": "additive",
}


def severity_of(difference: Difference) -> Severity:
    """What an importer of today's client notices."""
    change = difference.change
    if difference.here.sent:
        if change == "parameter added":
            return "breaking" if difference.theirs.get("required") else "additive"
        return _SENT.get(change, "breaking")
    if change == "branch added" and not _has_a_tag(difference):
        return "breaking"
    if change in _RECEIVED:
        if change.startswith("response ") and difference.location.startswith(_SUCCESS):
            return "breaking"
        return _RECEIVED[change]
    if change == "type changed":
        return "additive" if _narrower(difference.theirs, difference.ours) else "breaking"
    if change.startswith("format "):
        return "breaking" if difference.ours in _DECODED else "documentation"
    if change.startswith("bound "):
        return "documentation" if _tighter(difference.ours, difference.theirs) else "breaking"
    return "breaking"


def part_of(difference: Difference) -> Part:
    """What an importer notices who takes the release that the difference is taken into."""
    severity = severity_of(difference)
    change = difference.change
    if difference.here.sent:
        return PART_OF[severity]
    if change == "made nullable" and difference.here.optional:
        return "minor"
    if change == "no longer required" and _may_be_null(difference):
        return "minor"
    if change.startswith("format ") and difference.theirs in _DECODED:
        return "major"
    if change.startswith("bound ") and severity == "breaking":
        return "minor"
    return PART_OF[severity]


def _has_a_tag(difference: Difference) -> bool:
    assert difference.shapes
    return difference.shapes[0].tag is not None


def _may_be_null(difference: Difference) -> bool:
    assert difference.shapes
    assert difference.name is not None
    return difference.shapes[0].properties[difference.name].nullable


def _narrower(types: list[str], than: list[str]) -> bool:
    if than == ["any"]:
        return True
    return types != ["any"] and all(
        each in than or (each == "integer" and "number" in than) for each in types
    )


def _tighter(before: Json, after: Json) -> bool:
    """Whether whatever the bound `after` lets through `before` lets through too."""
    if before is None:
        return True
    if after is None:
        return False
    ((keyword, one),) = before.items()
    ((_, other),) = after.items()
    if keyword in _LOWER:
        return bool(other >= one)
    return keyword in _UPPER and bool(other <= one)
