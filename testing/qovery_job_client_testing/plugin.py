"""The pytest plugin. A fixture imports what it needs when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qovery_job_client_testing.server import JobServer
    from qovery_job_client_testing.transport import JobTransport


@pytest.fixture
def job_seed() -> int:
    """Return the seed of the served jobs; override or parametrize it to get others."""
    return 0


@pytest.fixture
def job_transport(job_seed: int) -> JobTransport:
    """Return valid jobs as an in-memory `httpx` transport for sync and async clients."""
    from qovery_job_client_testing.transport import JobTransport  # noqa: PLC0415

    return JobTransport(job_seed)


@pytest.fixture
def job_server(job_seed: int) -> Iterator[JobServer]:
    """Serve valid jobs on a free loopback port, at `job_server.url`."""
    from qovery_job_client_testing.server import JobServer  # noqa: PLC0415

    with JobServer.running(job_seed) as server:
        yield server
