"""Processes of the benchmark: they end, and what breaks in them is said in one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.contest import PeerError
from benchmarks.processes import Command, environment, most_memory, repeating, started, working

PYTHON = Path(sys.executable)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment in which the workloads of a test can be imported."""
    (tmp_path / "counting.py").write_text(
        "def prepare(seconds, noise=''):\n"
        "    print(noise)\n"
        "    return lambda count: count * seconds\n",
        "utf-8",
    )
    (tmp_path / "breaking.py").write_text(
        "def prepare(after):\n"
        "    def run(count):\n"
        "        if count > after:\n"
        "            raise ValueError('it broke')\n"
        "        return 0.5\n"
        "    return run\n",
        "utf-8",
    )
    return environment(tmp_path, tmp_path)


def test_worker_gives_the_time_of_one_repetition(env: dict[str, str]) -> None:
    """However often it is repeated, and whatever the workload prints meanwhile."""
    arguments = {"seconds": 0.002, "noise": "12345"}

    with working(PYTHON, "counting", arguments, env) as worker:
        value = repeating("it", worker, seconds=0.1).measure()

    assert value == pytest.approx(0.002)


def test_worker_ends_with_its_block(env: dict[str, str]) -> None:
    """Nothing that the benchmark started outlives it."""
    with working(PYTHON, "counting", {"seconds": 1}, env) as worker:
        pid = worker.process.pid
        os.kill(pid, 0)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        ("nowhere", {}, "No module named 'nowhere'"),
        ("breaking", {"after": 0}, "ValueError: it broke"),
    ],
)
def test_worker_that_can_not_begin_says_why(
    module: str, arguments: dict[str, int], said: str, env: dict[str, str]
) -> None:
    """Its last words become the reason in the table."""
    with pytest.raises(PeerError, match=said), working(PYTHON, module, arguments, env):
        pass


def test_worker_that_breaks_later_says_why(env: dict[str, str]) -> None:
    """The same for one that was ready."""
    with working(PYTHON, "breaking", {"after": 1}, env) as worker:
        assert worker.run(1) == 0.5
        with pytest.raises(PeerError, match="ValueError: it broke"):
            worker.run(2)


def test_command_gives_its_own_cost_and_what_it_printed() -> None:
    """The CPU of other children is not counted."""
    burn = "x = sum(range(10**6)); print('done')"

    heavy, printed = Command((PYTHON, "-c", burn), os.environ).run()
    light = Command((PYTHON, "-c", "pass"), os.environ).cost()

    assert printed == "done\n"
    assert 0 < light.cpu < heavy.cpu


def test_command_that_fails_says_how() -> None:
    """With its status and its last line."""
    code = "import sys; print('one\\ntwo', file=sys.stderr); sys.exit(3)"

    with pytest.raises(PeerError, match="exit status 3: two"):
        Command((PYTHON, "-c", code), os.environ).cost()

    assert Command((PYTHON, "-c", code), os.environ, statuses=(0, 3)).cost().seconds > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it of another process")
def test_memory_is_that_of_the_process_alone() -> None:
    """A child of a large process is not as large as its parent."""
    ballast = bytearray(80_000_000)
    code = "import sys; print('ready', flush=True); sys.stdin.read()"

    with started([PYTHON, "-c", code]) as (process, _):
        assert process.stdout is not None
        process.stdout.readline()
        held = most_memory(process.pid)

    assert 1 < held < 60 < len(ballast) / 1e6
