"""Past runs, one line each in `history.jsonl`: what the chart and the nightly run look back on."""

from __future__ import annotations

import json
import math
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import asdict, fields, frozen

from contract_tests.run.result import Run, Verdict
from scripts.report.facts import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CHARTED = 90


@frozen
class Entry:
    """One run, in a line.

    Attributes:
        started_at: When it began, in UTC, as ISO 8601 says.
        verdict: What it said.
        target: The server's address.
        jobs: How many known jobs it judged.
        requests: How many requests it sent.
        breaking: How many breaking findings no deviation accepted.
        additive: How many additive ones.
        accepted: How many findings a deviation accepted.
        flaky: How many findings did not repeat.
        evidence: The part of the rules that was exercised, from 0 to 1.
        seconds: How long it took.
    """

    started_at: str
    verdict: Verdict
    target: str
    jobs: int
    requests: int
    breaking: int
    additive: int
    accepted: int
    flaky: int
    evidence: float
    seconds: float

    @property
    def line(self) -> str:
        """The line of `history.jsonl` that stands for it."""
        return json.dumps(asdict(self)) + "\n"


def entry_of(run: Run) -> Entry:
    """What stays of `run`."""
    counts = count(run)
    return Entry(
        started_at=run.started_at.isoformat(timespec="seconds"),
        verdict=run.verdict,
        target=run.target,
        jobs=len(run.jobs),
        requests=run.requests,
        breaking=counts.breaking,
        additive=counts.additive,
        accepted=counts.accepted,
        flaky=len(run.flaky),
        evidence=round(run.coverage.ratio, 4),
        seconds=round(run.seconds, 3),
    )


def parse(lines: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """The last `CHARTED` entries of `lines`, and a warning for each line that is none."""
    entries: deque[Entry] = deque(maxlen=CHARTED)
    warnings = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(_entry(line))
        except (ValueError, TypeError, KeyError, RecursionError):
            warnings.append(f"history.jsonl:{number}: not an entry of a past run; skipped")
    return list(entries), warnings


def same_target(entries: Sequence[Entry], target: str) -> list[Entry]:
    """Those of `entries` about the same server: a mock server gets a new port at each run."""
    return [entry for entry in entries if _host(entry.target) == _host(target)]


def _entry(line: str) -> Entry:
    data = json.loads(line)
    values = {field.name: data[field.name] for field in fields(Entry)}
    if values["verdict"] not in set(Verdict):
        raise ValueError(values["verdict"])
    for name, value in values.items():
        if name in {"started_at", "verdict", "target"}:
            fits = isinstance(value, str)
        else:
            fits = type(value) in {int, float} and math.isfinite(value) and value >= 0
        if not fits:
            raise ValueError(name)
    datetime.fromisoformat(values["started_at"])
    return Entry(**values)


def _host(target: str) -> str | None:
    try:
        return urlsplit(target).hostname
    except ValueError:
        return None
