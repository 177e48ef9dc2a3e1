"""One GET of a job after the other, by one client, each on a connection that stays open."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.worker import repeated, waited

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.worker import Repeated


def ours(url: str, job_id: str, token: str) -> Callable[[], Any]:
    """Our client."""
    package = import_module("qovery_job_client")
    client = package.AuthenticatedClient(token, url)
    sync = package.get_job.sync
    return lambda: sync(job_id, client=client)


def stock(url: str, job_id: str, token: str) -> Callable[[], Any]:
    """What openapi-python-client makes by itself."""
    client = import_module("stock_client").AuthenticatedClient(url, token, prefix="Token")
    sync = import_module("stock_client.api.job.get_job").sync
    return lambda: sync(job_id, client=client)


def openapi_generator(url: str, job_id: str, token: str) -> Callable[[], Any]:
    """What openapi-generator's python generator makes."""
    package = import_module("openapi_generator_client")
    client = package.ApiClient(package.Configuration(host=url))
    client.set_default_header("Authorization", f"Token {token}")
    api = package.JobApi(client)
    return lambda: api.get_job(job_id)


def httpx(url: str, job_id: str, token: str) -> Callable[[], Any]:
    """The library that ours and the stock client send through, and JSON without a model."""
    client = import_module("httpx").Client(headers={"Authorization": f"Token {token}"})
    return lambda: json.loads(client.get(f"{url}/job/{job_id}").content)


def requests(url: str, job_id: str, token: str) -> Callable[[], Any]:
    """A session of requests, and JSON without a model."""
    session = import_module("requests").Session()
    session.headers["Authorization"] = f"Token {token}"
    return lambda: json.loads(session.get(f"{url}/job/{job_id}").content)


def prepare(client: str, clock: str, **where: str) -> Repeated:
    """Repeat a call of one of the clients above; `clock` is `wall` or `cpu`."""
    call = globals()[client](**where)
    assert call() is not None
    return waited(call) if clock == "wall" else repeated(call)
