"""A server that breaks off, lies, stalls or refuses: a named error, in bounded time."""

from __future__ import annotations

import gzip
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest

from qovery_job_client import (
    ApiError,
    AuthenticatedClient,
    BodyError,
    CronJob,
    RateLimitError,
    Retries,
    ServerError,
    TransportError,
    TransportTimeoutError,
    UnexpectedStatusError,
)
from tests.client.calling import call, call_detailed
from tests.client.servers import PAUSE, answering, http, json_ok, serving
from tests.recorded import text

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

OK = json_ok(text("cron_docker_nulls"))
FAST = Retries(attempts=3, seconds=5, first_wait=0.001, longest_wait=0.002)
CUT = http("200 OK", text("cron_docker_nulls"))[:-100]
LIMITED = http("429 Too Many Requests", b"{}", X_RateLimit_Reset="9999999999")


def reset(connection: socket.socket, _: int) -> None:
    """Hang up without a word."""
    connection.close()


def cut(connection: socket.socket, _: int) -> None:
    """Promise a body, and hang up in the middle of it."""
    connection.sendall(CUT)
    connection.close()


def drip(connection: socket.socket, _: int) -> None:
    """Send a body so slowly that no single wait is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(10_000):
        connection.sendall(b" ")
        time.sleep(PAUSE)


def drip_headers(connection: socket.socket, _: int) -> None:
    """Never end the headers, and never pause for long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        connection.sendall(b"X-%d: 1\r\n" % number)
        time.sleep(PAUSE)


def continue_forever(connection: socket.socket, _: int) -> None:
    """Announce a response again and again."""
    for _ in range(100_000):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(PAUSE)


