"""Which issues should be open after a night, and what each should say. No I/O."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from scripts.report.markdown import code
from scripts.report.text import plural, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.report.history import Entry

Report: TypeAlias = "Mapping[str, Any]"

NIGHTS = 3
LONGEST_BODY = 60_000  # GitHub takes 65,536
MOST_MARKS = 500
MOST_NEWS = 20
_MARKS = re.compile(r"<!-- marks: ([0-9a-f ]*) -->\s*\Z")


@frozen
class Topic:
    """Something that one issue is about, found again by its label."""

    label: str
    color: str
    description: str
    title: str


DRIFT = Topic(
    "drift",
    "b60205",
    "Kept by the nightly run: the live API does not fit the contract",
    "The live API has drifted from the contract",
)
INCONCLUSIVE = Topic(
    "drift-inconclusive",
    "fbca04",
    "Kept by the nightly run: it has proved nothing for some nights",
    "The nightly drift check proves nothing",
)
DIVERGENCE = Topic(
    "divergence",
    "1d76db",
    "Kept by the nightly run: the vendor's document says other than the contract",
    "The vendor's document diverges from the contract",
)


@frozen
class DesiredIssue:
    """The open issue that a topic should have.

    Attributes:
        text: What it should say.
        facts: What it is about: a line of Markdown for each fact, by its mark.
    """

    text: str
    facts: Mapping[str, str]

    @property
    def marks(self) -> frozenset[str]:
        """What tells this issue's facts from another night's."""
        marks = sorted(self.facts)
        if len(marks) > MOST_MARKS:
            rest = hashlib.sha256(" ".join(marks[MOST_MARKS:]).encode()).hexdigest()[:16]
            marks = [*marks[:MOST_MARKS], rest]
        return frozenset(marks)

    @property
    def body(self) -> str:
        """The issue's body, which ends in its marks."""
        cut = (
            "" if len(self.text) <= LONGEST_BODY - 17 * MOST_MARKS else "\n\n… cut; see the run.\n"
        )
        text = self.text[: LONGEST_BODY - 17 * MOST_MARKS] + cut
        return f"{text}\n<!-- marks: {' '.join(sorted(self.marks))} -->\n"


def marks_of(body: str) -> frozenset[str]:
    """The marks at the end of an issue's body."""
    found = _MARKS.search(body)
    return frozenset(found[1].split()) if found else frozenset()


def after_drift_run(
    report: Report, markdown: str, entries: Sequence[Entry], link: str
) -> dict[Topic, DesiredIssue | None]:
    """What each topic should have; a topic that is not named stays as it is."""
    if report["verdict"] == "clean":
        return {DRIFT: None, INCONCLUSIVE: None}
    text = f"{markdown}\nLast seen by {link}. This issue is closed when it is gone.\n"
    if report["verdict"] == "drift":
        deciding = [finding for finding in report["findings"] if finding["deviation"] is None]
        facts = {finding["fingerprint"]: _finding_line(finding) for finding in deciding}
        return {DRIFT: DesiredIssue(text, facts), INCONCLUSIVE: None}
    if inconclusive_nights(entries) >= NIGHTS:
        return {INCONCLUSIVE: DesiredIssue(text, {})}
    return {}


def after_comparison(comparison: Report, link: str) -> dict[Topic, DesiredIssue | None]:
    """The same for the comparison with the vendor's document."""
    deciding = [item for item in comparison["divergences"] if item["deviation"] is None]
    if comparison["verdict"] == "clean" or not deciding:
        return {DIVERGENCE: None}
    facts = {_mark(item): _divergence_line(item) for item in deciding}
    lines = [f"- {line}\n" for line in facts.values()]
    text = (
        f"The vendor's published document says other than `openapi/job.yaml` in "
        f"{plural(len(facts), 'place')}:\n\n{''.join(lines)}\n"
        f"Last seen by {link}. This issue is closed when it is gone.\n"
    )
    return {DIVERGENCE: DesiredIssue(text, facts)}


def inconclusive_nights(entries: Sequence[Entry]) -> int:
    """How many nights in a row, up to the last, no run proved anything."""
    nights = set()
    for entry in reversed(entries):
        if entry.verdict != "inconclusive":
            break
        nights.add(entry.started_at[:10])
    return len(nights)


def news(wanted: DesiredIssue, before: frozenset[str], link: str) -> str:
    """What changed since an issue that had the marks `before`, as a comment."""
    new = [line for mark, line in wanted.facts.items() if mark not in before]
    gone = len(before - wanted.marks)
    parts = [f"Changed, by {link}: {len(new)} new, {gone} gone.\n\n"]
    parts += [f"- {line}\n" for line in new[:MOST_NEWS]]
    if len(new) > MOST_NEWS:
        parts.append(f"- … and {len(new) - MOST_NEWS} more, above\n")
    return "".join(parts)


def _finding_line(finding: Report) -> str:
    place = code(finding["location"]) if finding["location"] else "the response"
    return f"{finding['severity']}: {place} {code(finding['keyword'])}: {code(finding['message'])}"


def _divergence_line(item: Report) -> str:
    return (
        f"{item['severity']}: {code(item['location'])} {code(item['change'])}: "
        f"ours {code(show(item['ours']))}, theirs {code(show(item['theirs']))}"
    )


def _mark(item: Report) -> str:
    facts = json.dumps([item["location"], item["change"], item["theirs"]])
    return hashlib.sha256(facts.encode()).hexdigest()[:16]
