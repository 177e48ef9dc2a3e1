"""Check a server against the contract, and write the reports.

    python -m scripts.drift                                   an embedded mock server
    python -m scripts.drift --base-url URL --job-id ID…       a running server

Exit status: 0 clean, 1 internal error, 2 usage error, 4 drift (or generated/ is stale), 5
inconclusive, 130 interrupted. A live server receives GET requests only; its token is read from
the environment variable that generator.yaml, beside the contract, names.
"""

from __future__ import annotations

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
from contract_tests.run.run import EMBEDDED_BUDGET, embedded_target, run_checks
from contract_tests.run.self_check import SelfCheckError
from contract_tests.run.target import TargetError, live_target
from contract_tests.run.verdict import EXITS, Floors
from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import DocumentError
from contract_tests.spec.keywords import Severity
from contract_tests.spec.settings import settings_of
from scripts.compare import propose
from scripts.drift.arguments import parse
from scripts.drift.rotation import choose, describe, read_ids, read_state, write_state
from scripts.drift.targets import Listed, read_targets
from scripts.nightly import webhook
from scripts.report import PAGE, ReportError, build, terminal, write_reports
from scripts.report.summary import summarize

if TYPE_CHECKING:
    import argparse
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
        args = parse(argv, prog)
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
        files = write_reports(report, args.report_dir, redact)
        print(f"wrote {len(files)} files to {args.report_dir}; open {args.report_dir / PAGE}")
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
