"""The reports of a run as files: all rendered first, then each replaced as a whole."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.report import code_quality, drift_json, history, junit, markdown, metrics, page, sarif
from scripts.report.summary import Report, summarize

try:
    import fcntl
except ImportError:  # Windows, where an append is not locked
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract

HISTORY = "history.jsonl"
PAGE = "drift.html"
FORMATS = {
    "drift.json": drift_json,
    "junit.xml": junit,
    "drift.sarif": sarif,
    "code-quality.json": code_quality,
    "metrics.txt": metrics,
    "drift.md": markdown,
    PAGE: page,
}


class ReportError(OSError):
    """A report cannot be written. The message says which, why, and what to do."""


def build(run: Run, contract: Contract, directory: Path, *, withhold: bool = False) -> Report:
    """Return the report of `run`, with the past runs in the history of `directory`.

    Args:
        run: The run.
        contract: The contract that was checked.
        directory: The directory of the reports.
        withhold: Whether to leave out security findings, because others can read the reports.

    Raises:
        ReportError: The history can't be read.
    """
    path = directory / HISTORY
    try:
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        lines = []
    except OSError as error:
        raise _error(error, path) from error
    past, warnings = history.parse(lines)
    for warning in warnings:
        print(f"warning: {directory / warning}", file=sys.stderr)
    return summarize(run, contract, history.same_target(past, run.target), withhold=withhold)


def write_reports(
    report: Report, directory: Path, redact: Callable[[str], str] = str
) -> list[Path]:
    """Write every format of `report` into `directory`, and append the run to the history.

    Args:
        report: The report.
        directory: The directory, created if it does not exist.
        redact: Removes secrets from a text.

    Returns:
        The files, the history last.

    Raises:
        ReportError: The directory or a file in it can't be written.
    """
    texts = {name: redact(text) for name, text in render(report).items()}
    line = redact(history.entry_of(report).line)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            _replace(directory / name, text.encode())
        _append(directory / HISTORY, line.encode())
    except OSError as error:
        raise _error(error, directory) from error
    return [directory / name for name in (*texts, HISTORY)]


def render(report: Report) -> Mapping[str, str]:
    """Return each format's text by its file name."""
    return {name: module.render(report) for name, module in FORMATS.items()}


def _error(error: OSError, path: Path) -> ReportError:
    where = error.filename or path
    return ReportError(f"{where}: {error.strerror}; name a writable directory with --report-dir")


def _append(path: Path, line: bytes) -> None:
    """Append a line under a lock, so that parallel runs lose none."""
    with path.open("a+b") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":  # a run was killed while writing
                line = b"\n" + line
        file.write(line)


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
