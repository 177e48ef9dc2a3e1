"""Markdown for a step summary or an issue, at most 60 kB.

Text from a server is shown in code spans only, where it can't link, mention people or break a list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.report import advice
from scripts.report.places import by_schema
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scripts.report.summary import FindingGroup, Report

MAX_BYTES = 60_000  # GitHub accepts issues of 65,536 characters
DETAILED = 25  # facts shown in full; the others get one line each
MAX_LINES = 30
MAX_CODE = 200
_RESERVED = 12_000  # bytes for what follows the facts
_VERDICTS = {"clean": "✅ Clean", "drift": "❌ Drift", "inconclusive": "⚠️ Inconclusive"}


def render(report: Report) -> str:
    """Return the report as GitHub's Markdown."""
    run = report.run
    parts = [f"## {_VERDICTS[run.verdict]}: {prose(report.headline)}\n\n"]
    parts += [f"> **{prose(notice)}**\n\n" for notice in report.notices]
    parts.append(
        f"{prose(report.completeness)}. {plural(run.requests, 'request')} to {code(run.target)}, "
        f"{run.started_at:%Y-%m-%d %H:%M} UTC, contract {code(run.contract_version)} "
        f"({code(run.contract_sha256[:12])}).\n"
    )
    tail = [
        *_list("Accepted by a deviation", map(_accepted, report.accepted)),
        *_list("Flaky: seen once, not repeated", map(_flaky, report.flaky)),
        *_list("Warnings", map(code, run.warnings)),
        *_uncovered(report),
    ]
    if report.facts:
        parts.append(f"\n### {report.breaking} breaking, {report.additive} additive\n\n")
        used = sum(len(part.encode()) for part in (*parts, *tail))
        parts.append(facts(report.facts, len(run.jobs), MAX_BYTES - used))
    return "".join([*parts, *tail])


def facts(groups: Sequence[FindingGroup], jobs: int, limit: int) -> str:
    """Return the facts in at most `limit` bytes, with a note about those left out.

    Args:
        groups: The facts.
        jobs: The number of known jobs.
        limit: The number of bytes.
    """
    parts: list[str] = []
    room = limit - 200
    for number, fact in enumerate(groups):
        text = _detailed(fact, jobs) if number < DETAILED else f"- {line(fact)}\n"
        room -= len(text.encode())
        if room < 0:
            more = plural(len(groups) - number, "more fact")
            parts.append(f"\n**{more} left out here**: see `drift.json` and `drift.html`.\n")
            break
        parts.append(text)
    return "".join(parts)


def line(fact: FindingGroup) -> str:
    """Return a fact as one line."""
    affected = f" ({plural(fact.jobs, 'job')})" if fact.jobs else ""
    return f"{fact.severity}: {code(fact.message)}{affected}"


def code(text: str, longest: int = MAX_CODE) -> str:
    """Return `text` as a code span that is valid in a table."""
    shown = visible(text, longest).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown[:1] == "`" or shown[-1:] == "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else "-"


def prose(text: str) -> str:
    """Return a sentence of ours, which may quote a server, without markup."""
    shown = re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", visible(text))
    # Mentions, references to issues and URLs become links even without markup.
    return re.sub(r"(?i)(@|#|:(?=//)|www(?=\.))", "\\1\u200b", shown)


def _detailed(fact: FindingGroup, jobs: int) -> str:
    expected = "nothing" if fact.kind == "addition" else code(show(fact.expected))
    seen = "missing" if fact.keyword == "required" else code(show(fact.seen))
    place = code(fact.location) if fact.location else fact.place
    help_link = f"[{code(fact.keyword)}]({advice.link(fact.page)})"
    lines = [
        f"#### {fact.severity}: {place}, {code(fact.keyword)}\n\n{code(fact.message)}\n",
        f"- **Impact:** {fact.impact}.",
        f"- **What to do:** {fact.advice} More: {help_link}.",
        f"- **First seen:** {fact.first_seen[:10]}. **Jobs affected:** {_affected(fact, jobs)}.",
        f"- Expected {expected}, seen {seen}; {visible(fact.contract)}, line {fact.line}.",
    ]
    if fact.reproduce:
        lines.append(f"- Reproduce: {code(fact.reproduce, 600)}")
    return "\n".join(lines) + "\n\n"


def _affected(fact: FindingGroup, jobs: int) -> str:
    if not fact.jobs:
        return "none of the known ones"
    variants = f", {code(', '.join(fact.variants))}" if fact.variants else ""
    first = f", for example {code(fact.job_ids[0])}" if fact.job_ids else ""
    return f"{fact.jobs:,} of {jobs:,}{variants}{first}"


def _accepted(fact: FindingGroup) -> str:
    reason = prose(fact.deviation or "")
    place = code(fact.location) if fact.location else fact.place
    return f"{place}, {code(fact.keyword)}, {plural(fact.jobs, 'job')}: {reason}"


def _flaky(fact: FindingGroup) -> str:
    reproduce = f"; reproduce: {code(fact.reproduce, 300)}" if fact.reproduce else ""
    return f"{code(fact.message)}, {fact.affected}{reproduce}"


def _list(title: str, lines: Iterable[str]) -> list[str]:
    """Return a section of at most `_RESERVED // 4` bytes, or nothing without lines."""
    every = list(lines)
    if not every:
        return []
    parts, room = [f"\n### {title}\n\n"], _RESERVED // 4
    for number, text in enumerate(every):
        room -= len(text.encode()) + 3
        if room < 0 or number == MAX_LINES:
            parts.append(f"- … and {len(every) - number:,} more\n")
            break
        parts.append(f"- {text}\n")
    return parts


def _uncovered(report: Report) -> list[str]:
    coverage = report.run.coverage
    if not coverage.uncovered:
        return []
    lines = [prose(note) for note in coverage.notes]
    lines += [
        f"{code(schema.name)}: {schema.covered} of {plural(schema.rules, 'rule')}"
        for schema in by_schema(coverage)
        if schema.uncovered
    ]
    return _list("Not covered by any known job", lines)
