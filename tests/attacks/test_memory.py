"""Responses that are made to exhaust a machine: at most 250 MB, and seconds of the processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.attacks.behaviors import BEHAVIORS, Effect
from tests.attacks.readers import READERS
from tests.attacks.test_behaviors import BODIES, refusal
from tests.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.server import Request, Step

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LARGE = [behavior for behavior in BEHAVIORS.values() if behavior.large]
MAX_MEGABYTES = 250
MAX_SECONDS = 10.0  # of the processor; the wall clock depends on what else runs
DEADLINE = 10.0  # of one request


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("reader", [name for name in READERS if name != "drift"])
def test_large_response_is_refused_in_bounded_memory(reader: str) -> None:
    """Bombs of one to three layers, endless headers, deep and wide JSON."""
    subject = READERS[reader]
    body = subject.body()

    def script(request: Request) -> Iterable[Step]:
        if reader.startswith("drift") and (refused := refusal(request)):
            return refused
        return LARGE[int(request.path.split("/")[1])].steps(body, "http://127.0.0.1:1")

    with serve(script) as server:
        urls = [f"{server.url}/{index}" for index in range(len(LARGE))]
        rows = _measure(reader, urls)

    assert len(rows) == len(LARGE)
    for behavior, row in zip(LARGE, rows, strict=True):
        assert row["peak"] <= MAX_MEGABYTES, (behavior.name, row)
        assert row["seconds"] <= MAX_SECONDS, (behavior.name, row)
        if behavior.effect is Effect.REFUSE and not (behavior.content and reader in BODIES):
            assert row["verdict"] == "refused", (behavior.name, row)


def _measure(reader: str, urls: list[str]) -> list[dict[str, Any]]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.measure", reader, str(DEADLINE), *urls],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
