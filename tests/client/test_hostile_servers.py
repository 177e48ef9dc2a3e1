"""A server that disconnects, lies, stalls or refuses causes a named error, in bounded time."""

from __future__ import annotations

import gzip
import logging
from itertools import chain, repeat
from typing import TYPE_CHECKING

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
from tests.attacks.behaviors import BEHAVIORS
from tests.client.calling import call, call_detailed
from tests.recorded import text
from tests.server import End, responding, response, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import Step

OK = response(text("cron_docker_nulls"))
FAST = Retries(attempts=3, seconds=5, first_wait=0.001, longest_wait=0.002)
LIMITED = response(b"{}", "429 Too Many Requests", X_RateLimit_Reset="9999999999")


BOMB = gzip.compress(b" " * 64 * 1024 * 1024, 1)
# `tests/attacks` has every behavior; these decide which error the client raises.
KINDS: dict[str, type[ApiError]] = {
    "silence": TransportTimeoutError,
    "drip of headers": TransportTimeoutError,
    "drip of a body": BodyError,
    "reset at once": TransportError,
    "reset in the body": BodyError,
    "SSH": TransportError,
    "status 599": ServerError,
    "gzip bomb of 1 layers": BodyError,
}


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
@pytest.mark.parametrize("name", KINDS)
def test_behavior_is_a_named_error(name: str, *, awaited: bool) -> None:
    """Whatever a server does ends in one documented error."""
    behavior = BEHAVIORS[name]
    steps = behavior.steps(text("cron_docker_nulls"), "http://127.0.0.1:1")
    seconds = 0.1 if behavior.stalls else 10.0

    with serve(lambda _: steps) as server:
        client = AuthenticatedClient("secret", server.url, deadline=seconds, retries=None)
        with pytest.raises(ApiError) as raised:
            call(client, awaited=awaited)

    assert type(raised.value) is KINDS[name]


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_body_is_read_to_a_bound(*, awaited: bool) -> None:
    """Decompression of a small response stops when it grows too large."""
    with serve(responding(response(BOMB, Content_Encoding="gzip"))) as server:
        client = AuthenticatedClient("secret", server.url, retries=None)
        received = call_detailed(client, awaited=awaited)

    assert "over 2,097,152 bytes" in str(received.error)
    assert len(received.content) <= 2 * 1024 * 1024


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_detailed_hands_over_a_body_that_was_cut_off(*, awaited: bool) -> None:
    """The response has the part of the body that was received, and the error."""
    with serve(lambda _: [OK[:-100], End.CLOSE]) as server:
        client = AuthenticatedClient("secret", server.url, retries=None)
        received = call_detailed(client, awaited=awaited)

    assert received.status_code == 200
    assert received.content == text("cron_docker_nulls")[:-100]
    assert type(received.error) is BodyError


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_redirect_is_not_followed(*, awaited: bool) -> None:
    """The credential is not sent to another server, even if the first one redirects there."""
    with serve(responding(OK)) as other:
        with serve(responding(response(status="302 Found", Location=other.url))) as server:
            client = AuthenticatedClient("secret", server.url)
            with pytest.raises(UnexpectedStatusError) as raised:
                call(client, awaited=awaited)

        assert other.requests == []
    assert raised.value.status_code == 302
    assert raised.value.headers["location"] == other.url


RECOVERIES = [
    ("500", [response(status="500 Oops"), response(status="503 Busy"), OK], 3),
    ("429", [response(status="429 Slow", Retry_After="0"), OK], 2),
]


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
@pytest.mark.parametrize(
    ("responses", "sent"), [case[1:] for case in RECOVERIES], ids=[case[0] for case in RECOVERIES]
)
def test_passing_failure_is_overcome(responses: list[bytes], sent: int, *, awaited: bool) -> None:
    """A transient failure costs a retry, and the caller gets the job."""
    with serve(responding(*responses)) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        job = call(client, awaited=awaited)

    assert type(job) is CronJob
    assert len(server.requests) == sent


def test_reset_connection_is_tried_again() -> None:
    """A request is sent again if the server closed the connection."""
    script: Iterator[list[Step]] = chain([[End.RESET]], repeat([OK]))

    with serve(lambda _: next(script)) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        job = call(client)

    assert type(job) is CronJob


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "404 No", "302 Found"])
def test_permanent_failure_is_not_retried(status: str) -> None:
    """Only transient failures are retried."""
    with serve(responding(response(status=status))) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        call_detailed(client)

    assert len(server.requests) == 1


@pytest.mark.parametrize(("retries", "sent"), [(FAST, 3), (None, 1), (Retries(seconds=0), 1)])
def test_retries_are_bounded(retries: Retries | None, sent: int) -> None:
    """They are limited in number and time, and can be turned off."""
    with serve(responding(response(status="500 Oops"))) as server:
        client = AuthenticatedClient("secret", server.url, retries=retries)
        with pytest.raises(ServerError):
            call(client)

    assert len(server.requests) == sent


def test_wait_that_is_too_long_is_not_begun() -> None:
    """A rate limit that resets in an hour is an error at once, with the time of the reset."""
    with serve(responding(LIMITED)) as server:
        client = AuthenticatedClient("secret", server.url)
        with pytest.raises(RateLimitError) as raised:
            call(client)

    assert len(server.requests) == 1
    assert raised.value.retry_at is not None


def test_storm_of_429_ends() -> None:
    """A server that always asks for an immediate retry gets a limited number of them."""
    with serve(responding(response(status="429 Slow", Retry_After="0"))) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        with pytest.raises(RateLimitError):
            call(client)

    assert len(server.requests) == 3


def test_every_wait_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log has each attempt, why it failed and how long the wait is."""
    caplog.set_level(logging.WARNING, logger="qovery_job_client")

    with serve(responding(response(status="503 Busy"), OK)) as server:
        client = AuthenticatedClient("secret", server.url, retries=FAST)
        call(client)

    assert "attempt 1 failed (503); trying again in 0.00" in caplog.text
    assert "secret" not in caplog.text
