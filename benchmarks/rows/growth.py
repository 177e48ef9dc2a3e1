"""How the cost grows: with the known jobs, the body, the contract and the document."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from benchmarks import documents
from benchmarks.bench import Workers
from benchmarks.contest import Contest, Contestant, Goal
from benchmarks.processes import Command, most_memory, serving, working
from benchmarks.rows.models import PAYLOADS
from benchmarks.rows.sweep import JOB, templates
from benchmarks.workloads.server import TOKEN
from contract_tests.spec.contract import resolve
from contract_tests.spec.document import parse

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.contest import Absent

LINEAR = 1.25  # how much more a part of a large whole may cost than a part of a small one
BODY = "lifecycle_docker_probes.json"
TEXT = "a word of an argument " * 20
VALUES = 80  # about as many has the body without what is added


def growth(bench: Bench) -> Generator[Contest]:
    """Each of them from small to large."""
    yield from _jobs(bench)
    yield from _bodies(bench)
    yield from _contracts(bench)
    yield from _documents(bench)


def _each(contestant: Contestant | Absent, parts: float) -> Contestant | Absent:
    """The same contestant, its value divided by the number of its parts."""
    if not isinstance(contestant, Contestant):
        return contestant
    return Contestant(contestant.name, lambda: contestant.measure() / parts)


def _goal(names: Sequence[str], small: int = 0) -> tuple[Goal, ...]:
    return (Goal(names[-1], names[small], LINEAR, "share"),)


def _jobs(bench: Bench) -> Generator[Contest]:
    (body,) = templates([JOB])
    drifted = body.replace('"cpu"', '"processors"')
    assert drifted != body
    counts = (10, 20) if bench.quick else (10, 100, 1_000, 10_000)
    for served, what, most in ((body, "", 10_000), (drifted, ", each with drift", 1_000)):
        some = [count for count in counts if count <= most]
        names = [f"{count:,} jobs" for count in some]
        with serving(bench.scratch, {"bodies": {}, "default": served}) as url:
            with Workers(bench) as workers:
                taking_part = [
                    _each(
                        workers.contestant(
                            name,
                            "sweep",
                            {"url": url, "count": count, "token": TOKEN},
                            environment=None,
                            count=1,
                        ),
                        count,
                    )
                    for name, count in zip(names, some, strict=True)
                ]
                yield Contest(
                    f"Growth with the known jobs{what}: time for one",
                    "s",
                    taking_part,
                    _goal(names, min(1, len(names) - 2)),
                    rounds=bench.count(3, 1),
                )
            yield Contest(
                f"Growth with the known jobs{what}: the most memory",
                "MB",
                [
                    _memory(bench, name, {"url": url, "count": count})
                    for name, count in zip(names, some, strict=True)
                ],
                _goal(names),
                rounds=bench.count(3, 1),
            )


def _memory(bench: Bench, name: str, arguments: Mapping[str, Any]) -> Contestant:
    def measure() -> float:
        module = "benchmarks.workloads.sweep"
        with working(
            bench.peers.python(None), module, {**arguments, "token": TOKEN}, bench.env()
        ) as worker:
            return most_memory(worker.process.pid)

    return Contestant(name, measure)


def _bodies(bench: Bench) -> Generator[Contest]:
    job = json.loads((PAYLOADS / BODY).read_bytes())
    start = job["schedule"]["on_start"]
    sizes = {}
    for kilobytes in (3, 30) if bench.quick else (3, 30, 300, 3_000):
        start["arguments"] = []
        missing = kilobytes * 1_000 - len(json.dumps(job))
        start["arguments"] = [TEXT] * max(1, missing // len(json.dumps(TEXT)))
        file = bench.scratch / f"body-{kilobytes}.json"
        file.write_text(json.dumps(job), "utf-8")
        sizes[f"{kilobytes:,} kB"] = file
    by_size = {name: (file, file.stat().st_size / 1e3) for name, file in sizes.items()}
    title = "Growth with the body: time to judge a kilobyte, from bytes"
    note = "Long strings: a body of more than 10,000 values is refused as endless."
    yield from _judged(bench, title, by_size, 0, note)
    by_values = {}
    for count in (10, 20) if bench.quick else (10, 100, 1_000, 8_000):
        start["arguments"] = ["word"] * count
        file = bench.scratch / f"values-{count}.json"
        file.write_text(json.dumps(job), "utf-8")
        by_values[f"{count:,} values more"] = (file, float(count + VALUES))
    title = "Growth with the body: time to judge a value, from bytes"
    yield from _judged(bench, title, by_values, len(by_values) - 2)


def _judged(
    bench: Bench, title: str, bodies: Mapping[str, tuple[Path, float]], small: int, note: str = ""
) -> Generator[Contest]:
    with Workers(bench) as workers:
        taking_part = [
            _each(
                workers.contestant(
                    name,
                    "validators",
                    {"validator": "ours", "body": str(file)},
                    environment=None,
                ),
                parts,
            )
            for name, (file, parts) in bodies.items()
        ]
        yield Contest(title, "s", taking_part, _goal(list(bodies), small), note)


def _contracts(bench: Bench) -> Generator[Contest]:
    files: dict[str, tuple[Path, int]] = {}
    for times in (1, 2) if bench.quick else (1, 10, 50):
        data = documents.with_properties(bench.contract, times)
        rules = len(resolve(parse(documents.encoded(data).encode(), "grown")).rules)
        file = bench.scratch / f"contract-{times}.json"
        file.write_text(documents.encoded(data), "utf-8")
        files[f"{rules:,} rules"] = (file, rules)
    with Workers(bench) as workers:
        taking_part = [
            _each(
                workers.contestant(
                    name, "compiling", {"file": str(file)}, environment=None, count=1
                ),
                rules,
            )
            for name, (file, rules) in files.items()
        ]
        yield Contest(
            "Growth with the contract: time for each rule, to read it and to compile the oracle",
            "s",
            taking_part,
            _goal(list(files)),
            rounds=bench.count(3, 1),
        )


def _documents(bench: Bench) -> Generator[Contest]:
    taking_part, names = [], []
    for count in (1, 2) if bench.quick else (1, 10, 50):
        file = bench.scratch / f"document-{count}.json"
        text = documents.encoded(documents.with_operations(bench.contract, count))
        file.write_text(text, "utf-8")
        names.append(f"{count:,} operation{'s' * (count > 1)}")
        command = Command((sys.executable, "-m", "scripts.compare", file), bench.env(), (0, 4))
        taking_part.append(_each(command.contestant(names[-1], lambda cost: cost.cpu), count))
    yield Contest(
        "Growth with the vendor's document: CPU to compare, for each operation in it",
        "s",
        taking_part,
        _goal(names, len(names) - 2),
        rounds=bench.count(3, 1),
    )
