"""Rows about the mock server, beside Prism's."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import ExitStack
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jsonschema_rs

from benchmarks.measure import Goal, Row, available, interleaved, repeated
from benchmarks.processes import AUTHORIZATION, listening, peak_memory
from benchmarks.validation import plain_schema
from contract_tests.instances.population import population
from contract_tests.spec import formats
from contract_tests.spec.contract import PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Measure
    from benchmarks.processes import Server

OURS = "ours"
PRISM = "prism mock -d"
CONNECTIONS = 16
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def mock(bench: Bench) -> Iterator[Row]:
    """Compare start, throughput, memory and validity."""
    paths = [bench.contract.path_of(each) for each in population(bench.contract).jobs]
    commands: dict[str, Callable[[], Sequence[str | Path]]] = {
        PRISM: lambda: bench.peers.prism("mock", "-d", PATH),
        OURS: lambda: [sys.executable, "-m", "contract_tests.mock_server", "--port", "{port}"],
    }

    def start(make: Callable[[], Sequence[str | Path]]) -> Measure:
        command = make()

        def measure() -> float:
            with listening(command, paths[0]) as server:
                return server.start

        return measure

    found, skipped = available({name: partial(start, make) for name, make in commands.items()})
    goals = (Goal(OURS, 0.5, PRISM, "at most"),)
    values = interleaved(found, bench.count(5, 1))
    yield Row("Mock server: start to first response", "s", values, skipped, goals)
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(listening(commands[name](), paths[0])) for name in found
        }
        yield from _under_load(bench, running, skipped, paths)


def _under_load(
    bench: Bench, running: dict[str, Server], skipped: dict[str, str], paths: Sequence[str]
) -> Iterator[Row]:
    requests = {name: bench.count(20_000 if name == OURS else 1_000, 64) for name in running}

    def rate(name: str, server: Server) -> Measure:
        seconds = repeated(
            lambda: asyncio.run(_load(server, paths, requests[name])), 0, perf_counter
        )
        return lambda: requests[name] / seconds()

    rates = {name: rate(name, server) for name, server in running.items()}
    title = f"Mock server: requests on {CONNECTIONS} connections"
    goals = (Goal(OURS, 20.0, PRISM),)
    values = interleaved(rates, bench.count(5, 1))
    yield Row(title, "requests/s", values, skipped, goals, charted=True)

    memory = {name: partial(peak_memory, server.pid) for name, server in running.items()}
    goals = (Goal(OURS, 0.4, PRISM, "at most"),)
    yield Row("Mock server: peak memory under load", "MB", interleaved(memory, 1), skipped, goals)

    validator = jsonschema_rs.Draft202012Validator(
        plain_schema(bench.contract), formats=dict(formats.CHECKS), validate_formats=True
    )

    def valid(server: Server) -> float:
        bodies = [json.loads(server.get(path)[1]) for path in paths]
        return 100 * sum(map(validator.is_valid, bodies)) / len(bodies)

    validity = {name: partial(valid, server) for name, server in running.items()}
    goals = (Goal(OURS, 100.0, None, "at least"),)
    note = "Checked with jsonschema-rs against the contract, formats included."
    values = interleaved(validity, 1)
    yield Row("Mock server: valid responses", "%", values, skipped, goals, note)


async def _load(server: Server, paths: Sequence[str], total: int) -> None:
    """Send `total` requests on some connections, each as soon as the last response is complete."""
    where = urlsplit(server.url)
    host = f"host: {where.netloc}\r\nauthorization: {AUTHORIZATION}\r\n\r\n"
    requests = [f"GET {path} HTTP/1.1\r\n{host}".encode() for path in paths]

    async def connection(count: int) -> None:
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        for index in range(count):
            writer.write(requests[index % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = _LENGTH.search(head)
            if length:
                await reader.readexactly(int(length[1]))
            else:
                await reader.readuntil(b"\r\n0\r\n\r\n")  # chunked
        writer.close()

    await asyncio.gather(*(connection(total // CONNECTIONS) for _ in range(CONNECTIONS)))
