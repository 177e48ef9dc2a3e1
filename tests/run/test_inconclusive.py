"""A failing server or network makes a run inconclusive, with the reason and what to do."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING

import pytest

from contract_tests.run.run import Check
from contract_tests.run.verdict import EXITS
from tests.kinds import BROKEN_MINIMUM, COUNT, LEAST, TOO_FEW
from tests.run.runs import FIRST, HONEST, JOBS, facts, run
from tests.server import End, Request, honest, of_json, response, serve, unused_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server import Script, Step

FOREVER = [step for _ in range(200) for step in (0.02, b"x")]


def limited(reset: float, **more: str) -> bytes:
    """Return a 429 with the headers that the contract documents."""
    names = {"x_ratelimit_limit": "1000", "x_ratelimit_remaining": "0"}
    return of_json({}, 429, **names, x_ratelimit_reset=str(int(reset)), **more)


def always(*steps: Step) -> Script:
    """Return a server that sends these bytes for every request."""
    return lambda _: steps


@pytest.mark.parametrize(
    ("reason", "steps"),
    [
        ("not authorized", [of_json({}, 401)]),
        ("not authorized", [response(status=401)]),
        ("no known job", [of_json({}, 403)]),
        ("no known job", [of_json({}, 404)]),
        ("server error", [of_json({}, 500)]),
        ("server error", [response(b"<html>bad gateway</html>", 502, content_type="text/html")]),
        ("server error", [response(status=503)]),
        ("rate limit", [response(status=503, retry_after="3600")]),
        ("rate limit", [limited(time.time() + 3_000)]),
        ("rate limit", [limited(time.time() + 2)]),
        ("rate limit", [limited(0)]),
        ("rate limit", [limited(0, retry_after="3600")]),
        ("rate limit", [limited(0, retry_after="Fri, 31 Dec 2049 23:59:59 GMT")]),
        ("rate limit", [of_json({}, 429)]),
        ("rate limit", [of_json({}, 429, x_ratelimit_limit="9" * 5_000)]),
        ("unreachable", [End.CLOSE]),
        ("unreachable", [End.RESET]),
        ("unreachable", [b"HTTP/1.1 200 OK\r\nContent-", End.CLOSE]),
        ("timeout", [5.0]),
        ("timeout", FOREVER),
        ("timeout", [b"HTTP/1.1 200 OK\r\n\r\n", *FOREVER]),
        ("timeout", [b"HTTP/1.1 100 Continue\r\n\r\n" * 100, *FOREVER]),
    ],
)
def test_failing_server_is_inconclusive(reason: str, steps: list[Step]) -> None:
    """The run ends soon, without a finding, and one sentence says what to do."""
    with serve(always(*steps)) as server:
        result = run(server.url, seconds=0.1)

    assert (result.findings, result.flaky) == ((), ())
    assert EXITS[result.verdict] == 5
    assert result.reason is not None
    assert result.reason.startswith(reason)
    assert len(result.reason) < 300
    assert "; " in result.reason


@pytest.mark.parametrize(
    "find_url",
    [unused_url, lambda: "https://no-such-host.invalid"],
    ids=["refused-port", "unknown-host"],
)
def test_unreachable_server_is_inconclusive(find_url: Callable[[], str]) -> None:
    """A refused port and a name that does not resolve say nothing about the contract."""
    url = find_url()

    result = run(url, checks=tuple(Check))

    assert EXITS[result.verdict] == 5
    assert str(result.reason).startswith(f"unreachable: can't connect to {url}")
    assert result.warnings == ()  # of a budget that was not used, for example


def test_no_tls_is_inconclusive() -> None:
    """The server speaks plain HTTP where TLS is expected."""
    with serve(always(b"HTTP/1.1 400 Bad Request\r\n\r\n", End.CLOSE)) as server:
        url = server.url.replace("http:", "https:")
        result = run(url)

    assert EXITS[result.verdict] == 5
    assert str(result.reason).startswith(f"tls: no TLS connection to {url}")


@pytest.mark.parametrize("status", [403, 404])
def test_one_of_several_gone_is_a_warning(status: int) -> None:
    """The warning names it, and the other jobs decide."""

    def script(request: Request) -> bytes:
        known = request.resource == FIRST and request.authorization
        return of_json({}, status) if known else HONEST(request)

    with serve(script) as server:
        result = run(server.url)

    assert result.verdict == "clean"
    assert [FIRST in warning for warning in result.warnings] == [True]
    assert str(status) in result.warnings[0]


def test_other_jobs_are_checked_when_one_is_gone() -> None:
    """A warning hides no finding."""
    others = {job_id: {**job, **TOO_FEW} for job_id, job in JOBS.items() if job_id != FIRST}

    with serve(honest(others)) as server:
        result = run(server.url)

    assert facts(result.findings) == {BROKEN_MINIMUM}
    assert result.verdict == "drift"


@pytest.mark.parametrize(
    "step",
    [of_json({}, 500), response(status=503), End.CLOSE, End.RESET, limited(time.time() + 1)],
    ids=["500", "503", "close", "reset", "429"],
)
def test_single_failure_is_retried(step: Step) -> None:
    """The run is clean."""
    calls = count()

    def script(request: Request) -> bytes | list[Step]:
        return [step] if next(calls) == 1 else HONEST(request)

    with serve(script) as server:
        result = run(server.url)

    assert (result.verdict, result.flaky, result.warnings) == ("clean", (), ())


@pytest.mark.parametrize("after", range(3, 9))
def test_server_that_goes_down_is_inconclusive(after: int) -> None:
    """Whatever the run requests at that moment, it is not drift."""
    calls = count()

    def script(request: Request) -> bytes:
        return response(status=503) if next(calls) >= after else HONEST(request)

    with serve(script) as server:
        result = run(server.url)
        sent = next(calls)

    assert result.findings == ()
    assert EXITS[result.verdict] == (5 if sent > after + 1 else 0)


def test_server_that_goes_down_before_a_confirmation_is_inconclusive() -> None:
    """The finding can't be confirmed, so it is listed as flaky."""
    calls = count()

    def script(request: Request) -> bytes:
        if request.resource != FIRST:
            return HONEST(request)
        return response(status=503) if next(calls) else of_json({**JOBS[FIRST], **TOO_FEW})

    with serve(script) as server:
        result = run(server.url)

    assert EXITS[result.verdict] == 5
    assert str(result.reason).startswith("server error")
    assert facts(result.flaky) == {BROKEN_MINIMUM}


