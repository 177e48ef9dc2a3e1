"""The whole benchmark in its quick mode: it rots if nobody runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.environments import NEEDS_NETWORK
from benchmarks.rows import ROWS

ROOT = Path(__file__).parent.parent.parent


def test_quick_run_measures_ours_in_every_contest(tmp_path: Path) -> None:
    """Every row works, without anything that would have to be installed."""
    arguments = ["--quick", "--report-dir", str(tmp_path / "out"), "--cache", str(tmp_path)]

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "out" / "bench.json").read_text("utf-8"))
    assert [section["row"] for section in report["sections"]] == list(ROWS)
    contests = [
        result
        for section in report["sections"]
        for result in section["results"]
        if "scores" in result
    ]
    missing = {each["reason"] for contest in contests for each in contest["absent"]}
    assert all(contest["scores"] for contest in contests)
    assert all(reason == NEEDS_NETWORK or "No module named" in reason for reason in missing)
    assert "its figures say nothing" in (tmp_path / "out" / "bench.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["decoding"], "no row 'decoding'; expected some of decode, encode"),
        (["--rounds", "0"], "--rounds: expected 1 or more"),
        (["--vendor", "nowhere.yaml"], "--vendor: there is no file nowhere.yaml"),
        (["--quick", "--snapshot"], "--snapshot takes a whole run"),
    ],
)
def test_wrong_use_is_said_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong arguments end with 2 before anything is measured."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err
