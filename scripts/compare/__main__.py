"""Compare the contract with the vendor's published document.

    python -m scripts.compare openapi.yaml
    python -m scripts.compare https://…/openapi.yaml --format markdown

Exit status: 0 clean, 4 divergence that no deviation covers, 2 usage error, 1 internal error.
"""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.oracle import deviations
from contract_tests.spec import contract
from contract_tests.spec.document import DocumentError, read
from scripts.compare import render
from scripts.compare.divergences import find_divergences
from scripts.compare.fetch import fetch
from scripts.compare.operation import extract
from scripts.compare.propose import propose_from_divergences, write_proposal
from scripts.compare.three_way import read_drift, three_sides
from scripts.report.text import describe, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE = 2
EXIT_DIVERGENCE = 4

_FORMATS = {"text": render.as_text, "json": render.as_json, "markdown": render.as_markdown}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    args = _parse(argv)
    try:
        accepted = deviations.load(args.deviations)
        document = read(args.contract)
        ours = extract(document, contract.resolve(document).path)
        theirs = extract(fetch(args.document), ours.path)
        drift = read_drift(args.drift) if args.drift else None
        found, warnings = accepted.accept(
            "compare", find_divergences(ours, theirs), datetime.now(UTC).date()
        )
    except DocumentError as error:
        print(f"scripts.compare: {describe(error)}", file=sys.stderr)
        return EXIT_USAGE
    comparison = render.Comparison(
        ours=args.contract.name,
        theirs=args.document.rpartition("/")[2],
        divergences=found,
        sides=three_sides(found, drift) if drift is not None else None,
    )
    _FORMATS[args.format](comparison, sys.stdout)
    if args.propose:
        proposal = propose_from_divergences(ours, theirs, found)
        title = f"Changes in {visible(comparison.theirs)}"
        try:
            write_proposal(proposal, args.propose, title, sys.stderr)
        except OSError as error:
            print(f"scripts.compare: {describe(error)}", file=sys.stderr)
            return EXIT_USAGE
    for warning in warnings:
        print(f"scripts.compare: {visible(warning)}", file=sys.stderr)
    return EXIT_DIVERGENCE if comparison.verdict == "divergence" else 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.compare",
        description="Compare the contract with the vendor's published document.",
        epilog="exit status: 0 clean, 4 divergence, 2 usage error, 1 internal error",
    )
    parser.add_argument("document", metavar="DOCUMENT", help="a path or an https URL")
    parser.add_argument(
        "--format", choices=sorted(_FORMATS), default="text", help="default: %(default)s"
    )
    parser.add_argument(
        "--drift",
        type=Path,
        metavar="FILE",
        help="a drift.json; adds what the live server returned to each location",
    )
    parser.add_argument(
        "--propose",
        type=Path,
        metavar="FILE",
        help="write an overlay that applies what no deviation covers",
    )
    parser.add_argument(
        "--contract",
        type=Path,
        default=contract.PATH,
        metavar="FILE",
        help="the contract (default: openapi/job.yaml)",
    )
    parser.add_argument(
        "--deviations",
        type=Path,
        default=deviations.PATH,
        metavar="FILE",
        help="accepted divergences (default: openapi/deviations.yaml)",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end quietly when piped into `head`
    sys.exit(main())
