"""Known jobs judged over HTTP, beside Schemathesis in its two forms."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from benchmarks import documents
from benchmarks.contest import Contest, Goal
from benchmarks.processes import Command, serving
from benchmarks.rows.models import PAYLOADS
from benchmarks.workloads.server import TOKEN
from benchmarks.workloads.sweep import BUDGET, ids
from contract_tests.spec.contract import PATH

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from benchmarks.bench import Bench

OURS = "ours"
PYTEST = "Schemathesis, pytest"
CLI = "Schemathesis, st run"
JOB = "lifecycle_docker_probes.json"
HEADER = f"Authorization: Token {TOKEN}"

_TESTS = """
import pytest
import schemathesis
from benchmarks.workloads.sweep import ids

OPERATION = schemathesis.openapi.from_path({contract!r})[{path!r}]["GET"]

@pytest.mark.parametrize("job_id", ids({count}))
def test_known_job(job_id):
    case = OPERATION.Case(path_parameters={{{parameter!r}: job_id}})
    case.call_and_validate(base_url={url!r}, headers={{"Authorization": "Token {token}"}})
"""


def templates(names: Sequence[str]) -> list[str]:
    """The bodies of payloads, `{id}` where the job's id stands."""
    bodies = [(PAYLOADS / name).read_text("utf-8") for name in names]
    return [body.replace(json.loads(body)["id"], "{id}") for body in bodies]


def sweep(bench: Bench) -> Generator[Contest]:
    """The same jobs, each by a whole command as people run it."""
    count = bench.count(1_000, 20)
    (body,) = templates([JOB])
    served = {job_id: body.replace("{id}", job_id) for job_id in ids(count)}
    with serving(bench.scratch, {"bodies": served, "default": None}) as url:
        taking_part = [
            command.contestant(name, lambda cost: count / cost.seconds)
            for name, command in _commands(bench, url, count).items()
        ]
        yield Contest(
            f"{count:,} known jobs over HTTP, by a whole command",
            "jobs/s",
            taking_part,
            (Goal(OURS, PYTEST, 3.0, "faster"), Goal(OURS, CLI, 3.0, "faster")),
            "The time of each command from its start to its end. `make drift` does more than the "
            "sweep: it generates the client and compares, sends the probes and the generated "
            "requests, plants faults, and writes the reports.",
            rounds=bench.count(5, 1),
            pictured=True,
        )


def _commands(bench: Bench, url: str, count: int) -> dict[str, Command]:
    contract, scratch = bench.contract, bench.scratch
    tests = scratch / "test_known_jobs.py"
    tests.write_text(
        _TESTS.format(
            contract=str(PATH),
            path=contract.path,
            parameter=contract.parameter,
            count=count,
            url=url,
            token=TOKEN,
        ),
        "utf-8",
    )
    examples = scratch / "examples.json"
    text = documents.encoded(documents.with_examples(contract, ids(count)))
    examples.write_text(text, "utf-8")
    pytest = ("-m", "pytest", "-q", "-c", tests, "--rootdir", scratch, "-p", "no:cacheprovider")
    cli = ("-m", "schemathesis.cli", "run", examples, "--url", url, "-H", HEADER)
    examples_alone = ("--phases", "examples", "--continue-on-failure", "--no-color")
    drift = ("-m", "scripts.drift", "--report-dir", scratch / "reports", "--budget", str(BUDGET))
    env = bench.env()
    known = {
        "QOVERY_API_URL": url,
        "QOVERY_API_TOKEN": TOKEN,
        "QOVERY_JOB_IDS": ",".join(ids(count)),
    }
    python = sys.executable
    ours = (python, "-m", "benchmarks.workloads.sweep", url, str(count), TOKEN)
    return {
        PYTEST: Command((python, *pytest, tests), env),
        CLI: Command((python, *cli, *examples_alone, "--generation-database", "none"), env),
        OURS: Command(ours, env),
        "ours, make drift": Command((python, *drift), {**env, **known}),
    }
