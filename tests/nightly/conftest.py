"""A GitHub on loopback, and nights against it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from attrs import define, evolve

from scripts.nightly import __main__ as notify
from scripts.nightly.github import GitHub
from scripts.report import build, write_reports
from tests.nightly.fake_github import REPOSITORY, TOKEN, FakeGitHub, serving
from tests.report import runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract

STATUSES = {"clean": "0", "drift": "4", "inconclusive": "5"}


@define
class Nights:
    """Consecutive nights against one GitHub."""

    github: FakeGitHub
    reports: Path
    count: int = 0
    contract: Contract = runs.CONTRACT

    def night(self, run: Run, *more: str) -> int:
        """Write the reports of `run` and run the bot; return its exit status."""
        self.count += 1
        dated = evolve(run, started_at=run.started_at + timedelta(days=self.count - 4))
        write_reports(build(dated, self.contract, self.reports), self.reports)
        return self.notify("--drift-status", STATUSES[run.verdict], *more)

    def notify(self, *more: str) -> int:
        """Run the bot on the reports that are there."""
        return notify.main(["--report-dir", str(self.reports), *more])


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub without any issue."""
    with serving() as github:
        yield github


@pytest.fixture
def waits() -> list[float]:
    """The waits, in seconds."""
    return []


@pytest.fixture
def nights(
    github: FakeGitHub, tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> Nights:
    """The environment of the nightly workflow."""
    for name, value in {
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": github.url,
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_RUN_ID": "77",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(notify, "GitHub", partial(GitHub, sleep=waits.append))
    return Nights(github, tmp_path)
