"""What all rows of one run share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers import Peers
    from contract_tests.spec.contract import Contract


@frozen
class Bench:
    """One run.

    Attributes:
        contract: The contract that everything is generated from.
        peers: The peers to compare with.
        scratch: A temporary folder.
        rounds: How many rounds to measure.
        quick: Whether to only check that every row works.
    """

    contract: Contract
    peers: Peers
    scratch: Path
    rounds: int
    quick: bool

    @property
    def seconds(self) -> float:
        """Return about how long one contender is measured in a round."""
        return 0.002 if self.quick else 0.1

    def count(self, full: int, quick: int) -> int:
        """Return `full`, or `quick` in a quick run."""
        return quick if self.quick else full
