"""The impact of a difference on importers, and which part of the version it raises.

The impact is what an importer of today's client notices once the server does what the vendor
documents. The version bump is what an importer notices when upgrading to the next release. They
mostly agree. They differ if today's client rejects a body that the next one accepts without a
change in the importer's code: an optional property that may be null is as falsy as a missing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from contract_tests.spec import keywords
from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.compare.diff import SchemaDiff

Impact: TypeAlias = Literal["breaking", "additive", "documentation"]
Bump: TypeAlias = Literal["major", "minor", "patch"]

BUMPS: Mapping[Impact, Bump] = {"breaking": "major", "additive": "minor", "documentation": "patch"}

_SUCCESS = join("responses", SUCCESS)

# Values that importers receive. A loosened keyword has the severity of a value that breaks it.
_RECEIVED: Mapping[str, Impact] = {
    "property added": keywords.severity_of("additionalProperties").value,
    "property removed": "breaking",
    "property renamed": "breaking",
    "made required": "additive",
    "no longer required": keywords.severity_of("required").value,
    "made nullable": keywords.severity_of("type").value,
    "no longer nullable": "additive",
    "enum member added": keywords.severity_of("enum").value,
    "enum member removed": "breaking",  # importers use the member's name
    "enum added": "additive",
    "enum removed": "breaking",
    "default added": "documentation",
    "default removed": "documentation",
    "default changed": "documentation",
    "read-only mark added": "documentation",
    "read-only mark removed": "documentation",
    "read-only mark changed": "documentation",
    "branch added": "additive",  # the client has a fallback for an unknown tag
    "branch removed": "breaking",
    "branches overlap": "documentation",
    "branches distinguished": "documentation",
    "response added": "additive",
    "response removed": "documentation",
    "response body added": "documentation",
    "response body removed": "documentation",
    "header added": "additive",
    "header removed": "documentation",
    "header made required": "documentation",
    "header no longer required": "documentation",
    "deprecation added": "documentation",
    "deprecation removed": "documentation",
}
# Values that importers send; a change that is not listed is breaking.
_SENT: Mapping[str, Impact] = {
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
    "server added": "additive",
}


def impact_of(diff: SchemaDiff) -> Impact:
    """Return what an importer of today's client notices."""
    change = diff.change
    if diff.context.sent:
        if change == "parameter added":
            return "breaking" if diff.theirs.get("required") else "additive"
        return _SENT.get(change, "breaking")
    if change == "branch added" and not _has_tag(diff):
        return "breaking"
    if change in _RECEIVED:
        if change.startswith("response ") and diff.location.startswith(_SUCCESS):
            return "breaking"
        return _RECEIVED[change]
    if change == "type changed":
        return "additive" if _narrower(diff.theirs, diff.ours) else "breaking"
    if change.startswith("format "):
        return "breaking" if diff.ours in keywords.DECODED_FORMATS else "documentation"
    if change.startswith("bound "):
        return "documentation" if _tighter(diff.ours, diff.theirs) else "breaking"
    return "breaking"


def bump_of(diff: SchemaDiff) -> Bump:
    """Return the part of the version that the difference raises."""
    impact = impact_of(diff)
    change = diff.change
    if diff.context.sent:
        return BUMPS[impact]
    if change == "made nullable" and diff.context.optional:
        return "minor"
    if change == "no longer required" and _may_be_null(diff):
        return "minor"
    if change.startswith("format ") and diff.theirs in keywords.DECODED_FORMATS:
        return "major"
    if change.startswith("bound ") and impact == "breaking":
        return "minor"
    return BUMPS[impact]


def _has_tag(diff: SchemaDiff) -> bool:
    assert diff.shapes
    return diff.shapes[0].tag is not None


def _may_be_null(diff: SchemaDiff) -> bool:
    assert diff.shapes
    shape = diff.shapes[0].properties.get(diff.name or "")
    return shape is not None and shape.nullable


def _narrower(types: list[str], than: list[str]) -> bool:
    if than == ["any"]:
        return True
    return types != ["any"] and all(
        each in than or (each == "integer" and "number" in than) for each in types
    )


def _tighter(before: Json, after: Json) -> bool:
    """Whether every value that the bound `after` allows is allowed by `before` too."""
    if before is None:
        return True
    if after is None:
        return False
    ((name, one),) = before.items()
    ((_, other),) = after.items()
    return name in keywords.LIMITS and keywords.LIMITS[name].is_tighter(other, one)
