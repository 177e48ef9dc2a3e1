"""Reports as files: all or nothing, and one line of history for each run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from scripts.report import ReportError, build, history, sarif, write_reports
from scripts.report.history import Entry, entry_of
from tests.report import runs

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.run.result import Run

FILES = [
    *("drift.json", "junit.xml", "drift.sarif", "code-quality.json", "metrics.txt"),
    *("drift.md", "drift.html", "history.jsonl"),
]


def _write(run: Run, directory: Path) -> list[Path]:
    return write_reports(build(run, runs.CONTRACT, directory), directory)


def _line(run: Run) -> str:
    return entry_of(runs.report(run)).line


def _entries(directory: Path) -> list[Entry]:
    lines = (directory / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return history.parse(lines)[0]


def test_every_format_is_written(tmp_path: Path) -> None:
    """The paths come back in order, and nothing else is left in the directory."""
    written = _write(runs.drifting(), tmp_path / "new" / "reports")

    assert [path.name for path in written] == FILES
    assert sorted(path.name for path in written[0].parent.iterdir()) == sorted(FILES)


def test_each_run_adds_a_line_to_the_history(tmp_path: Path) -> None:
    """In the order of runs, with what the chart and the nightly run need."""
    for run in (runs.run(), runs.drifting(), runs.inconclusive()):
        _write(run, tmp_path)

    entries = _entries(tmp_path)

    assert [entry.verdict for entry in entries] == ["clean", "drift", "inconclusive"]
    assert (entries[1].breaking, entries[1].additive, entries[1].coverage) == (2, 2, 0.3333)


def test_a_report_that_fails_leaves_the_old_ones_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendering comes first: a defect in one format never leaves the others half new."""
    _write(runs.run(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(sarif, "render", lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        _write(runs.drifting(), tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_directory_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    """It names the place and the flag to change."""
    (tmp_path / "reports").write_text("")

    with pytest.raises(ReportError, match=r"reports/.*: Not a directory; .*--report-dir"):
        _write(runs.run(), tmp_path / "reports")


def test_a_failed_write_leaves_no_temporary_file(tmp_path: Path) -> None:
    """It is removed."""
    (tmp_path / "drift.json").mkdir()

    with pytest.raises(ReportError):
        _write(runs.run(), tmp_path)

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
        _line(runs.run()).replace('"clean"', '"maybe"'),
        _line(runs.run()).replace('"requests": 12', '"requests": -1'),
        _line(runs.run()).replace('"requests": 12', '"requests": 1e999'),
        _line(runs.run()).replace('"requests": 12', '"requests": 1e300'),
        _line(runs.run()).replace('"requests": 12', '"requests": 1' + "0" * 400),
        _line(runs.run()).replace("2026", "yesterday"),
    ],
)
def test_an_invalid_line_of_history_is_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    """A warning names it; the line stays in the file."""
    good = _line(runs.run())
    (tmp_path / "history.jsonl").write_text(good + line.rstrip("\n") + "\n" + good, "utf-8")

    _write(runs.run(), tmp_path)

    assert len(_entries(tmp_path)) == 3
    assert "history.jsonl:2: not an entry of a past run; skipped" in capsys.readouterr().err
    assert line.rstrip("\n") in (tmp_path / "history.jsonl").read_text("utf-8")


def test_a_torn_last_line_does_not_affect_the_next(tmp_path: Path) -> None:
    """A run that was killed while it wrote loses its own line only."""
    (tmp_path / "history.jsonl").write_text(_line(runs.run()) + '{"verd')

    _write(runs.drifting(), tmp_path)

    assert [entry.verdict for entry in _entries(tmp_path)] == ["clean", "drift"]


def test_years_of_history_are_charted_by_their_end(tmp_path: Path) -> None:
    """The page stays small; the file keeps all."""
    old = evolve(entry_of(runs.report(runs.run())), verdict="inconclusive").line
    (tmp_path / "history.jsonl").write_text(old * 3000)

    _write(runs.run(), tmp_path)

    page = (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert page.count('<circle class="dot') == history.CHARTED
    assert (tmp_path / "history.jsonl").read_text().count("\n") == 3001


def test_runs_against_another_server_are_not_charted(tmp_path: Path) -> None:
    """Runs against the mock server are not part of the trend of the live one."""
    _write(runs.run(target="http://127.0.0.1:4010"), tmp_path)
    _write(runs.run(target="http://127.0.0.1:35111"), tmp_path)
    _write(runs.run(), tmp_path)

    page = (tmp_path / "drift.html").read_text(encoding="utf-8")

    assert page.count('<circle class="dot') == 1


def test_runs_in_parallel_lose_no_line_of_history(tmp_path: Path) -> None:
    """Each appends its line under a lock."""
    reports = [runs.report(runs.run(requests=number)) for number in range(100, 180)]

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(partial(write_reports, directory=tmp_path), reports))

    assert {entry.requests for entry in _entries(tmp_path)} == set(range(100, 180))


def test_everything_that_is_written_is_redacted(tmp_path: Path) -> None:
    """The history too."""
    run = runs.run(verdict="drift", findings=(runs.finding(message="sesame"),), target="sesame")

    written = write_reports(runs.report(run), tmp_path, lambda text: text.replace("sesame", "…"))

    assert [path.name for path in written if "sesame" in path.read_text("utf-8")] == []
