"""The client and the mock server read one contract independently, and agree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock_server.serving import running
from contract_tests.spec.contract import load
from qovery_job_client import (
    AuthenticatedClient,
    Client,
    ForbiddenError,
    NotFoundError,
    RateLimitError,
    Retries,
    UnauthorizedError,
    get_job,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.mock_server.serving import Running


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The mock server with its usual population."""
    with running(load()) as server:
        yield server


@pytest.mark.parametrize("prefix", ["Token", "Bearer"])
def test_every_job_of_the_population_comes_back(server: Running, prefix: str) -> None:
    """It is decoded strictly over HTTP, has the right variant, and is written as it was sent."""
    variants = set()
    with AuthenticatedClient("x.y.z", server.url, prefix=prefix, strict=True) as client:
        for job_id in server.known_ids:
            response = get_job.sync_detailed(job_id, client=client)
            variants.add(type(response.result()).__name__)
            assert response.result().to_dict() == json.loads(response.content)

    assert variants == set(load().variants)


def test_failures_are_distinguished(server: Running) -> None:
    """Each failure that the contract documents is a separate error, with the server's message."""
    with AuthenticatedClient("x", server.url) as client:
        with pytest.raises(NotFoundError) as missing:
            get_job.sync(server.missing_ids[0], client=client)
        with pytest.raises(ForbiddenError):
            get_job.sync(server.forbidden_ids[0], client=client)
    with Client(server.url) as anonymous, pytest.raises(UnauthorizedError):
        get_job.sync(server.known_ids[0], client=anonymous)

    assert missing.value.message


@pytest.mark.skipif(
    "429" not in load().responses or len(load().responses["429"].headers) < 3,
    reason="no limit is documented",
)
def test_spent_rate_says_when_to_come_back() -> None:
    """The mock's 429 carries the headers of the contract, and the client reads them."""
    with (
        running(load(), rate=1) as server,
        AuthenticatedClient("x", server.url, retries=Retries(seconds=1)) as client,
    ):
        get_job.sync(server.known_ids[0], client=client)
        with pytest.raises(RateLimitError) as raised:
            get_job.sync(server.known_ids[0], client=client)

    assert raised.value.retry_at is not None
