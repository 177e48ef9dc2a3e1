"""The mock server on loopback, for tests that need a real connection."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from contract_tests.mock_server.serving import serving
from qovery_job_client import AuthenticatedClient
from qovery_job_client_testing.jobs import HASTY, TOKEN, MockJobs

if TYPE_CHECKING:
    from collections.abc import Iterator


class JobServer(MockJobs):
    """Generated jobs, served on loopback.

    Attributes:
        url: The URL of the server, such as `http://127.0.0.1:40123`.
    """

    url: str

    @classmethod
    @contextmanager
    def running(cls, seed: int = 0) -> Iterator[JobServer]:
        """Serve the jobs of `seed` on a free port until the context ends.

        Raises:
            OSError: No port is available.
        """
        server = cls(seed)
        with serving(server) as url:
            server.url = url
            yield server

    def client(self, **options: Any) -> AuthenticatedClient:
        """Return a client of this server; `options` are those of `AuthenticatedClient`.

        It does not wait between attempts.
        """
        return AuthenticatedClient(TOKEN, self.url, **{**HASTY, **options})
