"""The figures of a run in the documentation: the tables, and one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.contest import Result
from benchmarks.picture import draw
from benchmarks.report import markdown

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.report import Report

PAGE = "benchmarks.md"
PICTURE = "benchmarks.svg"
# What stands between them is written by `write_snapshot`, the rest by hand.
BEGIN = "<!-- figures: written by `make bench SNAPSHOT=1` -->"
END = "<!-- end of figures -->"


class SnapshotError(ValueError):
    """The page has no place for figures; says what it lacks in one line."""


def split(page: str) -> tuple[str, str]:
    """What stands on the page before the figures, and after them.

    Raises:
        SnapshotError: Their place is not marked.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SnapshotError(f"no figures to replace: expected {BEGIN!r} and then {END!r}")
    return before, after


def write_snapshot(report: Report, folder: Path) -> list[Path]:
    """Put the figures into the page in `folder`, and the picture beside it; gives both files.

    Raises:
        SnapshotError: The page has no place for them.
    """
    page, picture = folder / PAGE, folder / PICTURE
    before, after = split(page.read_text("utf-8"))
    pictured = [
        result
        for section in report.sections
        for result in section.results
        if isinstance(result, Result) and result.pictured
    ]
    page.write_text(f"{before}{BEGIN}\n\n{markdown(report)}\n{END}{after}", "utf-8")
    picture.write_text(draw(pictured), "utf-8")
    return [page, picture]
