"""Test code that uses `qovery_job_client`: generated jobs, a mock server, and faults.

The pytest plugin has two fixtures: `job_transport`, an `httpx` transport without sockets, and
`job_server`, a server on loopback. Both are a `MockJobs`. `make_cron_job` and `make_lifecycle_job`
return jobs without a server.
"""

from qovery_job_client_testing.factories import make, make_cron_job, make_lifecycle_job
from qovery_job_client_testing.jobs import MockJobs, Seen
from qovery_job_client_testing.server import JobServer
from qovery_job_client_testing.transport import JobTransport

__all__ = [
    "JobServer",
    "JobTransport",
    "MockJobs",
    "Seen",
    "make",
    "make_cron_job",
    "make_lifecycle_job",
]
