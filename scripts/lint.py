"""Lint contracts: `python -m scripts.lint [FILE…]`.

Every command refuses what this refuses. Warnings are about what a contract leaves unchecked.

Exit status: 0 no problem, 2 a contract has problems.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import DocumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Print the problems of each contract; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.lint",
        description="Report the problems of contracts, with line and pointer.",
        epilog="exit status: 0 no problem, 2 otherwise",
    )
    parser.add_argument(
        "contract",
        type=Path,
        nargs="*",
        metavar="FILE",
        default=[PATH],
        help="the contracts (default: openapi/job.yaml)",
    )
    status = 0
    for path in parser.parse_args(argv).contract:
        try:
            warnings = load(path).warnings
        except DocumentError as error:
            print(error, file=sys.stderr)
            status = EXIT_USAGE_ERROR
        else:
            for warning in warnings:
                print(f"warning: {warning}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
