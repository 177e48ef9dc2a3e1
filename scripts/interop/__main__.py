"""Generate code from the contract with other generators: `python -m scripts.interop --help`.

Exit status: 0 each generator that is installed compiles and decodes each job to its variant,
2 usage error, 4 one does not, 5 the page is not updated because a generator is not installed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import astuple

from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import DocumentError
from scripts.interop.cases import cases
from scripts.interop.tools import ALL, ROOT, SKIPPED, Row, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE_ERROR, EXIT_DIVERGENCE, EXIT_INCONCLUSIVE = 2, 4, 5
PAGE = ROOT / "docs" / "interop.md"
MARK = "<!-- table: written by `python -m scripts.interop --write` -->"
TITLES = ("tool", "version", "generates", "compiles", "right variant", "ranges kept")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.interop",
        description="Generate code from the contract with other generators and decode jobs.",
    )
    parser.add_argument(
        "--contract",
        type=Path,
        default=PATH,
        metavar="FILE",
        help="the contract (default: openapi/job.yaml)",
    )
    parser.add_argument("--write", action="store_true", help="update docs/interop.md")
    args = parser.parse_args(argv)
    if args.write and args.contract != PATH:
        parser.error("--write is for openapi/job.yaml; leave --contract out")
    try:
        given = cases(load(args.contract))
    except DocumentError as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE_ERROR
    rows = []
    for tool in ALL:
        with tempfile.TemporaryDirectory(prefix="interop-") as folder:
            rows.append(measure(tool, args.contract.resolve(), given, Path(folder).resolve()))
    print(table(rows))
    missing = [row.tool for row in rows if row.generates.startswith(SKIPPED)]
    if args.write and missing:
        print(f"{PAGE.name} is not updated without {', '.join(missing)}", file=sys.stderr)
        return EXIT_INCONCLUSIVE
    if args.write:
        before, mark, _ = PAGE.read_text("utf-8").partition(MARK)
        PAGE.write_text(f"{before}{mark}\n\n{table(rows)}\n", "utf-8")
    every = f"{len(given.valid)} of {len(given.valid)}"
    failed = [row for row in rows if row.tool not in missing and row.right != every]
    return EXIT_DIVERGENCE if failed else 0


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    cells = [TITLES, *(astuple(row) for row in rows)]
    lines = [
        "| " + " | ".join(" ".join(c.split()).replace("|", "/") for c in row) + " |"
        for row in cells
    ]
    return "\n".join([lines[0], "|" + " --- |" * len(TITLES), *lines[1:]])


if __name__ == "__main__":
    sys.exit(main())
