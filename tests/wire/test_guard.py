"""What may leave the process in a live run is decided in one place, for everybody."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING

import pytest
import requests
from attrs import evolve

from contract_tests.run.schemathesis_transport import route_through
from contract_tests.run.target import live_target
from contract_tests.run.transport import NoResponse, RequestForbidden, Transport
from tests.drift.hostile import TOKEN, hostile, of_json, response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.drift.hostile import Hostile

METHODS = ["PUT", "DELETE", "POST", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY", "get"]


@pytest.fixture
def server() -> Iterator[Hostile]:
    """A server that answers everything with 200."""
    with hostile(lambda _: of_json({})) as running:
        yield running


@pytest.fixture
def wire(server: Hostile) -> Iterator[Transport]:
    """A wire to it, as in a live run."""
    with closing(Transport(live_target(server.url, (), TOKEN), 10)) as opened:
        yield opened


@pytest.mark.parametrize("method", METHODS)
def test_a_live_server_gets_no_other_method(server: Hostile, wire: Transport, method: str) -> None:
    """The same address answers PUT and DELETE there."""
    with pytest.raises(RequestForbidden):
        wire.send(method, f"{server.url}/job/1", {})

    assert server.requests == []
    assert wire.sent == 0


@pytest.mark.parametrize("method", METHODS[:-1])
def test_nor_does_anything_of_schemathesis_send_one(
    server: Hostile, wire: Transport, method: str
) -> None:
    """Its traffic goes through sessions of `requests`, whoever opens them."""
    with route_through(wire), pytest.raises(requests.ConnectionError):
        requests.request(method, f"{server.url}/job/1", timeout=5)

    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/job/1",
        "http://elsewhere.invalid/job/1",
        "https://{host}/job/1",
        "http://{host}@elsewhere.invalid/job/1",
        "http://{host}.elsewhere.invalid/job/1",
        "http://me@{host}/job/1",
    ],
)
def test_no_other_host_is_asked(server: Hostile, wire: Transport, url: str) -> None:
    """Another scheme, port, name or user is another host: the token stays at home."""
    address = url.format(host=server.url.removeprefix("http://"))

    with pytest.raises(RequestForbidden):
        wire.send("GET", address, {"authorization": "Token $QOVERY_API_TOKEN"})
    with route_through(wire), pytest.raises(requests.RequestException):
        requests.get(address, timeout=5)

    assert server.requests == []


def test_requests_follows_no_redirect_through_the_wire() -> None:
    """Even where the caller wants to."""
    with (
        hostile(lambda _: response(302, location="/other")) as server,
        closing(Transport(live_target(server.url, (), TOKEN), 10)) as wire,
        route_through(wire),
    ):
        answer = requests.get(f"{server.url}/job/1", timeout=5, allow_redirects=True)

    assert answer.status_code == 302
    assert [request.path for request in server.requests] == ["/job/1"]


def test_the_embedded_server_may_be_sent_any_method(server: Hostile) -> None:
    """It is ours: Schemathesis probes the methods that the contract does not know."""
    target = evolve(live_target(server.url, (), TOKEN), embedded=True)

    with closing(Transport(target, 10)) as wire:
        wire.send("DELETE", f"{server.url}/job/1", {})

    assert [request.method for request in server.requests] == ["DELETE"]


@pytest.mark.parametrize(("embedded", "statuses"), [(False, [200, 200]), (True, [503, 200])])
def test_one_bad_moment_of_a_live_server_is_no_failure(
    embedded: bool,  # noqa: FBT001 - a case, not an option
    statuses: list[int],
) -> None:
    """The stock checks would call it one; what the mock server fails to answer is its fault."""
    calls = count()
    waits: list[float] = []

    with hostile(lambda _: response(200 if next(calls) else 503)) as server:
        target = evolve(live_target(server.url, (), TOKEN), embedded=embedded)
        with closing(Transport(target, 10, sleep=waits.append)) as wire, route_through(wire):
            seen = [requests.get(f"{server.url}/job/1", timeout=5).status_code for _ in range(2)]

    assert seen == statuses
    assert len(waits) == (0 if embedded else 1)


def test_the_guard_ends_with_its_context(server: Hostile, wire: Transport) -> None:
    """Other users of `requests` in the process are left alone afterwards."""
    with route_through(wire):
        pass

    requests.get(server.url, timeout=5, headers={"x-direct": "yes"})

    assert server.requests[0].headers["x-direct"] == "yes"
    assert wire.sent == 0


def test_the_token_is_put_in_on_the_wire_only(server: Hostile, wire: Transport) -> None:
    """Everywhere else its variable's name stands for it."""
    wire.get("/job/1", wire.target.credential.shown)
    wire.get("/job/1", None)

    first, second = server.requests
    assert first.authorization == f"Token {TOKEN}"
    assert "authorization" not in second.headers
    assert TOKEN not in repr([wire, wire.target, wire.target.credential])


def test_a_jwt_is_a_bearer_token(server: Hostile) -> None:
    """The vendor's API takes people's tokens under another word."""
    target = live_target(server.url, (), "eyJhbGciOiJub25lIn0.e30.c2ln")

    with closing(Transport(target, 1)) as wire:
        wire.get("/job/1", target.credential.shown)

    assert server.requests[0].authorization == "Bearer eyJhbGciOiJub25lIn0.e30.c2ln"


def test_the_budget_is_one_for_all(server: Hostile) -> None:
    """Whoever sends, directly or through `requests`, spends of the same."""
    with closing(Transport(live_target(server.url, (), TOKEN), 2)) as wire, route_through(wire):
        wire.get("/job/1", None)
        requests.get(f"{server.url}/job/2", timeout=5)
        with pytest.raises(NoResponse, match="budget"):
            wire.get("/job/3", None)
        with pytest.raises(requests.ConnectionError, match="budget"):
            requests.get(f"{server.url}/job/4", timeout=5)

    assert len(server.requests) == 2


def test_one_connection_is_kept(server: Hostile, wire: Transport) -> None:
    """A sweep over a thousand jobs opens no thousand connections; hanging up opens another."""
    for _ in range(3):
        wire.get("/job/1", None)
    before = server.connections
    wire.drop_connection()
    wire.get("/job/1", None)

    assert (before, server.connections) == (1, 2)
