"""Generating the client and comparing documents, each a whole command."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmarks import documents
from benchmarks.bench import attempt
from benchmarks.contest import Contest, Goal
from benchmarks.processes import ROOT, Command
from contract_tests.spec.contract import PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from benchmarks.bench import Bench
    from benchmarks.contest import Contestant

OURS = "ours"
STOCK = "openapi-python-client"
REDOCLY = "redocly diff"
OPERATIONS = 40  # of which each brings its own schemas: about as long as the vendor's document


def generate(bench: Bench) -> Generator[Contest]:
    """The contract to a package that is formatted."""
    document = bench.scratch / "plain.json"
    document.write_text(documents.encoded(documents.plain(bench.contract)), "utf-8")
    run = [sys.executable, "-m"]
    stock = [*run, "openapi_python_client", "generate", "--meta", "none", "--overwrite"]
    commands: dict[str, Sequence[str | Path]] = {
        STOCK: [*stock, "--path", document, "--output-path", bench.scratch / "stock_client"],
        OURS: [*run, "scripts.generate", "--output", bench.scratch / "qovery_job_client"],
    }
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**bench.env(), "PATH": beside}
    yield Contest(
        "Generate the client: time of the whole command",
        "s",
        [
            Command(words, env).contestant(name, lambda cost: cost.seconds)
            for name, words in commands.items()
        ],
        (Goal(OURS, STOCK, 1.3, "share"),),
        rounds=bench.count(5, 1),
    )


def compare(bench: Bench) -> Generator[Contest]:
    """The contract against a document with much besides."""
    other = bench.vendor or _made(bench)
    what = "the vendor's" if bench.vendor else f"one made of {OPERATIONS} operations,"
    size = other.stat().st_size / 1e3
    ours: list[str | Path] = [sys.executable, "-m", "scripts.compare", other.resolve()]

    def redocly() -> Sequence[str | Path]:
        command = bench.peers.node(ROOT / "tools", "redocly")
        return [*command, "diff", PATH, other.resolve()]

    commands: dict[str, Callable[[], Sequence[str | Path]]] = {
        REDOCLY: redocly,
        OURS: lambda: ours,
    }
    yield Contest(
        f"Compare with a whole document: {what} {size:,.0f} kB",
        "s",
        [attempt(name, partial(_timed, bench, name, make)) for name, make in commands.items()],
        (Goal(OURS, None, 3.0, "share"),),
        "Redocly compares two whole documents, and says nothing of one operation alone.",
        rounds=bench.count(5, 1),
    )


def _made(bench: Bench) -> Path:
    file = bench.scratch / "vendor.yaml"
    count = bench.count(OPERATIONS, 2)
    document = documents.with_operations(bench.contract, count)
    file.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return file


def _timed(bench: Bench, name: str, make: Callable[[], Sequence[str | Path]]) -> Contestant:
    env = {**bench.env(), "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}
    # Both end with another status than 0 where they find differences.
    return Command(make(), env, (0, 1, 4)).contestant(name, lambda cost: cost.seconds)
