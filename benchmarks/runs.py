"""Rows about whole runs against a server, beside Schemathesis."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING
from uuid import UUID

from benchmarks import documents
from benchmarks.calls import TOKEN, serve
from benchmarks.measure import Goal, Row, interleaved
from benchmarks.models import PAYLOADS
from benchmarks.processes import AUTHORIZATION, listening, run
from benchmarks.validation import VALID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.processes import Cost

OURS = "ours"
CLI = "st run"
BUDGET = "1000000"
CLEAN_OR_DRIFT = (0, 4, 5)


def _ids(count: int) -> list[str]:
    return [str(UUID(int=index, version=4)) for index in range(count)]


def runs(bench: Bench) -> Iterator[Row]:
    """Check known jobs with whole commands, as users start them."""
    yield from _embedded(bench)
    body = (PAYLOADS / VALID).read_text("utf-8")
    body = body.replace(json.loads(body)["id"], "{id}")
    small, large = bench.count(1_000, 10), bench.count(10_000, 20)
    with listening(serve(bench, {"*": body}), bench.contract.path_of(_ids(1)[0])) as server:
        costs: list[Cost] = []

        def drift(count: int) -> Cost:
            file = bench.scratch / "ids.txt"
            file.write_text("\n".join(_ids(count)), "utf-8")
            options = ["--base-url", server.url, "--budget", BUDGET, "--job-ids", str(file)]
            return run(
                [*_drift(bench.scratch), *options],
                env={"QOVERY_API_TOKEN": TOKEN},
                statuses=CLEAN_OR_DRIFT,
            )

        def schemathesis() -> float:
            document = bench.scratch / "examples.json"
            known = documents.with_examples(bench.contract, _ids(small))
            document.write_text(documents.encoded(known), "utf-8")
            command = [sys.executable, "-m", "schemathesis.cli", "run", str(document)]
            options = ["--url", server.url, "-H", f"Authorization: {AUTHORIZATION}"]
            phases = ["--phases", "examples", "--continue-on-failure"]
            cost = run(
                [*command, *options, *phases, "--generation-database", "none"], statuses=(0, 1)
            )
            return small / cost.seconds

        def ours() -> float:
            costs.append(drift(small))
            return small / costs[-1].seconds

        values = interleaved({CLI: schemathesis, OURS: ours}, bench.count(5, 1))
        yield Row(
            f"{small:,} known jobs, the whole command",
            "jobs/s",
            values,
            goals=(Goal(OURS, 1.5, CLI),),
            note="Ours also runs the probes, Schemathesis' generated cases and the self-check.",
            charted=True,
        )
        most = drift(large)
    further = (large - small) / (most.seconds - min(cost.seconds for cost in costs))
    yield Row(
        f"Known jobs from {small:,} to {large:,}, each further job",
        "jobs/s",
        {OURS: [further]},
        goals=(Goal(OURS, 1_000.0, None, "at least"),),
    )
    yield Row(
        f"Peak memory of a run over {large:,} jobs",
        "MB",
        {OURS: [most.memory]},
        goals=(Goal(OURS, 150.0, None, "at most"),),
    )


def _embedded(bench: Bench) -> Iterator[Row]:
    command = _drift(bench.scratch)
    if not bench.quick:
        run(command)  # fills caches
    values = interleaved({OURS: lambda: run(command).seconds}, bench.count(5, 1))
    goals = (Goal(OURS, 3.0, None, "at most"),)
    yield Row("`make drift` against the embedded mock server", "s", values, goals=goals)


def _drift(scratch: Path) -> list[str | Path]:
    return [sys.executable, "-m", "scripts.drift", "--report-dir", scratch / "reports"]
