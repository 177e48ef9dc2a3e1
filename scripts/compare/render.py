"""Write divergences as text, Markdown or JSON.

Text from a document is data: it is escaped, shortened and never interpreted as markup.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TextIO

from attrs import frozen

from scripts.compare.impact import BUMPS
from scripts.report.markdown import code
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.spec.values import Json
    from scripts.compare.divergences import Divergence
    from scripts.compare.three_way import ThreeWay

SCHEMA_VERSION = 1
LONGEST = 160
WHOLE = "the whole body"


@frozen
class Comparison:
    """The result of one comparison.

    Attributes:
        ours: The contract's file name.
        theirs: The file name of the vendor's document.
        divergences: Every divergence, the accepted ones marked.
        sides: The same locations with the live server's side, if requested.
    """

    ours: str
    theirs: str
    divergences: Sequence[Divergence]
    sides: Sequence[ThreeWay] | None = None

    @property
    def verdict(self) -> Literal["clean", "divergence"]:
        """`divergence` if any is not covered by a deviation."""
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
                "alone": each.outlier,
            }
            for each in comparison.sides
        ]
    json.dump(document, out, indent=2)
    out.write("\n")


def as_text(comparison: Comparison, out: TextIO) -> None:
    """Write text for a terminal, the most severe first."""
    ours, theirs = visible(comparison.ours), visible(comparison.theirs)
    for severity in BUMPS:
        found = [each for each in comparison.open if each.severity == severity]
        if found:
            out.write(f"{severity}\n")
        for each in found:
            out.write(f"  {_where(each)}: {_what(each)}{_rename(each, comparison.open)}\n")
            out.write(f"    {ours}:{each.line_ours}  {theirs}:{each.line_theirs}\n")
    accepted = [each for each in comparison.divergences if each.deviation is not None]
    if accepted:
        out.write("accepted\n")
    for each in accepted:
        out.write(f"  {_where(each)}: {_what(each)}\n    {visible(each.deviation or '')}\n")
    for side in comparison.sides or ():
        out.write(f"{visible(side.location) or WHOLE}: {_outlier(side)}\n")
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
        out.write("\n| Location | Live | Contract | Vendor | Outlier |\n")
        out.write("| --- | --- | --- | --- | --- |\n")
    for side in comparison.sides or ():
        cells = (side.location or WHOLE, side.live, side.contract, side.vendor)
        _row(*map(code, cells), side.outlier or "unclear", out=out)


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


def _rename(removed: Divergence, every: Sequence[Divergence]) -> str:
    """Return a hint if exactly one property added to the same object has the shape."""
    if removed.change != "property removed":
        return ""
    holder = removed.location.rpartition("/")[0]
    same = [
        each.location
        for each in every
        if each.change == "property added"
        and each.location.rpartition("/")[0] == holder
        and {**each.theirs, "required": None} == {**removed.ours, "required": None}
    ]
    return f"; maybe renamed to {visible(same[0])}" if len(same) == 1 else ""


def _value(value: Json) -> str:
    return visible("nothing" if value is None else json.dumps(value, ensure_ascii=False), LONGEST)


def _outlier(side: ThreeWay) -> str:
    return f"the outlier is the {side.outlier}" if side.outlier else "no clear outlier"


def _count(comparison: Comparison) -> str:
    accepted = len(comparison.divergences) - len(comparison.open)
    open_ones = plural(len(comparison.open), "divergence")
    return f"{open_ones} that no deviation covers, {accepted} accepted"
