"""Tell people what a nightly run found: `python -m scripts.nightly --drift-status N`.

Reads the reports of the run, and asks GitHub for one open issue for each topic: drift, a check
that proves nothing, a vendor's document that diverges. Whatever it can't do, it says and fails.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.nightly.github import GitHub, GitHubError, UnsureError, connect
from scripts.nightly.topics import (
    NIGHTS,
    DesiredIssue,
    Topic,
    after_comparison,
    after_drift_run,
    inconclusive_nights,
    marks_of,
    news,
)
from scripts.report.history import parse, same_target
from scripts.report.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_FAILED = 1
EXIT_DRIFT = 4
VERDICTS = {"0": "clean", "4": "drift", "5": "inconclusive"}
COMPARED = {"0": "clean", "4": "divergence"}
SCHEMA_VERSION = 1  # of both reports
UNREADABLE = {"2", "5"}  # the vendor's document, not ours: no reason to fail the night
ATTEMPTS = 3


class NightError(Exception):
    """The night's run itself failed, or left no report to read."""


def main(argv: Sequence[str] | None = None) -> int:
    """Settle the issues; 0 when nothing drifted, 4 for drift, 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.nightly", description=__doc__)
    parser.add_argument("--report-dir", type=Path, default=Path("reports"))
    parser.add_argument(
        "--drift-status",
        required=True,
        help="the exit status of scripts.drift; empty: it never ran",
    )
    parser.add_argument(
        "--compare-status", default="", help="that of scripts.compare; empty: it did not run"
    )
    args = parser.parse_args(argv)
    missing = [name for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY") if not os.environ.get(name)]
    if missing:
        parser.error(f"{' and '.join(missing)} must be set, as GitHub Actions does")
    statuses = [
        _attempt("drift", lambda: _drift(args.report_dir, args.drift_status)),
        _attempt("comparison", lambda: _comparison(args.report_dir, args.compare_status)),
    ]
    return EXIT_FAILED if EXIT_FAILED in statuses else max(statuses)


def _attempt(what: str, step: Any) -> int:
    """One topic's failure must not silence the other."""
    try:
        return int(step())
    except NightError as error:
        _annotate("error", f"The nightly {what} itself failed", str(error))
    except GitHubError as error:
        _annotate("error", f"The nightly {what} could not be told", str(error))
    return EXIT_FAILED


def _drift(directory: Path, status: str) -> int:
    report = _report(directory / "drift.json", status, VERDICTS, "scripts.drift")
    history = _text(directory / "history.jsonl").splitlines()
    entries = same_target(parse(history)[0], report["target"])
    _settle(after_drift_run(report, _text(directory / "drift.md"), entries, _link()))
    if report["verdict"] == "inconclusive":
        nights = inconclusive_nights(entries)
        more = "; see the issue" if nights >= NIGHTS else ""
        title = f"Inconclusive for {plural(nights, 'night')}{more}"
        _annotate("warning", title, str(report["reason"]))
    if report["verdict"] == "drift":
        _annotate("error", "Drift", "the live API does not fit the contract; see the issue")
        return EXIT_DRIFT
    return 0


def _comparison(directory: Path, status: str) -> int:
    if not status:
        return 0
    if status in UNREADABLE:
        _annotate("warning", "Not compared", "the vendor's document could not be read")
        return 0
    comparison = _report(directory / "compare.json", status, COMPARED, "scripts.compare")
    _settle(after_comparison(comparison, _link()))
    if comparison["verdict"] == "divergence":
        _annotate("warning", "Divergence", "the vendor's document differs; see the issue")
    return 0


def _report(path: Path, status: str, verdicts: dict[str, str], command: str) -> dict[str, Any]:
    """The report at `path`, which must be that of the run that ended with `status`."""
    if status not in verdicts:
        ended = f"ended with exit status {status}" if status else "never ran"
        raise NightError(f"{command} {ended}; its log says why")
    try:
        report = json.loads(_text(path))
        verdict, version = report["verdict"], report["schema_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise NightError(f"{path}: not a report; did {command} finish?") from error
    if version != SCHEMA_VERSION:
        raise NightError(f"{path}: schema_version {version!r}; expected {SCHEMA_VERSION}")
    if verdict != verdicts[status]:
        raise NightError(
            f"{path}: says {verdict!r}, but {command} ended with exit status {status}; "
            "is the report of another run?"
        )
    return dict(report)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NightError(f"{path}: {error.strerror}; the run left no such report") from error


def _settle(wanted: dict[Topic, DesiredIssue | None]) -> None:
    """Bring the issues to what is wanted; looks again when a call's fate is unknown."""
    if not wanted:
        return
    base_url = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    with connect(base_url, os.environ["GITHUB_TOKEN"]) as client:
        github = GitHub(client, os.environ["GITHUB_REPOSITORY"])
        for topic, issue in wanted.items():
            for attempt in range(ATTEMPTS):
                try:
                    _settle_topic(github, topic, issue)
                    break
                except UnsureError:
                    if attempt + 1 == ATTEMPTS:
                        raise
                    github.sleep(2.0**attempt)


def _settle_topic(github: GitHub, topic: Topic, wanted: DesiredIssue | None) -> None:
    issues = github.open_issues(topic.label)
    if wanted is None:
        for issue in issues:
            github.comment(issue.number, f"Gone, by {_link()}.")
            github.update_issue(issue.number, state="closed")
            print(f"closed issue {issue.number}: {topic.title}")
        return
    if not issues:
        github.create_label(topic.label, topic.color, topic.description)
        github.create_issue(topic.title, wanted.body, topic.label)
        print(f"opened an issue: {topic.title}")
        return
    number, before = issues[0].number, marks_of(issues[0].body)
    if before != wanted.marks:
        github.comment(number, news(wanted, before, _link()))
    github.update_issue(number, body=wanted.body)
    print(f"updated issue {number}: {topic.title}")


def _link() -> str:
    """The run that this is, as Markdown; just words outside GitHub Actions."""
    server, run = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_RUN_ID")
    if not (server and run):
        return "a run by hand"
    return f"[run {run}]({server}/{os.environ['GITHUB_REPOSITORY']}/actions/runs/{run})"


def _annotate(level: str, title: str, text: str) -> None:
    """Say it where GitHub Actions shows it, and people without it read it too."""
    print(f"::{level} title={_escape(title, ',:')}::{_escape(text)}", file=sys.stderr, flush=True)


def _escape(text: str, more: str = "") -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for character in more:
        escaped = escaped.replace(character, f"%{ord(character):02X}")
    return escaped


if __name__ == "__main__":
    sys.exit(main())