def drip_chunk_extension(connection: socket.socket, _: int) -> None:
    """Begin a chunk, and never end the line that says its size."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    for _ in range(10_000):
        connection.sendall(b"x")
        time.sleep(PAUSE)


def zipped(data: bytes, times: int) -> bytes:
    """A body of 64 MB of spaces in so many layers."""
    for _ in range(times):
        data = gzip.compress(data)
    return http("200 OK", data, Content_Encoding=", ".join(["gzip"] * times))


def silent(connection: socket.socket, _: int) -> None:
    """Say nothing."""
    connection.recv(1)


BOMB = gzip.compress(b" " * 64 * 1024 * 1024)
ODDITIES: list[tuple[str, Callable[[socket.socket, int], None], type[ApiError]]] = [
    ("reset", reset, TransportError),
    ("cut body", cut, BodyError),
    ("slow body", drip, BodyError),
    ("silence", silent, TransportTimeoutError),
    ("header drip", drip_headers, TransportTimeoutError),
    ("100 Continue for ever", continue_forever, TransportTimeoutError),
    ("chunk extension drip", drip_chunk_extension, BodyError),
    ("no HTTP", answering(b"SSH-2.0-OpenSSH\r\n\r\n"), TransportError),
    ("no length", answering(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), TransportError),
    ("chunk", answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), BodyError),
    ("status 520", answering(http("520 ", b"")), ServerError),
    ("status 599", answering(http("599 Odd", b"<html>")), ServerError),
    ("no gzip", answering(http("200 OK", b"{}", Content_Encoding="gzip")), BodyError),
    ("gzip bomb", answering(http("200 OK", BOMB, Content_Encoding="gzip")), BodyError),
    ("three codings", answering(zipped(b"{}", 3)), BodyError),
    ("unknown coding", answering(http("200 OK", b"{}", Content_Encoding="br")), BodyError),
    ("half a gzip", answering(http("200 OK", BOMB[:-9], Content_Encoding="gzip")), BodyError),
    ("empty", answering(http("200 OK")), BodyError),
    ("HTML", answering(http("200 OK", b"<html>", Content_Type="text/html")), BodyError),
]


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
@pytest.mark.parametrize(
    ("answer", "kind"), [case[1:] for case in ODDITIES], ids=[case[0] for case in ODDITIES]
)
def test_oddity_is_a_named_error_in_bounded_time(
    answer: Callable[[socket.socket, int], None], kind: type[ApiError], *, awaited: bool
) -> None:
    """Whatever a server does ends in one documented error, long before anybody gives up."""
    began = time.monotonic()

    with serving(answer) as server:
        client = AuthenticatedClient("secret", server.url, timeout=0.3, deadline=0.5, retries=None)
        with pytest.raises(ApiError) as raised:
            call(client, awaited=awaited)

    assert type(raised.value) is kind
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_body_is_read_to_a_bound(*, awaited: bool) -> None:
    """A small answer that unpacks to a huge one is left off where it grows too large."""
    with serving(answering(http("200 OK", BOMB, Content_Encoding="gzip"))) as server:
        client = AuthenticatedClient("secret", server.url, retries=None)
        response = call_detailed(client, awaited=awaited)

    assert "over 2,097,152 bytes" in str(response.error)
    assert len(response.content) <= 2 * 1024 * 1024


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_detailed_hands_over_a_body_that_was_cut_off(*, awaited: bool) -> None:
    """What came of the body is there, beside the error that says that it is not all."""
    with serving(cut) as server:
        client = AuthenticatedClient("secret", server.url, retries=None)
        response = call_detailed(client, awaited=awaited)

    assert response.status_code == 200
    assert response.content == text("cron_docker_nulls")[:-100]
    assert type(response.error) is BodyError


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_redirect_is_not_followed(*, awaited: bool) -> None:
    """The credential goes to no other server, even where the first one asks for it."""
    with serving(answering(OK)) as other:
        with serving(answering(http("302 Found", Location=other.url))) as server:
            client = AuthenticatedClient("secret", server.url)
            with pytest.raises(UnexpectedStatusError) as raised:
                call(client, awaited=awaited)

        assert other.requests == []
    assert raised.value.status_code == 302
    assert raised.value.headers["location"] == other.url


RECOVERIES = [
    ("500", [http("500 Oops"), http("503 Busy"), OK], 3),
    ("429", [http("429 Slow", Retry_After="0"), OK], 2),
]


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
@pytest.mark.parametrize(
    ("answers", "sent"), [case[1:] for case in RECOVERIES], ids=[case[0] for case in RECOVERIES]
)
def test_passing_failure_is_overcome(answers: list[bytes], sent: int, *, awaited: bool) -> None:
    """A failure that passes costs a retry, and the caller gets the job."""
    with serving(answering(*answers)) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        job = call(client, awaited=awaited)

    assert type(job) is CronJob
    assert len(server.requests) == sent


def test_reset_connection_is_tried_again() -> None:
    """A server that hangs up once is asked once more."""

    def answer(connection: Any, number: int) -> None:
        (reset if number == 1 else answering(OK))(connection, number)

    with serving(answer) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        job = call(client)

    assert type(job) is CronJob


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "404 No", "302 Found"])
def test_final_answer_is_not_asked_for_again(status: str) -> None:
    """Only what may pass is tried again."""
    with serving(answering(http(status))) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        call_detailed(client)

    assert len(server.requests) == 1


@pytest.mark.parametrize(("retries", "sent"), [(FAST, 3), (None, 1), (Retries(seconds=0), 1)])
def test_retries_are_bounded(retries: Retries | None, sent: int) -> None:
    """In count, in time, and off with one argument."""
    with serving(answering(http("500 Oops"))) as server:
        client = AuthenticatedClient("secret", server.url, retries=retries)
        with pytest.raises(ServerError):
            call(client)

    assert len(server.requests) == sent


def test_wait_that_is_too_long_is_not_begun() -> None:
    """A rate limit that ends in an hour is an error at once, with the time of its end."""
    with serving(answering(LIMITED)) as server:
        client = AuthenticatedClient("secret", server.url)
        with pytest.raises(RateLimitError) as raised:
            call(client)

    assert len(server.requests) == 1
    assert raised.value.retry_at is not None


def test_storm_of_429_ends() -> None:
    """A server that always says `come back at once` is believed only so often."""
    with serving(answering(http("429 Slow", Retry_After="0"))) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        with pytest.raises(RateLimitError):
            call(client)

    assert len(server.requests) == 3


def test_every_wait_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Who looks at the debug log sees each attempt, why it failed and how long the wait is."""
    caplog.set_level(logging.WARNING, logger="qovery_job_client")

    with serving(answering(http("503 Busy"), OK)) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        call(client)

    assert "attempt 1 failed (503); trying again in 0.00" in caplog.text
    assert "secret" not in caplog.text
