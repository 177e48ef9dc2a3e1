"""Report a nightly run: `python -m scripts.nightly --drift-status N`.

Reads the reports of the run and maintains one issue for each target and topic: drift, an
inconclusive check, or a divergence from the vendor's document.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.nightly.github import GitHub, GitHubError, UnknownOutcomeError, connect
from scripts.nightly.state import State, Subject, replaced, state_of
from scripts.nightly.topics import (
    after_comparison,
    after_drift_run,
    changes,
    inconclusive_nights,
    is_due,
)
from scripts.report.drift_json import SCHEMA_VERSION
from scripts.report.history import parse, same_target
from scripts.report.summary import SECURITY
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scripts.nightly.github import Issue
    from scripts.nightly.topics import DesiredIssue

EXIT_FAILED = 1
EXIT_DRIFT = 4
VERDICTS = {"0": "clean", "4": "drift", "5": "inconclusive"}
WORST_FIRST = ("drift", "inconclusive", "clean")
COMPARED = {"0": "clean", "4": "divergence"}
COMPARISON_VERSION = 1
UNREADABLE = {"2", "5"}  # the vendor's document, which does not fail the night
ATTEMPTS = 3


class NightError(Exception):
    """The run failed, or left no report."""


def main(argv: Sequence[str] | None = None) -> int:
    """Maintain the issues.

    Returns:
        0 without drift, 4 for drift, 1 if something failed.
    """
    parser = argparse.ArgumentParser(prog="python -m scripts.nightly", description=__doc__)
    parser.add_argument(
        "--report-dir",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="the reports of one target, or a directory for each target (default: reports)",
    )
    parser.add_argument(
        "--drift-status",
        required=True,
        metavar="N",
        help="the exit status of scripts.drift, or an empty string if it did not run",
    )
    parser.add_argument(
        "--compare-status",
        default="",
        metavar="N",
        help="the exit status of scripts.compare, or an empty string if it did not run",
    )
    parser.add_argument(
        "--author",
        metavar="LOGIN",
        help="the account that opened the issues (default: the account of the token)",
    )
    args = parser.parse_args(argv)
    missing = [name for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY") if not os.environ.get(name)]
    if missing:
        parser.error(f"missing {' and '.join(missing)}; GitHub Actions sets them")
    base_url = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    try:
        opened = connect(base_url, os.environ["GITHUB_TOKEN"])
    except GitHubError as error:
        parser.error(str(error))
    with opened as client:
        github = GitHub(client, os.environ["GITHUB_REPOSITORY"], args.author)
        statuses = [
            _attempt("drift", lambda: _drift(github, args.report_dir, args.drift_status)),
            _attempt("comparison", lambda: _compare(github, args.report_dir, args.compare_status)),
        ]
    return EXIT_FAILED if EXIT_FAILED in statuses else max(statuses)


def _attempt(what: str, step: Callable[[], int]) -> int:
    """Run a step; a failure does not prevent the next one."""
    try:
        return step()
    except NightError as error:
        _annotate("error", f"The nightly {what} failed", str(error))
    except GitHubError as error:
        _annotate("error", f"The nightly {what} could not be reported", str(error))
    return EXIT_FAILED


def _drift(github: GitHub, directory: Path, status: str) -> int:
    """Maintain the issues of every target."""
    if status not in VERDICTS:
        raise _not_run("scripts.drift", status)
    paths = sorted(directory.glob("*/drift.json"))
    if not paths or (directory / "drift.json").exists():
        paths = [directory / "drift.json"]
    reports = {path: _report(path, SCHEMA_VERSION, "scripts.drift") for path in paths}
    found = {report["verdict"] for report in reports.values()}
    worst = next((verdict for verdict in WORST_FIRST if verdict in found), None)
    if worst != VERDICTS[status]:
        raise _mismatch(paths[0], worst, "scripts.drift", status)
    for path, report in reports.items():
        lines = _text(path.parent / "history.jsonl").splitlines()
        entries = same_target(parse(lines)[0], report["target"])
        secret = any(fact["keyword"] in SECURITY for fact in report["facts"])
        private = secret and github.is_private()
        _settle(github, after_drift_run(report, entries, private=private))
        if report["verdict"] == "inconclusive":
            nights = plural(inconclusive_nights(entries), "night")
            more = "; see the issue" if is_due(report, entries) else ""
            _annotate("warning", f"Inconclusive for {nights}{more}", str(report["reason"]))
        elif report["verdict"] == "drift":
            if report["withheld"] or (secret and not private):
                text = "security facts are withheld; run scripts.drift locally to see them"
                _annotate("error", "Security", text)
            _annotate("error", "Drift", f"{report['headline']} See the issue.")
    return EXIT_DRIFT if worst == "drift" else 0


def _compare(github: GitHub, directory: Path, status: str) -> int:
    """Maintain the issue about the vendor's document."""
    if not status:
        return 0
    if status in UNREADABLE:
        _annotate("warning", "Not compared", "the vendor's document could not be read")
        return 0
    if status not in COMPARED:
        raise _not_run("scripts.compare", status)
    path = directory / "compare.json"
    comparison = _report(path, COMPARISON_VERSION, "scripts.compare")
    if comparison["verdict"] != COMPARED[status]:
        raise _mismatch(path, comparison["verdict"], "scripts.compare", status)
    _settle(github, after_comparison(comparison))
    if comparison["verdict"] == "divergence":
        _annotate("warning", "Divergence", "the vendor's document differs; see the issue")
    return 0


