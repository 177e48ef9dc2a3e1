"""`python -m scripts.drift`: exit status, messages, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle.oracle import Oracle
from scripts.drift import command
from tests.run.runs import FIRST, HONEST, JOBS
from tests.server import TOKEN, Request, honest, of_json, response, serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.drift.conftest import Drift
    from tests.server import Step

ROOT = Path(__file__).parents[2]
IDS = list(JOBS)
# Whether generated/ is current is another test's subject, and a second's work.
PROGRAM = """
import sys
from scripts.drift import command as drift
from scripts.generate import command as generate
generate.main = lambda _: 0
sys.exit(drift.main())
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generated"), "QOVERY_API_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_interrupted_run_has_no_verdict(tmp_path: Path) -> None:
    """Nothing is written, and the exit status is that of an interrupted command."""
    requested = threading.Event()

    def script(_: Request) -> Iterable[Step]:
        requested.set()
        return [9.0]

    with serve(script) as server:
        reports = tmp_path / "reports"
        arguments = ("--base-url", server.url, "--job-id", FIRST, "--report-dir", str(reports))
        process = start(*arguments)
        assert requested.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "scripts.drift: interrupted; no verdict\n" in err
    assert "Traceback" not in out + err
    assert not reports.exists()


@pytest.mark.parametrize(("level", "status"), [("breaking", 0), ("additive", 4)])
def test_additions_pass_where_the_user_asks_for_it(drift: Drift, level: str, status: int) -> None:
    """They are reported either way, and the self-check runs although no body is valid."""
    with serve(honest({FIRST: {**JOBS[FIRST], "novel": 1}})) as server:
        done = drift("--base-url", server.url, "--fail-on", level, job_ids=[FIRST])

    assert done.status == status, done.err
    assert [finding["kind"] for finding in done.drift["findings"]] == ["addition"]
    assert done.drift["self_check"]["injected"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
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
        (["--base-url", "https://h", "--organization", "42"], "invalid organization id"),
        (["--job-id", FIRST], "without a server"),
        (["--organization", FIRST], "without a server"),
        (["--target", "staging"], "--target requires --targets"),
        (["--targets", "openapi/none.yaml"], "none.yaml: No such file"),
    ],
)
def test_usage_error_is_one_line_and_exit_2(
    drift: Drift, arguments: list[str], message: str
) -> None:
    """Nothing is sent and nothing is written."""
    done = drift(*arguments)

    assert done.status == 2
    assert message in done.err
    assert "secret" not in done.err
    assert done.err.count("\n") == 1
    assert not done.reports.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("SSL_CERT_FILE", "SSL_CERT_FILE names /nowhere/ca.pem, which does not exist"),
        ("https_proxy", "invalid proxy socks5://proxy.example"),
    ],
)
def test_environment_that_can_not_be_used_is_a_usage_error(
    drift: Drift, environment: pytest.MonkeyPatch, name: str, message: str
) -> None:
    """The message names the variable, and no password of a proxy."""
    values = {"SSL_CERT_FILE": "/nowhere/ca.pem", "https_proxy": "socks5://me:secret@proxy.example"}
    environment.delenv("no_proxy", raising=False)
    environment.delenv("NO_PROXY", raising=False)
    environment.setenv(name, values[name])

    done = drift("--base-url", "https://api.example.com", job_ids=[FIRST])

    assert done.status == 2
    assert message in done.err
    assert "secret" not in done.err


@pytest.mark.parametrize(
    "options",
    [["--min-jobs", "0"], ["--min-jobs", "101%"], ["--min-coverage", "x"], ["--budget", "0"]],
)
def test_invalid_option_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """The message says what was expected."""
    with pytest.raises(SystemExit, match="2"):
        command.main(options)

    assert "expected a" in capsys.readouterr().err


def test_missing_token_is_a_usage_error(drift: Drift, environment: pytest.MonkeyPatch) -> None:
    """Without a credential a live server would only return 401."""
    environment.delenv("QOVERY_API_TOKEN")

    done = drift("--base-url", "https://api.example.com", job_ids=[FIRST])

    assert done.status == 2
    assert "QOVERY_API_TOKEN" in done.err


def test_missed_fault_is_an_internal_error(drift: Drift, environment: pytest.MonkeyPatch) -> None:
    """Findings that the broken oracle still reports do not hide that it misses others."""
    environment.setattr(Oracle, "check_body", lambda *_: (JOBS[FIRST], []))

    with serve(honest({FIRST: {**JOBS[FIRST], "gpu": -999}})) as server:
        done = drift("--base-url", server.url, job_ids=[FIRST])

    assert done.status == 1
    assert "internal error: the oracle misses" in done.err
    assert not done.reports.exists()


def test_stale_package_is_reported_before_a_request(
    drift: Drift, environment: pytest.MonkeyPatch
) -> None:
    """A client that is not what the contract generates makes the verdict worthless."""
    environment.setattr("scripts.generate.command.main", lambda _: 4)

    with serve(HONEST) as server:
        done = drift("--base-url", server.url, job_ids=[FIRST])

    assert done.status == 4
    assert server.requests == []


def test_failed_listing_is_inconclusive(drift: Drift) -> None:
    """Without a job there is nothing to check; the reports say so."""
    with serve(lambda _: of_json({}, 403)) as server:
        done = drift("--base-url", server.url, "--organization", FIRST)

    assert done.status == 5
    assert "not authorized" in done.out
    assert done.drift["requests"] == 1


def test_security_facts_are_withheld_in_ci_and_posted_to_the_webhook(
    drift: Drift, environment: pytest.MonkeyPatch
) -> None:
    """The log and the artifacts of a public repository are public; a webhook is not."""
    messages: list[Request] = []

    def script(request: Request) -> bytes:
        if request.method == "POST":
            messages.append(request)
            return response(b"ok")
        return of_json(JOBS[request.resource]) if request.resource in JOBS else HONEST(request)

    with serve(script) as server:
        shown = drift("--base-url", server.url, "--show-security", job_ids=IDS, folder="shown")
        environment.setenv("CI", "true")
        environment.setenv("DRIFT_WEBHOOK_URL", f"{server.url}/hook/{TOKEN[:6]}")
        environment.setenv("DRIFT_WEBHOOK_SECRET", "key")
        withheld = drift("--base-url", server.url, job_ids=IDS)

    assert (withheld.status, shown.status) == (4, 4)
    assert (withheld.drift["verdict"], withheld.drift["withheld"]) == ("drift", 2)
    assert "authentication" not in withheld.everything
    assert "2 security facts withheld" in withheld.out
    assert {fact["keyword"] for fact in shown.drift["facts"]} == {"authentication"}
    assert [message.headers["x-signature-256"][:7] for message in messages] == ["sha256="]


def test_failed_webhook_does_not_change_the_exit_status(drift: Drift) -> None:
    """It is an error message."""
    arguments = ("--webhook", "https://[not-a-host")

    with serve(honest({FIRST: {**JOBS[FIRST], "novel": 1}})) as server:
        done = drift(*arguments, "--base-url", server.url, job_ids=[FIRST])

    assert done.status == 4
    assert "scripts.drift: webhook: invalid URL; expected https://host/path" in done.err
