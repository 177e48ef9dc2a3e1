"""Write the rows of a run as Markdown, JSON and SVG, without measuring anything."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from attrs import asdict

from benchmarks.measure import OURS, RATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.measure import Goal, Result, Row

SIGN = "\N{MULTIPLICATION SIGN}"


def figure(value: float, unit: str) -> str:
    """Return a value with its unit, rounded to three digits."""
    if unit == "s":
        for factor, name in ((1.0, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")):
            if abs(value) * factor >= 1 or name == "ns":
                return f"{_rounded(value * factor)} {name}"
    return f"{_rounded(value)} {unit}"


def _rounded(number: float) -> str:
    digits = max(0, 3 - len(str(int(abs(number)))))
    return f"{number:,.{digits}f}"


def times(ratio: float) -> str:
    """Return a ratio with a multiplication sign."""
    return f"{_rounded(ratio)}{SIGN}"


def markdown(rows: Sequence[Row], facts: Mapping[str, str]) -> str:
    """Return the goals, a table for each row, and the conditions of the run."""
    conditions = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    tables = "\n\n".join(_table(row) for row in rows)
    return (
        f"## Goals\n\n{_goals(rows)}\n\n## Figures\n\n{tables}\n\n## Conditions\n\n{conditions}\n"
    )


def _goals(rows: Sequence[Row]) -> str:
    lines = ["| row | goal | median (lowest to highest) | |", "| --- | --- | --- | --- |"]
    for row in rows:
        for result in row.results():
            outcome = "met" if result.met else "**missed**"
            lines.append(
                f"| {row.title} | {sentence(result.goal, row.unit)} | {_reached(result, row.unit)} "
                f"| {outcome} |"
            )
    return "\n".join(lines)


def sentence(goal: Goal, unit: str) -> str:
    """Return a goal as words."""
    if goal.against is None:
        return f"{goal.who}: {goal.kind} {figure(goal.bound, unit)}"
    if goal.kind == "faster":
        return f"{goal.who}: at least {goal.bound:g}{SIGN} as fast as {goal.against}"
    return f"{goal.who}: {goal.kind} {goal.bound:g}{SIGN} {goal.against}"


def _reached(result: Result, unit: str) -> str:
    show = times if result.goal.against else (lambda value: figure(value, unit))
    return f"{show(result.reached)} ({show(result.low)} to {show(result.high)})"


def _table(row: Row) -> str:
    lines = [f"### {row.title}"]
    if row.note:
        lines += ["", row.note]
    if row.values:
        first = next(iter(row.values))
        lines += ["", f"| | median | best | relative to {first} |", "| --- | ---: | ---: | ---: |"]
        best = max if row.unit in RATES else min
        for name, values in row.values.items():
            label = f"**{name}**" if name.startswith(OURS) else name
            pairs = zip(values, row.values[first], strict=True)
            ratio = median(value / base if base else 1.0 for value, base in pairs)
            lines.append(
                f"| {label} | {figure(median(values), row.unit)} | "
                f"{figure(best(values), row.unit)} | {times(ratio)} |"
            )
    lines += [f"\nNot measured: {name} ({reason})." for name, reason in row.skipped.items()]
    return "\n".join(lines)


def summary(rows: Sequence[Row]) -> str:
    """Return the table of the README: the best and the worst ratio of each charted row."""
    lines = ["| | compared with the worst peer | with the best peer |", "| --- | --- | --- |"]
    for row in rows:
        if row.charted and (compared := _compared(row)):
            cells = " | ".join(f"{ratio} {name}" for ratio, name in compared)
            lines.append(f"| {row.title} | {cells} |")
    missed = [
        f"| {row.title} | {sentence(result.goal, row.unit)} | {_reached(result, row.unit)} |"
        for row in rows
        for result in row.results()
        if not result.met
    ]
    heading = ["| missed goal | | reached |", "| --- | --- | --- |"]
    ending = [*heading, *missed] if missed else ["Every goal is met."]
    return "\n".join([*lines, "", *ending])


def _compared(row: Row) -> list[tuple[str, str]]:
    peers = [name for name in row.values if not name.startswith(OURS)]
    if row.unit == "%":
        values = {name: median(row.values[name]) for name in peers}
        ours = figure(median(row.values[OURS]), "%")
        order = sorted(values, key=lambda name: values[name])
        pick = [order[0], order[-1]] if order else []
        return [(f"{ours} against {figure(values[name], '%')} by", name) for name in pick]
    ratios = {name: median(row.speed(OURS, name)) for name in peers}
    order = sorted(ratios, key=lambda name: -ratios[name])
    return [(times(ratios[name]), name) for name in ([order[0], order[-1]] if order else [])]


def as_json(rows: Sequence[Row], facts: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that was measured."""
    goals = [
        {"row": row.title, "goal": sentence(result.goal, row.unit), "met": result.met}
        | {"median": result.reached, "lowest": result.low, "highest": result.high}
        for row in rows
        for result in row.results()
    ]
    return {"schema_version": 2, "conditions": dict(facts), "goals": goals} | {
        "rows": [asdict(row) for row in rows]
    }


_WIDTH, _LABELS, _BARS, _LINE, _HEAD = 500, 190, 210, 20, 46
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 13px; }
.note { fill: #57606a; font-size: 11px; }
.name { text-anchor: end; }
.bar { fill: #afb8c1; }
.ours { fill: #0969da; }
.ground { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; } .bar { fill: #656c76; }
  .ours { fill: #4493f8; } .ground { fill: #0d1117; }
}
"""


def chart(rows: Sequence[Row]) -> str:
    """Return the charted rows as SVG: a panel each, one below the other, as wide as a phone."""
    parts: list[str] = []
    top = 22
    for row in (row for row in rows if row.charted):
        parts += [f'<g transform="translate(16 {top})">', *_panel(row), "</g>"]
        top += _HEAD + _LINE * len(row.values) + 14
    size = f'viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            "<title>Figures of docs/benchmarks.md as bars</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" width="{_WIDTH}" height="{top}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _panel(row: Row) -> Iterator[str]:
    better = "more" if row.unit in RATES else "less"
    yield f'<text class="title" y="14">{escape(row.title)}</text>'
    yield f'<text class="note" y="30">{better} is better</text>'
    longest = max((median(values) for values in row.values.values()), default=0) or 1
    for index, (name, values) in enumerate(row.values.items()):
        top = _HEAD + _LINE * index
        kind = "bar ours" if name.startswith(OURS) else "bar"
        length = round(max(median(values), 0) / longest * _BARS, 1)
        yield f'<text class="name" x="{_LABELS - 8}" y="{top + 5}">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{_LABELS}" y="{top - 6}" width="{length}" height="13"/>'
        value = escape(figure(median(values), row.unit))
        yield f'<text x="{_LABELS + length + 6}" y="{top + 5}">{value}</text>'
