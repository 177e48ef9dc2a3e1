"""The console command `qovery-drift`: `python -m scripts.drift` without a checkout."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Run the command and return its exit status."""
    sys.path.insert(0, str(Path(__file__).parent / "checkout"))
    from scripts.drift.command import main as drift  # noqa: PLC0415 - it is found there only

    return drift(prog="qovery-drift")
