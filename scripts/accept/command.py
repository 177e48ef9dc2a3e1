"""Apply a proposed change to the contract: `python -m scripts.accept FILE`.

FILE is an OpenAPI Overlay 1.0. The contract keeps its comments and order. Its version is raised to
what importers need after all changes since the last release, and the changelog gets entries under
[Unreleased]. The client is generated and the checks run in a git worktree; if they pass, everything
is applied at once and staged.

Exit status: 0 applied, or nothing to apply; 4 a check or a missing description rejects the change;
2 usage error; 1 internal error.
"""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from contract_tests.spec.document import DocumentError, read
from contract_tests.spec.values import split
from scripts.accept.change import work_out
from scripts.accept.release import CONTRACT, is_tagged, last_release
from scripts.accept.worktree import NotReadyError, RejectedError, apply_change, require_clean
from scripts.compare.draft import ManualChangeError
from scripts.compare.overlay import read_overlay
from scripts.report.text import describe, plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.accept.change import ContractChange

ROOT = Path(__file__).parents[2]
CHANGELOG = "CHANGELOG.md"
EXIT_USAGE = 2
EXIT_REJECTED = 4

# The tests that read the contract; the slow ones, and those of the code alone, are left to CI. The
# contract tests include the oracle's self-check; the last file compares client and oracle on every
# mutant.
TESTS = (
    "contract_tests",
    *(f"tests/spec/test_{name}.py" for name in ("contract", "lint")),
    "tests/oracle",
    *(f"tests/client/test_{name}.py" for name in ("models", "payloads", "rules")),
    "tests/mutants/test_effects.py",
)
_PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow and not fuzz")
CHECKS = {
    "generation": ("-m", "scripts.generate"),
    "tests": (*_PYTEST, *TESTS),
}


def main(argv: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Apply a change to the work tree at `root`; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.accept",
        description="Apply a proposed change (an OpenAPI Overlay 1.0) to the contract.",
        epilog="exit status: 0 applied, 4 rejected by a check, 2 usage error, 1 internal error",
    )
    parser.add_argument("overlay", type=Path, metavar="FILE", help="the overlay")
    parser.add_argument("--draft", action="store_true", help="allow missing descriptions")
    args = parser.parse_args(argv)
    try:
        status, change = accept(args.overlay, root, draft=args.draft)
    except (DocumentError, ManualChangeError, NotReadyError, OSError) as error:
        print(f"scripts.accept: {describe(error)}; nothing changed", file=sys.stderr)
        return EXIT_USAGE
    except RejectedError as error:
        print(f"scripts.accept: {error}\nnothing changed", file=sys.stderr)
        return EXIT_REJECTED
    if change is None:
        print("the contract has these changes already; nothing changed")
    return status


def accept(
    overlay: Path, root: Path = ROOT, *, draft: bool = False
) -> tuple[int, ContractChange | None]:
    """Apply the overlay to the work tree at `root`.

    Returns:
        The exit status, and the change; None if there is nothing to change.

    Raises:
        DocumentError: The overlay can't be read or does not fit the contract.
        ManualChangeError: It has a name that is unsafe in generated code.
        NotReadyError: The work tree is not clean, or its branch is behind a release.
        RejectedError: A check failed.
        OSError: A file can't be read or written.
    """
    path, log = root / CONTRACT, root / CHANGELOG
    require_clean(root)
    change = work_out(
        path.read_bytes(),
        CONTRACT,
        log.read_text(encoding="utf-8") if log.exists() else "",
        read_overlay(overlay),
        last_release(root),
    )
    if change is None:
        return 0, None
    if change.undescribed and not draft:
        for line in missing_descriptions(overlay, change):
            print(f"scripts.accept: {line}", file=sys.stderr)
        print("nothing changed", file=sys.stderr)
        return EXIT_REJECTED, change
    if is_tagged(root, change.version):
        tag = f"v{change.version}"
        raise NotReadyError(f"{tag} is released, but not from this branch; rebase it onto {tag}")
    files = {CONTRACT: change.source, CHANGELOG: change.changelog}
    with _interruptible():
        names = apply_change(root, files, CHECKS)
    for pointer, number in zip(change.undescribed, change.lines, strict=True):
        print(f"{CONTRACT}:{number}: write the description of {visible(pointer)}")
    print(f"version {change.version}: {plural(len(names), 'file')} changed and staged; next:")
    print("  git diff --cached")
    return 0, change


def missing_descriptions(overlay: Path, change: ContractChange) -> list[str]:
    """Return where to write each missing description, in the overlay if it has a place for it."""
    document = read(overlay)
    places = {
        "/".join(pointer.rpartition("/update/")[2].split("/")[-2:-1]): line
        for pointer, line in document.lines.items()
        if "/update/" in pointer and pointer.endswith("/description")
    }
    lines = []
    for pointer in change.undescribed:
        line = places.get(pointer.rpartition("/")[2])
        name = visible(split(pointer)[-1])
        where = f"{overlay}:{line}" if line else f"{overlay}"
        lines.append(f"{where}: no description of `{name}`; write it, or use --draft")
    return lines


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise on SIGTERM and SIGHUP, so that the worktree is removed on the way out."""

    def stop(number: int, _frame: object) -> NoReturn:
        sys.exit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
