"""`python -m scripts.drift`, called in the process of the tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from attrs import frozen

from scripts.drift import command
from tests.server import TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@frozen
class Done:
    """The result of one call of the command."""

    status: int
    out: str
    err: str
    reports: Path

    @property
    def drift(self) -> dict[str, Any]:
        """`drift.json`."""
        read: dict[str, Any] = json.loads((self.reports / "drift.json").read_text("utf-8"))
        return read

    @property
    def everything(self) -> str:
        """All output, on the terminal and in each report."""
        files = [path.read_text("utf-8") for path in sorted(self.reports.glob("*"))]
        return "\n".join([self.out, self.err, *files])


class Drift(Protocol):
    """Calls the command with arguments, ids of known jobs, and a report directory."""

    def __call__(self, *arguments: str, job_ids: Sequence[str] = (), folder: str = "") -> Done:
        """Return what it did."""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set the token, skip the check of generated/, and return the means to change more."""
    monkeypatch.setattr("scripts.generate.command.main", lambda _: 0)
    monkeypatch.setenv("QOVERY_API_TOKEN", TOKEN)
    for name in ("QOVERY_API_URL", "QOVERY_JOB_IDS", "CI", "DRIFT_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def drift(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Drift:
    """Return the command."""

    def call(*arguments: str, job_ids: Sequence[str] = (), folder: str = "reports") -> Done:
        named = [part for job_id in job_ids for part in ("--job-id", job_id)]
        reports = tmp_path / folder
        status = command.main([*arguments, *named, "--report-dir", str(reports)])
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err, reports)

    return call
