"""The table of JSON Schema keywords that a contract may use.

For each keyword it has the types that it applies to, the effect on importers of the client when a
value breaks it, and the direction of a bound. The effect is the same when a vendor loosens a
keyword, because then such values arrive. Severity follows from the effect alone.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.values import Json


class Severity(StrEnum):
    """Whether importers break (`breaking`) or tolerate it (`additive`)."""

    BREAKING = "breaking"
    ADDITIVE = "additive"


class Effect(StrEnum):
    """The effect of a finding on an importer of the client."""

    RAISES = "breaks decoding"
    WRONG = "gives wrong data"
    EXPOSES = "exposes data"
    LOSES = "decodes with loss"
    NOTHING = "harmless"

    @property
    def severity(self) -> Severity:
        """The only source of a severity, so that severity and effect are consistent."""
        survives = self in {Effect.LOSES, Effect.NOTHING}
        return Severity.ADDITIVE if survives else Severity.BREAKING


class Bound(Enum):
    """The side on which a keyword limits a number or a size."""

    LOWER = "lower"
    UPPER = "upper"


TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
NUMBERS = frozenset({"integer", "number"})
STRINGS = frozenset({"string"})
ARRAYS = frozenset({"array"})
OBJECTS = frozenset({"object"})
EVERY = frozenset(TYPES)


@frozen
class Keyword:
    """A keyword that an instance can break.

    Attributes:
        name: Its name.
        types: The types that it applies to; values of any other type can't break it.
        effect: What an importer notices when a value breaks it. The client enforces a keyword if
            and only if this is `RAISES`.
        bound: For a limit, its side.
        of_size: Whether the limit is on a length and not on the value.
        exclusive: Whether the limit itself is invalid.
        neutral: A value of the keyword that allows everything, or None if there is none.
    """

    name: str
    types: frozenset[str]
    effect: Effect = Effect.RAISES
    bound: Bound | None = None
    of_size: bool = False
    exclusive: bool = False
    neutral: Json = None

    def applies_to(self, kind: str) -> bool:
        """Whether a value of the type `kind` can break it; `integer` counts as a number."""
        return kind in self.types

    def is_tighter(self, value: Json, other: Json) -> bool:
        """Whether the limit `value` allows at most what the limit `other` allows."""
        if self.bound is None:
            return bool(value == other)
        return bool(value >= other if self.bound is Bound.LOWER else value <= other)

    def tighter(self, value: Json, other: Json) -> Json:
        """The tighter of two limits."""
        return value if self.is_tighter(value, other) else other


_LIMITS = (
    Keyword("exclusiveMaximum", NUMBERS, bound=Bound.UPPER, exclusive=True),
    Keyword("exclusiveMinimum", NUMBERS, bound=Bound.LOWER, exclusive=True),
    Keyword("maximum", NUMBERS, bound=Bound.UPPER),
    Keyword("minimum", NUMBERS, bound=Bound.LOWER),
    Keyword("maxItems", ARRAYS, bound=Bound.UPPER, of_size=True),
    Keyword("minItems", ARRAYS, bound=Bound.LOWER, of_size=True, neutral=0),
    Keyword("maxLength", STRINGS, bound=Bound.UPPER, of_size=True),
    Keyword("minLength", STRINGS, bound=Bound.LOWER, of_size=True, neutral=0),
)
# Keywords that a value alone can break, by name; `Schema.assertions` has them.
ASSERTIONS: Mapping[str, Keyword] = {
    keyword.name: keyword
    for keyword in (
        Keyword("const", EVERY),
        Keyword("enum", EVERY, Effect.LOSES),  # the client keeps an unknown member as text
        Keyword("format", STRINGS | NUMBERS),  # see `effect_of`: it depends on the format
        *_LIMITS,
        Keyword("multipleOf", NUMBERS),
        Keyword("pattern", STRINGS),
        Keyword("uniqueItems", ARRAYS, neutral=False),
    )
}
# Keywords that have a field of their own in `Schema`.
STRUCTURE: Mapping[str, Keyword] = {
    keyword.name: keyword
    for keyword in (
        Keyword("type", EVERY),
        Keyword("required", OBJECTS),
        Keyword("oneOf", EVERY),
    )
}
RULES: Mapping[str, Keyword] = {**ASSERTIONS, **STRUCTURE}
LIMITS: Mapping[str, Keyword] = {keyword.name: keyword for keyword in _LIMITS}
# Keywords that hold schemas.
APPLICATORS = frozenset({"$ref", "allOf", "items", "oneOf", "properties"})
# Keywords that no value can break. The client and the docs read the first line.
ANNOTATIONS = frozenset(
    {
        *("default", "deprecated", "description", "examples", "readOnly"),
        *("$comment", "example", "externalDocs", "title", "writeOnly", "xml"),
    }
)
KNOWN = APPLICATORS | ANNOTATIONS | RULES.keys() | {"discriminator"}

# What an importer notices of a finding that is not about a keyword. Not listed: the client raises.
# The client reads the last of repeated keys and does not compare the id of a response with the one
# requested.
_OTHER_EFFECTS: Mapping[str, Effect] = {
    "additionalProperties": Effect.NOTHING,
    "allow": Effect.NOTHING,
    "authentication": Effect.EXPOSES,
    "duplicate-key": Effect.WRONG,
    "header": Effect.NOTHING,
    "identity": Effect.WRONG,
    "integer-range": Effect.NOTHING,
    "invalid-id": Effect.NOTHING,
    "rate-limit": Effect.NOTHING,
    "surrogate": Effect.WRONG,
    "unknown-id": Effect.WRONG,
    "variant": Effect.WRONG,
}
# The formats of integers: their least and largest value. A schema holds them as limits.
RANGES: Mapping[str, tuple[int, int]] = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
# Formats that are hints for readers, which no value can break. A schema leaves them out.
UNCHECKED = frozenset({"binary", "byte", "double", "float", "password"})
# Formats that the client decodes to a type of its own. Any other format leaves a string.
DECODED_FORMATS = frozenset({"uuid", "date-time"})


def effect_of(keyword: str, expected: Json = None) -> Effect:
    """Return the effect on an importer when a value breaks `keyword`.

    Args:
        keyword: A keyword of JSON Schema, or the short name of a behavior.
        expected: The value of the keyword in the contract; it matters for `format`.
    """
    if keyword == "format":
        return Effect.RAISES if expected in DECODED_FORMATS else Effect.NOTHING
    if keyword in RULES:
        return RULES[keyword].effect
    return _OTHER_EFFECTS.get(keyword, Effect.RAISES)


def severity_of(keyword: str, expected: Json = None) -> Severity:
    """Whether importers break on a value that breaks `keyword`; see `effect_of`."""
    return effect_of(keyword, expected).severity
