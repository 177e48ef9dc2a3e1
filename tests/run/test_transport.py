"""What may leave the process in a live run is decided in one place."""

from __future__ import annotations

from contextlib import closing
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.record import RunRecord
from contract_tests.run.result import Reason
from contract_tests.run.retry import get
from contract_tests.run.run import Check, run_checks
from contract_tests.run.schemathesis_cases import Gateway, check_generated_requests, generated
from contract_tests.run.session import Session
from contract_tests.run.target import credential, live_target
from contract_tests.run.transport import NoResponse, RequestForbidden, Transport
from contract_tests.spec.contract import load
from tests.run.runs import CONTRACT, FIRST, HONEST
from tests.server import TOKEN, of_json, response, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server import Request, Server

GARBAGE = credential(CONTRACT).garbage
METHODS = ["PUT", "DELETE", "POST", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY", "get"]


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve 200 for everything."""
    with serve(lambda _: of_json({})) as running:
        yield running


@pytest.fixture
def transport(server: Server) -> Iterator[Transport]:
    """Return a transport to that server, as in a live run."""
    with closing(Transport(live_target(CONTRACT, server.url, (), TOKEN), 10)) as opened:
        yield opened


@pytest.mark.parametrize("method", METHODS)
def test_live_server_receives_no_other_method(
    server: Server, transport: Transport, method: str
) -> None:
    """The same path accepts PUT and DELETE there."""
    with pytest.raises(RequestForbidden):
        transport.send(method, f"{server.url}/job/1", "")

    assert server.requests == []
    assert transport.sent == 0


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
def test_no_other_origin_receives_a_request(server: Server, transport: Transport, url: str) -> None:
    """Another scheme, port, name or user is another origin."""
    address = url.format(host=server.url.removeprefix("http://"))

    with pytest.raises(RequestForbidden):
        transport.send("GET", address, transport.target.credential.shown)

    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Basic bWU6c2VjcmV0"),
        ("authorization", f"Token {TOKEN}"),
        ("AUTHORIZATION", "Bearer $QOVERY_API_TOKEN"),
        ("Cookie", "session=1"),
        ("Proxy-Authorization", "Basic bWU6c2VjcmV0"),
    ],
)
def test_no_other_credential_is_sent(
    server: Server, transport: Transport, name: str, value: str
) -> None:
    """Only the placeholder for the token, and the wrong credential of a probe."""
    with pytest.raises(RequestForbidden):
        transport.send("GET", f"{server.url}/job/1", "", {name: value})

    assert server.requests == []


def test_token_is_added_when_a_request_leaves(server: Server, transport: Transport) -> None:
    """Everywhere else the name of its variable is shown."""
    for value in (transport.target.credential.shown, GARBAGE, ""):
        transport.get("/job/1", value)

    sent = [request.authorization for request in server.requests]
    assert sent == [f"Token {TOKEN}", GARBAGE, ""]
    assert TOKEN not in repr([transport, transport.target, transport.target.credential])


def test_jwt_is_a_bearer_token(server: Server) -> None:
    """The API accepts the tokens of people under another scheme."""
    target = live_target(CONTRACT, server.url, (), "eyJhbGciOiJub25lIn0.e30.c2ln")

    with closing(Transport(target, 1)) as transport:
        transport.get("/job/1", target.credential.shown)

    assert server.requests[0].authorization == "Bearer eyJhbGciOiJub25lIn0.e30.c2ln"


def test_generated_requests_go_through_the_transport() -> None:
    """Nothing is sent in another way, no other method, and no cookie that the server sets."""

    def script(request: Request) -> bytes:
        return HONEST(request).replace(b"\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n", 1)

    with serve(script) as server:
        target = live_target(CONTRACT, server.url, [FIRST], TOKEN)
        with closing(Transport(target, 1_000)) as transport:
            record = RunRecord(CONTRACT, target)
            check_generated_requests(Session(transport, record, ResponseChecker(CONTRACT)), 1_000)

    assert len(server.requests) == transport.sent > 50
    assert server.methods == {"GET"}
    assert {request.authorization for request in server.requests} == {f"Token {TOKEN}"}
    assert [request for request in server.requests if "cookie" in request.headers] == []


def test_generated_requests_do_not_depend_on_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Hypothesis draws constants from loaded modules; a run is the same wherever it is started."""

    def draw() -> list[tuple[str, object]]:
        # A contract of its own: Schemathesis remembers the methods that it tried per schema.
        return [(case.method, case.path_parameters) for case in generated(load())]

    before = draw()
    names = "\n".join(f"NAME_{index} = 'constant {index}'" for index in range(500))
    (tmp_path / "module_with_constants.py").write_text(names)
    monkeypatch.syspath_prepend(tmp_path)
    import_module("module_with_constants")

    assert draw() == before


def test_gateway_keeps_the_method_of_a_request(server: Server, transport: Transport) -> None:
    """Whatever Schemathesis wants to send to a live server."""
    environ = {"REQUEST_METHOD": "DELETE", "REQUEST_URI": "/job/1", "HTTP_X": "1"}

    with pytest.raises(RequestForbidden):
        Gateway(transport)({**environ, "wsgi.input": _Empty()}, lambda *_: print)

    assert server.requests == []


class _Empty:
    def read(self) -> bytes:
        return b""


def test_environment_does_not_change_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a configuration of Schemathesis or pytest, nor ~/.netrc, nor a proxy."""
    (tmp_path / "schemathesis.toml").write_text("checks.enabled = false\n[auth]\nbasic = {}\n")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password netrc-password\n")
    with serve(HONEST) as proxy, serve(HONEST) as server:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        result = run_checks(CONTRACT, live_target(CONTRACT, server.url, [FIRST], TOKEN))

    assert (result.verdict, proxy.requests) == ("clean", [])
    assert {request.authorization for request in server.requests} == {
        f"Token {TOKEN}",
        GARBAGE,
        "",
    }


def test_https_goes_through_a_proxy_in_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy sees the host, never the token; where it refuses, the message names it."""
    with serve(lambda _: response(status=403)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        target = live_target(CONTRACT, "https://api.example.com", [FIRST], TOKEN)
        result = run_checks(CONTRACT, target, sleep=lambda _: None, checks=[Check.PROBES])

    assert {request.method for request in proxy.requests} == {"CONNECT"}
    assert {request.path for request in proxy.requests} == {"api.example.com:443"}
    assert all(TOKEN not in str(request) for request in proxy.requests)
    assert [trouble.reason for trouble in result.troubles] == [Reason.UNREACHABLE]
    assert proxy.url in str(result.reason)


@pytest.mark.parametrize(("embedded", "statuses"), [(False, [200, 200]), (True, [503, 200])])
def test_one_failure_of_a_live_server_is_retried(
    embedded: bool,  # noqa: FBT001 - a case, not an option
    statuses: list[int],
) -> None:
    """The embedded server does not fail by chance."""
    calls = count()
    waits: list[float] = []

    with serve(lambda _: response(status=200 if next(calls) else 503)) as server:
        target = evolve(live_target(CONTRACT, server.url, (), TOKEN), embedded=embedded)
        with closing(Transport(target, 10, sleep=waits.append)) as transport:
            gateway = Gateway(transport)
            environ = {"REQUEST_METHOD": "GET", "REQUEST_URI": "/job/1", "wsgi.input": _Empty()}
            seen = []
            for _ in range(2):
                gateway(environ, lambda *_: print)
                assert gateway.response is not None
                seen.append(gateway.response.status)

    assert seen == statuses
    assert len(waits) == (0 if embedded else 1)


def test_budget_is_shared(server: Server) -> None:
    """Every request counts, a retry too."""
    with closing(Transport(live_target(CONTRACT, server.url, (), TOKEN), 2)) as transport:
        get(transport, "/job/1", "")
        get(transport, "/job/2", "")
        with pytest.raises(NoResponse, match="budget"):
            get(transport, "/job/3", "")

    assert len(server.requests) == 2


def test_connection_is_reused(server: Server, transport: Transport) -> None:
    """A thousand jobs need one connection; dropping it opens another."""
    for _ in range(3):
        transport.get("/job/1", "")
    before = server.connections
    transport.drop_connection()
    transport.get("/job/1", "")

    assert (before, server.connections) == (1, 2)
