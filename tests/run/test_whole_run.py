"""Whole runs against a live server, Schemathesis' requests included."""

from __future__ import annotations

from itertools import count

from contract_tests.run.result import Verdict
from contract_tests.run.run import Check
from contract_tests.run.target import credential
from tests.run.runs import CONTRACT, FIRST, HONEST, JOBS, run
from tests.server import TOKEN, Request, honest, response, serve

IDS = list(JOBS)


def test_live_server_receives_get_requests_only() -> None:
    """Known jobs, wrong ids and wrong credentials, all for one path of one host."""
    with serve(HONEST) as server:
        result = run(server.url, checks=tuple(Check))

    assert result.verdict is Verdict.CLEAN
    assert server.methods == {"GET"}
    assert {request.headers["host"] for request in server.requests} == {server.url[7:]}
    assert all(request.path.startswith("/job/") for request in server.requests)
    assert len(server.requests) == result.requests <= 300
    assert {request.headers["accept-encoding"] for request in server.requests} == {"gzip"}
    assert not any("content-length" in request.headers for request in server.requests)
    assert {request.resource for request in server.requests} > {*JOBS, "not-a-uuid"}
    sent = {request.authorization for request in server.requests}
    assert sent == {"", credential(CONTRACT).garbage, f"Token {TOKEN}"}


def test_no_redirect_is_followed() -> None:
    """The token would be sent along, to this host or another."""
    with serve(HONEST) as other:
        away = response(status=302, location=f"{other.url}/job/{FIRST}")
        with serve(lambda _: away) as server:
            result = run(server.url, [FIRST], checks=tuple(Check))

    assert other.requests == []
    assert {finding.keyword for finding in result.findings} == {"redirect"}
    assert {request.path.split("/")[1] for request in server.requests} == {"job"}


def test_job_that_becomes_another_variant_is_drift() -> None:
    """The stock checks request it again, and see another job."""
    other = next(key for key in IDS if JOBS[key]["job_type"] != JOBS[FIRST]["job_type"])
    calls = count()

    def script(request: Request) -> bytes:
        if request.resource == FIRST and next(calls):
            return honest({FIRST: {**JOBS[other], "id": FIRST}})(request)
        return HONEST(request)

    with serve(script) as server:
        result = run(server.url, [FIRST], checks=tuple(Check))

    (finding,) = result.findings
    assert (finding.location, finding.keyword) == ("/job_type", "variant")


def test_server_that_goes_down_under_generated_requests_is_inconclusive() -> None:
    """A server error is a fault of one request only while known jobs are returned."""
    calls = count()

    with serve(lambda it: response(status=503) if next(calls) > 15 else HONEST(it)) as server:
        result = run(server.url, [FIRST], checks=tuple(Check))

    assert (result.verdict, result.findings) == (Verdict.INCONCLUSIVE, ())
