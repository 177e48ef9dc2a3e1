"""Start commands and servers, and measure what they cost."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import frozen

from benchmarks.measure import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent
MAX_START = 60.0
AUTHORIZATION = "Token benchmark"


@frozen
class Cost:
    """What a command took: seconds, seconds of CPU, and its peak memory in MB."""

    seconds: float
    cpu: float
    memory: float


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    statuses: Sequence[int] = (0,),
) -> Cost:
    """Run a command and return its cost.

    Raises:
        Unavailable: It cannot be started, or its exit status is not expected.
    """
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(  # noqa: S603 - the benchmark's own commands
                list(map(str, command)),
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise Unavailable(f"{command[0]}: {error.strerror}") from error
        memory = 0.0
        # `ru_maxrss` of a child is at least that of its parent, so /proc is polled instead.
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            memory = peak_memory(process.pid) or memory
            time.sleep(0.002)
        seconds, usage = time.perf_counter() - start, ended[2]
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        if process.returncode not in statuses:
            name = Path(command[0]).name
            raise Unavailable(f"{name}: exit status {process.returncode}: {_last_line(output)}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, memory)


def peak_memory(pid: int) -> float:
    """Return the most memory that a process has used so far, in MB; 0 where it is unknown."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))


@frozen
class Server:
    """A running server: its URL, its process id and the seconds until its first response."""

    url: str
    pid: int
    start: float

    def get(self, path: str) -> tuple[int, bytes]:
        """Return the status and body of a response to GET."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=MAX_START)
        try:
            connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def listening(command: Sequence[str | Path], path: str) -> Iterator[Server]:
    """Start a server and stop it at the end of the block.

    Args:
        command: The command line; `{port}` is replaced with a free port.
        path: A path that it serves with status 200 once it is ready.

    Raises:
        Unavailable: It did not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = [str(word).replace("{port}", port) for word in command]
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(words, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603
        try:
            server = Server(f"http://127.0.0.1:{port}", process.pid, 0.0)
            while not _is_ready(server, path):
                if process.poll() is not None or time.perf_counter() - start > MAX_START:
                    raise Unavailable(f"{Path(words[0]).name} did not start: {_last_line(output)}")
                time.sleep(0.005)
            yield Server(server.url, process.pid, time.perf_counter() - start)
        finally:
            process.terminate()
            process.wait(10)


def _is_ready(server: Server, path: str) -> bool:
    try:
        return server.get(path)[0] == http.client.OK
    except OSError:
        return False


def _last_line(output: IO[str]) -> str:
    output.seek(0)
    lines = [line.strip() for line in output if line.strip()]
    return lines[-1][:200] if lines else "no output"
