"""The benchmark in its quick mode."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__ as command
from benchmarks.peers import NOT_INSTALLED
from benchmarks.processes import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_quick_run_measures_ours_in_every_row(tmp_path: Path) -> None:
    """Every row works without installing anything."""
    arguments = ["--quick", "--report-dir", str(tmp_path)]

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads((tmp_path / "bench.json").read_text("utf-8"))["rows"]
    assert [row["title"] for row in rows if "ours" not in row["values"]] == []
    assert {reason for row in rows for reason in row["skipped"].values()} == {NOT_INSTALLED}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["decoding"], "unknown row 'decoding'; expected one of decode, encode"),
        (["--quick", "--update-docs"], "--update-docs needs a complete run"),
    ],
)
def test_usage_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invalid arguments are rejected before anything is measured."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err
