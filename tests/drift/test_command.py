"""Whole runs of the command, as the night starts them: exit status, safety, bounds."""

from __future__ import annotations

import gzip
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

import pytest

from scripts.drift import command
from tests.drift.command import drift
from tests.drift.hostile import TOKEN, Request, honest, hostile, of_json, response
from tests.drift.judged import FIRST, HONEST, JOBS, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.drift.hostile import Step

IDS = list(JOBS)
UNKNOWN = [str(UUID(int=number)) for number in range(1, 12)]


def test_a_whole_live_run_sends_get_to_one_host_and_nothing_else(tmp_path: Path) -> None:
    """Schemathesis' own traffic included: what a live server records is what may reach it."""
    with hostile(HONEST) as server:
        done = drift("--base-url", server.url, reports=tmp_path, job_ids=IDS)

    assert done.status == 0, done.err
    assert server.methods == {"GET"}
    assert {request.headers["host"] for request in server.requests} == {server.url[7:]}
    assert all(request.path.startswith("/job/") for request in server.requests)
    assert len(server.requests) == done.drift["requests"] <= 300
    # Known jobs, wrong ids and wrong credentials were all asked for.
    assert {request.last for request in server.requests} > {*JOBS, "not-a-uuid"}
    assert {request.authorization for request in server.requests} > {"", f"Token {TOKEN}"}
    assert TOKEN[:9] not in done.everything


def test_no_redirect_is_followed_by_anything(tmp_path: Path) -> None:
    """A server that redirects every request gets no second one for any, and nor does the other."""
    with hostile(HONEST) as other:
        away = response(302, location=f"{other.url}/job/{FIRST}")
        with hostile(lambda _: away) as server:
            done = drift("--base-url", server.url, reports=tmp_path, job_ids=[FIRST])

    assert done.status == 4
    assert other.requests == []
    assert {finding["keyword"] for finding in done.drift["findings"]} == {"redirect"}
    assert {request.path.split("/")[1] for request in server.requests} == {"job"}


