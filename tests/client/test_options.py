"""Options are checked when they are given, and each call may have its own."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from qovery_job_client import (
    AuthenticatedClient,
    BodyError,
    Client,
    InsecureTransportWarning,
    Retries,
    ServerError,
    TransportTimeoutError,
    get_job,
)
from tests.client.payloads import JOB_ID
from tests.recorded import text
from tests.server import responding, response, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import Server

OK = response(text("cron_docker_nulls"))
SYNC = httpx.MockTransport(lambda _: httpx.Response(200))


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that knows one job."""
    with serve(responding(OK)) as running:
        yield running


INVALID = [
    ({"retries": "5"}, TypeError, "retries"),
    ({"retries": True}, TypeError, "retries"),
    ({"retries": -1}, ValueError, "retries"),
    ({"timeout": "5"}, TypeError, "timeout"),
    ({"timeout": 0}, ValueError, "timeout"),
    ({"deadline": -1}, ValueError, "deadline"),
    ({"deadline": "1"}, TypeError, "deadline"),
    ({"max_body_bytes": 0}, ValueError, "max_body_bytes"),
    ({"app": "a\nb"}, ValueError, "app"),
    ({"httpx_args": {"auth": ("a", "b")}}, ValueError, "auth"),
    ({"httpx_args": {"timeout": 1}}, ValueError, "timeout"),
    ({"transport": httpx.AsyncHTTPTransport()}, TypeError, "transport.*handle_request"),
    ({"async_transport": httpx.HTTPTransport()}, TypeError, "async_transport"),
    ({"httpx_client": httpx.AsyncClient()}, TypeError, "httpx_client"),
    ({"async_httpx_client": httpx.Client()}, TypeError, "async_httpx_client"),
    ({"httpx_client": httpx.Client(), "transport": SYNC}, ValueError, "transport"),
    ({"httpx_client": httpx.Client(), "verify_ssl": False}, ValueError, "verify_ssl"),
    ({"httpx_client": httpx.Client(), "httpx_args": {"limits": None}}, ValueError, "httpx_args"),
]


