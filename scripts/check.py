"""Check one body against the contract: `python -m scripts.check BODY.json`.

Nothing is sent. Exit status: 0 no finding, 4 findings, 2 usage error.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import PATH, SUCCESS, load
from contract_tests.spec.document import DocumentError
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.contract import Contract

EXIT_FINDINGS = 4
EXIT_USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings about one body; return the exit status."""
    args = _parse(argv)
    try:
        contract = load(args.contract)
        body = sys.stdin.buffer.read() if args.body == "-" else Path(args.body).read_bytes()
        variant, findings = check_body(contract, body, args.status)
    except OSError as error:
        print(f"scripts.check: {args.body}: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    except DocumentError as error:
        print(f"scripts.check: {error}", file=sys.stderr)
        return EXIT_USAGE
    print(f"{args.body}: {variant or 'no variant'}, {plural(len(findings), 'finding')}")
    for finding in findings:
        print(f"  {describe(contract, finding)}")
    return EXIT_FINDINGS if findings else 0


def check_body(
    contract: Contract, body: bytes, status: str = SUCCESS
) -> tuple[str | None, list[Finding]]:
    """Return the variant in `body` and the findings about it.

    Raises:
        DocumentError: The contract documents no body for `status`.
    """
    response = contract.responses.get(status)
    if response is None or not response.content:
        documented = [name for name, each in contract.responses.items() if each.content]
        raise DocumentError(f"status {status} has no body; expected {', '.join(documented)}")
    oracle = Oracle(contract, next(iter(response.content.values())))
    instance, findings = oracle.check_body(body)
    if status != SUCCESS:
        findings = [evolve(finding, response=status) for finding in findings]
    return oracle.variant(instance), findings


def describe(contract: Contract, finding: Finding) -> str:
    """Return a finding as one line, with the line of the contract that it is about."""
    facts = [finding.severity, finding.effect, finding.keyword]
    if finding.rule is not None:
        name = os.path.relpath(contract.document.name)
        facts.append(f"{name}:{contract.document.line(finding.rule)}")
    return f"{visible(finding.message)} ({', '.join(facts)})"


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.check",
        description="Check one body against the contract and print the findings.",
        epilog="exit status: 0 no finding, 4 findings, 2 usage error",
    )
    parser.add_argument("body", metavar="BODY.json", help="the body; - for standard input")
    parser.add_argument(
        "--contract",
        type=Path,
        default=PATH,
        metavar="FILE",
        help="the contract (default: openapi/job.yaml)",
    )
    parser.add_argument(
        "--status", default=SUCCESS, help="the status of the response (default: %(default)s)"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
