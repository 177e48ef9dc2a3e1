"""The team's own jobs on the live API; skipped if QOVERY_JOB_IDS is not set."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

import pytest

from budget import over_budget
from qovery_job_client import AuthenticatedClient, get_job

if TYPE_CHECKING:
    from collections.abc import Iterator

IDS = [each for each in os.environ.get("QOVERY_JOB_IDS", "").split(",") if each]
pytestmark = pytest.mark.skipif(not IDS, reason="QOVERY_JOB_IDS is not set")


@pytest.fixture
def client() -> Iterator[AuthenticatedClient]:
    """A client of the live API, configured by the environment."""
    with AuthenticatedClient.from_env(app="team-nightly/0.1") as client:
        yield client


def test_our_jobs_are_within_the_budget(client: AuthenticatedClient) -> None:
    """Each job can be read and is valid."""
    results = list(get_job.many(IDS, client=client))

    assert {str(result.id): result.error for result in results if result.error} == {}
    assert [line for result in results for line in over_budget(result.result())] == []


@pytest.mark.filterwarnings("default")
def test_news_of_the_api_is_reported(client: AuthenticatedClient) -> None:
    """Unknown properties break nothing, but someone should look at them."""
    for result in get_job.many(IDS, client=client):
        if result.value is not None and result.value.unknown_properties:
            warnings.warn(f"new: {', '.join(result.value.unknown_properties)}", stacklevel=1)
