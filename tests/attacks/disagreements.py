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
        reason: Why, as the documentation has it.
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
    Disagreement("enum", "Unknown enum members are kept."),
    Disagreement("format", "UUIDs may lack their hyphens.", frozenset({"uuid"})),
    Disagreement("format", "Date-times may have a space for the `T`.", frozenset({"date-time"})),
    Disagreement("duplicate-key", "The last of repeated keys counts."),
    Disagreement("non-finite-number", "Numbers beyond a double may occur in unknown properties."),
    Disagreement(
        "format",
        "Cron expressions, time zones and URIs are kept as text.",
        frozenset({"cron", "timezone", "uri"}),
        strict=True,
    ),
    Disagreement("surrogate", "Lone surrogates are kept in text.", strict=True),
    Disagreement("integer-range", "Integers may have more than 64 bits.", strict=True),
)
CLIENT_REFUSES: Final = (
    Disagreement(
        "format",
        "Date-times must be ones that Python can hold: no year 0, no leap second at the end of "
        "9999.",
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
