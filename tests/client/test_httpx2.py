"""Clients and transports of httpx2, the successor of httpx, can be used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from qovery_job_client import (
    AuthenticatedClient,
    CronJob,
    NotFoundError,
    TransportError,
    TransportTimeoutError,
)
from tests.attacks.behaviors import drip
from tests.client.payloads import JOB_ID
from tests.recorded import text
from tests.server import End, responding, response, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tests.server import Server

pytestmark = pytest.mark.slow

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda module: module.__name__)
WAYS = pytest.mark.parametrize("given", ["client", "transport"])
AWAITED = pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that knows one job."""
    with serve(responding(response(text("cron_docker_nulls")))) as running:
        yield running


def called(library: ModuleType, given: str, url: str, *, awaited: bool, **options: Any) -> object:
    """The job, through a client or a transport of the library."""

    async def run() -> object:
        if given == "transport":
            made = {"async_transport": library.AsyncHTTPTransport()}
            async with AuthenticatedClient("secret", url, **made, **options) as client:
                return await client.aget_job(JOB_ID)
        async with library.AsyncClient() as own:
            client = AuthenticatedClient("secret", url, async_httpx_client=own, **options)
            return await client.aget_job(JOB_ID)

    if awaited:
        return asyncio.run(run())
    if given == "transport":
        with AuthenticatedClient(
            "secret", url, transport=library.HTTPTransport(), **options
        ) as client:
            return client.get_job(JOB_ID)
    with library.Client() as own:
        return AuthenticatedClient("secret", url, httpx_client=own, **options).get_job(JOB_ID)


@LIBRARIES
@WAYS
@AWAITED
def test_call(server: Server, library: ModuleType, given: str, *, awaited: bool) -> None:
    """The same job, with the same credential."""
    job = called(library, given, server.url, awaited=awaited)

    assert type(job) is CronJob
    assert b"Authorization: Token secret\r\n" in server.requests[0].raw


@LIBRARIES
@WAYS
@AWAITED
def test_failures(library: ModuleType, given: str, *, awaited: bool) -> None:
    """A status, a broken connection and a late response are the same errors."""
    with serve(responding(response(status="404 Gone"))) as server, pytest.raises(NotFoundError):
        called(library, given, server.url, awaited=awaited)
    with (
        serve(lambda _: [End.CLOSE]) as server,
        pytest.raises(TransportError) as raised,
    ):
        called(library, given, server.url, awaited=awaited, retries=None)
    assert type(raised.value.__cause__).__module__.partition(".")[0] == library.__name__
    with (
        serve(lambda _: [60.0]) as server,
        pytest.raises(TransportTimeoutError),
    ):
        called(library, given, server.url, awaited=awaited, retries=None, timeout=0.05)


@LIBRARIES
def test_deadline_counts_between_bytes(library: ModuleType) -> None:
    """The backend that bounds every wait fits both libraries' connection pools."""
    with (
        serve(lambda _: drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000)) as server,
        pytest.raises(TransportTimeoutError),
    ):
        called(library, "transport", server.url, awaited=False, retries=None, deadline=0.2)
