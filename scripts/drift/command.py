"""Does a server still answer as the contract says? Runs the contract tests and reports.

    python -m scripts.drift                                   the mock server, started here
    python -m scripts.drift --base-url URL --job-id ID…       a server that is already there

Exit status: 0 clean, 4 drift (or generated/ is stale), 5 inconclusive, 2 wrong use, 1 our own
fault. A live server gets GET requests only; its token is read from QOVERY_API_TOKEN.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contract_tests.oracle import deviations
from contract_tests.run.record import RunRecord
from contract_tests.run.schemathesis_transport import route_through
from contract_tests.run.session import PLUGIN, REPORTED, Session, embedded, opened
from contract_tests.run.target import TOKEN_VARIABLE, TargetError, live_target
from contract_tests.run.transport import NoResponse, Transport
from contract_tests.spec.contract import load
from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import Severity
from scripts.compare import propose
from scripts.drift.listing import sampled, share
from scripts.drift.verdict import EXITS, conclude
from scripts.report import ReportError, build, terminal, write_reports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contract_tests.run.result import Run
    from contract_tests.run.target import Target
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

ROOT = Path(__file__).parents[2]
URL_VARIABLE = "QOVERY_API_URL"
IDS_VARIABLE = "QOVERY_JOB_IDS"
BUDGET = 300
EXIT_OWN_FAULT = 1
EXIT_WRONG_USE = 2
_RAN = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
_LINES = 10  # how often progress is printed where there is no terminal


class InternalError(RuntimeError):
    """A contract test failed by itself, not because of the server."""


class _Bringing:
    """The pytest plugin that brings a session to the contract tests, and keeps what broke."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.broken: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self._session, PLUGIN)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and REPORTED not in dict(report.user_properties):
            self.broken.append(f"{report.nodeid}\n{report.longreprtext}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(f"{report.nodeid}\n{report.longreprtext}")


def judge(session: Session, fail_on: Severity = Severity.ADDITIVE, spent: int = 0) -> Run:
    """Run the contract tests in `session` and conclude.

    Args:
        session: Whom to judge.
        fail_on: The least severity that counts as drift.
        spent: How many requests it took to find the known jobs.

    Raises:
        OwnFaultError: A test failed although the server gave no reason for it.
        DocumentError: openapi/deviations.yaml is malformed.
    """
    accepted = deviations.load()
    started_at, begun = datetime.now(UTC), time.monotonic()
    bringing = _Bringing(session)
    with route_through(session.wire):
        status = pytest.main(
            [
                str(ROOT / "contract_tests"),
                f"--rootdir={ROOT}",
                "--override-ini=addopts=--import-mode=importlib --strict-markers",
                # In a process that has already imported plugins, pytest warns that it did so late.
                "--override-ini=filterwarnings=ignore",
                # What a test fails with goes into the findings, which hide the token; what goes to
                # the terminal meanwhile is our own progress.
                *("-p", "no:terminal", "-p", "no:cacheprovider", "--capture=no", "--assert=plain"),
            ],
            plugins=[bringing],
        )
    run = conclude(
        session.record,
        accepted,
        requests=spent + session.wire.sent,
        started_at=started_at,
        seconds=time.monotonic() - begun,
        fail_on=fail_on,
    )
    if run.verdict == "clean" and (bringing.broken or status not in _RAN):
        said = "\n\n".join(bringing.broken) or f"pytest ended with {status!r}"
        raise InternalError(session.target.credential.hide(said))
    return run


def main(argv: Sequence[str] | None = None) -> int:
    """Judge a server; returns the exit status."""
    args = _parse(argv)
    console, errors = Console(), Console(stderr=True)
    try:
        if stale := _stale():
            return stale
        contract = load()
        with _progress(errors) as progress:
            run, bodies = _run(args, contract, progress)
        report = build(run, contract, args.report_dir)
        terminal.render(report, console)
        for path in write_reports(report, args.report_dir):
            print(f"wrote {path}")
        if args.propose is not None:
            proposal = propose.actions_from_findings(contract, run.findings, bodies)
            propose.offer(proposal, args.propose, f"What {run.target} answered", sys.stdout)
    except (TargetError, DocumentError, ReportError, OSError) as error:
        print(f"scripts.drift: {error}", file=sys.stderr)
        return EXIT_WRONG_USE
    except InternalError as error:
        print(f"scripts.drift: a contract test broke by itself:\n{error}", file=sys.stderr)
        return EXIT_OWN_FAULT
    return EXITS[run.verdict]


def _stale() -> int:
    """Return an exit status if the generated client is stale; 0 where there is no checkout."""
    if not (ROOT / "generated").is_dir():
        return 0
    from scripts.generate import command as generate  # noqa: PLC0415 - only in a checkout

    return generate.main(["--check"])


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.drift",
        description="Does a server still answer as the contract says?",
        epilog="exit status: 0 clean, 4 drift or stale, 5 inconclusive, 2 wrong use, 1 our fault",
    )
    parser.add_argument(
        "--base-url",
        default=os.environ.get(URL_VARIABLE) or None,
        metavar="URL",
        help=f"the server to judge (${URL_VARIABLE}); without one, a mock server is started",
    )
    parser.add_argument(
        "--job-id",
        action="append",
        metavar="ID",
        help=f"a job that is there; several may be given, also with commas (${IDS_VARIABLE})",
    )
    parser.add_argument("--organization", metavar="ID", help="find job ids by its listing")
    parser.add_argument(
        "--budget",
        type=_positive,
        default=BUDGET,
        metavar="N",
        help="how many requests may be sent in all (default: %(default)s)",
    )
    parser.add_argument(
        "--report-dir", type=Path, default=Path("reports"), metavar="DIR", help="default: reports"
    )
    parser.add_argument(
        "--fail-on",
        choices=("breaking", "additive"),
        default="additive",
        help="the least that counts as drift (default: %(default)s, so everything)",
    )
    parser.add_argument(
        "--propose",
        type=Path,
        metavar="FILE",
        help="write an OpenAPI Overlay that makes the contract allow what was seen",
    )
    parser.add_argument(
        "--allow-plain-http",
        action="store_true",
        help="send the token unencrypted to a host that is not this one",
    )
    return parser.parse_args(argv)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a number of 1 or more")
    return int(text)


