"""The arguments of the drift check."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.run.run import BUDGET
from contract_tests.run.verdict import Floors
from contract_tests.spec.contract import PATH
from contract_tests.spec.keywords import Severity
from contract_tests.spec.settings import FILE, read_settings
from scripts.nightly import webhook

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse(argv: Sequence[str] | None, prog: str) -> argparse.Namespace:
    """Return the arguments; invalid ones end the program with a usage error."""
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
