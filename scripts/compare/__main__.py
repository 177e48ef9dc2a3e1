"""The contract against the vendor's published document: what differs, and whom it hurts.

    python -m scripts.compare openapi.yaml
    python -m scripts.compare https://…/openapi.yaml --format markdown

Exit status: 0 clean, 4 divergence that no deviation covers, 2 wrong use, 1 our own fault.
"""

from __future__ import annotations

import argparse
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
from scripts.compare.propose import actions_from_divergences, offer
from scripts.compare.sides import read_drift, three_sides
from scripts.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_WRONG_USE = 2
EXIT_DIVERGENCE = 4

_FORMATS = {"text": render.as_text, "json": render.as_json, "markdown": render.as_markdown}


def main(argv: Sequence[str] | None = None) -> int:
    """Compare; returns the exit status."""
    args = _parse(argv)
    try:
        accepted = deviations.load(args.deviations)
        document = read(args.contract)
        ours = extract(document, contract.resolve(document).path)
        theirs = extract(fetch(args.document), ours.path)
        drift = read_drift(args.drift) if args.drift else None
        found = find_divergences(ours, theirs)
        found, complaints = accepted.accept("compare", found, datetime.now(UTC).date())
    except DocumentError as error:
        print(f"scripts.compare: {visible(str(error))}", file=sys.stderr)
        return EXIT_WRONG_USE
    comparison = render.Comparison(
        ours=args.contract.name,
        theirs=args.document.rpartition("/")[2],
        divergences=found,
        sides=three_sides(found, drift) if drift is not None else None,
    )
    _FORMATS[args.format](comparison, sys.stdout)
    if args.propose:
        try:
            proposal = actions_from_divergences(ours, theirs, found)
            offer(proposal, args.propose, f"What {visible(comparison.theirs)} changes", sys.stderr)
        except OSError as error:
            print(f"scripts.compare: {args.propose}: {error.strerror}", file=sys.stderr)
            return EXIT_WRONG_USE
    for complaint in complaints:
        print(f"scripts.compare: {visible(complaint)}", file=sys.stderr)
    return EXIT_DIVERGENCE if comparison.verdict == "divergence" else 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.compare",
        description="What the vendor's published document says other than the contract.",
        epilog="exit status: 0 clean, 4 divergence, 2 wrong use, 1 our own fault",
    )
    parser.add_argument("document", metavar="DOCUMENT", help="a path or an https address")
    parser.add_argument("--format", choices=sorted(_FORMATS), default="text")
    parser.add_argument(
        "--drift",
        type=Path,
        metavar="FILE",
        help="a drift.json: set the live server's side beside the other two",
    )
    parser.add_argument(
        "--propose",
        type=Path,
        metavar="FILE",
        help="write an overlay that takes in what no deviation covers",
    )
    parser.add_argument(
        "--contract", type=Path, default=contract.PATH, metavar="FILE", help="default: job.yaml"
    )
    parser.add_argument(
        "--deviations",
        type=Path,
        default=deviations.PATH,
        metavar="FILE",
        help="what is accepted (default: deviations.yaml)",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