def test_drift_is_reported_in_spite_of_trouble() -> None:
    """A confirmed finding counts, whatever could not be checked."""

    def script(request: Request) -> bytes:
        if request.resource == FIRST:
            return of_json({**JOBS[FIRST], **TOO_FEW})
        return response(status=503) if request.resource in JOBS else HONEST(request)

    with serve(script) as server:
        result = run(server.url)

    assert EXITS[result.verdict] == 4


@pytest.mark.parametrize("header", ["retry_after", "x_ratelimit_reset"])
def test_run_waits_for_a_short_rate_limit(header: str) -> None:
    """The server states how long; then the run continues and is clean."""
    calls = count()
    waits: list[float] = []
    when = {"retry_after": 9, "x_ratelimit_reset": int(time.time()) + 10}
    refusal = of_json({}, 429, **{header: str(when[header])})

    with serve(lambda request: refusal if next(calls) == 0 else HONEST(request)) as server:
        result = run(server.url, waits=waits)

    assert result.verdict == "clean"
    assert [5 < wait <= 10 for wait in waits] == [True]


def test_run_waits_after_the_last_request_of_the_limit() -> None:
    """`X-RateLimit-Remaining: 0` is obeyed before there is a 429."""
    calls = count()
    waits: list[float] = []

    def script(request: Request) -> bytes:
        if next(calls):
            return HONEST(request)
        reset = str(int(time.time()) + 10)
        return of_json(JOBS[FIRST], x_ratelimit_remaining="0", x_ratelimit_reset=reset)

    with serve(script) as server:
        result = run(server.url, waits=waits)

    assert result.verdict == "clean"
    assert len(waits) == 1


def test_long_rate_limit_stops_the_run() -> None:
    """No request is sent before the time that the server stated."""
    with serve(always(limited(time.time() + 3_000))) as server:
        run(server.url)

    assert len(server.requests) == 1


def test_each_retry_waits_longer() -> None:
    """A server that is down gets four requests in all."""
    waits: list[float] = []

    with serve(always(response(status=503))) as server:
        run(server.url, [FIRST], waits=waits)

    assert waits == sorted(waits)
    assert len(server.requests) == len(waits) + 1 == 4


def test_run_stops_after_two_jobs_without_a_response() -> None:
    """Sixty timeouts of 10 s would take ten minutes."""
    with serve(always(End.CLOSE)) as server:
        result = run(server.url)

    assert [job.status for job in result.jobs] == [None, None]


def test_run_has_a_maximum_duration() -> None:
    """A server that is always just fast enough can't extend it."""
    with serve(HONEST) as server:
        result = run(server.url, run_seconds=-1_000)

    assert server.requests == []
    assert str(result.reason).startswith("run time")


@pytest.mark.parametrize("budget", [1, 5, 20, 300])
@pytest.mark.parametrize("count", [LEAST, LEAST - 1])
def test_budget_is_never_exceeded(budget: int, count: int) -> None:
    """Known jobs are requested first, and confirmations count too."""
    script = honest({job_id: {**job, COUNT: count} for job_id, job in JOBS.items()})

    with serve(script) as server:
        result = run(server.url, budget=budget)

    assert len(server.requests) == result.requests <= budget
    assert server.requests[0].path == f"/job/{FIRST}"
    assert EXITS[result.verdict] == (4 if count < LEAST and budget > 1 else 5 if budget < 20 else 0)


def test_short_budget_leaves_jobs_out() -> None:
    """Then the run is not clean, and the reason says what to do."""
    with serve(HONEST) as server:
        result = run(server.url, budget=13)

    assert [job.id for job in result.jobs] == [FIRST]
    assert result.verdict == "inconclusive"
    left_out = f"{len(JOBS) - 1} of {len(JOBS)} known jobs were not requested"
    assert f"{left_out}; raise it with --budget" in str(result.reason)
