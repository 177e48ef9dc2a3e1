"""Each format of each verdict, as files to read in review. Regenerate with UPDATE_SNAPSHOTS=1."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from rich.console import Console

from scripts.report import terminal
from scripts.report.history import entry_of
from scripts.report.summary import summarize
from scripts.report.write import render
from tests.report import runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.run.result import Run

SNAPSHOTS = runs.HERE / "snapshots"
RUNS = {
    "clean": runs.run,
    "drift": runs.drifting,
    "incomplete": runs.partial,
    "inconclusive": runs.inconclusive,
}


@pytest.mark.parametrize("name", RUNS)
def test_reports_are_as_reviewed(name: str) -> None:
    """A report changes only with a reviewed snapshot."""
    reports = {**_files(RUNS[name]()), **_terminals(RUNS[name]())}

    if os.environ.get("UPDATE_SNAPSHOTS"):
        for file, text in reports.items():
            (SNAPSHOTS / name).mkdir(parents=True, exist_ok=True)
            (SNAPSHOTS / name / file).write_text(text, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in (SNAPSHOTS / name).iterdir()}

    assert reports == kept


def _files(run: Run) -> Mapping[str, str]:
    entry = entry_of(runs.report(run))
    before = evolve(entry, started_at="2026-05-03T03:17:00+00:00", verdict="clean")
    return render(summarize(run, runs.CONTRACT, [before]))


def _terminals(run: Run) -> Mapping[str, str]:
    texts = {}
    for name, is_terminal in (("terminal.txt", True), ("plain.txt", False)):
        out = io.StringIO()
        console = Console(
            file=out, force_terminal=is_terminal, width=100, color_system=None, legacy_windows=False
        )
        terminal.render(runs.report(run), console)
        texts[name] = "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
    return texts
