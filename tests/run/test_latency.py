"""When answers come, and in which order, says nothing about a contract."""

from __future__ import annotations

import pytest

from contract_tests.mock_server import running
from tests.run.runs import CONTRACT, run


@pytest.mark.parametrize("seed", range(2))
def test_mock_server_under_random_latency_gives_no_finding(seed: int) -> None:
    """Answers that take their time, each another one, are as right as quick ones."""
    with running(CONTRACT, seed=seed, latency=0.02) as server:
        result = run(server.url, server.known_ids)

    assert (result.verdict, result.findings, result.flaky) == ("clean", (), ())
    assert len(result.jobs) == len(server.known_ids) >= 64
    assert len(result.coverage.uncovered) == 0
