"""Check a server against the contract, and write the reports.

    python -m scripts.drift                                   an embedded mock server
    python -m scripts.drift --base-url URL --job-id ID…       a running server

Exit status: 0 clean, 1 internal error, 2 usage error, 4 drift (or generated/ is stale), 5
inconclusive, 130 interrupted. A live server receives GET requests only; its token is read from
the environment variable that generator.yaml, beside the contract, names.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contract_tests.oracle import deviations
from contract_tests.run.merge import merge
from contract_tests.run.run import BUDGET, EMBEDDED_BUDGET, embedded_target, run_checks
from contract_tests.run.self_check import SelfCheckError
from contract_tests.run.target import TargetError, live_target
from contract_tests.run.verdict import EXITS, Floors
from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import Severity
from contract_tests.spec.settings import FILE, read_settings, settings_of
from scripts.compare import propose
from scripts.drift.rotation import choose, describe, read_ids, read_state, write_state
from scripts.drift.targets import Listed, read_targets
from scripts.nightly import webhook
from scripts.report import ReportError, build, terminal, write_reports
from scripts.report.summary import summarize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contract_tests.run.result import Run
    from contract_tests.run.target import Credential
    from contract_tests.spec.contract import Contract
    from scripts.report.summary import Report

ROOT = Path(__file__).parents[2]
EXIT_INTERNAL_ERROR = 1
EXIT_USAGE_ERROR = 2
EXIT_INTERRUPTED = 130
_LINES = 10  # lines of progress without a terminal


def main(argv: Sequence[str] | None = None, prog: str = "python -m scripts.drift") -> int:
    """Check a server; return the exit status."""
    console, errors = Console(), Console(stderr=True)
    try:
        args = _parse(argv, prog)
        if args.contract == PATH and (stale := _stale()):
            return stale
        contract = load(args.contract)
        for warning in contract.warnings:
            print(f"scripts.drift: {warning}", file=sys.stderr)
        targets = _targets(args, contract)
        redact = _redaction(targets)
        with _progress(errors) as progress:
            run = _run(args, contract, targets, progress)
        withhold = bool(os.environ.get("CI")) and not args.show_security
        report = build(run, contract, args.report_dir, withhold=withhold)
        terminal.render(report, console)
        for path in write_reports(report, args.report_dir, redact):
            print(f"wrote {path}")
        if args.propose is not None:
            proposal = propose.propose_from_findings(contract, run.findings, list(run.samples))
            propose.write_proposal(
                proposal, args.propose, f"What {run.target} returned", sys.stdout
            )
        if args.webhook and webhook.due(report):
            _post(summarize(run, contract, report.past), args.webhook, redact)
    except (TargetError, DocumentError, ReportError, OSError) as error:
        print(f"scripts.drift: {error}", file=sys.stderr)
        return EXIT_USAGE_ERROR
    except SelfCheckError as error:
        print(f"scripts.drift: internal error: {error}; report a bug", file=sys.stderr)
        return EXIT_INTERNAL_ERROR
    except KeyboardInterrupt:
        print("scripts.drift: interrupted; no verdict", file=sys.stderr)
        return EXIT_INTERRUPTED
    return EXITS[run.verdict]


def _post(report: Report, url: str, redact: Callable[[str], str]) -> None:
    """Post the result; a failure is an error message and does not change the exit status."""
    secret = os.environ.get(webhook.SECRET_VARIABLE)
    try:
        webhook.send(webhook.payload(report), url, secret, redact=redact)
    except webhook.WebhookError as error:
        print(f"scripts.drift: {error}", file=sys.stderr)


def _redaction(targets: Sequence[Listed]) -> Callable[[str], str]:
    """Return a function that removes the tokens from a rendered report.

    The values in it are already redacted; this is the last line of defense.
    """
    redactors = [listed.target.credential.redactor for listed in targets]

    def redact(text: str) -> str:
        for redactor in redactors:
            if redactor.is_long:  # a short token could be a word of the format itself
                text = redactor.redact(text)
        return text

    return redact


def _stale() -> int:
    """Return an exit status if the generated client is stale; 0 without a checkout."""
    if not (ROOT / "generated").is_dir():
        return 0
    from scripts.generate import command as generate  # noqa: PLC0415 - only in a checkout

    return generate.main(["--check"])


def _parse(argv: Sequence[str] | None, prog: str) -> argparse.Namespace:
    names = read_settings(PATH.with_name(FILE))
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Check a server against the contract.",
        epilog="exit status: 0 clean, 1 internal error, 2 usage error, 4 drift or stale, "
        "5 inconclusive, 130 interrupted",
    )
    parser.add_argument(
        "--base-url",
        metavar="URL",
        help=f"the server to check (${names['url_variable']}); default: an embedded mock server",
    )
    parser.add_argument(
        "--job-id",
        action="append",
        metavar="ID",
        help="a known job; repeat the option, or separate ids with commas "
        f"(${names['ids_variable']})",
    )
    parser.add_argument(
        "--job-ids",
        type=Path,
        metavar="FILE",
        help="a file of known job ids; if one run can't check all, later runs continue",
    )
    parser.add_argument(
        "--organization",
        action="append",
        metavar="ID",
        help="check jobs of an organization, found through its listings",
    )
    parser.add_argument(
        "--targets", type=Path, metavar="FILE", help="check the servers that a YAML file lists"
    )
    parser.add_argument("--target", metavar="NAME", help="check only the target with this name")
    parser.add_argument(
        "--budget",
        type=_positive,
        default=BUDGET,
        metavar="N",
        help="the maximum number of requests (default: %(default)s)",
    )
    parser.add_argument(
        "--min-jobs",
        type=_floor,
        default=Floors().jobs,
        metavar="N|P%",
        help="the number or percentage of known jobs that a clean run must check (default: 50%%)",
    )
    parser.add_argument(
        "--min-coverage",
        type=_percentage,
        default=Floors().coverage,
        metavar="P%",
        help="the percentage of rules that a clean run must cover (default: 10%%)",
    )
    parser.add_argument(
        "--contract",
        type=Path,
        default=PATH,
        metavar="FILE",
        help="another contract, with its deviations.yaml beside it (default: openapi/job.yaml)",
    )
    parser.add_argument(
        "--report-dir",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="where to write the reports (default: reports)",
    )
    parser.add_argument(
        "--fail-on",
        choices=tuple(map(str, Severity)),
        default=str(Severity.ADDITIVE),
        help="the lowest severity that counts as drift (default: %(default)s)",
    )
    parser.add_argument(
        "--webhook",
        default=os.environ.get(webhook.URL_VARIABLE) or None,
        metavar="URL",
        help=f"post changes of the result to a Slack-compatible webhook (${webhook.URL_VARIABLE}), "
        f"signed if ${webhook.SECRET_VARIABLE} is set",
    )
    parser.add_argument(
        "--show-security",
        action="store_true",
        help="keep security facts in the reports and the log in CI, where others may read them",
    )
    parser.add_argument(
        "--propose",
        type=Path,
        metavar="FILE",
        help="write an OpenAPI Overlay that makes the contract allow what was observed",
    )
    parser.add_argument(
        "--allow-plain-http",
        action="store_true",
        help="allow sending the token unencrypted to another host",
    )
    return parser.parse_args(argv)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a number of 1 or more")
    return int(text)


def _percentage(text: str) -> float:
    number = text.removesuffix("%")
    if not number.isdecimal() or not number.isascii() or int(number) > 100:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"{text!r}; expected a percentage such as 50%")
    return int(number) / 100


def _floor(text: str) -> float:
    return _percentage(text) if text.endswith("%") else _positive(text)


def _targets(args: argparse.Namespace, contract: Contract) -> list[Listed]:
    """Return the live servers named by the arguments and the environment.

    Raises:
        DocumentError: The file of targets is invalid.
        TargetError: The arguments contradict each other.
    """
    names = settings_of(contract)
    url = args.base_url or os.environ.get(names.url_variable)
    named = args.job_id or [os.environ.get(names.ids_variable, "")]
    ids = [part for text in named for part in text.split(",") if part.strip()]
    jobs = bool(args.job_id or args.job_ids or args.organization)
    if args.targets is not None:
        if jobs:
            raise TargetError("--targets lists the jobs too; remove the other job options")
        return read_targets(contract, args.targets, args.target)
    if args.target is not None:
        raise TargetError("--target requires --targets")
    if not url:
        if jobs:
            raise TargetError("jobs without a server; pass --base-url")
        return []
    target = live_target(
        contract,
        url,
        ids,
        os.environ.get(names.token_variable) or None,
        organizations=args.organization or (),
        allow_plain_http=args.allow_plain_http,
    )
    if not (target.known_ids or target.organizations or args.job_ids):
        message = f"no known job; pass --job-id, ${names.ids_variable} or --organization"
        raise TargetError(message)
    return [Listed(target.url, target, ids_file=args.job_ids)]


def _run(
    args: argparse.Namespace,
    contract: Contract,
    targets: Sequence[Listed],
    progress: Callable[[int, int], None],
) -> Run:
    """Run the checks that the arguments describe."""
    check = partial(
        run_checks,
        contract,
        deviations=deviations.load(args.contract.with_name(deviations.PATH.name)),
        fail_on=Severity(args.fail_on),
        floors=Floors(args.min_jobs, args.min_coverage),
        progress=progress,
    )
    if not targets:
        with embedded_target(contract) as target:
            return check(target, budget=EMBEDDED_BUDGET)
    left: dict[Credential, int] = {}  # each token has one rate limit
    for listed in targets:
        credential, budget = listed.target.credential, listed.budget or args.budget
        left[credential] = max(left.get(credential, 0), budget)
    runs: dict[str, Run] = {}
    state = read_state(args.report_dir)
    for listed in targets:
        credential = listed.target.credential
        budget = min(listed.budget or args.budget, left[credential])
        target, notes = listed.target, []
        if listed.ids_file is not None:
            ids = read_ids(contract, listed.ids_file)
            chosen = choose(ids, state, budget)
            known = tuple(dict.fromkeys((*target.known_ids, *chosen)))
            target, notes = evolve(target, known_ids=known), [describe(ids, chosen, state)]
        run = check(target, budget=budget)
        left[credential] -= run.requests
        runs[listed.name] = evolve(run, warnings=(*notes, *run.warnings))
    result = merge(runs)
    if any(listed.ids_file for listed in targets):
        write_state(args.report_dir, state, result, datetime.now(UTC))
    return result


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, and a few lines elsewhere."""
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
