"""Where the client and the oracle may disagree about a body; `docs/client.md` lists the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from contract_tests.oracle.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.oracle.finding import Finding


@frozen
class Disagreement:
    """One class of bodies.

    Attributes:
        keyword: The keyword of the oracle's finding, or of the client's error.
        formats: For the keyword `format`, the formats that are meant.
        strict: Whether a strict client disagrees too.
        reason: The words of the documentation.
    """

    keyword: str
    reason: str
    formats: frozenset[str] = frozenset()
    strict: bool = False

    def covers(self, keyword: str, expected: object, *, strict: bool) -> bool:
        """Return whether a finding or an error is of this class."""
        if keyword != self.keyword or (strict and not self.strict):
            return False
        return not self.formats or expected in self.formats


CLIENT_ACCEPTS: Final = (
    Disagreement("enum", "unknown properties, enum members and variants"),
    Disagreement("format", "a UUID without hyphens", frozenset({"uuid"})),
    Disagreement("format", "a date-time with a space instead of `T`", frozenset({"date-time"})),
    Disagreement("duplicate-key", "a key that occurs twice"),
    Disagreement("non-finite-number", "a number too large for a double, in an unknown property"),
    Disagreement(
        "format",
        "the formats `uri`, `cron` and `timezone` | kept as text, unchecked",
        frozenset({"cron", "timezone", "uri"}),
        strict=True,
    ),
    Disagreement("surrogate", "a lone surrogate in text"),
    Disagreement("integer-range", "an integer of more than 64 bits"),
)
CLIENT_REFUSES: Final = (
    Disagreement(
        "format",
        "are refused: the year 0, and a leap second at the end of the year 9999",
        frozenset({"date-time"}),
        strict=True,
    ),
)


def unexplained(findings: Sequence[Finding], error: object, *, strict: bool) -> tuple[str, ...]:
    """Return what no class covers where the oracle and a client disagree about a body.

    Args:
        findings: The oracle's findings about it.
        error: The client's error, or None.
        strict: Whether the client is strict.
    """
    counted = [each for each in findings if strict or each.kind is not Kind.ADDITION]
    if (error is None) == (not counted):
        return ()
    if error is None:
        return tuple(
            f"the client accepts: {each.message}"
            for each in counted
            if not _covered(CLIENT_ACCEPTS, each.keyword, each.expected, strict=strict)
        )
    keyword, expected = getattr(error, "keyword", ""), getattr(error, "expected", None)
    if _covered(CLIENT_REFUSES, keyword, expected, strict=strict):
        return ()
    return (f"the client refuses: {error}",)


def _covered(
    table: tuple[Disagreement, ...], keyword: str, expected: object, *, strict: bool
) -> bool:
    return any(each.covers(keyword, expected, strict=strict) for each in table)
