"""Servers under measurement: how they are started, and what the system says of them."""

from __future__ import annotations

import http.client
import socket
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import frozen

from benchmarks.contest import PeerError
from benchmarks.processes import MAX_WAIT, last_words, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

AUTHORIZATION = "Token benchmark"


@frozen
class Server:
    """A server that runs.

    Attributes:
        url: Its address.
        pid: Its process.
        start: The seconds from its start to its first good answer.
    """

    url: str
    pid: int
    start: float


@contextmanager
def listening(command: Callable[[int], Sequence[str | Path]], path: str) -> Iterator[Server]:
    """A server, from its first good answer until the context ends.

    Args:
        command: Gives the command line that makes it listen on a port of loopback.
        path: What it must answer with 200 before it counts as started.

    Raises:
        PeerError: It did not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    begun = time.perf_counter()
    with started(command(port), heard=False) as (process, said):
        while (status := _status(url, path)) is None:
            if process.poll() is not None or time.perf_counter() - begun > MAX_WAIT:
                raise PeerError(f"the server did not start: {last_words(said)}")
            time.sleep(0.005)
        start = time.perf_counter() - begun
        if status != http.client.OK:
            raise PeerError(f"the server answered {path} with {status}")
        yield Server(url, process.pid, start)


def _status(url: str, path: str) -> int | None:
    try:
        return get(url, path)[0]
    except OSError:
        return None


def get(url: str, path: str) -> tuple[int, bytes]:
    """The status and the body that a server answers a GET with.

    Raises:
        OSError: It does not listen.
    """
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=MAX_WAIT)
    try:
        connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def ours(port: int) -> list[str | Path]:
    """The command line of our mock server."""
    return [sys.executable, "-m", "contract_tests.mock_server", "--port", str(port)]


def prism(
    command: Sequence[str | Path], verb: str, *arguments: str | Path
) -> Callable[[int], list[str | Path]]:
    """The command line of Prism on a port, its log silent."""

    def of_port(port: int) -> list[str | Path]:
        where = ("--host", "127.0.0.1", "--port", str(port), "--verboseLevel", "fatal")
        return [*command, verb, *where, *arguments]

    return of_port
