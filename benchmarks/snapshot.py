"""The figures of a run in the documentation: the tables, and one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.report import Report


def write_snapshot(report: Report, folder: Path) -> list[Path]:
    raise NotImplementedError
