"""Each fault of a response is one finding, with the right keyword and location."""

from __future__ import annotations

import gzip
import json
import re
from itertools import count
from typing import TYPE_CHECKING

import pytest

from contract_tests.run.run import Check
from contract_tests.run.verdict import EXITS
from tests.kinds import AT_COUNT, BROKEN_MINIMUM, COUNT, LEAST, TEXT, TOO_FEW
from tests.run.runs import CONTRACT, FIRST, HONEST, JOBS, SECOND, facts, run
from tests.server import End, Request, of_json, response, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contract_tests.spec.values import Json
    from tests.server import Script, Step

BODY = json.dumps(JOBS[FIRST]).encode()
LENGTH = str(len(BODY))
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
WITHOUT_TYPE = response(BODY, content_type=None)


def for_first(*steps: Step) -> Script:
    """Return a server that sends these bytes for one known job, and is correct otherwise."""

    def script(request: Request) -> bytes | Iterable[Step]:
        refused = HONEST(request).startswith(b"HTTP/1.1 401")
        return HONEST(request) if refused or request.resource != FIRST else steps

    return script


def test_honest_server_is_clean() -> None:
    """A server without a fault has no finding, flaky finding or warning."""
    with serve(HONEST) as server:
        result = run(server.url)

    assert (result.verdict, result.findings, result.flaky, result.warnings) == ("clean", (), (), ())
    assert [job.variant for job in result.jobs] == [
        variant for variant in CONTRACT.variants for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("keyword", "steps"),
    [
        ("status", [response(b"{}", 418)]),
        ("status", [response(BODY, 201)]),
        ("status", [response(BODY, 999)]),
        ("status", [b"HTTP/1.1 204 No\r\n\r\n"]),
        ("media-type", [response(BODY, content_type="text/html")]),
        ("media-type", [response(b"<html>sign in</html>", content_type="text/html")]),
        ("media-type", [response(BODY, content_type="text/json; charset=utf-8")]),
        ("media-type", [WITHOUT_TYPE]),
        ("redirect", [response(status=302, location="/login")]),
        ("redirect", [response(status=301, location="https://elsewhere.invalid/job")]),
        ("redirect", [response(BODY, 307, location="//elsewhere.invalid")]),
        ("json", [response()]),
        ("json", [response(BODY[:-20])]),
        ("encoding", [response(BODY[:-1] + b',"name":"\xff"}')]),
        ("depth", [response(b"[" * 100_000 + b"]" * 100_000)]),
        ("json", [response(BODY, content_length=str(len(BODY) - 20))]),
        ("json", [response(BODY, content_length=str(len(BODY) - 20)), End.CLOSE]),
        ("framing", [response(BODY[:-20], content_length=LENGTH), End.CLOSE]),
        ("framing", [response(BODY[:-20], content_length=LENGTH), 0.05, End.RESET]),
        ("framing", [response(BODY, content_length="-5")]),
        ("framing", [response(BODY, content_length="many")]),
        ("framing", [response(BODY, content_length=f"{LENGTH}, 7")]),
        ("framing", [CHUNKED + b"%x\r\n" % len(BODY) + BODY, End.CLOSE]),
        ("framing", [CHUNKED + b"ZZ\r\n" + BODY]),
        ("framing", [b"220 mail.example ESMTP ready\r\n\r\n"]),
        ("framing", [b"HTTP/2 200 OK\r\n\r\n"]),
        ("framing", [b"HTTP/1.1 200 OK\r\nx: " + b"a" * 1_000_000]),
        ("content-encoding", [response(BODY, content_encoding="br")]),
        ("content-encoding", [response(BODY, content_encoding="gzip")]),
        ("framing", [response(gzip.compress(BODY)[:-9], content_encoding="gzip")]),
        ("size", [response(gzip.compress(b" " * 50_000_000), content_encoding="gzip")]),
        ("size", [response(b" " * 3_000_000)]),
        ("size", [CHUNKED, *[b"186a0\r\n" + b" " * 100_000 + b"\r\n"] * 30]),
    ],
)
def test_fault_of_a_response_is_one_finding(keyword: str, steps: list[Step]) -> None:
    """It is drift of one job, and the others are checked too."""
    with serve(for_first(*steps)) as server:
        result = run(server.url)

    assert facts(result.findings) == {("behavior", "", keyword)}
    assert (EXITS[result.verdict], len(result.findings), result.flaky) == (4, 1, ())
    assert {job.id: job.findings for job in result.jobs} == dict.fromkeys(JOBS, 0) | {FIRST: 1}


@pytest.mark.parametrize(
    ("location", "keyword", "end"),
    [
        (AT_COUNT, "duplicate-key", f',"{COUNT}":{LEAST}}}'.encode()),
        ("/novel/0", "non-finite-number", b',"novel":[NaN]}'),
        ("/novel/0", "integer-range", b',"novel":[1' + b"0" * 5_000 + b"]}"),
        ("/novel/0", "surrogate", rb',"novel":["\ud800"]}'),
    ],
)
def test_fault_of_the_json_has_a_location(location: str, keyword: str, end: bytes) -> None:
    """What a strict JSON parser rejects is found at its place."""
    body = json.dumps({**JOBS[FIRST], COUNT: LEAST}).encode()

    with serve(for_first(response(body[:-1] + end))) as server:
        result = run(server.url)

    assert ("behavior", location, keyword) in facts(result.findings)
    assert EXITS[result.verdict] == 4


