"""Processes that the benchmark starts: each ends with the block that it was started in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from attrs import frozen

from benchmarks.contest import Contestant, PeerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent
BURSTS = 3  # in a round; the best counts, as others get in the way of the rest
MAX_WAIT = 60.0  # seconds that a process may take to get ready
LONGEST = 600.0  # seconds that a command, or one value of a worker, may take


def environment(cache: Path, *folders: Path) -> dict[str, str]:
    """The environment for Python, with `folders` to import from."""
    paths = [str(ROOT), *map(str, folders)]
    # Compiled files go into the cache, so that nothing is written beside what is measured.
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONPYCACHEPREFIX": str(cache / "compiled"),
        "PYTHONDONTWRITEBYTECODE": "",
    }


@contextmanager
def started(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, heard: bool = True
) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A process, and what it says to standard error, until the context ends.

    Args:
        command: What to run.
        env: Its environment.
        heard: Whether somebody reads its standard output; else that goes nowhere.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(  # noqa: S603 - commands of the bench's own
            list(map(str, command)),
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if heard else subprocess.DEVNULL,
            stderr=said,
            text=True,
        )
        try:
            yield process, said
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def last_words(said: IO[str]) -> str:
    """The last line that a process wrote to standard error."""
    said.seek(0)
    lines = [line.strip() for line in said if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"


def most_memory(pid: int) -> float:
    """The most memory that a process held so far, in MB.

    `getrusage` says no less of a child than its parent held when it was started.

    Raises:
        PeerError: The system doesn't say.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError as error:
        raise PeerError("only Linux says how much memory another process held") from error
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kilobytes) / 1e3


@frozen
class Worker:
    """A workload that waits to be repeated; see `benchmarks.worker`."""

    process: subprocess.Popen[str]
    said: IO[str]

    def run(self, count: int) -> float:
        """The seconds that `count` repetitions took.

        Raises:
            PeerError: The workload broke.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{count}\n")
            self.process.stdin.flush()
        except OSError as error:
            raise PeerError(last_words(self.said)) from error
        return float(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        patience = threading.Timer(LONGEST, self.process.kill)
        patience.start()
        line = self.process.stdout.readline()
        patience.cancel()
        if not line:
            self.process.wait()
            raise PeerError(last_words(self.said))
        return line

    def ready(self) -> None:
        """Wait until it is prepared.

        Raises:
            PeerError: It broke meanwhile.
        """
        self._line()


@contextmanager
def working(
    python: Path, module: str, arguments: Mapping[str, Any], env: Mapping[str, str]
) -> Iterator[Worker]:
    """A worker in the environment of `python`, until the context ends.

    Raises:
        PeerError: It broke while it was preparing.
    """
    command: list[str | Path] = [python, "-m", "benchmarks.worker", module, json.dumps(arguments)]
    with started(command, env=env) as (process, said):
        worker = Worker(process, said)
        worker.ready()
        yield worker


@contextmanager
def serving(scratch: Path, served: Mapping[str, Any]) -> Iterator[str]:
    """The address of a server with the jobs `served`; see `benchmarks.workloads.server`.

    Raises:
        PeerError: It did not start.
    """
    file = scratch / f"served-{uuid4()}.json"
    file.write_text(json.dumps(served), "utf-8")
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.workloads.server", file]
    with started(command) as (process, said):
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise PeerError(last_words(said))
        yield url


def repeating(name: str, worker: Worker, seconds: float) -> Contestant:
    """A contestant whose value is the time of one repetition, the best of some bursts.

    Args:
        name: What it is called.
        worker: What repeats it.
        seconds: About how long a round takes.
    """
    burst = seconds / BURSTS
    count = 1
    while (took := worker.run(count)) < burst / 10:
        count *= 4
    count = max(1, round(count * burst / took))
    return Contestant(name, lambda: min(worker.run(count) for _ in range(BURSTS)) / count)


@frozen
class Cost:
    """What a command took: seconds, and seconds of CPU."""

    seconds: float
    cpu: float


@frozen
class Command:
    """A command line.

    Attributes:
        words: The program and its arguments.
        env: Its environment.
        statuses: What it may end with.
    """

    words: Sequence[str | Path]
    env: Mapping[str, str]
    statuses: Sequence[int] = (0,)

    def cost(self) -> Cost:
        """Run it to its end.

        Raises:
            PeerError: It ended with another status, or took too long.
        """
        return self.run()[0]

    def run(self) -> tuple[Cost, str]:
        """Run it to its end: what it took, and what it printed; raises as `cost` does."""
        with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as out:
            begun = time.perf_counter()
            process = subprocess.Popen(  # noqa: S603 - commands of the bench's own
                list(map(str, self.words)), cwd=ROOT, env=self.env, stdout=out, stderr=said
            )
            status, usage = _waited(process, begun)
            took = time.perf_counter() - begun
            if status not in self.statuses:
                raise PeerError(f"exit status {status}: {last_words(said)}")
            out.seek(0)
            printed = out.read()
        return Cost(took, usage.ru_utime + usage.ru_stime), printed

    def contestant(self, name: str, value: Callable[[Cost], float]) -> Contestant:
        """A contestant whose value is that of one run."""
        return Contestant(name, lambda: value(self.cost()))


def _waited(process: subprocess.Popen[bytes], begun: float) -> tuple[int, Any]:
    """Wait for the process alone, so that its use of CPU is told from all others'."""
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.perf_counter() - begun > LONGEST:
            process.kill()
            os.wait4(process.pid, 0)
            process.returncode = -9
            raise PeerError(f"it took longer than {LONGEST:.0f} s")
        time.sleep(0.001)
