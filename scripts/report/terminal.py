"""The report for the terminal, or plain lines if the output is not one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from scripts.report import advice
from scripts.report.places import by_schema
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from rich.console import Console

    from scripts.report.summary import FindingGroup, Report

MAX_FACTS = 40
MAX_LINES = 10  # of accepted and of flaky facts
_STYLES = {
    "clean": "green",
    "drift": "red",
    "inconclusive": "yellow",
    "breaking": "red",
    "additive": "cyan",
}


def render(report: Report, console: Console) -> None:
    """Print the report on `console`."""
    run = report.run
    for fact in report.facts[:MAX_FACTS]:
        if console.is_terminal:
            console.print(_panel(fact))
        else:
            _line(console, _plain(fact))
    if len(report.facts) > MAX_FACTS:
        more = plural(len(report.facts) - MAX_FACTS, "more fact")
        _line(console, f"… {more} in drift.json and drift.html")
    if console.is_terminal:
        _print_coverage(report, console)
    for fact in report.accepted[:MAX_LINES]:
        reason = visible(fact.deviation or "")
        _line(console, f"accepted: {fact.place} {visible(fact.keyword)}, {fact.affected}: {reason}")
    _more(console, "accepted", len(report.accepted))
    for fact in report.flaky[:MAX_LINES]:
        _line(console, f"flaky: {visible(fact.message)} [{fact.affected}]{_repeat(fact)}", "yellow")
    _more(console, "flaky", len(report.flaky))
    for warning in run.warnings:
        _line(console, f"warning: {visible(warning)}", "yellow")
    for note in run.coverage.notes:
        _line(console, f"coverage: {visible(note)}", "dim")
    _line(console, _summary(report), "dim")
    for notice in report.notices:
        _line(console, f"note: {visible(notice)}", "bold yellow")
    _line(console, f"{run.verdict}: {visible(report.headline)}", f"bold {_STYLES[run.verdict]}")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)


def _more(console: Console, what: str, number: int) -> None:
    if number > MAX_LINES:
        _line(console, f"{what}: … {number - MAX_LINES:,} more in drift.json and drift.html")


def _plain(fact: FindingGroup) -> str:
    return (
        f"{fact.severity}: {visible(fact.message)} [{fact.affected}] "
        f"({visible(fact.contract)}:{fact.line}; first seen {fact.first_seen[:10]})\n"
        f"  impact: {fact.impact}\n"
        f"  what to do: {fact.advice} ({advice.link(fact.page)}){_repeat(fact)}"
    )


def _repeat(fact: FindingGroup) -> str:
    return f"\n  {visible(fact.reproduce)}" if fact.reproduce else ""


def _summary(report: Report) -> str:
    run = report.run
    variants = Counter(job.variant or "not checked" for job in run.jobs)
    jobs = ", ".join(f"{number} {name}" for name, number in sorted(variants.items()))
    injected = run.self_check.injected
    self_check = f", {plural(injected, 'injected fault')} found" if injected else ""
    return (
        f"{visible(run.target)}: {report.completeness} ({visible(jobs) or 'no job'}); "
        f"{plural(run.requests, 'request')} in {run.seconds:.1f} s; "
        f"{report.breaking} breaking, {report.additive} additive, {len(report.accepted)} accepted, "
        f"{len(report.flaky)} flaky{self_check}"
    )


def _panel(fact: FindingGroup) -> Panel:
    style = _STYLES[fact.severity]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    expected = "nothing" if fact.kind == "addition" else show(fact.expected)
    seen = "missing" if fact.keyword == "required" else show(fact.seen)
    if fact.kind == "behavior":
        table.add_row("what", Text(visible(fact.message)))
    example = f", for example {visible(fact.job_ids[0])}" if fact.job_ids else ""
    rows = {
        "expected": Text(expected),
        "seen": Text(seen, style),
        "impact": Text(fact.impact),
        "what to do": Text(f"{fact.advice} ({advice.link(fact.page)})"),
        "jobs": Text(f"{fact.affected}{example}; first seen {fact.first_seen[:10]}"),
        "rule": Text(f"{visible(fact.keyword)}, {visible(fact.contract)}:{fact.line}"),
    }
    if fact.reproduce:
        rows["reproduce"] = Text(visible(fact.reproduce))
    for name, text in rows.items():
        table.add_row(name, text)
    title = Text.assemble((f"{fact.severity} ", style), (fact.place, "bold"))
    return Panel(table, title=title, title_align="left", border_style=style, box=box.ROUNDED)


def _print_coverage(report: Report, console: Console) -> None:
    weak = [schema for schema in by_schema(report.run.coverage) if schema.uncovered]
    if weak:
        table = Table("schema", "covered", title="Rules that no job covers", box=box.SIMPLE)
        for schema in weak:
            table.add_row(visible(schema.name), f"{schema.covered} of {schema.rules}")
        console.print(table)
