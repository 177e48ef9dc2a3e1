"""The reports of one run as files: all of them rendered first, then each put in place at once."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.report import drift_json, history, junit, markdown, page, sarif

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from scripts.report.history import Entry

HISTORY = "history.jsonl"


class ReportError(OSError):
    """A report that can't be written. Says which, why, and what to do, in one line."""


def write_reports(run: Run, directory: Path, contract: Contract) -> list[Path]:
    """Write every report of `run` into `directory`, and append the run to the history there.

    Nothing is written before all is rendered, and each file is replaced as a whole, so a reader
    never finds half of one.

    Args:
        run: What to report.
        directory: Where to; made if it is not there.
        contract: What the run was judged by.

    Returns:
        The files, in the order of their formats, the history last.

    Raises:
        ReportError: The directory or a file in it can't be read or written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        before = _read(directory / HISTORY)
        past, warnings = history.parse(before.decode("utf-8", "replace").splitlines())
        for warning in warnings:
            print(f"warning: {directory / warning}", file=sys.stderr)
        entry = history.entry_of(run)
        files: dict[str, bytes] = {
            name: text.encode() for name, text in rendered(run, contract, [*past, entry]).items()
        }
        whole_lines = before if before.endswith(b"\n") or not before else before + b"\n"
        files[HISTORY] = whole_lines + entry.line.encode()
        for name, content in files.items():
            _replace(directory / name, content)
    except OSError as error:
        place = error.filename or directory
        raise ReportError(
            f"{place}: {error.strerror}; name a directory that can be written (--report-dir)"
        ) from error
    return [directory / name for name in files]


def rendered(run: Run, contract: Contract, past: list[Entry]) -> Mapping[str, str]:
    """Each report's text by its file name; `past` are the runs to chart, `run` itself last."""
    texts = {}
    for name, module in (
        ("drift.json", drift_json),
        ("junit.xml", junit),
        ("drift.sarif", sarif),
        ("drift.md", markdown),
    ):
        out = io.StringIO()
        module.render(run, contract, out)
        texts[name] = out.getvalue()
    out = io.StringIO()
    charted = history.same_target(past, run.target)[-history.CHARTED :]
    page.render(run, contract, charted, out)
    texts["drift.html"] = out.getvalue()
    return texts


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


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
