"""Decide which issues should be open after a run, and what they contain. No I/O."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import evolve, field, frozen

from contract_tests.run.result import Reason
from scripts.nightly.state import BEGIN, State, Subject, Topic
from scripts.report import advice, markdown
from scripts.report.history import host
from scripts.report.markdown import code, prose
from scripts.report.summary import SECURITY, FindingGroup
from scripts.report.text import plural, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.report.history import Entry

ReportJson: TypeAlias = "Mapping[str, Any]"

NIGHTS = 3
MAX_TEXT = 24_000  # GitHub accepts bodies of 65,536 characters, the state included
MAX_FINGERPRINTS = 1_500
MAX_LINES = 100  # facts for which the state keeps a line and a date
MAX_CHANGES = 20
VENDOR = "the vendor's document"

DRIFT = Topic(
    "drift",
    "b60205",
    "Maintained by the nightly check: the live API has drifted from the contract",
    "API drift: {target} does not match the contract",
)
INCONCLUSIVE = Topic(
    "drift-inconclusive",
    "fbca04",
    "Maintained by the nightly check: it could not check the API",
    "The nightly check of {target} is inconclusive",
)
DIVERGENCE = Topic(
    "divergence",
    "1d76db",
    "Maintained by the nightly check: the vendor's document differs from the contract",
    "The contract and {target} diverge",
)


@frozen
class DesiredIssue:
    """The issue that should be open.

    Attributes:
        intro: The text before the facts.
        facts: A line of Markdown for each fact, by fingerprint.
        groups: The facts in full, where they are findings.
        jobs: The number of known jobs.
        complete: Whether everything was checked. If not, no fact is reported as gone.
        due: Whether to open the issue; otherwise it is only updated if it is open.
    """

    intro: str
    facts: Mapping[str, str] = field(factory=dict)
    groups: tuple[FindingGroup, ...] = ()
    jobs: int = 0
    complete: bool = True
    due: bool = True

    def state(self, subject: Subject, before: State) -> State:
        """Return the new state of the issue."""
        lines = dict(self.facts)
        if not self.complete:
            lines |= {mark: before.lines[mark] for mark in before.lines if mark not in lines}
        marks = list(lines)
        if not self.complete:
            marks += sorted(before.fingerprints - lines.keys())
        dates = {group.fingerprint: group.first_seen for group in self.groups}
        kept = sorted(marks)[:MAX_FINGERPRINTS]
        return State(
            subject.topic.label,
            subject.target,
            frozenset(kept),
            len(marks) > MAX_FINGERPRINTS,
            {mark: lines[mark][:100] for mark in list(lines)[:MAX_LINES]},
            {
                mark: min(filter(None, (before.first_seen.get(mark), dates.get(mark))), default="")
                for mark in list(lines)[:MAX_LINES]
            },
        )

    def body(self, subject: Subject, link: str, before: State) -> str:
        """Return the block of the issue that the bot maintains."""
        state = self.state(subject, before)
        groups = [
            evolve(group, first_seen=state.first_seen.get(group.fingerprint) or group.first_seen)
            for group in self.groups
        ]
        limit = MAX_TEXT - len(self.intro.encode())
        text = markdown.facts(groups, self.jobs, limit) if groups else _bullets(self.facts, limit)
        unseen = [before.lines[mark] for mark in before.lines if mark not in self.facts]
        if unseen and not self.complete:
            text += "\n#### Not checked in this run, so still listed\n\n"
            text += "".join(f"- {line}\n" for line in unseen[:MAX_CHANGES])
        outro = (
            f"\n---\nLast seen by {link}. This issue is updated by every run, closed when a "
            "complete run finds nothing, and reopened when the facts return.\n"
        )
        return f"{BEGIN}\n{self.intro}\n{text}{outro}{state.marker}"


def after_drift_run(
    report: ReportJson, entries: Sequence[Entry], *, private: bool
) -> dict[Subject, DesiredIssue | None]:
    """Return the desired issues of a target; a subject without one stays as it is.

    Args:
        report: `drift.json`.
        entries: The history of the target, this run included.
        private: Whether the repository is private. Security facts are left out of public issues.
    """
    target = host(report["target"])
    drift, inconclusive = Subject(DRIFT, target), Subject(INCONCLUSIVE, target)
    verdict, complete = report["verdict"], report["complete"]
    if verdict == "clean":
        return {drift: None, inconclusive: None}
    intro = f"## {prose(report['headline'])}\n\n"
    intro += "".join(f"> **{prose(notice)}**\n\n" for notice in report["notices"])
    when = report["started_at"][:16].replace("T", " ")
    intro += f"{prose(report['summary'])}, at {when} UTC against {code(report['target'])}.\n"
    if verdict == "inconclusive":
        nights = inconclusive_nights(entries)
        page = advice.link("docs/start/nightly.md")
        intro += f"\nInconclusive for {plural(nights, 'night')}. What to do: {page}\n"
        return {inconclusive: DesiredIssue(intro, complete=False, due=is_due(report, entries))}
    groups = tuple(
        group
        for group in map(FindingGroup.from_json, report["facts"])
        if private or group.keyword not in SECURITY
    )
    if not groups:
        return {drift: None, inconclusive: None} if complete else {}
    facts = {group.fingerprint: markdown.line(group) for group in groups}
    issue = DesiredIssue(intro, facts, groups, len(report["jobs"]), complete)
    return {drift: issue, inconclusive: None} if complete else {drift: issue}


def after_comparison(comparison: ReportJson) -> dict[Subject, DesiredIssue | None]:
    """Return the desired issue after a comparison with the vendor's document."""
    subject = Subject(DIVERGENCE, VENDOR)
    items = [item for item in comparison["divergences"] if item["deviation"] is None]
    if comparison["verdict"] == "clean" or not items:
        return {subject: None}
    facts = {_fingerprint(item): _divergence_line(item) for item in items}
    places = plural(len(facts), "place")
    intro = (
        f"The vendor's published document differs from `openapi/job.yaml` in {places}. "
        f"What to do: {advice.link('docs/compare.md')}\n"
    )
    return {subject: DesiredIssue(intro, facts)}


