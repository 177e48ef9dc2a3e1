"""The contract read and made into an oracle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.worker import repeated
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from benchmarks.worker import Repeated


def prepare(file: str) -> Repeated:
    """Repeat the reading of the contract in `file`, and its compiling."""
    return repeated(lambda: Oracle(load(Path(file))))
