"""`python -m scripts.drift` as people run it: in a process and an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from tests.run.hostile import TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent.parent
# The last line of what it says is how much memory it took at most, in MB. Whether generated/ is
# current is another test's business, and a second's work.
MEASURED = """
import pathlib, re, sys
from scripts.drift import command as drift
from scripts.generate import command as generate
generate.main = lambda _: 0
status = drift.main()
# Not getrusage: that counts what the parent had taken when it forked.
peak = re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())
print("peak", int(peak[1]) // 1024, file=sys.stderr)
sys.exit(status)
"""


@frozen
class Done:
    """A command that has ended."""

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
    def peak(self) -> int:
        """How much memory it took at most, in MB."""
        return int(self.err.rsplit("peak ", 1)[1])

    @property
    def everything(self) -> str:
        """All that it said, on the terminal and in each report."""
        files = [path.read_text("utf-8") for path in sorted(self.reports.glob("*"))]
        return "\n".join([self.out, self.err, *files])


def drift(
    *arguments: str,
    reports: Path,
    job_ids: Sequence[str] = (),
    token: str | None = TOKEN,
    variables: Mapping[str, str] | None = None,
) -> Done:
    """Run the command to its end; it has a minute."""
    named = [part for job_id in job_ids for part in ("--job-id", job_id)]
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("QOVERY_", "PYTEST_", "DRIFT_")) and key != "CI"
    } | dict(variables or {})
    if token is not None:
        environment["QOVERY_API_TOKEN"] = token
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments, *named, "--report-dir", str(reports)],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT / "generated"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr, reports)
