"""Markdown for a CI step summary or an issue. A server's text stands in code spans alone.

There it can neither link, mention people nor break the table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from scripts.report.facts import by_schema, count, facts_of, headline
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from scripts.report.facts import Fact

MOST = 50  # an issue holds 65,536 characters
LONGEST = 200
_VERDICTS = {"clean": "✅ Clean", "drift": "❌ Drift", "inconclusive": "⚠️ Inconclusive"}


def render(run: Run, contract: Contract, out: TextIO) -> None:
    """Write `run` as GitHub's Markdown."""
    counts = count(run)
    exercised = len(run.coverage.covered)
    rules = exercised + len(run.coverage.uncovered)
    out.write(f"## {_VERDICTS[run.verdict]}: {_prose(headline(run))}\n\n")
    out.write("| Server | Started | Known jobs | Requests | Rules exercised | Contract |\n")
    out.write("| --- | --- | --- | --- | --- | --- |\n")
    out.write(
        f"| {code(run.target)} | {run.started_at:%Y-%m-%d %H:%M} UTC | {len(run.jobs):,} "
        f"| {run.requests:,} | {exercised} of {rules} | {code(run.contract_version)} "
        f"({code(run.contract_sha256[:12])}) |\n"
    )
    deciding = facts_of((f for f in run.findings if f.deviation is None), contract)
    if deciding:
        out.write(f"\n### Findings: {counts.breaking} breaking, {counts.additive} additive\n\n")
        _table(deciding, out)
        _reproduce(deciding, out)
    accepted = facts_of((f for f in run.findings if f.deviation is not None), contract)
    _list("Accepted by a deviation", [_accepted(fact) for fact in accepted], out)
    _list("Warnings", [code(warning) for warning in run.warnings], out)
    _list("Flaky: seen once, not repeated", [code(finding.message) for finding in run.flaky], out)
    if rules > exercised:
        _unproved(run, out)


def code(text: str) -> str:
    """`text` as a code span that may stand in a table."""
    shown = visible(text, LONGEST).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown[:1] == "`" or shown[-1:] == "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else "-"


def _prose(text: str) -> str:
    """A sentence of our own, which may quote a server: nothing in it marks anything up."""
    shown = re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", visible(text))
    return shown.replace("@", "@\u200b").replace("://", ":\u200b//")


def _table(facts: Sequence[Fact], out: TextIO) -> None:
    out.write("| Severity | Location | Keyword | Expected | Seen | Jobs | For an importer |\n")
    out.write("| --- | --- | --- | --- | --- | --- | --- |\n")
    for fact in facts[:MOST]:
        finding = fact.finding
        expected = "nothing" if finding.kind == "addition" else code(show(finding.expected))
        seen = "missing" if finding.keyword == "required" else code(show(finding.seen))
        out.write(
            f"| {finding.severity} | {code(fact.place)} "
            f"| {code(finding.keyword)} (line {fact.line}) | {expected} | {seen} "
            f"| {len(fact.job_ids) or '-'} | {finding.effect} |\n"
        )
    if len(facts) > MOST:
        out.write(f"\n… and {len(facts) - MOST:,} more in `drift.json` and `drift.html`.\n")


def _reproduce(facts: Sequence[Fact], out: TextIO) -> None:
    lines = dict.fromkeys(fact.finding.reproduce for fact in facts[:MOST] if fact.finding.reproduce)
    if lines:
        out.write("\n<details><summary>Ask again</summary>\n\n```sh\n")
        out.writelines(f"{visible(line)}\n" for line in lines)
        out.write("```\n\n</details>\n")


def _accepted(fact: Fact) -> str:
    finding = fact.finding
    jobs = plural(len(fact.job_ids), "job")
    return f"{code(fact.place)} {code(finding.keyword)}, {jobs}: {_prose(finding.deviation or '')}"


def _list(title: str, lines: Sequence[str], out: TextIO) -> None:
    if not lines:
        return
    out.write(f"\n### {title}\n\n")
    out.writelines(f"- {line}\n" for line in lines[:MOST])
    if len(lines) > MOST:
        out.write(f"- … and {len(lines) - MOST:,} more\n")


def _unproved(run: Run, out: TextIO) -> None:
    out.write("\n<details><summary>What no observed job exercised</summary>\n\n")
    out.writelines(f"- {_prose(note)}\n" for note in run.coverage.notes)
    if run.coverage.notes:
        out.write("\n")
    out.write("| Schema | Rules | Exercised |\n| --- | --- | --- |\n")
    for schema in by_schema(run.coverage):
        if schema.unexercised:
            out.write(f"| {code(schema.name)} | {schema.rules} | {schema.exercised} |\n")
    out.write("\n</details>\n")