def test_the_token_is_nowhere_however_a_server_echoes_it(tmp_path: Path) -> None:
    """In values, keys, long texts that are cut, headers, addresses and error bodies."""
    calls = count()

    def echo(request: Request) -> bytes:
        sent = request.authorization
        long = "x" * 60 + sent
        bodies = [
            of_json({**JOBS[FIRST], "id": sent, "name": [sent], sent: sent, "job_type": long}),
            of_json({**JOBS[FIRST], "icon_uri": long, TOKEN + "x" * 90: 1, "gpu": sent}),
            response(302, location=f"https://elsewhere.invalid/?a={quote(TOKEN, safe='')}"),
            response(200, b"{}", content_type=f"text/{TOKEN}"),
            response(200, b"{}", content_encoding=long),
            f"{sent} is no HTTP\r\n\r\n".encode(),
            of_json({"message": sent, sent: sent}, 418),
            of_json({"status": [sent], "message": {sent: sent}}, 404),
        ]
        return bodies[next(calls) // 2 % len(bodies)]

    with hostile(echo) as server:
        done = drift("--base-url", server.url, reports=tmp_path, job_ids=[FIRST, *UNKNOWN])

    assert done.status == 4
    assert len(done.drift["findings"]) > 5
    assert TOKEN[:9] not in done.everything
    assert TOKEN[-9:-1] not in done.everything


def test_what_a_server_sends_without_end_is_bounded(tmp_path: Path) -> None:
    """A gigabyte, a gzip bomb, 100,000 nested arrays, a million values: found, in 300 MB."""
    million = b"1 " * 500_000
    chunk = b"f4240\r\n" + million + b"\r\n"
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    bomb = gzip.compress(b"[" * 100_000_000, compresslevel=1)
    bodies: dict[str, Iterable[Step]] = {
        UNKNOWN[0]: [head, *[chunk] * 1_000],
        UNKNOWN[1]: [response(200, bomb, content_encoding="gzip")],
        UNKNOWN[2]: [response(200, b"[" * 100_000 + b"]" * 100_000)],
        UNKNOWN[3]: [response(200, b"[" + b"{}," * 600_000 + b"{}]")],
        UNKNOWN[4]: [response(200, b'{"a":[' + b"NaN," * 9_900 + b"NaN]}")],
        UNKNOWN[6]: [of_json({**JOBS[FIRST], "name": "x" * 1_900_000})],
        UNKNOWN[8]: [of_json({**JOBS[FIRST], "labels_groups": [{}] * 9_900})],
    }

    def script(request: Request) -> bytes | Iterable[Step]:
        return bodies.get(request.last) or HONEST(request)

    with hostile(script) as server:
        done = drift("--base-url", server.url, reports=tmp_path, job_ids=[FIRST, SECOND, *bodies])

    assert done.status == 4, done.err
    found = {job["id"]: job["findings"] for job in done.drift["jobs"]}
    assert all(found[job_id] for job_id in bodies)
    assert found[FIRST] == 0
    assert done.peak < 300


def test_a_small_budget_gives_a_useful_run(tmp_path: Path) -> None:
    """Known jobs come first, what was left out is said, and no request more is sent."""
    ids = [str(UUID(int=number)) for number in range(1, 101)]
    jobs = {job_id: {**JOBS[SECOND], "id": job_id} for job_id in ids}

    with hostile(honest(jobs)) as server:
        arguments = ("--base-url", server.url, "--budget", "20")
        done = drift(*arguments, reports=tmp_path, job_ids=[",".join(ids)])

    assert done.status == 0, done.err
    assert len(server.requests) == 20
    assert [job["id"] for job in done.drift["jobs"]] == ids[:8]
    assert [request.last for request in server.requests[:8]] == ids[:8]
    assert "known jobs were not asked for" in done.everything


def test_a_job_that_turns_into_another_variant_is_drift(tmp_path: Path) -> None:
    """The same id, a moment later another variant: seen twice more, so it is no flake."""
    cron = {**JOBS[IDS[2]], "id": FIRST}
    calls = count()

    def script(request: Request) -> bytes:
        if request.last == FIRST and next(calls):
            return honest({FIRST: cron})(request)
        return HONEST(request)

    with hostile(script) as server:
        done = drift("--base-url", server.url, reports=tmp_path, job_ids=[FIRST])

    assert done.status == 4, done.err
    (finding,) = done.drift["findings"]
    assert (finding["location"], finding["keyword"]) == ("/job_type", "variant")
    assert (finding["expected"], finding["seen"]) == ("LifecycleJob", "CronJob")


def test_going_down_under_schemathesis_is_inconclusive(tmp_path: Path) -> None:
    """Its stock checks call a 5xx a failure; a server that fails for all is just down."""
    calls = count()

    def script(request: Request) -> bytes:
        return response(503) if next(calls) > 20 else HONEST(request)

    with hostile(script) as server:
        done = drift("--base-url", server.url, reports=tmp_path, job_ids=[FIRST])

    assert done.status == 5, done.everything
    assert done.drift["findings"] == []


@pytest.mark.parametrize(("level", "status"), [("breaking", 0), ("additive", 4)])
def test_additions_pass_only_where_the_user_says_so(
    tmp_path: Path, level: str, status: int
) -> None:
    """They are reported either way, and faults are planted although no body is without one."""
    with hostile(honest({FIRST: {**JOBS[FIRST], "novel": 1}})) as server:
        arguments = ("--base-url", server.url, "--fail-on", level)
        done = drift(*arguments, reports=tmp_path, job_ids=[FIRST])

    assert done.status == status, done.err
    assert [finding["kind"] for finding in done.drift["findings"]] == ["addition"]
    assert done.drift["self_check"]["injected"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base-url", "http://api.example.com", "--job-id", FIRST], "not encrypted"),
        (["--base-url", "http://10.0.0.1", "--job-id", FIRST], "not encrypted"),
        (["--base-url", "ftp://api.example.com", "--job-id", FIRST], "the address"),
        (["--base-url", "https://me:secret@api.example.com", "--job-id", FIRST], "a password"),
        (["--base-url", "https://[::1", "--job-id", FIRST], "the address"),
        (["--base-url", "https://h:99999", "--job-id", FIRST], "the address"),
        (["--base-url", "https://h/#x", "--job-id", FIRST], "the address"),
        (["--base-url", "https://h/?x=1", "--job-id", FIRST], "the address"),
        (["--base-url", "https://api.example.com"], "no job to ask for"),
        (["--base-url", "https://api.example.com", "--job-id", "42"], "no uuid"),
        (["--job-id", FIRST], "without a server"),
        (["--organization", FIRST], "without a server"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    said: str,
) -> None:
    """Nothing is sent and nothing is written."""
    _as_if_current(monkeypatch)

    status = command.main([*arguments, "--report-dir", str(tmp_path / "reports")])

    error = capsys.readouterr().err
    assert status == 2
    assert said in error
    assert "secret" not in error
    assert error.count("\n") == 1
    assert not (tmp_path / "reports").exists()


def test_no_token_is_wrong_use_where_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without a credential a live server would only say 401."""
    _as_if_current(monkeypatch)
    monkeypatch.delenv("QOVERY_API_TOKEN")

    status = command.main(["--base-url", "https://api.example.com", "--job-id", FIRST])

    assert status == 2
    assert "QOVERY_API_TOKEN" in capsys.readouterr().err


def test_a_stale_package_is_said_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is not what the contract generates makes the verdict worthless."""
    monkeypatch.setattr("scripts.generate.command.main", lambda _: 4)

    with hostile(HONEST) as server:
        status = command.main(["--base-url", server.url, "--job-id", FIRST])

    assert status == 4
    assert server.requests == []


def _as_if_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.generate.command.main", lambda _: 0)
    monkeypatch.setenv("QOVERY_API_TOKEN", TOKEN)
    for name in ("QOVERY_API_URL", "QOVERY_JOB_IDS"):
        monkeypatch.delenv(name, raising=False)


def test_a_listing_that_fails_is_inconclusive(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without an id there is nothing to judge; the reports say so all the same."""
    _as_if_current(monkeypatch)

    with hostile(lambda _: of_json({}, 403)) as server:
        arguments = ["--base-url", server.url, "--organization", FIRST]
        status = command.main([*arguments, "--report-dir", str(tmp_path)])

    assert status == 5
    assert "not authorized" in capsys.readouterr().out
    assert '"requests": 1,' in (tmp_path / "drift.json").read_text("utf-8")
