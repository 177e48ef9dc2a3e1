"""Whole runs of the command, as the night starts them: exit status, safety, bounds."""

from __future__ import annotations

import gzip
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

import pytest

from contract_tests.oracle.oracle import Oracle
from contract_tests.run.self_check import SelfCheckError
from scripts.drift import command
from tests.drift.command import drift
from tests.run.hostile import TOKEN, Request, honest, hostile, of_json, response
from tests.run.runs import FIRST, HONEST, JOBS, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.run.hostile import Step

IDS = list(JOBS)
UNKNOWN = [str(UUID(int=number)) for number in range(1, 12)]


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


@pytest.mark.parametrize(("level", "status"), [("breaking", 0), ("additive", 4)])
def test_additions_pass_only_where_the_user_says_so(
    tmp_path: Path, level: str, status: int
) -> None:
    """They are reported either way, and the self-check runs although no body is valid."""
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
        (["--base-url", "ftp://api.example.com", "--job-id", FIRST], "invalid base URL"),
        (["--base-url", "https://me:secret@api.example.com", "--job-id", FIRST], "a password"),
        (["--base-url", "https://[::1", "--job-id", FIRST], "invalid base URL"),
        (["--base-url", "https://h:99999", "--job-id", FIRST], "invalid base URL"),
        (["--base-url", "https://h/#x", "--job-id", FIRST], "invalid base URL"),
        (["--base-url", "https://h/?x=1", "--job-id", FIRST], "invalid base URL"),
        (["--base-url", "https://api.example.com"], "no known job"),
        (["--base-url", "https://api.example.com", "--job-id", "42"], "invalid job id"),
        (["--job-id", FIRST], "without a server"),
        (["--organization", FIRST], "without a server"),
    ],
)
def test_usage_error_is_one_line_and_exit_2(
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


@pytest.mark.parametrize(
    "options",
    [["--min-jobs", "0"], ["--min-jobs", "101%"], ["--min-coverage", "x"], ["--budget", "0"]],
)
def test_invalid_option_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """The message says which option, and what was expected."""
    with pytest.raises(SystemExit, match="2"):
        command.main(options)

    assert "expected a" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted; no verdict"),
        (SelfCheckError("the oracle misses 3 of 40 faults"), 1, "internal error: the oracle"),
    ],
)
def test_run_without_a_verdict(  # noqa: PLR0917
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    error: BaseException,
    status: int,
    message: str,
) -> None:
    """An interrupted run, or one whose oracle is broken, writes no report."""
    _as_if_current(monkeypatch)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(command, "run_checks", fail)

    assert command.main(["--report-dir", str(tmp_path / "reports")]) == status
    assert message in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


def test_broken_oracle_has_no_verdict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The findings that it still reports do not hide that it misses others."""
    _as_if_current(monkeypatch)
    monkeypatch.setattr(Oracle, "check_body", lambda *_: (JOBS[FIRST], []))

    with hostile(honest({FIRST: {**JOBS[FIRST], "gpu": -1}})) as server:
        arguments = ["--base-url", server.url, "--job-id", FIRST]
        status = command.main([*arguments, "--report-dir", str(tmp_path)])

    assert status == 1


def test_missing_token_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without a credential a live server would only say 401."""
    _as_if_current(monkeypatch)
    monkeypatch.delenv("QOVERY_API_TOKEN")

    status = command.main(["--base-url", "https://api.example.com", "--job-id", FIRST])

    assert status == 2
    assert "QOVERY_API_TOKEN" in capsys.readouterr().err


def test_stale_package_is_reported_before_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_failed_listing_is_inconclusive(
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


def test_security_facts_are_withheld_in_ci_and_posted_to_the_webhook(tmp_path: Path) -> None:
    """The log and the artifacts of a public repository are public; a webhook is not."""
    open_to_all = honest(JOBS)
    messages: list[Request] = []

    def script(request: Request) -> bytes:
        if request.method == "POST":
            messages.append(request)
            return response(200, b"ok")
        return of_json(JOBS[request.last]) if request.last in JOBS else open_to_all(request)

    with hostile(script) as server:
        variables = {
            "CI": "true",
            "DRIFT_WEBHOOK_URL": f"{server.url}/hook/{TOKEN[:6]}",
            "DRIFT_WEBHOOK_SECRET": "key",
        }
        arguments = ("--base-url", server.url)
        withheld = drift(*arguments, reports=tmp_path / "a", job_ids=IDS, variables=variables)
        shown = drift(*arguments, "--show-security", reports=tmp_path / "b", job_ids=IDS)

    assert (withheld.status, shown.status) == (4, 4)
    assert (withheld.drift["verdict"], withheld.drift["withheld"]) == ("drift", 2)
    assert "authentication" not in withheld.everything
    assert "2 security facts withheld" in withheld.out
    assert {fact["keyword"] for fact in shown.drift["facts"]} == {"authentication"}
    assert [message.headers["x-signature-256"][:7] for message in messages] == ["sha256="]


def test_a_failed_webhook_does_not_change_the_exit_status(tmp_path: Path) -> None:
    """It is an error message."""
    arguments = ("--webhook", "https://[not-a-host")

    with hostile(honest({FIRST: {**JOBS[FIRST], "novel": 1}})) as server:
        done = drift(*arguments, "--base-url", server.url, reports=tmp_path, job_ids=[FIRST])

    assert done.status == 4
    assert "scripts.drift: webhook: invalid URL; expected https://host/path" in done.err
