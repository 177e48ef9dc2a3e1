"""The team's code with every kind of job that the contract allows, and with additions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from budget import over_budget
from qovery_job_client import UnknownJob, decode_job, get_job

if TYPE_CHECKING:
    from qovery_job_client_testing import JobTransport


@pytest.mark.parametrize("job_seed", range(5))
def test_every_job_has_a_budget(job_transport: JobTransport) -> None:
    """The jobs cover every variant, missing property, null and boundary value."""
    with job_transport.client() as client:
        for result in get_job.many(job_transport.ids, client=client):
            job = result.result()
            assert all(line.startswith(job.name) for line in over_budget(job))


def test_new_variants_and_properties_are_no_problem(job_transport: JobTransport) -> None:
    """The vendor adds properties and enum members without notice."""
    body = job_transport.body(job_transport.ids[0])

    job = decode_job(body | {"job_type": "WEEKLY", "priority": "high", "cpu": 2_001})

    assert isinstance(job, UnknownJob)
    assert len(over_budget(job)) >= 1
