"""Show a replayed history as a table and as a timeline: facts and dates only."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.backtest.replay import Step

HEADER = """\
# Back-test

What this project would have reported, had it followed the vendor's document since {first}.
`make backtest HISTORY=directory` replays the versions in which the operation changed: the contract
follows each of them with `propose` and `accept`, in memory. The nightly comparison reads the
document, so it reports a change on the day of its publication. The nightly check sees a server that
follows the document from that day on; what it can't see, such as a property that may now be missing
but is not, is marked "not visible". The changes are counted by an independent reading of the
documents. A change counts as detected if a new divergence reports it, or if a known divergence
disappears with it ("divergence resolved").
"""
_COLORS = {"breaking": "#c62828", "additive": "#2e7d32", "documentation": "#546e7a"}
MAX_LISTED = 2  # locations of one kind of change
_WIDTH, _HEIGHT, _MARGIN = 440, 130, 88  # the labels are readable on a phone
_ROWS = {"comparison": 48, "live check": 84}


def summary(steps: Sequence[Step]) -> str:
    """Return recall and false alarms in one line."""
    changed = sum(len(step.changed) for step in steps)
    missed = sum(len(step.missed) for step in steps)
    detected = sum(bool(step.divergences or step.resolved) for step in steps if step.changed)
    total = sum(bool(step.changed) for step in steps)
    alarms = sum(len(step.alarms) + step.false_findings for step in steps)
    live = sum(step.found_live for step in steps)
    return (
        f"{plural(len(steps), 'step')}: {detected} of {total} with a change detected, "
        f"{changed - missed} of {changed} changed locations, {plural(alarms, 'false alarm')}; "
        f"{live} also visible to the nightly check"
    )


def as_markdown(steps: Sequence[Step], picture: str | None) -> str:
    """Return the page: the summary, the picture and a row per step."""
    bumps = Counter(step.bump for step in steps)
    remaining = [f"{step.day}: {visible(each)}" for step in steps for each in step.remaining]
    paragraphs = [
        HEADER.format(first=f"{steps[0].day:%B %Y}").rstrip(),
        f"{summary(steps)}.",
        f"Version bumps: {bumps['major']} major, {bumps['minor']} minor, {bumps['patch']} patch.",
        f"Divergences that remain after a step: {'; '.join(remaining) or 'none'}.",
    ]
    if picture:
        paragraphs.append(f"![The detected changes by date and severity]({picture})")
    header = "| Day | Change | Severity | Bump | Nightly check |\n| --- | --- | --- | --- | --- |"
    return "\n\n".join([*paragraphs, "\n".join([header, *map(_row, steps)])]) + "\n"


def _row(step: Step) -> str:
    places: dict[str, list[str]] = {}
    for each in step.divergences:
        places.setdefault(each.change, []).append(each.location)
    for identity in step.resolved:
        places.setdefault("divergence resolved", []).append(identity.partition(",")[0])
    changes = [f"{change}: {_listed(names)}" for change, names in places.items()]
    seen = "reports it" if step.found_live else "not visible" if changes else "-"
    cells = (step.severity or "-", step.bump or "-", seen)
    return f"| {step.day} | {'; '.join(changes) or 'spelling only'} | {' | '.join(cells)} |"


def _listed(locations: Sequence[str]) -> str:
    more = len(locations) - MAX_LISTED
    shown = ", ".join(f"`{visible(each)}`" for each in locations[:MAX_LISTED])
    return shown + (f" and {more} more" if more > 0 else "")


def as_svg(steps: Sequence[Step]) -> str:
    """Return a timeline: a dot per step and nightly job, colored by severity."""
    first, last = steps[0].day, steps[-1].day
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return _MARGIN + (day - first).days * (_WIDTH - _MARGIN - 20) / days

    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'width="{_WIDTH}" font-family="sans-serif" font-size="12" role="img">'
        ),
        "<title>Detected changes of the vendor's document</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for name, y in _ROWS.items():
        lines.append(f'<text x="4" y="{y + 4}">{name}</text>')
        lines.append(f'<line x1="{_MARGIN - 8}" y1="{y}" x2="{_WIDTH}" y2="{y}" stroke="#ccc"/>')
    for year in range(first.year + 1, last.year + 1):
        left = f"{x(date(year, 1, 1)):.0f}"
        lines.append(f'<line x1="{left}" y1="34" x2="{left}" y2="104" stroke="#ccc"/>')
        lines.append(f'<text x="{left}" y="120" text-anchor="middle" fill="#555">{year}</text>')
    for step in sorted(steps, key=lambda step: step.severity is not None):  # changes on top
        color = _COLORS.get(step.severity or "", "#bbb")
        reported = step.divergences or step.resolved
        for y, seen in zip(_ROWS.values(), (reported, step.found_live), strict=True):
            lines.append(
                f"{_dot(x(step.day), y, color, color if seen else 'white')}"
                f"<title>{step.day}: {step.severity or 'no change'}</title></circle>"
            )
    at = 8
    for name, color in [*_COLORS.items(), ("not visible", "#bbb")]:
        fill = "white" if name == "not visible" else color
        lines.append(f'{_dot(at, 14, color, fill)}</circle><text x="{at + 9}" y="18">{name}</text>')
        at += 7 * len(name) + 30
    return "\n".join([*lines, "</svg>"]) + "\n"


def _dot(x: float, y: float, stroke: str, fill: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{fill}" stroke="{stroke}">'