def _target(args: argparse.Namespace) -> Target | None:
    """The live server that the arguments and the environment name, if they name one.

    Raises:
        TargetError: They do not fit together.
    """
    named = args.job_id or [os.environ.get(IDS_VARIABLE, "")]
    ids = [part for text in named for part in text.split(",") if part.strip()]
    if args.base_url is None:
        if args.job_id or args.organization:
            raise TargetError("jobs without a server; name it with --base-url")
        return None
    token = os.environ.get(TOKEN_VARIABLE) or None
    target = live_target(args.base_url, ids, token, allow_plain_http=args.allow_plain_http)
    if not target.known_ids and not args.organization:
        message = f"no job to ask for; name some with --job-id, ${IDS_VARIABLE} or --organization"
        raise TargetError(message)
    return target


def _run(
    args: argparse.Namespace, contract: Contract, progress: Callable[[int, int], None]
) -> tuple[Run, list[Json]]:
    """The run that the arguments ask for, and the bodies that it kept."""
    target = _target(args)
    if target is None:
        with embedded(progress=progress) as session:
            return judge(session, args.fail_on), list(session.record.samples.values())
    spent = 0
    if args.organization:
        accepted = deviations.load()
        with closing(Transport(target, share(args.budget))) as wire:
            try:
                target = sampled(contract, wire, args.organization)
            except NoResponse as error:
                record = RunRecord(contract, target)
                record.no_response(error)
                now, sent = datetime.now(UTC), wire.sent
                return conclude(record, accepted, requests=sent, started_at=now, seconds=0), []
            spent = wire.sent
    with opened(contract, target, args.budget - spent, progress) as session:
        return judge(session, args.fail_on, spent), list(session.record.samples.values())


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, a line now and then elsewhere."""
    if not console.is_terminal:

        def line(done: int, total: int) -> None:
            if done == total or done % max(1, total // _LINES) == 0:
                print(f"{done} of {total} known jobs", file=sys.stderr)

        yield line
        return
    columns = (TextColumn("known jobs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("known jobs", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