def _not_run(command: str, status: str) -> NightError:
    ended = f"ended with exit status {status}" if status else "did not run"
    return NightError(f"{command} {ended}; see its log")


def _mismatch(path: Path, verdict: object, command: str, status: str) -> NightError:
    return NightError(
        f"{path}: the verdict is {verdict!r}, but {command} ended with exit status {status}; "
        "the report is from another run"
    )


def _report(path: Path, version: int, command: str) -> dict[str, Any]:
    try:
        report = json.loads(_text(path))
        found = report["verdict"], report["schema_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise NightError(f"{path}: not a report of {command}; see its log") from error
    if found[1] != version:
        raise NightError(f"{path}: expected schema_version {version}, got {found[1]!r}")
    return dict(report)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NightError(f"{path}: {error.strerror}; the run left no report") from error


def _settle(github: GitHub, desired: Mapping[Subject, DesiredIssue | None]) -> None:
    """Bring the issues to the desired state, starting over if the outcome of a call is unknown."""
    for subject, issue in desired.items():
        for attempt in range(ATTEMPTS):
            try:
                _settle_one(github, subject, issue)
                break
            except UnknownOutcomeError:
                if attempt + 1 == ATTEMPTS:
                    raise
                github.sleep(2.0**attempt)


def _settle_one(github: GitHub, subject: Subject, desired: DesiredIssue | None) -> None:
    mine: list[tuple[Issue, State]] = []
    for issue in github.issues(subject.topic.label):
        state = state_of(issue.body)
        if state is not None and state.is_about(subject):
            mine.append((issue, state))
    still_open = [(issue, state) for issue, state in mine if issue.is_open]
    if desired is None:
        for issue, _ in still_open:
            github.comment(issue.number, f"Gone, by {_link()}.")
            github.update_issue(issue.number, state="closed")
            print(f"closed issue {issue.number}: {subject.title}")
        return
    if not desired.due and not still_open:
        return
    if not mine:
        body = desired.body(subject, _link(), State(subject.topic.label, subject.target))
        github.create_label(subject.topic.label, subject.topic.color, subject.topic.description)
        github.create_issue(subject.title, body, subject.topic.label)
        print(f"opened an issue: {subject.title}")
        return
    issue, before = (still_open or mine[-1:])[0]
    comment = changes(desired, before, _link())
    if not issue.is_open:
        github.update_issue(issue.number, state="open")
        comment = f"Back, by {_link()}.\n\n{comment or ''}".rstrip() + "\n"
    if comment is not None:
        github.comment(issue.number, comment)
    github.update_issue(
        issue.number, body=replaced(issue.body, desired.body(subject, _link(), before))
    )
    print(f"updated issue {issue.number}: {subject.title}")


def _link() -> str:
    """Return a Markdown link to this run of GitHub Actions."""
    server, run = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_RUN_ID")
    if not (server and run):
        return "a manual run"
    return f"[run {run}]({server}/{os.environ['GITHUB_REPOSITORY']}/actions/runs/{run})"


def _annotate(level: str, title: str, text: str) -> None:
    """Print an annotation of GitHub Actions."""
    print(f"::{level} title={_escape(title, ',:')}::{_escape(text)}", file=sys.stderr, flush=True)


def _escape(text: str, more: str = "") -> str:
    escaped = "\n".join(map(visible, text.split("\n")))
    escaped = escaped.replace("%", "%25").replace("\n", "%0A")
    for character in more:
        escaped = escaped.replace(character, f"%{ord(character):02X}")
    return escaped


if __name__ == "__main__":
    sys.exit(main())
