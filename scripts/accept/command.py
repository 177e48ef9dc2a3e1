"""Takes a proposed change in: `python -m scripts.accept FILE`, an OpenAPI Overlay 1.0.

The contract is changed with its comments and order kept, the client generated anew, the checks
run, the version raised by what an importer sees, and the changelog written. All of that happens
in a copy of the work tree; only when all is well are the files here replaced, as one.

Exit status: 0 taken in, or nothing to take in; 4 the checks refuse it; 2 wrong use; 1 our fault.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from attrs import frozen

from contract_tests.spec import contract as contracts
from contract_tests.spec.document import Document, DocumentError, parse
from scripts.accept.blank_lines import tidy
from scripts.accept.changelog import part_of_all, raised, with_entry
from scripts.accept.transaction import recover, replace_files
from scripts.compare.divergences import find_divergences
from scripts.compare.drafting import NotProposableError, refuse_strange_names
from scripts.compare.operation import extract
from scripts.compare.overlay import apply, read_overlay, yaml
from scripts.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.compare.operation import Operation
    from scripts.compare.overlay import Overlay

ROOT = Path(__file__).parents[2]
CONTRACT = "openapi/job.yaml"
CHANGELOG = "CHANGELOG.md"
GENERATED = "generated"
SECONDS = 900
EXIT_WRONG_USE = 2
EXIT_REFUSED = 4

# Generation, and then what must still hold of the contract and the client.
_CHECKS = (
    ("-m", "scripts.generate"),
    ("-m", "scripts.generate", "--check"),
    ("-m", "pytest", "contract_tests", "-q", "-p", "no:cacheprovider"),
)
LEFT_OUT = shutil.ignore_patterns(
    ".*_cache", ".git", ".hypothesis", ".venv", "__pycache__", "dist", "node_modules", "reports"
)


class RefusedError(RuntimeError):
    """The change was tried in a copy, and a check failed there."""


@frozen
class Change:
    """A change of the contract, ready to be tried.

    Attributes:
        contract: The contract's new text.
        changelog: The changelog's new text.
        version: The version that it makes.
    """

    contract: bytes
    changelog: bytes
    version: str


def main(argv: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Take a change into the work tree at `root`; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.accept",
        description="Take a proposed change (an OpenAPI Overlay 1.0) into the contract.",
        epilog="exit status: 0 taken in, 4 the checks refuse it, 2 wrong use, 1 our own fault",
    )
    parser.add_argument("overlay", type=Path, metavar="FILE")
    args = parser.parse_args(argv)
    try:
        recover(root)
        change = changed(root, read_overlay(args.overlay), datetime.now(UTC).date())
        if change is None:
            print("the contract says all of it already; nothing changed")
            return 0
        with _interruptible():
            files = tried(root, change)
            replace_files(root, files)
    except (DocumentError, NotProposableError, OSError) as error:
        print(f"scripts.accept: {visible(str(error))}; nothing changed", file=sys.stderr)
        return EXIT_WRONG_USE
    except RefusedError as error:
        print(f"scripts.accept: {error}\nnothing changed", file=sys.stderr)
        return EXIT_REFUSED
    print(f"version {change.version}: {len(files)} files changed; read the diff, then commit it")
    return 0


def changed(root: Path, overlay: Overlay, today: date) -> Change | None:
    """What `overlay` makes of the contract and the changelog; None where it changes nothing.

    Raises:
        DocumentError: It does not fit the contract, or makes it one that can't be read.
        NotProposableError: It holds a name that could be more than a name.
    """
    path = root / CONTRACT
    source = path.read_bytes()
    before = parse(source, CONTRACT)
    keeping = yaml()
    data = keeping.load(source.decode())
    apply(data, overlay.actions)
    after = parse(_dumped(data), CONTRACT)
    if after.data == before.data:
        return None
    refuse_strange_names(before.data, after.data)
    old, new = _operation(before), _operation(after)
    divergences = find_divergences(old, new)
    version = raised(str(before.data["info"]["version"]), part_of_all(divergences))
    data["info"]["version"] = version
    log = root / CHANGELOG
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return Change(
        contract=tidy(source.decode(), _dumped(data).decode()).encode(),
        changelog=with_entry(text, version, today, divergences).encode(),
        version=version,
    )


def tried(root: Path, change: Change) -> dict[str, bytes | None]:
    """The change carried out and checked in a copy of `root`: every file that it changes.

    The contract comes last: it is what the others follow from.

    Raises:
        RefusedError: A check failed.
    """
    with tempfile.TemporaryDirectory(prefix="accept-") as scratch:
        copy = Path(scratch) / "tree"
        shutil.copytree(root, copy, ignore=LEFT_OUT, symlinks=True)
        (copy / CONTRACT).write_bytes(change.contract)
        (copy / CHANGELOG).write_bytes(change.changelog)
        for arguments in _CHECKS:
            _check(copy, arguments)
        generated = _differing(root / GENERATED, copy / GENERATED)
        return {
            **{f"{GENERATED}/{name}": content for name, content in generated.items()},
            CHANGELOG: change.changelog,
            CONTRACT: change.contract,
        }


def _check(copy: Path, arguments: Sequence[str]) -> None:
    # No token and no address of a live server: the checks are about the copy alone.
    environment = {key: value for key, value in os.environ.items() if "QOVERY" not in key}
    environment |= {"PYTHONPATH": f"{copy / GENERATED}", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # our own modules, named above
            [sys.executable, *arguments],
            cwd=copy,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError(f"`{' '.join(arguments)}` took over {SECONDS} s") from error
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace").replace(f"{copy}/", "")
        lines = "\n".join(visible(line) for line in said.splitlines()[-40:])
        raise RefusedError(f"`{' '.join(arguments)}` ended with {done.returncode}:\n{lines}")


def _differing(old: Path, new: Path) -> dict[str, bytes | None]:
    before, after = _contents(old), _contents(new)
    names = sorted(before.keys() | after.keys())
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _operation(document: Document) -> Operation:
    return extract(document, contracts.resolve(document).path)


def _dumped(data: object) -> bytes:
    out = io.StringIO()
    yaml().dump(data, out)
    return out.getvalue().encode()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let a request to end raise, so that what was begun is undone on the way out."""

    def stop(number: int, _frame: object) -> NoReturn:
        sys.exit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