def inconclusive_nights(entries: Sequence[Entry]) -> int:
    """Return how many of the last nights in a row were inconclusive."""
    nights = set()
    for entry in reversed(entries):
        if entry.verdict != "inconclusive":
            break
        nights.add(entry.started_at[:10])
    return len(nights)


def is_due(report: ReportJson, entries: Sequence[Entry]) -> bool:
    """Return whether an inconclusive run needs attention.

    It does after `NIGHTS` nights. It does at once if the token is rejected, because that does not
    resolve itself, or if the history has no conclusive run, because the duration is unknown.
    """
    return (
        any(trouble["reason"] == Reason.NOT_AUTHORIZED for trouble in report["troubles"])
        or inconclusive_nights(entries) >= NIGHTS
        or all(entry.verdict == "inconclusive" for entry in entries)
    )


def changes(desired: DesiredIssue, before: State, link: str) -> str | None:
    """Return a comment about new and gone facts, or None if nothing changed."""
    # Above the highest fingerprint of a truncated state, new facts can't be identified.
    highest = max(before.fingerprints, default="") if before.truncated else "g"
    new = [
        line
        for mark, line in desired.facts.items()
        if mark <= highest and mark not in before.fingerprints
    ]
    gone = [
        before.lines.get(mark, f"a fact with the fingerprint {code(mark)}")
        for mark in sorted(before.fingerprints - desired.facts.keys())
    ]
    if not desired.complete:
        gone = []
    if not new and not gone:
        return None
    parts = [f"Changed, by {link}: {len(new):,} new, {len(gone):,} gone.\n"]
    for title, lines in (("New", new), ("Gone", gone)):
        if lines:
            parts += [f"\n{title}:\n\n", *(f"- {line}\n" for line in lines[:MAX_CHANGES])]
        if len(lines) > MAX_CHANGES:
            parts.append(f"- … and {len(lines) - MAX_CHANGES:,} more\n")
    return "".join(parts)


def _bullets(facts: Mapping[str, str], limit: int) -> str:
    parts: list[str] = []
    room = limit - 100
    for number, line in enumerate(facts.values()):
        room -= len(line.encode()) + 3
        if room < 0:
            parts.append(f"- … and {len(facts) - number:,} more; see the run\n")
            break
        parts.append(f"- {line}\n")
    return "".join(parts)


def _divergence_line(item: ReportJson) -> str:
    return (
        f"{item['severity']}: {code(item['location'])} {code(item['change'])}: "
        f"ours {code(show(item['ours']))}, theirs {code(show(item['theirs']))}"
    )


def _fingerprint(item: ReportJson) -> str:
    parts = json.dumps([item["location"], item["change"], item["theirs"]])
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
