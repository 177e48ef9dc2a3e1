"""Rows about calls over HTTP: one after the other, and many at once."""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Goal, Row, available, interleaved, repeated
from benchmarks.models import BODIES, OURS, PAYLOADS, STOCK
from benchmarks.processes import AUTHORIZATION, listening

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Measure

TOKEN = AUTHORIZATION.partition(" ")[2]
HEADERS = {"Authorization": AUTHORIZATION}
HTTPX = "httpx, no model"


def serve(bench: Bench, bodies: Mapping[str, str]) -> Sequence[str | Path]:
    """Return the command line of a server of `bodies`."""
    file = bench.scratch / f"bodies-{abs(hash(tuple(bodies)))}.json"
    file.write_text(json.dumps(dict(bodies)), "utf-8")
    return [sys.executable, "-m", "benchmarks.server", "{port}", file]


def _job() -> tuple[str, str]:
    body = (PAYLOADS / BODIES["the documented example"]).read_text("utf-8")
    return json.loads(body)["id"], body


def sync(bench: Bench) -> Iterator[Row]:
    """Request one job after the other."""
    job_id, body = _job()
    path = bench.contract.path_of(job_id)
    with listening(serve(bench, {job_id: body}), path) as server:

        def ours() -> Callable[[], Any]:
            package = import_module("qovery_job_client")
            client = package.AuthenticatedClient(TOKEN, server.url)
            return lambda: package.get_job.sync(job_id, client=client)

        def stock() -> Callable[[], Any]:
            bench.peers.stock()
            client = import_module("stock_client").AuthenticatedClient(
                server.url, TOKEN, prefix="Token"
            )
            operation = import_module("stock_client.api.job.get_job")
            return lambda: operation.sync(job_id, client=client)

        def openapi_generator() -> Callable[[], Any]:
            bench.peers.openapi_generator()
            package = import_module("openapi_generator_client")
            client = package.ApiClient(package.Configuration(host=server.url))
            client.set_default_header("Authorization", AUTHORIZATION)
            api = package.JobApi(client)
            return lambda: api.get_job(job_id)

        def httpx() -> Callable[[], Any]:
            client = import_module("httpx").Client(headers=HEADERS)
            return lambda: json.loads(client.get(server.url + path).content)

        def requests() -> Callable[[], Any]:
            session = import_module("requests").Session()
            session.headers.update(HEADERS)
            return lambda: json.loads(session.get(server.url + path).content)

        def make(factory: Callable[[], Callable[[], Any]]) -> Measure:
            return repeated(factory(), bench.seconds, perf_counter)

        clients = {
            HTTPX: httpx,
            OURS: ours,
            STOCK: stock,
            "openapi-generator": openapi_generator,
            "requests, no model": requests,
        }
        found, skipped = available({name: partial(make, each) for name, each in clients.items()})
        values = interleaved(found, bench.rounds)
    goals = (Goal(OURS, 1.08, HTTPX, "at most"), Goal(OURS, 1.0, STOCK))
    note = "Each keeps one connection open. `no model` is `json.loads` alone."
    yield Row("One GET on loopback", "s", values, skipped, goals, note, charted=True)


def concurrent(bench: Bench) -> Iterator[Row]:
    """Request many jobs at once."""
    job_id, body = _job()
    path = bench.contract.path_of(job_id)
    total, at_once = bench.count(1_000, 20), bench.count(64, 4)
    with listening(serve(bench, {job_id: body}), path) as server, asyncio.Runner() as runner:
        sessions: list[Any] = []

        async def ours() -> Callable[[], Awaitable[Any]]:
            package = import_module("qovery_job_client")
            client = package.AuthenticatedClient(TOKEN, server.url)
            return lambda: package.get_job.asyncio(job_id, client=client)

        async def stock() -> Callable[[], Awaitable[Any]]:
            bench.peers.stock()
            client = import_module("stock_client").AuthenticatedClient(
                server.url, TOKEN, prefix="Token"
            )
            operation = import_module("stock_client.api.job.get_job")
            return lambda: operation.asyncio(job_id, client=client)

        async def httpx() -> Callable[[], Awaitable[Any]]:
            client = import_module("httpx").AsyncClient(headers=HEADERS)

            async def call() -> Any:
                return json.loads((await client.get(server.url + path)).content)

            return call

        async def aiohttp() -> Callable[[], Awaitable[Any]]:
            session = import_module("aiohttp").ClientSession(headers=HEADERS)
            sessions.append(session)

            async def call() -> Any:
                async with session.get(server.url + path) as response:
                    return json.loads(await response.read())

            return call

        def make(factory: Callable[[], Coroutine[Any, Any, Any]]) -> Measure:
            call = runner.run(factory())
            return repeated(lambda: runner.run(_many(call, total, at_once)), 0, perf_counter)

        clients = {HTTPX: httpx, OURS: ours, STOCK: stock, "aiohttp, no model": aiohttp}
        found, skipped = available({name: partial(make, each) for name, each in clients.items()})
        values = interleaved(found, bench.count(5, 1))
        for session in sessions:
            runner.run(session.close())
    title = f"{total // at_once * at_once:,} GETs, {at_once} at a time"
    goals = (Goal(OURS, 1.0, STOCK),)
    yield Row(title, "s", values, skipped, goals, charted=True)


async def _many(call: Callable[[], Awaitable[Any]], total: int, at_once: int) -> None:
    async def some(count: int) -> None:
        for _ in range(count):
            await call()

    await asyncio.gather(*(some(total // at_once) for _ in range(at_once)))
