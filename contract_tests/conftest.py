"""Start the mock server that a plain pytest run checks.

`python -m scripts.drift` checks a live server. No test reaches one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.run.run import embedded_target
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.run.target import Target
    from contract_tests.spec.contract import Contract


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Return the contract."""
    return load()


@pytest.fixture(scope="session")
def target(contract: Contract) -> Iterator[Target]:
    """Start the mock server, and return it as a target."""
    with embedded_target(contract) as target:
        yield target
