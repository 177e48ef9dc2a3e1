"""Check that a change of the contract is complete: `python -m scripts.accept.check`.

If the contract differs from that of the last release, its version is raised, the changelog has
entries, everything is described, and the generated client is current.

Exit status: 0 complete, 4 incomplete, 2 usage error, 1 internal error.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from contract_tests.spec.document import DocumentError, read
from scripts.accept.change import find_undescribed, operation_of
from scripts.accept.changelog import highest_bump, parsed, raised
from scripts.accept.command import CHANGELOG, ROOT
from scripts.accept.release import CONTRACT, is_tagged, last_release
from scripts.compare.divergences import find_divergences
from scripts.report.text import describe, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

EXIT_USAGE = 2
EXIT_INCOMPLETE = 4


def main(argv: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Check the work tree at `root`; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.accept.check",
        description="Check that a change of the contract is complete.",
        epilog="exit status: 0 complete, 4 incomplete, 2 usage error, 1 internal error",
    )
    parser.parse_args(argv)
    try:
        problems = [*contract_problems(root), *client_problems(root)]
    except (DocumentError, OSError) as error:
        print(f"scripts.accept.check: {describe(error)}", file=sys.stderr)
        return EXIT_USAGE
    for problem in problems:
        print(problem)
    if not problems:
        print("complete: version, changelog, descriptions and client")
    return EXIT_INCOMPLETE if problems else 0


def contract_problems(root: Path) -> Iterator[str]:
    """Yield what is wrong with the contract's version, its changelog and its descriptions.

    Raises:
        DocumentError: The contract, or that of the last release, can't be read.
    """
    document = read(root / CONTRACT)
    for pointer in find_undescribed(document.data):
        line = document.line(pointer)
        yield f"{CONTRACT}:{line}: no description of {visible(pointer)}; write it"
    released = last_release(root)
    if released is None or released.data == document.data:
        return
    changes = find_divergences(operation_of(released), operation_of(document))
    version = str(document.data["info"]["version"])
    needed = raised(str(released.data["info"]["version"]), highest_bump(changes))
    if parsed(version) < parsed(needed):
        line = document.line("/info/version")
        why = f"the change since {released.name.partition(':')[0]} needs {needed}"
        yield f"{CONTRACT}:{line}: version {version}; {why}"
    elif is_tagged(root, version):
        line = document.line("/info/version")
        yield f"{CONTRACT}:{line}: v{version} is released, but not from this branch; rebase it"
    log = root / CHANGELOG
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    if not any(_has_entries(text, heading) for heading in ("Unreleased", version)):
        yield f"{CHANGELOG}: no entries under [Unreleased]; describe the change of the contract"


def client_problems(root: Path) -> Iterator[str]:
    """Yield a line if the generated client is not what the contract generates."""
    done = subprocess.run(  # our own module
        [sys.executable, "-m", "scripts.generate", "--check"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        output = (done.stdout + done.stderr).strip().splitlines() or ["failed"]
        yield f"generated/: {visible(output[-1])}"


def _has_entries(changelog: str, heading: str) -> bool:
    section = re.search(
        rf"^## \[{re.escape(heading)}\][^\n]*\n(.*?)(?=^## |\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    return section is not None and "\n- " in f"\n{section[1]}"


if __name__ == "__main__":
    sys.exit(main())
