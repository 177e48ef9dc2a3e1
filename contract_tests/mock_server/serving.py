"""Runs a mock server on a loopback port, beside whatever else the process does."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from attrs import frozen

from contract_tests.instances.population import Population, population
from contract_tests.mock_server.application import HOUR, application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from contract_tests.spec.contract import Contract

HOST = "127.0.0.1"
_START = 10.0


@frozen
class Running:
    """A server that runs.

    Attributes:
        url: Its address, without a slash at the end.
        population: What it serves.
    """

    url: str
    population: Population

    @property
    def known_ids(self) -> tuple[str, ...]:
        """The ids of the jobs that it serves."""
        return tuple(self.population.jobs)

    @property
    def forbidden_ids(self) -> tuple[str, ...]:
        """Ids that it answers with 403."""
        return self.population.forbidden

    @property
    def missing_ids(self) -> tuple[str, ...]:
        """Ids that it answers with 404."""
        return self.population.missing


@contextmanager
def running(
    contract: Contract,
    *,
    seed: int = 0,
    port: int = 0,
    mutant: str | None = None,
    rate: int | None = None,
    window: float = HOUR,
    latency: float = 0.0,
) -> Iterator[Running]:
    """Serve the contract's jobs of `seed` until the context ends.

    Args:
        contract: What it is a server of.
        seed: Which jobs it serves.
        port: Where it listens, on loopback; 0 for any free port.
        mutant: The fault that it has, of those that `contract_tests.mutants` knows.
        rate: How many requests a credential may send in each window; None for any number.
        window: How long a window is, in seconds.
        latency: The longest delay before an answer about a job, in seconds; each is drawn anew.

    Raises:
        OSError: The port is in use or may not be used.
        DocumentError: The contract can't be served.
        MutantError: There is no such mutant.
    """
    jobs = population(contract, seed)
    wrap: Callable[[ASGIApp], ASGIApp] = _as_it_is
    if mutant is not None:
        # Mutants are made of this package's jobs, so only a server that has one leans on them.
        from contract_tests.mutants.catalogue import catalogue  # noqa: PLC0415

        jobs, wrap = catalogue(contract, jobs).faulty(mutant)
    app = wrap(application(contract, jobs, rate=rate, window=window, latency=latency))
    with serving(app, port) as url:
        yield Running(url, jobs)


def _as_it_is(app: ASGIApp) -> ASGIApp:
    return app


@contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve any ASGI application on loopback until the context ends; gives its address.

    Raises:
        OSError: The port is in use or may not be used.
    """
    with socket.socket() as listening:
        # Without it, a port stays in use for a minute after a server that used it has ended.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=0,
            )
        )
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="mock server", daemon=True
        )
        thread.start()
        try:
            _wait_for(server, thread)
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise OSError("the mock server did not start")
        time.sleep(0.005)
