"""Repeats one workload as often as it is told to, in the interpreter of what it measures.

    python -m benchmarks.worker MODULE '{"its": "arguments"}'

It imports MODULE, calls its `prepare` with the arguments, and then gives for each number of
repetitions on standard input the seconds that they took; the end of the input ends it. Needs
nothing but the standard library: it runs in the environments of peers.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from importlib import import_module
from itertools import repeat
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    Repeated: TypeAlias = Callable[[int], float]


def repeated(action: Callable[[], object], clock: Callable[[], float] = process_time) -> Repeated:
    """Repeats `action`; gives the seconds of CPU that it took, or what `clock` counts."""

    def run(count: int) -> float:
        begun = clock()
        for _ in repeat(None, count):
            action()
        return clock() - begun

    return run


def waited(action: Callable[[], object]) -> Repeated:
    """Repeats `action`; gives the seconds that passed."""
    return repeated(action, perf_counter)


def main(module: str, argument: str) -> None:
    """Serve the workload `module` until standard input ends."""
    # Whatever the workload prints must not be taken for a figure.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    arguments: dict[str, Any] = json.loads(argument)
    run: Repeated = import_module(module).prepare(**arguments)
    run(1)
    gc.collect()
    gc.freeze()  # what was imported is not searched again and again
    print("ready", file=out, flush=True)
    for line in sys.stdin:
        print(run(int(line)), file=out, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
