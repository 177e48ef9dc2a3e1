"""Check other servers of the contract: `python -m scripts.peers`.

Exit status: 0 every available peer has the expected outcome, 4 one has another, 2 invalid
contract.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from contract_tests.spec.contract import load
from contract_tests.spec.document import DocumentError
from scripts.peers.expected import PEERS, check
from scripts.peers.servers import NotAvailableError, StartError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE = 2
EXIT_OTHER = 4
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Check the peers and print a table; return the exit status."""
    argparse.ArgumentParser(
        prog="python -m scripts.peers",
        description="Check other servers of the contract, and compare the verdicts.",
        epilog="exit status: 0 as expected, 2 invalid contract, 4 another outcome",
    ).parse_args(argv)
    try:
        contract = load()
    except (DocumentError, OSError) as error:
        print(f"scripts.peers: {error}", file=sys.stderr)
        return EXIT_USAGE

    table = Table("peer", "version", "expected", "verdict", "seconds", "ok")
    notes = []
    status = 0
    for name, peer in PEERS.items():
        try:
            run, version = check(peer, contract)
        except NotAvailableError as error:
            table.add_row(name, "", peer.verdict, "skipped", "", "")
            notes.append(f"{name}: skipped, {error}")
            continue
        except StartError as error:
            table.add_row(name, "", peer.verdict, "did not start", "", "no")
            notes.append(f"{name}: did not start: {error}")
            status = EXIT_OTHER
            continue
        ok = peer.expects(run)
        seconds = f"{run.seconds:.1f}"
        table.add_row(name, version, peer.verdict, run.verdict, seconds, "yes" if ok else "no")
        found = ", ".join(sorted({finding.keyword for finding in run.findings})) or "no finding"
        notes.append(f"{name}: {found}" + (f"; {run.reason}" if run.reason else ""))
        if not ok:
            expected = ", ".join(sorted(peer.findings)) or peer.reason or "no finding"
            notes.append(f"  expected {peer.verdict}, {expected}: {peer.why}")
            status = EXIT_OTHER
    console = Console()
    console.print(table)
    for note in notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
