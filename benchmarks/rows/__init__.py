"""The rows of the benchmark: each asks its questions, and brings its goals.

A row is a generator of contests: what a contest needs lives until the next one is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.rows import calls, growth, importing, mock, models, mutants, sweep, validate, verbs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from benchmarks.bench import Bench
    from benchmarks.contest import Contest, Table

    Row = Callable[[Bench], Generator[Contest | Table]]

ROWS: Mapping[str, tuple[str, Row]] = {
    "decode": ("Decode", models.decode),
    "encode": ("Encode", models.encode),
    "import": ("Import", importing.importing),
    "get": ("One GET", calls.sync),
    "async": ("Many GETs at once", calls.concurrent),
    "mock": ("Mock server", mock.mock),
    "validate": ("Judge a body", validate.validate),
    "sweep": ("Judge known jobs", sweep.sweep),
    "growth": ("How it grows", growth.growth),
    "generate": ("Generate", verbs.generate),
    "compare": ("Compare", verbs.compare),
    "mutants": ("Mutants killed", mutants.mutants),
}
