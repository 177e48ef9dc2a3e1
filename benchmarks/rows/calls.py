"""One GET on loopback, and many at once, beside other clients."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.bench import Workers
from benchmarks.contest import Contest, Goal
from benchmarks.processes import serving
from benchmarks.rows.models import GENERATED, OURS, PAYLOADS, STOCK
from benchmarks.workloads.calls_async import MOST
from benchmarks.workloads.server import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from benchmarks.bench import Bench

JOB = "lifecycle_docker_probes.json"
HTTPX = "httpx, no model"
OURS_AIOHTTP = "ours, aiohttp transport"
GETS = 1_000
LIMIT = (
    "A quarter of the difference is the decoding into a model whose every rule is checked; the "
    "rest reads the body in pieces, under a deadline and a bound, and keeps the credential out of "
    "what can be printed."
)


@contextmanager
def job_served(bench: Bench) -> Iterator[dict[str, str]]:
    """A server with one job: its address, the job's id, the token."""
    body = (PAYLOADS / JOB).read_text("utf-8")
    job_id = json.loads(body)["id"]
    with serving(bench.scratch, {"bodies": {job_id: body}, "default": None}) as url:
        yield {"url": url, "job_id": job_id, "token": TOKEN}


def _generated() -> Path:
    return GENERATED


def sync(bench: Bench) -> Generator[Contest]:
    """One call after the other."""
    clients: dict[str, tuple[str, Callable[[], Path]]] = {
        HTTPX: ("httpx", _generated),
        OURS: ("ours", _generated),
        STOCK: ("stock", bench.peers.stock),
        "requests, no model": ("requests", _generated),
        "openapi-generator": ("openapi_generator", bench.peers.openapi_generator),
    }
    goals = (
        Goal(OURS, HTTPX, 1.1, "share", LIMIT),
        Goal(OURS, STOCK, 1.0, "faster"),
        Goal(OURS, "requests, no model", 1.0, "faster"),
    )
    note = (
        "All keep one connection open. Ours checks every rule of the contract, has a deadline, a "
        "bound on the body and retries; `no model` means `json.loads` alone."
    )
    with job_served(bench) as where:
        for clock, what in bench.some([("wall", "time"), ("cpu", "CPU of the client")]):
            with Workers(bench) as workers:
                taking_part = [
                    workers.contestant(
                        name, "calls", {"client": client, "clock": clock, **where}, folder=folder
                    )
                    for name, (client, folder) in clients.items()
                ]
                yield Contest(
                    f"One GET of a job on loopback: {what}",
                    "s",
                    taking_part,
                    goals if clock == "wall" else (),
                    note if clock == "wall" else "",
                    pictured=clock == "wall",
                )


def concurrent(bench: Bench) -> Generator[Contest]:
    """Many calls, some of them at once."""
    clients: dict[str, tuple[str, Callable[[], Path]]] = {
        STOCK: ("stock", bench.peers.stock),
        OURS: ("ours", _generated),
        OURS_AIOHTTP: ("ours_aiohttp", _generated),
        "httpx, no model": ("httpx", _generated),
        "aiohttp, no model": ("aiohttp", _generated),
    }
    gets = bench.count(GETS, 64)
    with job_served(bench) as where:
        for at_once in bench.some([MOST, 16, 1]):
            with Workers(bench) as workers:
                taking_part = []
                for name, (client, folder) in clients.items():
                    arguments: dict[str, Any] = {"client": client, "at_once": at_once, **where}
                    found = workers.contestant(
                        name, "calls_async", arguments, folder=folder, count=gets
                    )
                    taking_part.append(found)
                most = at_once == MOST
                yield Contest(
                    f"{gets:,} async GETs, {at_once} at a time",
                    "s",
                    taking_part,
                    (Goal(OURS_AIOHTTP, STOCK, 5.0, "faster"),) if most else (),
                    pictured=most,
                )
