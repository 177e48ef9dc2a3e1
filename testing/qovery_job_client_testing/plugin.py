"""The pytest plugin. Its fixtures import what they need when a test first asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qovery_job_client_testing.server import JobServer
    from qovery_job_client_testing.transport import JobTransport


@pytest.fixture
def job_seed() -> int:
    """Which jobs are served; override it, or parametrize it, for others."""
    return 0


@pytest.fixture
def job_transport(job_seed: int) -> JobTransport:
    """Valid jobs without sockets: an `httpx` transport, both for blocking and for async clients."""
    from qovery_job_client_testing.transport import JobTransport  # noqa: PLC0415

    return JobTransport(job_seed)


@pytest.fixture
def job_server(job_seed: int) -> Iterator[JobServer]:
    """Valid jobs from a server on a free port of loopback; its address is `job_server.url`."""
    from qovery_job_client_testing.server import JobServer  # noqa: PLC0415

    with JobServer.running(job_seed) as server:
        yield server
