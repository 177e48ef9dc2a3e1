"""Divergences written down: text for people, Markdown for a summary page, JSON for programs.

What documents say is data here: it is shown, escaped and shortened, and marks nothing up.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias

from attrs import frozen

from scripts.compare.effects import SEVERITIES
from scripts.report.markdown import code
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.spec.values import Json
    from scripts.compare.divergences import Divergence
    from scripts.compare.sides import Sides

Verdict: TypeAlias = Literal["clean", "divergence"]

SCHEMA_VERSION = 1
LONGEST = 160
WHOLE = "the whole body"


@frozen
class Comparison:
    """What one comparison came to.

    Attributes:
        ours: The contract's file name.
        theirs: The vendor's document, as it was named.
        divergences: All that was found, the accepted ones marked.
        sides: What a live server says of the same locations, where that was asked for.
    """

    ours: str
    theirs: str
    divergences: Sequence[Divergence]
    sides: Sequence[Sides] | None = None

    @property
    def verdict(self) -> Verdict:
        """`divergence` where one is found that no deviation covers."""
        return "divergence" if self.open else "clean"

    @property
    def open(self) -> list[Divergence]:
        """The divergences that no deviation covers."""
        return [each for each in self.divergences if each.deviation is None]


def as_json(comparison: Comparison, out: TextIO) -> None:
    """Write the stable form that other programs read."""
    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "verdict": comparison.verdict,
        "divergences": [
            {
                "location": each.location,
                "change": each.change,
                "ours": each.ours,
                "theirs": each.theirs,
                "line_ours": each.line_ours,
                "line_theirs": each.line_theirs,
                "severity": each.severity,
                "deviation": each.deviation,
            }
            for each in comparison.divergences
        ],
    }
    if comparison.sides is not None:
        document["sides"] = [
            {
                "location": each.location,
                "live": each.live,
                "contract": each.contract,
                "vendor": each.vendor,
                "alone": each.alone,
            }
            for each in comparison.sides
        ]
    json.dump(document, out, indent=2)
    out.write("\n")


def as_text(comparison: Comparison, out: TextIO) -> None:
    """Write what a person reads on a terminal, the worst first."""
    ours, theirs = visible(comparison.ours), visible(comparison.theirs)
    for severity in SEVERITIES:
        found = [each for each in comparison.open if each.severity == severity]
        if found:
            out.write(f"{severity}\n")
        for each in found:
            out.write(f"  {_where(each)}: {_what(each)}\n")
            out.write(f"    {ours}:{each.line_ours}  {theirs}:{each.line_theirs}\n")
    accepted = [each for each in comparison.divergences if each.deviation is not None]
    if accepted:
        out.write("accepted\n")
    for each in accepted:
        out.write(f"  {_where(each)}: {_what(each)}\n    {visible(each.deviation or '')}\n")
    for side in comparison.sides or ():
        out.write(f"{visible(side.location) or WHOLE}: {_alone(side)}\n")
        out.write(f"  live     {visible(side.live)}\n")
        out.write(f"  contract {visible(side.contract)}\n")
        out.write(f"  vendor   {visible(side.vendor)}\n")
    out.write(f"{comparison.verdict}: {_count(comparison)}\n")


def as_markdown(comparison: Comparison, out: TextIO) -> None:
    """Write a page for a pull request or a summary."""
    out.write(f"# The contract and the vendor's document: {comparison.verdict}\n\n")
    out.write(f"{_count(comparison)[0].upper()}{_count(comparison)[1:]}.\n")
    if comparison.divergences:
        out.write("\n| Severity | Location | Change | Contract | Vendor | Accepted because |\n")
        out.write("| --- | --- | --- | --- | --- | --- |\n")
    for each in comparison.divergences:
        _row(
            each.severity,
            code(_where(each)),
            each.change,
            f"{code(_value(each.ours))} (line {each.line_ours})",
            f"{code(_value(each.theirs))} (line {each.line_theirs})",
            code(each.deviation or ""),
            out=out,
        )
    if comparison.sides:
        out.write("\n| Location | Live | Contract | Vendor | Stands alone |\n")
        out.write("| --- | --- | --- | --- | --- |\n")
    for side in comparison.sides or ():
        cells = (side.location or WHOLE, side.live, side.contract, side.vendor)
        _row(*map(code, cells), side.alone or "nobody for certain", out=out)


def _row(*cells: str, out: TextIO) -> None:
    out.write(f"| {' | '.join(cells)} |\n")


def _where(divergence: Divergence) -> str:
    where = visible(divergence.location) or WHOLE
    if divergence.variants:
        where += f" ({visible(', '.join(divergence.variants))})"
    others = divergence.elsewhere
    return where + (f" and {len(others)} more" if others else "")


def _what(divergence: Divergence) -> str:
    if divergence.ours is None and divergence.theirs is None:
        return divergence.change
    if divergence.ours is None:
        return f"{divergence.change}, {_value(divergence.theirs)}"
    if divergence.theirs is None:
        return f"{divergence.change}, {_value(divergence.ours)}"
    return f"{divergence.change}, {_value(divergence.ours)} → {_value(divergence.theirs)}"


def _value(value: Json) -> str:
    said = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return visible(said, LONGEST)


def _alone(side: Sides) -> str:
    return f"{side.alone} stands alone" if side.alone else "nobody stands alone for certain"


def _count(comparison: Comparison) -> str:
    accepted = len(comparison.divergences) - len(comparison.open)
    open_ones = plural(len(comparison.open), "divergence")
    return f"{open_ones} that no deviation covers, {accepted} accepted"
