"""Compute the positions in the SVG of the trend chart from past runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.report.history import Entry

WIDTH = 960.0
HEIGHT = 260.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 96.0, 26.0, 60.0
MIN_SLOTS = 30  # so that the bars of the first runs stay narrow
SERIES = ("breaking", "additive", "flaky")


@frozen
class Segment:
    """A segment of a bar: the facts of one series."""

    series: str
    top: float
    height: float


@frozen
class Bar:
    """One run, with its facts stacked; without segments if nothing was checked."""

    entry: Entry
    left: float
    middle: float
    width: float
    segments: tuple[Segment, ...]


@frozen
class Chart:
    """Everything that the SVG draws.

    Attributes:
        bars: One for each run, the oldest first.
        coverage: The points of each line through consecutive runs with coverage.
        ticks: The height of each grid line and its number of facts.
        base: The height of the zero line.
    """

    bars: tuple[Bar, ...]
    coverage: tuple[tuple[tuple[float, float], ...], ...]
    ticks: tuple[tuple[float, int], ...]
    base: float


def draw(entries: Sequence[Entry]) -> Chart:
    """Return the chart of `entries`, the oldest first."""
    base = HEIGHT - BOTTOM
    room = base - TOP
    scale = room / (most := _ceiling(max((sum(_values(entry)) for entry in entries), default=0)))
    slot = (WIDTH - LEFT - RIGHT) / max(len(entries), MIN_SLOTS)
    bars = []
    lines: list[list[tuple[float, float]]] = [[]]
    for index, entry in enumerate(entries):
        left = LEFT + slot * index
        middle = round(left + slot / 2, 2)
        bars.append(
            Bar(
                entry,
                round(left + slot * 0.15, 2),
                middle,
                round(slot * 0.7, 2),
                _segments(entry, base, scale),
            )
        )
        if entry.coverage is None:
            lines.append([])
        else:
            lines[-1].append((middle, round(base - room * entry.coverage, 2)))
    ticks = tuple((round(base - room * part / 2, 2), most * part // 2) for part in (0, 1, 2))
    return Chart(tuple(bars), tuple(tuple(line) for line in lines if line), ticks, base)


def _values(entry: Entry) -> tuple[int, ...]:
    return (entry.breaking, entry.additive, entry.flaky)


def _segments(entry: Entry, base: float, scale: float) -> tuple[Segment, ...]:
    segments = []
    for series, value in zip(SERIES, _values(entry), strict=True):
        if value:
            base -= value * scale
            segments.append(Segment(series, round(base, 2), round(value * scale, 2)))
    return tuple(segments)


def _ceiling(most: int) -> int:
    """Return the top of the scale: an even number, so that its half is an integer."""
    step = 2
    while step * 5 < most:
        step *= 10
    return max(step, -(-most // step) * step)
