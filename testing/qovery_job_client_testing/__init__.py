"""For teams that test code built on `qovery_job_client`: valid jobs, and the faults that they want.

The pytest plugin brings two fixtures: `job_transport`, an `httpx` transport without sockets, and
`job_server`, a server on loopback. Both are a `MockJobs`.
"""

from qovery_job_client_testing.jobs import MockJobs, Seen
from qovery_job_client_testing.server import JobServer
from qovery_job_client_testing.transport import JobTransport

__all__ = ["JobServer", "JobTransport", "MockJobs", "Seen"]
