"""What a run gave, as Markdown and as JSON. Pure: results in, text out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from benchmarks.contest import OURS, RATES, Result, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.contest import Score, Unit, Verdict

SCHEMA_VERSION = 1
TIMES = "\N{MULTIPLICATION SIGN}"


@frozen
class Section:
    """What one row gave: its results, and why it broke off, if it did."""

    row: str
    title: str
    results: tuple[Result | Table, ...]
    fault: str | None = None


@frozen
class Report:
    """One run.

    Attributes:
        sections: What the rows gave.
        machine: Facts about the machine, by name.
        versions: The releases of what took part.
        quick: Whether it was a quick run, whose figures say nothing.
    """

    sections: tuple[Section, ...]
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    quick: bool = False


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON can hold it."""
    return {"schema_version": SCHEMA_VERSION, **asdict(report, filter=_shown)} | {
        "goals": [
            {
                "contest": result.title,
                "goal": sentence(verdict, result.unit),
                "reached": verdict.reached,
                "met": verdict.met,
            }
            for _, result, verdict in verdicts(report)
        ]
    }


def _shown(attribute: Any, _: Any) -> bool:
    return attribute.name not in {"verdicts", "pictured"}


def verdicts(report: Report) -> Iterator[tuple[Section, Result, Verdict]]:
    """Every goal of the run."""
    for section in report.sections:
        for result in section.results:
            if isinstance(result, Result):
                for verdict in result.verdicts:
                    yield section, result, verdict


def markdown(report: Report) -> str:
    """The report for people, its headings two levels below the page's."""
    parts = [_goals(report)]
    for section in report.sections:
        parts.append(f"## {section.title}")
        if section.fault:
            parts.append(f"Broke off: {section.fault}")
        parts.extend(_block(result) for result in section.results)
    parts.append(_conditions(report))
    return "\n\n".join(parts) + "\n"


def _goals(report: Report) -> str:
    rows = []
    limits: dict[str, list[str]] = {}
    for _, result, verdict in verdicts(report):
        rows.append(
            f"| {result.title} | {sentence(verdict, result.unit)} | "
            f"{_reached(verdict, result.unit)} | {_outcome(verdict)} |"
        )
        if verdict.reached is not None and not verdict.met and verdict.goal.limit:
            limits.setdefault(verdict.goal.limit, []).append(result.title)
    head = "| what | goal | reached, lowest to highest round | |\n| --- | --- | --- | --- |"
    table = "\n".join([head, *rows])
    reasons = [f"**{'; '.join(titles)}.** {limit}" for limit, titles in limits.items()]
    return "\n\n".join(["## Goals", table, *reasons])


def sentence(verdict: Verdict, unit: Unit) -> str:
    """What a goal asks for."""
    goal = verdict.goal
    if goal.against is None:
        least = "least" if goal.sense == "least" else "most"
        return f"{goal.who}: at {least} {figure(goal.bound, unit)}"
    if goal.sense == "faster":
        times = "faster than" if goal.bound == 1 else f"at least {goal.bound:g}{TIMES} as fast as"
        return f"{goal.who}: {times} {goal.against}"
    if goal.sense == "least":
        return f"{goal.who}: at least {goal.bound:g}{TIMES} {goal.against}"
    return f"{goal.who}: at most {goal.bound:g}{TIMES} {goal.against}"


def _reached(verdict: Verdict, unit: Unit) -> str:
    if verdict.reached is None:
        return "not measured"
    numbers = (verdict.reached, verdict.low, verdict.high)
    if verdict.goal.against is None:
        middle, low, high = (figure(number, unit) for number in numbers)
    else:
        middle, low, high = map(times, numbers)
    return f"{middle} ({low} to {high})"


def _outcome(verdict: Verdict) -> str:
    if verdict.reached is None:
        return "-"
    if verdict.met:
        return "met"
    return f"**missed by {max(1, round(-100 * verdict.margin))} %**"


def _block(result: Result | Table) -> str:
    if isinstance(result, Result):
        return _table(result)
    rule = ("---", *("---:" for _ in result.head[1:]))
    lines = [f"| {' | '.join(cells)} |" for cells in (result.head, rule, *result.lines)]
    return "\n".join([f"### {result.title}", "", *lines])


def _table(result: Result) -> str:
    lines = [f"### {result.title}"]
    if result.note:
        lines += ["", result.note]
    if result.scores:
        first = result.scores[0].name
        best = "highest" if result.unit in RATES else "lowest"
        lines += [
            "",
            f"| | middle round | {best} | beside {first} |",
            "| --- | ---: | ---: | ---: |",
        ]
        lines += [_line(result, score) for score in result.scores]
    if result.absent:
        lines += ["", *(f"- {each.name}: not measured: {each.reason}" for each in result.absent)]
    return "\n".join(lines)


def _line(result: Result, score: Score) -> str:
    best = max(score.values) if result.unit in RATES else min(score.values)
    name = f"**{score.name}**" if score.name.startswith(OURS) else score.name
    middle = figure(score.median, result.unit)
    beside = times(result.share(score))
    return f"| {name} | {middle} | {figure(best, result.unit)} | {beside} |"


def times(ratio: float) -> str:
    """A ratio, as many digits of it as say something."""
    digits = 0 if ratio >= 100 else 2 if ratio >= 0.1 else 4  # noqa: PLR2004
    return f"{ratio:,.{digits}f}{TIMES}"


def figure(value: float, unit: Unit) -> str:
    """A value with its unit, three digits of it."""
    if unit != "s":
        digits = 0 if value >= 100 else 1  # noqa: PLR2004
        return f"{value:,.{digits}f} {unit}"
    for factor, name in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if abs(value) * factor >= 1:
            return f"{_three(value * factor)} {name}"
    return f"{_three(value * 1e9)} ns"


def _three(number: float) -> str:
    whole = len(str(int(abs(number))))
    return f"{number:,.{max(0, 3 - whole)}f}"


def _conditions(report: Report) -> str:
    lines = ["## Where and with what", ""]
    if report.quick:
        lines += ["A quick run: it shows that everything works, and its figures say nothing.", ""]
    lines += [f"- {name}: {value}" for name, value in report.machine.items()]
    lines += ["", ", ".join(f"{name} {value}" for name, value in report.versions.items())]
    return "\n".join(lines)


def missed(report: Report) -> Sequence[Verdict]:
    """The goals that were measured and not reached."""
    return [
        verdict
        for _, _, verdict in verdicts(report)
        if verdict.reached is not None and not verdict.met
    ]
