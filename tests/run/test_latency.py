"""Slow responses are not drift."""

from __future__ import annotations

import pytest

from contract_tests.mock_server import running
from tests.run.runs import CONTRACT, run


@pytest.mark.parametrize("seed", range(2))
def test_mock_server_under_random_latency_gives_no_finding(seed: int) -> None:
    """Each response takes another time, and the run is clean."""
    with running(CONTRACT, seed=seed, latency=0.02) as server:
        result = run(server.url, server.known_ids)

    assert (result.verdict, result.findings, result.flaky) == ("clean", (), ())
    assert len(result.jobs) == len(server.known_ids) >= 64
    assert len(result.coverage.uncovered) == 0
