"""What the import costs, and the import with a first decode: CPU above that of bare Python."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import attempt
from benchmarks.contest import Contest, Contestant, Goal
from benchmarks.processes import Command
from benchmarks.rows.models import GENERATED, OURS, STOCK, bodies

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from benchmarks.bench import Bench

BARE = "pass"
TIMES = 5  # processes that are started for one value
_STOCK_DECODE = """
import json
from types import SimpleNamespace
from stock_client import Client
from stock_client.api.job.get_job import _parse_response
body = open({body!r}, "rb").read()
response = SimpleNamespace(status_code=200, json=lambda: json.loads(body))
_parse_response(client=Client("http://localhost"), response=response)
"""
_OURS_DECODE = """
import json
from qovery_job_client import decode_job
decode_job(json.loads(open({body!r}, "rb").read()))
"""
_OPENAPI_GENERATOR_DECODE = """
from openapi_generator_client import Job
Job.from_json(open({body!r}).read())
"""


def importing(bench: Bench) -> Generator[Contest]:
    """An import, and what users of the package do first."""
    peers = bench.peers
    body = str(bodies(bench.scratch)["a cron job"])
    folders: Mapping[str, tuple[str, Callable[[], Path]]] = {
        STOCK: ("clients", peers.stock),
        OURS: ("clients", lambda: GENERATED),
        "openapi-generator": ("clients", peers.openapi_generator),
        "openai": ("openai", lambda: GENERATED),
    }
    codes = {
        STOCK: ("import stock_client", _STOCK_DECODE),
        OURS: ("import qovery_job_client", _OURS_DECODE),
        "openapi-generator": ("import openapi_generator_client", _OPENAPI_GENERATOR_DECODE),
        "openai": ("import openai", None),
    }
    titles = ("Import: CPU above bare Python", "Import and first decode: CPU above bare Python")
    goals = (
        (Goal(OURS, None, 0.015, "share"),),
        (Goal(OURS, STOCK, 0.55, "share"),),
    )
    for index, title in enumerate(titles):
        taking_part = []
        for name, (environment, folder) in folders.items():
            code = codes[name][index]
            if code is not None:
                make = partial(
                    _contestant, bench, name, code.format(body=body), environment, folder
                )
                taking_part.append(attempt(name, make))
        yield Contest(title, "s", taking_part, goals[index], pictured=True)


def _contestant(
    bench: Bench, name: str, code: str, environment: str, folder: Callable[[], Path]
) -> Contestant:
    python = bench.peers.python(environment)
    env = bench.env(folder())
    times = bench.count(TIMES, 1)

    def cpu(what: str) -> float:
        return Command((python, "-c", what), env).cost().cpu

    def measure() -> float:
        return sum(cpu(code) - cpu(BARE) for _ in range(times)) / times

    cpu(code)  # from now on its files are compiled
    return Contestant(name, measure)
