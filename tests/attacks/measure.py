"""Run one reader against URLs in a process of its own: `measure.py READER DEADLINE URL…`.

Prints one line of JSON for each URL: the verdict, the seconds of the processor's time and the peak
memory in MB.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from tests.attacks.readers import READERS


def peak() -> int:
    """Return the peak memory of this process since the last reset, in MB."""
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


def reset_peak() -> None:
    """Start a new measurement of the peak."""
    Path("/proc/self/clear_refs").write_text("5", "utf-8")


def main(name: str, deadline: str, *urls: str) -> None:
    """Measure each URL."""
    reader = READERS[name]
    for url in urls:
        reset_peak()
        began = time.process_time()
        outcome = reader.run(url, float(deadline))
        used = time.process_time() - began
        row = {"verdict": outcome.verdict.value, "seconds": used, "peak": peak()}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
