"""GETs of a job, several under way at once, by one client."""

from __future__ import annotations

import asyncio
import json
from importlib import import_module
from itertools import repeat
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.worker import Repeated

    Call: TypeAlias = Callable[[], Awaitable[Any]]

MOST = 64  # connections that each client may open


async def ours(url: str, job_id: str, token: str) -> Call:
    """Our client, on httpx' own transport."""
    return _ours(url, job_id, token)


async def ours_aiohttp(url: str, job_id: str, token: str) -> Call:
    """Our client, on the transport that its documentation names for many calls at once."""
    transport = import_module("httpx_aiohttp").AiohttpTransport()
    return _ours(url, job_id, token, async_transport=transport)


def _ours(url: str, job_id: str, token: str, **options: Any) -> Call:
    package = import_module("qovery_job_client")
    client = package.AuthenticatedClient(token, url, **options)
    call = package.get_job.asyncio
    return lambda: call(job_id, client=client)


async def stock(url: str, job_id: str, token: str) -> Call:
    """What openapi-python-client makes by itself."""
    client = import_module("stock_client").AuthenticatedClient(url, token, prefix="Token")
    call = import_module("stock_client.api.job.get_job").asyncio
    return lambda: call(job_id, client=client)


async def httpx(url: str, job_id: str, token: str) -> Call:
    """The library that ours and the stock client send through, and JSON without a model."""
    client = import_module("httpx").AsyncClient(headers={"Authorization": f"Token {token}"})

    async def call() -> Any:
        response = await client.get(f"{url}/job/{job_id}")
        return json.loads(response.content)

    return call


async def aiohttp(url: str, job_id: str, token: str) -> Call:
    """A session of aiohttp, and JSON without a model."""
    library = import_module("aiohttp")
    session = library.ClientSession(
        headers={"Authorization": f"Token {token}"}, connector=library.TCPConnector(limit=MOST)
    )

    async def call() -> Any:
        async with session.get(f"{url}/job/{job_id}") as response:
            return json.loads(await response.read())

    return call


def prepare(client: str, at_once: int, **where: str) -> Repeated:
    """Repeat a call of one of the clients above, `at_once` of them under way at a time."""
    loop = asyncio.new_event_loop()
    call: Call = loop.run_until_complete(globals()[client](**where))

    async def some(count: int) -> None:
        for _ in repeat(None, count):
            assert await call() is not None

    async def all_of_them(count: int) -> None:
        shares = [count // at_once + (index < count % at_once) for index in range(at_once)]
        await asyncio.gather(*map(some, shares))

    def run(count: int) -> float:
        begun = perf_counter()
        loop.run_until_complete(all_of_them(count))
        return perf_counter() - begun

    return run