def test_another_job_is_found() -> None:
    """The job must be the one that was requested."""
    with serve(for_first(of_json(JOBS[SECOND]))) as server:
        result = run(server.url)

    (finding,) = result.findings
    assert (finding.location, finding.keyword) == ("/id", "identity")
    assert (finding.expected, finding.seen) == (FIRST, SECOND)
    assert finding.job_id == FIRST


def test_the_case_of_an_id_does_not_matter() -> None:
    """A UUID in upper case is the same UUID."""
    with serve(for_first(of_json({**JOBS[FIRST], "id": FIRST.upper()}))) as server:
        result = run(server.url)

    assert result.verdict == "clean"


def responding(
    condition: Callable[[Request], bool], status: int = 200, value: Json = None
) -> Script:
    """Return a server that sends a job, or another status, for some requests."""
    body = of_json(JOBS[FIRST] if value is None else value, status)
    return lambda request: body if condition(request) else HONEST(request)


@pytest.mark.parametrize(
    ("keyword", "condition", "status"),
    [
        ("unknown-id", lambda request: request.resource not in {*JOBS, "not-a-uuid"}, 200),
        ("invalid-id", lambda request: request.resource == "not-a-uuid", 200),
        ("status", lambda request: request.resource == "not-a-uuid", 500),
        ("authentication", lambda request: not request.authorization, 200),
        ("authentication", lambda request: "invalid" in request.authorization, 200),
    ],
)
def test_request_that_must_be_refused(
    keyword: str, condition: Callable[[Request], bool], status: int
) -> None:
    """A wrong id, no credential and a wrong credential never get a job."""
    with serve(responding(condition, status)) as server:
        result = run(server.url)

    assert facts(result.findings) == {("behavior", "", keyword)}
    assert EXITS[result.verdict] == 4


def test_job_for_a_generated_valid_id_is_an_unknown_id() -> None:
    """A generated request with an invalid header and a valid id is about an unknown id."""

    def is_unknown(request: Request) -> bool:
        refused = HONEST(request).startswith(b"HTTP/1.1 401")
        return (
            not refused
            and bool(UUID_TEXT.fullmatch(request.resource))
            and request.resource not in JOBS
        )

    with serve(responding(is_unknown, 200)) as server:
        result = run(server.url, checks=(Check.GENERATED_REQUESTS,))

    assert {finding.keyword for finding in result.findings} == {"unknown-id"}


@pytest.mark.parametrize("status", [400, 404, 422])
def test_any_4xx_refuses_an_invalid_id(status: int) -> None:
    """The contract does not document 400 or 422, but the request was invalid."""
    script = responding(
        lambda request: request.resource == "not-a-uuid", status, {"status": status}
    )

    with serve(script) as server:
        result = run(server.url)

    assert result.verdict == "clean"


@pytest.mark.parametrize("status", [401, 403])
def test_either_refusal_of_a_credential_is_fine(status: int) -> None:
    """401 and 403 both refuse a missing credential."""
    script = responding(lambda request: not request.authorization, status, {"status": status})

    with serve(script) as server:
        result = run(server.url)

    assert result.verdict == "clean"


def test_redirect_is_never_followed() -> None:
    """The token would be sent along, to this host or another."""
    with serve(HONEST) as other:
        away = response(status=302, location=f"{other.url}/job/{FIRST}")
        home = response(status=302, location="/login")
        with serve(for_first(away)) as server:
            run(server.url)
        with serve(for_first(home)) as same:
            run(same.url)

    assert other.requests == []
    assert {request.path.split("/")[1] for request in [*server.requests, *same.requests]} == {"job"}


def test_excess_bytes_are_not_read_as_the_next_response() -> None:
    """Bytes beyond the stated length are no fault of the job that is requested next."""
    tail = [response(BODY, content_length=LENGTH) + b"HTTP/1.1 500 No\r\n\r\n"]

    with serve(for_first(*tail)) as server:
        result = run(server.url, seconds=0.3)

    assert result.findings == ()


def test_fault_that_does_not_repeat_is_flaky() -> None:
    """A single response decides nothing: the finding is listed, and the run is clean."""
    calls = count()

    def once(request: Request) -> bytes:
        wrong = request.resource == FIRST and next(calls) == 0
        return of_json({**JOBS[FIRST], **TOO_FEW}) if wrong else HONEST(request)

    with serve(once) as server:
        result = run(server.url)

    assert result.verdict == "clean"
    assert facts(result.flaky) == {BROKEN_MINIMUM}


def test_only_the_repeated_fault_counts() -> None:
    """The second response shows another fault, and one of those of the first."""
    calls = count()

    def script(request: Request) -> bytes:
        if request.resource != FIRST or "invalid" in request.authorization:
            return HONEST(request)
        other = {TEXT: 1} if next(calls) % 2 else {"novel": 1}
        return of_json({**JOBS[FIRST], **TOO_FEW, **other})

    with serve(script) as server:
        result = run(server.url)

    assert facts(result.findings) >= {BROKEN_MINIMUM}
    assert {
        ("violation", f"/{TEXT}", "type"),
        ("addition", "/novel", "additionalProperties"),
    } <= facts(result.flaky)
    assert all(
        finding.location == AT_COUNT for finding in result.findings if finding.kind == "violation"
    )


def test_finding_has_a_command_that_reproduces_it() -> None:
    """The command requests the same job, with the variable for the token."""
    with serve(for_first(response(b"{}", 418))) as server:
        (finding,) = run(server.url).findings

    assert finding.reproduce == (
        f'curl -s {server.url}/job/{FIRST} -H "Authorization: Token $QOVERY_API_TOKEN"'
    )
