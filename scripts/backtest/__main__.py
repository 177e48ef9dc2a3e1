"""Replay a vendor's history and report recall and false alarms.

    python -m scripts.backtest DIRECTORY [--page FILE --picture FILE]

DIRECTORY has one document per version, named `NN-YYYY-MM-DD-….yaml`. The page and the picture have
facts and dates only, no text of the vendor.

Exit status: 0 complete recall and no false alarm, 4 otherwise, 2 usage error, 1 internal error.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.oracle import deviations
from contract_tests.spec import contract
from contract_tests.spec.document import DocumentError, read
from scripts.backtest.page import as_markdown, as_svg, summary
from scripts.backtest.replay import Step, VendorVersion, replay
from scripts.report.text import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE = 2
EXIT_INCOMPLETE = 4
_NAME = re.compile(r"\d+-(\d{4}-\d{2}-\d{2})-.*\.(?:yaml|yml|json)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.backtest",
        description="Replay a vendor's history and report recall and false alarms.",
        epilog="exit status: 0 complete and no false alarm, 4 otherwise, 2 usage error, "
        "1 internal error",
    )
    parser.add_argument("directory", type=Path, metavar="DIRECTORY")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the table as Markdown")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write the timeline as SVG")
    args = parser.parse_args(argv)
    try:
        steps = back_test(args.directory)
        if args.page:
            picture = args.picture.name if args.picture else None
            args.page.write_text(as_markdown(steps, picture), encoding="utf-8")
        if args.picture:
            args.picture.write_text(as_svg(steps), encoding="utf-8")
    except (DocumentError, OSError) as error:
        print(f"scripts.backtest: {describe(error)}", file=sys.stderr)
        return EXIT_USAGE
    print(as_markdown(steps, None) if not args.page else summary(steps))
    failed = any(step.missed or step.alarms or step.false_findings for step in steps)
    return EXIT_INCOMPLETE if failed else 0


def back_test(directory: Path) -> list[Step]:
    """Replay the versions in `directory`.

    Raises:
        DocumentError: There are fewer than two, or one can't be read.
    """
    paths = [path for path in sorted(directory.iterdir()) if _NAME.fullmatch(path.name)]
    if len(paths) < 2:  # noqa: PLR2004
        message = f"{directory}: {len(paths)} documents named NN-YYYY-MM-DD-….yaml"
        raise DocumentError(f"{message}; expected two or more")
    versions = []
    for path in paths:
        match = _NAME.fullmatch(path.name)
        assert match is not None
        versions.append(VendorVersion(date.fromisoformat(match[1]), read(path)))
    return list(replay(read(contract.PATH), versions, deviations.load()))


if __name__ == "__main__":
    sys.exit(main())