@pytest.mark.parametrize(
    ("options", "kind", "words"), INVALID, ids=[f"{case[2]}-{i}" for i, case in enumerate(INVALID)]
)
def test_invalid_option_is_refused_at_once(
    options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    """Not at the first call, and never ignored."""
    with pytest.raises(kind, match=words):
        Client(**options)
    if "timeout" in options or "deadline" in options or "retries" in options:
        with pytest.raises(kind, match=words):
            Client().with_options(**options)


def test_unknown_option_of_a_call_is_refused() -> None:
    """A misspelled option is not ignored."""
    with pytest.raises(TypeError, match=r"timout.*timeout"):
        get_job(JOB_ID, client=Client(), timout=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(("retries", "sent"), [(0, 1), (2, 3), (None, 1)])
def test_retries_are_a_number(retries: int | None, sent: int) -> None:
    """A number counts the retries after the first attempt; a call's own count wins."""
    with (
        serve(responding(response(status="500 Oops", Retry_After="0"))) as server,
        Client(server.url, retries=5) as client,
        pytest.raises(ServerError),
    ):
        get_job(JOB_ID, client=client, retries=retries)

    assert len(server.requests) == sent


def test_call_has_options_of_its_own(server: Server) -> None:
    """They apply to one call; the headers of the client are sent too."""
    with Client(server.url, headers={"X-A": "1"}) as client:
        client.get_job(JOB_ID, headers={"X-B": "2"}, timeout=5, deadline=None)
        client.get_job(JOB_ID)

    assert b"X-A: 1\r\n" in server.requests[0].raw
    assert b"X-B: 2\r\n" in server.requests[0].raw
    assert b"X-B" not in server.requests[1].raw


@pytest.mark.parametrize(
    ("timeout", "pool"), [(20.0, 3.0), (1.0, 1.0), (httpx.Timeout(None), 3.0), (None, 3.0)]
)
def test_deadline_bounds_the_wait_for_a_free_connection(timeout: Any, pool: float) -> None:
    """Another user of it may have a longer deadline, or none."""
    sent = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404)

    with Client("http://127.0.0.1", transport=httpx.MockTransport(respond)) as client:
        get_job.sync_detailed(JOB_ID, client=client, timeout=timeout, deadline=3.0)

    assert sent[0].extensions["timeout"]["pool"] == pool


def test_short_deadline_of_a_call_counts() -> None:
    """A silent server is abandoned after the call's deadline, not the client's."""
    with (
        serve(lambda _: [60.0]) as server,
        Client(server.url, retries=None) as client,
        pytest.raises(TransportTimeoutError),
    ):
        client.get_job(JOB_ID, deadline=0.05)


def test_every_way_to_call_gives_the_same(server: Server) -> None:
    """A call, a method, and their awaited forms."""

    async def awaited() -> list[object]:
        async with Client(server.url) as client:
            return [await client.aget_job(JOB_ID), await get_job.asyncio(JOB_ID, client=client)]

    with Client(server.url) as client:
        jobs = [get_job(JOB_ID, client=client), client.get_job(JOB_ID)]

    assert len(set(jobs + asyncio.run(awaited()))) == 1


def test_app_is_part_of_the_user_agent(server: Server) -> None:
    """The owner of the server sees which program sends requests."""
    with Client(server.url, app="my-app/1.0") as client:
        client.get_job(JOB_ID)

    assert b" my-app/1.0\r\n" in server.requests[0].raw


def test_closing_a_view_closes_no_connections(server: Server) -> None:
    """`with client.with_options(timeout=5) as view:` leaves the client open."""
    with Client(server.url) as client:
        with client.with_options(timeout=5.0) as view:
            view.get_job(JOB_ID)
        client.get_job(JOB_ID)

    with pytest.raises(RuntimeError, match="closed"):
        view.get_job(JOB_ID)


def test_client_works_in_a_second_event_loop(server: Server) -> None:
    """Each loop has connections of its own."""
    client = Client(server.url)

    async def call() -> object:
        job = await client.aget_job(JOB_ID)
        await client._awaited.client().aclose()
        return job

    assert asyncio.run(call()) == asyncio.run(call())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_process_has_connections_of_its_own(server: Server) -> None:
    """Parent and child must not read each other's responses."""
    with Client(server.url) as client:
        client.get_job(JOB_ID)
        parents = client._blocking.client()

        child = os.fork()
        if child == 0:
            os._exit(int(client._blocking.client() is parents))
        _, status = os.waitpid(child, 0)

        assert status == 0
        assert client._blocking.client() is parents


def test_response_of_another_id_is_an_error(server: Server) -> None:
    """A proxy or a cache may mix up responses; the caller must not get another job."""
    other = JOB_ID.replace("7", "8")

    with Client(server.url) as client:
        response = get_job.sync_detailed(other, client=client)

    assert type(response.error) is BodyError
    assert JOB_ID in str(response.error)
    assert response.parsed is None


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_transport_for_the_other_way_is_no_way_around_it(*, awaited: bool) -> None:
    """With a transport for one way of calling, the other way never reaches the network."""
    sync = {"transport": SYNC} if awaited else {"async_transport": SYNC}
    client = AuthenticatedClient("secret", "http://127.0.0.1:9", **sync)  # type: ignore[arg-type]

    with pytest.raises(RuntimeError, match="calls only; also pass"):
        asyncio.run(client.aget_job(JOB_ID)) if awaited else client.get_job(JOB_ID)


def test_given_client_keeps_its_own_settings(server: Server) -> None:
    """It keeps its timeout, its User-Agent and its credential."""
    own = httpx.Client(timeout=3.0, headers={"User-Agent": "mine/1"}, auth=("user", "password"))
    seen: list[httpx.Request] = []
    own.event_hooks["request"] = [seen.append]

    Client(server.url, httpx_client=own).get_job(JOB_ID)

    assert seen[0].extensions["timeout"]["read"] == 3.0
    assert b"User-Agent: mine/1\r\n" in server.requests[0].raw
    assert b"Authorization: Basic " in server.requests[0].raw
    with pytest.raises(ValueError, match="credential of its own"):
        AuthenticatedClient("secret", server.url, httpx_client=own)
    own.close()


def test_retry_is_logged_as_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Attempt, reason and wait, without a debug log."""
    caplog.set_level(logging.WARNING)

    with (
        serve(responding(response(status="503 Busy"), OK)) as server,
        Client(server.url, retries=Retries(attempts=2, first_wait=0.001)) as client,
    ):
        client.get_job(JOB_ID)

    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "attempt 1 failed (503); trying again in 0.00" in record.getMessage()


def test_plain_proxy_is_worth_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy can read what is not encrypted, even on the way to loopback."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")

    with pytest.warns(InsecureTransportWarning, match="proxy"):
        AuthenticatedClient("secret", "http://127.0.0.1:1")
    AuthenticatedClient("secret", "https://api.example.com")
    AuthenticatedClient("secret", "http://127.0.0.1:1", httpx_args={"trust_env": False})
