"""Run a mock server on a loopback port, in a thread."""

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
    from pathlib import Path

    from starlette.types import ASGIApp

    from contract_tests.spec.contract import Contract

HOST = "127.0.0.1"
_START_SECONDS = 10.0


@frozen
class Running:
    """A running server.

    Attributes:
        url: Its base URL, without a trailing slash.
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
        """Ids that get a 403."""
        return self.population.forbidden

    @property
    def missing_ids(self) -> tuple[str, ...]:
        """Ids that get a 404."""
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
    """Serve the jobs of `seed` until the context ends.

    Args:
        contract: The contract.
        seed: The seed of the jobs.
        port: The port on loopback; 0 for any free port.
        mutant: The name of a mutant, a fault for the server to have.
        rate: How many requests a credential may send in each window; None for any number.
        window: The length of a window in seconds.
        latency: The maximum delay of a response, in seconds; each delay is random.

    Raises:
        OSError: The port is in use or may not be used.
        DocumentError: The contract can't be served.
        MutantError: There is no such mutant.
    """
    jobs = population(contract, seed)
    wrap: Callable[[ASGIApp], ASGIApp] = _unchanged
    if mutant is not None:
        # Imported here so that a server without a mutant starts faster.
        from contract_tests.mutants.catalogue import catalogue  # noqa: PLC0415

        jobs, wrap = catalogue(contract, jobs).faulty(mutant)
    app = wrap(application(contract, jobs, rate=rate, window=window, latency=latency))
    with serving(app, port) as url:
        yield Running(url, jobs)


def _unchanged(app: ASGIApp) -> ASGIApp:
    return app


@contextmanager
def serving(
    app: ASGIApp, port: int = 0, certificate: tuple[Path, Path] | None = None
) -> Iterator[str]:
    """Serve any ASGI application on loopback until the context ends; yield its base URL.

    Args:
        app: The application.
        port: The port on loopback; 0 for any free port.
        certificate: The files of a certificate and its key, to serve https.

    Raises:
        OSError: The port is in use or may not be used.
    """
    with socket.socket() as listener:
        # Without it, a port stays in use for a minute after its server has ended.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
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
                ssl_certfile=certificate and certificate[0],
                ssl_keyfile=certificate and certificate[1],
            )
        )
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="mock server", daemon=True
        )
        thread.start()
        try:
            _wait_for(server, thread)
            scheme = "https" if certificate else "http"
            yield f"{scheme}://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise OSError("the mock server did not start")
        time.sleep(0.005)
