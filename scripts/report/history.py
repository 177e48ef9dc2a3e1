"""Past runs, one per line of `history.jsonl`: for the trend, first-seen dates and the issues."""

from __future__ import annotations

import json
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import asdict, fields, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scripts.report.summary import Report

CHARTED = 90
MAX_AMOUNT = 10**12
MAX_FACTS = 500  # whose first-seen dates a line carries on
_VERDICTS = frozenset({"clean", "drift", "inconclusive"})


@frozen
class Entry:
    """One run, as one line.

    Attributes:
        started_at: When it started, in UTC, as ISO 8601.
        verdict: Its verdict.
        complete: Whether everything was checked.
        target: The base URL of the server.
        jobs: How many known jobs were checked.
        requests: How many requests were sent.
        breaking: The number of breaking facts.
        additive: The number of additive facts.
        accepted: The number of accepted facts.
        flaky: The number of facts that did not repeat.
        coverage: The ratio of covered rules, from 0 to 1; None if no job was checked.
        seconds: How long it took.
        facts: When each of its facts was first seen, by fingerprint.
    """

    started_at: str
    verdict: str
    complete: bool
    target: str
    jobs: int
    requests: int
    breaking: int
    additive: int
    accepted: int
    flaky: int
    coverage: float | None
    seconds: float
    facts: Mapping[str, str]

    @property
    def line(self) -> str:
        """The entry as a line of `history.jsonl`."""
        return json.dumps(asdict(self)) + "\n"


def entry_of(report: Report) -> Entry:
    """Return the entry for a run."""
    run = report.run
    checked = run.completeness.jobs_checked
    facts = (*report.facts, *report.accepted)[:MAX_FACTS]
    return Entry(
        started_at=run.started_at.isoformat(timespec="seconds"),
        verdict=run.verdict,
        complete=run.complete,
        target=run.target,
        jobs=checked,
        requests=run.requests,
        breaking=report.breaking,
        additive=report.additive,
        accepted=len(report.accepted),
        flaky=len(report.flaky),
        coverage=round(run.coverage.ratio, 4) if checked else None,
        seconds=round(run.seconds, 3),
        facts={fact.fingerprint: fact.first_seen for fact in facts},
    )


def parse(lines: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """Return the last `CHARTED` entries, and a warning for each invalid line."""
    entries: deque[Entry] = deque(maxlen=CHARTED)
    warnings = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(_entry(line))
        except (ValueError, TypeError, KeyError, RecursionError):
            warnings.append(f"history.jsonl:{number}: not an entry of a past run; skipped")
    return list(entries), warnings


def same_target(entries: Sequence[Entry], target: str) -> list[Entry]:
    """Return the entries about the same host; a mock server has a new port in each run."""
    return [entry for entry in entries if host(entry.target) == host(target)]


def host(target: str) -> str:
    """Return the host of a base URL, or the text itself if it has none."""
    try:
        return urlsplit(target).hostname or target
    except ValueError:
        return target


def _entry(line: str) -> Entry:
    data = json.loads(line)
    values = {field.name: data[field.name] for field in fields(Entry)}
    if values["verdict"] not in _VERDICTS:
        raise ValueError(values["verdict"])
    for name, value in values.items():
        match name:
            case "started_at" | "verdict" | "target":
                valid = isinstance(value, str)
            case "complete":
                valid = isinstance(value, bool)
            case "facts":
                valid = isinstance(value, dict) and all(map(_is_date, value.values()))
            case _:
                valid = (name == "coverage" and value is None) or _is_amount(value)
        if not valid:
            raise ValueError(name)
    datetime.fromisoformat(values["started_at"])
    return Entry(**values)


def _is_amount(value: object) -> bool:
    return type(value) in {int, float} and 0 <= value <= MAX_AMOUNT  # type: ignore[operator]


def _is_date(value: object) -> bool:
    return isinstance(value, str) and bool(datetime.fromisoformat(value))
