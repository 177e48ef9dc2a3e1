"""The report for the person at the terminal; plain lines, one fact each, where none is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from scripts.report.facts import by_schema, count, facts_of, headline
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from rich.console import Console

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from scripts.report.facts import Fact

MOST = 40
_STYLES = {
    "clean": "green",
    "drift": "red",
    "inconclusive": "yellow",
    "breaking": "red",
    "additive": "cyan",
}


def render(run: Run, contract: Contract, console: Console) -> None:
    """Print `run` on `console`."""
    deciding = facts_of((f for f in run.findings if f.deviation is None), contract)
    accepted = facts_of((f for f in run.findings if f.deviation is not None), contract)
    if console.is_terminal:
        _render_rich(run, deciding, console)
    else:
        for fact in deciding:
            _line(console, _plain(fact))
    for fact in accepted:
        jobs = plural(len(fact.job_ids), "job")
        reason = visible(fact.finding.deviation or "")
        _line(console, f"accepted: {fact.place} {visible(fact.finding.keyword)}, {jobs}: {reason}")
    for finding in run.flaky:
        _line(console, f"flaky: {visible(finding.message)}; it did not repeat", "yellow")
    for warning in run.warnings:
        _line(console, f"warning: {visible(warning)}", "yellow")
    for note in run.coverage.notes:
        _line(console, f"unproved: {visible(note)}", "dim")
    _line(console, _summary(run), "dim")
    _line(console, f"{run.verdict}: {visible(headline(run))}", f"bold {_STYLES[run.verdict]}")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)


def _plain(fact: Fact) -> str:
    finding = fact.finding
    jobs = f" [{plural(len(fact.job_ids), 'job')}]" if len(fact.job_ids) > 1 else ""
    return (
        f"{finding.severity}: {visible(finding.message)}{jobs} "
        f"({finding.effect}; openapi/job.yaml:{fact.line})"
        + (f"\n  {visible(finding.reproduce)}" if finding.reproduce else "")
    )


def _summary(run: Run) -> str:
    counts = count(run)
    variants = Counter(job.variant or "not judged" for job in run.jobs)
    jobs = ", ".join(f"{number} {name}" for name, number in sorted(variants.items()))
    # None are planted where there is nothing to call clean.
    number = run.self_check.injected
    planted = f", {plural(number, 'planted fault')} found" if number else ""
    return (
        f"{visible(run.target)}: {plural(len(run.jobs), 'known job')} ({visible(jobs)}), "
        f"{plural(run.requests, 'request')} in {run.seconds:.1f} s, "
        f"{counts.breaking} breaking, {counts.additive} additive, {counts.accepted} accepted, "
        f"{run.coverage.ratio:.0%} of the rules exercised{planted}"
    )


def _render_rich(run: Run, facts: tuple[Fact, ...], console: Console) -> None:
    for fact in facts[:MOST]:
        finding = fact.finding
        style = _STYLES[finding.severity]
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        expected = "nothing" if finding.kind == "addition" else show(finding.expected)
        seen = "missing" if finding.keyword == "required" else show(finding.seen)
        if finding.kind == "behavior":
            table.add_row("what", Text(visible(finding.message)))
        table.add_row("expected", Text(expected))
        table.add_row("seen", Text(seen, style))
        table.add_row("importers", Text(finding.effect))
        table.add_row("contract", Text(f"openapi/job.yaml:{fact.line} {visible(finding.keyword)}"))
        if fact.job_ids:
            more = f" and {len(fact.job_ids) - 1:,} more" if len(fact.job_ids) > 1 else ""
            table.add_row("job", Text(visible(fact.job_ids[0]) + more))
        if finding.reproduce:
            table.add_row("ask again", Text(visible(finding.reproduce)))
        title = Text.assemble((f"{finding.severity} ", style), (fact.place, "bold"))
        console.print(
            Panel(table, title=title, title_align="left", border_style=style, box=box.ROUNDED)
        )
    if len(facts) > MOST:
        _line(console, f"… and {len(facts) - MOST:,} more in drift.json and drift.html")
    weak = [schema for schema in by_schema(run.coverage) if schema.unexercised]
    if weak:
        evidence = Table("schema", "exercised", title="Rules that no job exercised", box=box.SIMPLE)
        for schema in weak:
            evidence.add_row(visible(schema.name), f"{schema.exercised} of {schema.rules}")
        console.print(evidence)
