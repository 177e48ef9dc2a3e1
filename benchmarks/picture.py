"""The figures of a run as one picture. Pure: results in, SVG out.

Each panel is a contest, each bar a contestant, on a scale of the panel's own that begins at zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from benchmarks.contest import OURS, RATES
from benchmarks.report import figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.contest import Result

COLUMNS = 2
WIDTH = 540
LABELS = 215  # of a panel's width, for the names
BARS = 190
LINE = 20
HEAD = 46
GAP = 22

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 13px; }
.note { fill: #57606a; font-size: 11px; }
.name { text-anchor: end; }
.bar { fill: #afb8c1; }
.ours { fill: #0969da; }
.ground { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .note { fill: #9198a1; }
  .bar { fill: #656c76; }
  .ours { fill: #4493f8; }
  .ground { fill: #0d1117; }
}
"""


def draw(results: Sequence[Result]) -> str:
    """The picture of `results`, panel by panel from the left."""
    rows = [results[start : start + COLUMNS] for start in range(0, len(results), COLUMNS)]
    heights = [max(map(_height, row)) for row in rows]
    parts = []
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, result in enumerate(row):
            parts.append(f'<g transform="translate({column * WIDTH + GAP} {top})">')
            parts += [*_panel(result), "</g>"]
        top += height + GAP
    width = COLUMNS * WIDTH + GAP
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" role="img">'
    title = "<title>Ours beside the peers, as docs/benchmarks.md has it in figures</title>"
    ground = f'<rect class="ground" width="{width}" height="{top}"/>'
    return "\n".join([opening, title, f"<style>{_STYLE}</style>", ground, *parts, "</svg>", ""])


def _height(result: Result) -> int:
    return HEAD + LINE * len(result.scores)


def _panel(result: Result) -> Iterator[str]:
    more = "more" if result.unit in RATES else "less"
    yield f'<text class="title" y="14">{escape(result.title)}</text>'
    yield f'<text class="note" y="30">{more} is better</text>'
    longest = max((score.median for score in result.scores), default=0) or 1
    for index, score in enumerate(result.scores):
        top = HEAD + LINE * index
        kind = "bar ours" if score.name.startswith(OURS) else "bar"
        length = round(max(score.median, 0) / longest * BARS, 1)
        bar = f'class="{kind}" x="{LABELS}" y="{top - 6}" width="{length}" height="13" rx="2"'
        yield f'<text class="name" x="{LABELS - 8}" y="{top + 5}">{escape(score.name)}</text>'
        yield f"<rect {bar}/>"
        value = escape(figure(score.median, result.unit))
        yield f'<text x="{LABELS + length + 6}" y="{top + 5}">{value}</text>'
