"""A call over real HTTP: what is sent and returned, in every way of calling."""

from __future__ import annotations

import asyncio
import ssl
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from qovery_job_client import (
    AuthenticatedClient,
    Client,
    ContractViolationError,
    CronJob,
    InsecureTransportWarning,
    NotFoundError,
    Retries,
    TransportError,
    UnknownJob,
    __version__,
    get_job,
)
from tests.client.calling import call, call_detailed
from tests.client.payloads import JOB_ID
from tests.recorded import text
from tests.server import responding, response, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import Server

OK = response(text("cron_docker_nulls"))


@pytest.fixture(autouse=True, params=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make each test's calls with httpx, and again with httpx2; return the module."""
    module = pytest.importorskip(request.param)
    monkeypatch.setattr("qovery_job_client.http.LIBRARIES", (request.param, "httpx", "httpx2"))
    return module


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that knows one cron job."""
    with serve(responding(OK)) as running:
        yield running


def test_sync_gives_the_job(server: Server) -> None:
    """The job itself, of its own class."""
    with AuthenticatedClient("secret", server.url) as client:
        job = get_job.sync(JOB_ID, client=client)

    assert type(job) is CronJob


def test_asyncio_gives_the_job(server: Server) -> None:
    """The same, awaited."""

    async def call() -> object:
        async with AuthenticatedClient("secret", server.url) as client:
            return await get_job.asyncio(uuid.UUID(JOB_ID), client=client)

    assert type(asyncio.run(call())) is CronJob


def test_detailed_hands_over_everything(server: Server) -> None:
    """Status, headers, the unchanged body, and the job."""
    with AuthenticatedClient("secret", server.url) as client:
        response = get_job.sync_detailed(JOB_ID, client=client)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == text("cron_docker_nulls")
    assert response.error is None
    assert type(response.parsed) is CronJob


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_detailed_raises_for_no_status(*, awaited: bool) -> None:
    """A failure is returned as it is, with the error that `sync` raises."""
    with serve(responding(response(b'{"detail": "gone"}', "404 Not Found"))) as server:
        received = call_detailed(AuthenticatedClient("secret", server.url), awaited=awaited)

    assert (received.status_code, received.parsed) == (404, None)
    assert str(received.error) == "404: gone"
    with pytest.raises(NotFoundError):
        received.result()


def test_request_has_what_it_needs(server: Server) -> None:
    """Path, credential, a User-Agent with name and version, and the caller's own headers."""
    with AuthenticatedClient("secret", server.url + "/", headers={"X-Team": "a"}) as client:
        get_job.sync(JOB_ID.upper(), client=client)

    (request,) = server.requests
    lines = request.raw.decode().split("\r\n")
    assert lines[0] == f"GET /job/{JOB_ID} HTTP/1.1"
    assert "Authorization: Token secret" in lines
    assert "X-Team: a" in lines
    assert "Accept: application/json" in lines
    assert any(line.startswith(f"User-Agent: qovery-job-client/{__version__} ") for line in lines)


def test_bearer_is_an_explicit_choice(server: Server) -> None:
    """A JWT is sent as `Bearer` if the caller requests it."""
    with AuthenticatedClient("jwt", server.url, prefix="Bearer") as client:
        get_job.sync(JOB_ID, client=client)

    assert b"Authorization: Bearer jwt\r\n" in server.requests[0].raw


def test_client_without_credential_sends_none(server: Server) -> None:
    """`Client` has no credential to send."""
    with Client(server.url) as client:
        get_job.sync(JOB_ID, client=client)

    assert b"uthorization" not in server.requests[0].raw


def test_from_env_reads_token_and_address(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has the token, and the server unless it is the vendor's."""
    monkeypatch.setenv("QOVERY_API_TOKEN", "from-env")
    monkeypatch.setenv("QOVERY_API_URL", server.url)

    with AuthenticatedClient.from_env(app="nightly") as client:
        get_job.sync(JOB_ID, client=client)

    assert b"Authorization: Token from-env\r\n" in server.requests[0].raw
    assert b" nightly\r\n" in server.requests[0].raw
    monkeypatch.delenv("QOVERY_API_URL")
    assert AuthenticatedClient.from_env().base_url == "https://api.qovery.com"


def test_from_env_without_token_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable."""
    monkeypatch.delenv("QOVERY_API_TOKEN", raising=False)

    with pytest.raises(ValueError, match=r"missing token: .* QOVERY_API_TOKEN"):
        AuthenticatedClient.from_env()


BAD_IDS = [
    "",
    "x",
    "../secret",
    f"{JOB_ID}/",
    f"{{{JOB_ID}}}",
    JOB_ID.replace("-", ""),
    JOB_ID + "\n",
]


@pytest.mark.parametrize("bad", [*BAD_IDS, None, 5, b"x", ["x"]])
def test_id_that_is_none_is_never_sent(server: Server, bad: Any) -> None:
    """Anything but a UUID or its text fails before a connection is made."""
    client = AuthenticatedClient("secret", server.url)

    with pytest.raises(ValueError if isinstance(bad, str) else TypeError, match=r"\bid\b"):
        get_job.sync(bad, client=client)

    assert server.requests == []


BAD_ADDRESSES = ["", "api.qovery.com", "ftp://x", "https://", "https://u:p@x", "https://x?a=1"]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_bad_address_is_refused(address: str) -> None:
    """An invalid address is refused, without showing a password in it."""
    with pytest.raises(ValueError, match="base_url") as raised:
        Client(address)

    assert "u:p" not in str(raised.value)


def test_plain_http_to_another_host_warns() -> None:
    """Sending a token in plain text over a network causes a warning; on loopback it does not."""
    with pytest.warns(InsecureTransportWarning, match=r"http://api\.example\.com"):
        AuthenticatedClient("secret", "http://api.example.com")
    for address in (
        "http://127.0.0.1:1",
        "http://localhost:1",
        "http://[::1]:1",
        "https://x.example",
    ):
        AuthenticatedClient("secret", address)


def test_derived_clients_leave_the_original_alone(server: Server) -> None:
    """`with_options` gives another client, with the same connections."""
    with AuthenticatedClient("secret", server.url) as client:
        other = client.with_options(headers={"X-Team": "a"}).with_options(timeout=1.0, retries=None)
        get_job.sync(JOB_ID, client=client)
        get_job.sync(JOB_ID, client=other)

    assert b"X-Team" not in server.requests[0].raw
    assert b"X-Team: a" in server.requests[1].raw
    assert b"Authorization: Token secret" in server.requests[1].raw
    assert type(other) is AuthenticatedClient


def test_one_connection_serves_many_calls() -> None:
    """A client keeps its connection and shakes hands once."""
    with serve(responding(OK)) as server, AuthenticatedClient("secret", server.url) as client:
        for _ in range(5):
            get_job.sync(JOB_ID, client=client)

    assert server.connections == 1


def test_one_tls_context_serves_both_ways_of_calling(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading the certificates is slow, so it happens once."""
    made = []
    real = library.create_ssl_context

    def counted(*args: Any, **keywords: Any) -> Any:
        made.append(1)
        return real(*args, **keywords)

    async def both() -> None:
        async with AuthenticatedClient("secret") as client:
            client._blocking.client()
            client._awaited.client()

    monkeypatch.setattr(library, "create_ssl_context", counted)

    asyncio.run(both())

    assert len(made) == 1


def test_own_tls_context_is_used() -> None:
    """A context of the caller is used unchanged."""
    context = ssl.create_default_context()
    client = AuthenticatedClient("secret", verify_ssl=context)

    pool = client._blocking.client()._transport._pool

    assert pool._ssl_context is context
    client.close()


def test_injected_client_is_used_and_left_open(library: Any, server: Server) -> None:
    """A client of the caller sends the request, with its own headers, and stays open."""
    with library.Client(headers={"X-Own": "1"}) as own:
        with AuthenticatedClient("secret", server.url, httpx_client=own) as client:
            get_job.sync(JOB_ID, client=client)

        assert not own.is_closed
    assert b"X-Own: 1" in server.requests[0].raw
    assert b"Authorization: Token secret" in server.requests[0].raw
    assert b"User-Agent: qovery-job-client/" in server.requests[0].raw


def test_injected_async_client_is_used(library: Any, server: Server) -> None:
    """The same applies to awaited calls."""

    async def call() -> None:
        async with library.AsyncClient(headers={"X-Own": "1"}) as own:
            async with AuthenticatedClient("secret", server.url, async_httpx_client=own) as client:
                await get_job.asyncio(JOB_ID, client=client)
            assert not own.is_closed

    asyncio.run(call())

    assert b"X-Own: 1" in server.requests[0].raw


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_injected_transports_are_used(library: Any, *, awaited: bool) -> None:
    """A transport of the caller, such as one for tests, is used."""
    transport = library.MockTransport(
        lambda _: library.Response(200, content=text("cron_docker_nulls"))
    )
    client = AuthenticatedClient("secret", transport=transport, async_transport=transport)

    assert type(call(client, awaited=awaited)) is CronJob


def test_proxy_is_used() -> None:
    """Arguments for httpx reach it: the proxy gets the request for the server."""
    with serve(responding(OK)) as proxy:
        arguments = {"proxy": proxy.url}
        with Client("http://127.0.0.1:9", httpx_args=arguments) as client:
            get_job.sync(JOB_ID, client=client)

    assert proxy.requests[0].raw.startswith(f"GET http://127.0.0.1:9/job/{JOB_ID} ".encode())


def test_aiohttp_transport_is_used(server: Server) -> None:
    """The faster transport of the extra `aiohttp` takes the place of httpx's own."""
    module = pytest.importorskip("httpx_aiohttp", reason="the extra `aiohttp` is not installed")

    async def call() -> object:
        transport = module.AiohttpTransport()
        async with AuthenticatedClient("secret", server.url, async_transport=transport) as client:
            return await get_job.asyncio(JOB_ID, client=client)

    assert type(asyncio.run(call())) is CronJob
    assert b"Token secret" in server.requests[0].raw


def test_threads_share_a_client(server: Server) -> None:
    """One client serves many threads from its first call on."""
    client = AuthenticatedClient("secret", server.url)
    barrier = threading.Barrier(8)

    def call(_: int) -> object:
        barrier.wait(10)
        return get_job.sync(JOB_ID, client=client)

    with client, ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(call, range(8)))

    assert {type(job) for job in jobs} == {CronJob}


def test_tasks_share_a_client(server: Server) -> None:
    """One client serves many tasks of a loop."""

    async def calls() -> list[object]:
        async with AuthenticatedClient("secret", server.url) as client:
            return await asyncio.gather(*(get_job.asyncio(JOB_ID, client=client) for _ in range(8)))

    assert {type(job) for job in asyncio.run(calls())} == {CronJob}


def test_strict_client_refuses_news() -> None:
    """With `strict=True`, what a tolerant client keeps is an error."""
    body = text("cron_docker_nulls").replace(b'"CRON"', b'"GITOPS"')
    with serve(responding(response(body))) as server:
        assert type(call(Client(server.url))) is UnknownJob
        with pytest.raises(ContractViolationError, match="/job_type"):
            call(Client(server.url, strict=True))


def test_closed_client_says_so(server: Server) -> None:
    """A call through a closed client is the caller's mistake, not the server's."""
    client = AuthenticatedClient("secret", server.url)
    client.close()

    with pytest.raises(RuntimeError, match="closed"):
        get_job.sync(JOB_ID, client=client)


def test_refused_connection_is_a_transport_error_with_its_cause(library: Any) -> None:
    """The connection is refused: the error says so and keeps the message of httpx."""
    with serve(responding(OK)) as server:
        pass
    client = AuthenticatedClient("secret", server.url, retries=Retries(attempts=2, first_wait=0))

    with pytest.raises(TransportError) as raised:
        call(client)

    assert isinstance(raised.value.__cause__, library.ConnectError)
    assert raised.value.status_code is None
