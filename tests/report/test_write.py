"""Reports as files: all or nothing, and one line of history each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from contract_tests.run.result import Verdict
from scripts.report import ReportError, history, sarif, write_reports
from scripts.report.history import Entry, entry_of
from tests.report import runs

if TYPE_CHECKING:
    from pathlib import Path

FILES = ["drift.json", "junit.xml", "drift.sarif", "drift.md", "drift.html", "history.jsonl"]


def _entries(directory: Path) -> list[Entry]:
    lines = (directory / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return history.parse(lines)[0]


def test_every_format_is_written(tmp_path: Path) -> None:
    """The paths come back in order, and nothing else is left in the directory."""
    written = write_reports(runs.drifting(), tmp_path / "new" / "reports", runs.CONTRACT)

    assert [path.name for path in written] == FILES
    assert sorted(path.name for path in written[0].parent.iterdir()) == sorted(FILES)


def test_each_run_adds_a_line_to_the_history(tmp_path: Path) -> None:
    """In the order of runs, with what the chart and the nightly run need."""
    for run in (runs.run(), runs.drifting(), runs.inconclusive()):
        write_reports(run, tmp_path, runs.CONTRACT)

    entries = _entries(tmp_path)

    assert [entry.verdict for entry in entries] == ["clean", "drift", "inconclusive"]
    assert (entries[1].breaking, entries[1].additive, entries[1].evidence) == (3, 2, 0.3333)


def test_a_report_that_fails_leaves_the_old_ones_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendering comes first: a defect in one format never leaves the others half new."""
    write_reports(runs.run(), tmp_path, runs.CONTRACT)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(sarif, "render", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        write_reports(runs.drifting(), tmp_path, runs.CONTRACT)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_directory_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    """It names the place and the flag to mend it."""
    (tmp_path / "reports").write_text("")

    with pytest.raises(ReportError, match=r"reports: File exists; .*--report-dir"):
        write_reports(runs.run(), tmp_path / "reports", runs.CONTRACT)


def test_a_file_that_cannot_be_replaced_leaves_no_scrap(tmp_path: Path) -> None:
    """The temporary file goes when the real one can't come."""
    (tmp_path / "drift.json").mkdir()

    with pytest.raises(ReportError):
        write_reports(runs.run(), tmp_path, runs.CONTRACT)

    assert [path.name for path in tmp_path.iterdir()] == ["drift.json"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '{"verdict": "clean"}',
        "\x00\xff",
        "[" * 100_000,
        entry_of(runs.run()).line.replace('"clean"', '"maybe"'),
        entry_of(runs.run()).line.replace("12", "-1"),
        entry_of(runs.run()).line.replace("12", "1e999"),
        entry_of(runs.run()).line.replace("2026", "yesterday"),
    ],
)
def test_a_line_of_history_that_is_none_is_skipped_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    """It costs a warning, never the report, and stays in the file for its owner to look at."""
    good = entry_of(runs.run()).line
    (tmp_path / "history.jsonl").write_text(good + line.rstrip("\n") + "\n" + good, "utf-8")

    write_reports(runs.run(), tmp_path, runs.CONTRACT)

    assert len(_entries(tmp_path)) == 3
    assert "history.jsonl:2: not an entry of a past run; skipped" in capsys.readouterr().err
    assert line.rstrip("\n") in (tmp_path / "history.jsonl").read_text("utf-8")


def test_a_torn_last_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    """A run that was killed while it wrote costs itself alone."""
    (tmp_path / "history.jsonl").write_text(entry_of(runs.run()).line + '{"verd')

    write_reports(runs.drifting(), tmp_path, runs.CONTRACT)

    assert [entry.verdict for entry in _entries(tmp_path)] == ["clean", "drift"]


def test_years_of_history_are_charted_by_their_end(tmp_path: Path) -> None:
    """The page stays small; the file keeps all."""
    old = evolve(entry_of(runs.run()), verdict=Verdict.INCONCLUSIVE).line
    (tmp_path / "history.jsonl").write_text(old * 3000)

    write_reports(runs.run(), tmp_path, runs.CONTRACT)

    page = (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert page.count('<circle class="dot') == history.CHARTED
    assert (tmp_path / "history.jsonl").read_text().count("\n") == 3001


def test_runs_against_another_server_are_not_charted(tmp_path: Path) -> None:
    """A morning with the mock server says nothing about the live one."""
    write_reports(runs.run(target="http://127.0.0.1:4010"), tmp_path, runs.CONTRACT)
    write_reports(runs.run(target="http://127.0.0.1:35111"), tmp_path, runs.CONTRACT)
    write_reports(runs.run(), tmp_path, runs.CONTRACT)

    page = (tmp_path / "drift.html").read_text(encoding="utf-8")

    assert page.count('<circle class="dot') == 1
