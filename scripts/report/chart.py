"""The geometry of the chart of past runs: numbers in, places in an SVG out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.report.history import Entry

WIDTH = 960.0
HEIGHT = 180.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 40.0, 12.0, 34.0
FEWEST_SLOTS = 30  # a first run is a narrow bar at the left, not a wall


@frozen
class Bar:
    """One run: a stack of its findings above a mark of its verdict."""

    entry: Entry
    left: float
    middle: float
    width: float
    breaking_top: float
    breaking_height: float
    additive_top: float
    additive_height: float


@frozen
class Chart:
    """Everything the SVG draws.

    Attributes:
        bars: One for each run, the oldest first.
        evidence: The points of the line of evidence, as SVG wants them.
        ticks: The height of each grid line and the number of findings that it stands for.
        base: The height at which the bars stand.
    """

    bars: tuple[Bar, ...]
    evidence: str
    ticks: tuple[tuple[float, int], ...]
    base: float


def draw(entries: Sequence[Entry]) -> Chart:
    """Place `entries`, the oldest first."""
    base = HEIGHT - BOTTOM
    room = base - TOP
    most = _ceiling(max((entry.breaking + entry.additive for entry in entries), default=0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(entries), FEWEST_SLOTS)
    bars = []
    for index, entry in enumerate(entries):
        breaking = room * entry.breaking / most
        additive = room * entry.additive / most
        left = LEFT + slot * index
        bars.append(
            Bar(
                entry,
                round(left + slot * 0.15, 2),
                round(left + slot / 2, 2),
                round(slot * 0.7, 2),
                round(base - breaking, 2),
                round(breaking, 2),
                round(base - breaking - additive, 2),
                round(additive, 2),
            )
        )
    points = " ".join(f"{bar.middle},{base - room * bar.entry.evidence:.2f}" for bar in bars)
    ticks = tuple((round(base - room * part / 2, 2), most * part // 2) for part in (0, 1, 2))
    return Chart(tuple(bars), points, ticks, base)


def _ceiling(most: int) -> int:
    """The number at the top of the scale: even, so that its half is one too."""
    step = 2
    while step * 5 < most:
        step *= 10
    return max(step, -(-most // step) * step)
