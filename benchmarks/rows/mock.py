"""The mock server beside Prism's: start, speed, memory, and whether its answers are valid."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import partial
from itertools import cycle, islice
from statistics import mean
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jsonschema_rs

from benchmarks.bench import Workers, attempt
from benchmarks.contest import Absent, Contest, Contestant, Goal, PeerError
from benchmarks.processes import most_memory
from benchmarks.servers import AUTHORIZATION, get, listening, ours, prism
from benchmarks.workloads.validators import plain_schema
from contract_tests.instances.population import population
from contract_tests.spec import formats
from contract_tests.spec.contract import PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.servers import Server

    Command = Callable[[int], Sequence[str | Path]]

OURS = "ours"
PRISM = "prism mock -d"
CONNECTIONS = 16


def mock(bench: Bench) -> Generator[Contest]:
    """Each server, as it comes."""
    known = [bench.contract.path_of(each) for each in population(bench.contract).jobs]
    commands: dict[str, Callable[[], Command]] = {
        PRISM: lambda: prism(bench.peers.prism(), "mock", "-d", PATH),
        OURS: lambda: ours,
    }

    def start(name: str) -> Contestant:
        command = commands[name]()

        def measure() -> float:
            with listening(command, known[0]) as server:
                return server.start

        return Contestant(name, measure)

    yield Contest(
        "Mock server: from the command to the first answer",
        "s",
        [attempt(name, partial(start, name)) for name in commands],
        (Goal(OURS, PRISM, 0.5, "share"),),
        "`python -m contract_tests.mock_server` beside `prism mock -d`, its log switched off.",
        rounds=bench.count(5, 1),
    )
    with ExitStack() as stack, Workers(bench) as workers:
        running: dict[str, Server] = {}
        absent: list[Absent] = []
        for name, command in commands.items():
            try:
                running[name] = stack.enter_context(listening(command(), known[0]))
            except PeerError as error:
                absent.append(Absent(name, str(error)))
        yield from _under_load(bench, workers, running, absent, known)


def _under_load(
    bench: Bench,
    workers: Workers,
    running: dict[str, Server],
    absent: Sequence[Absent],
    known: Sequence[str],
) -> Generator[Contest]:
    taking_part = [
        workers.contestant(name, "load", _load(server, known), environment=None)
        for name, server in running.items()
    ]
    yield Contest(
        f"Mock server: requests answered on {CONNECTIONS} connections",
        "requests/s",
        [_rate(each) for each in taking_part] + list(absent),
        (Goal(OURS, PRISM, 20.0, "faster"),),
        pictured=True,
    )
    memory = [
        Contestant(name, partial(most_memory, server.pid)) for name, server in running.items()
    ]
    yield Contest(
        "Mock server: the most memory that it held meanwhile",
        "MB",
        [*memory, *absent],
        (Goal(OURS, PRISM, 0.4, "share"),),
        rounds=1,
    )
    validator = jsonschema_rs.Draft202012Validator(
        plain_schema(bench.contract), formats=dict(formats.CHECKS), validate_formats=True
    )

    def valid(server: Server) -> float:
        asked = islice(cycle(known), bench.count(200, 20))
        answers = [json.loads(get(server.url, path)[1]) for path in asked]
        return 100 * mean(map(validator.is_valid, answers))

    validity = [Contestant(name, partial(valid, server)) for name, server in running.items()]
    yield Contest(
        "Mock server: answers that fit the contract",
        "%",
        [*validity, *absent],
        (Goal(OURS, None, 100.0, "least"),),
        "By jsonschema-rs on the contract as it stands, formats checked, additions allowed.",
        rounds=1,
    )


def _load(server: Server, known: Sequence[str]) -> dict[str, object]:
    parts = urlsplit(server.url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "paths": list(known),
        "authorization": AUTHORIZATION,
        "connections": CONNECTIONS,
    }


def _rate(contestant: Contestant | Absent) -> Contestant | Absent:
    """The same contestant, its value requests a second instead of seconds for each."""
    if isinstance(contestant, Absent):
        return contestant
    return Contestant(contestant.name, lambda: 1 / contestant.measure())
