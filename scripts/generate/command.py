"""Generate the client, openapi/ → generated/, or with --check report what is stale.

Both build the package in a scratch folder. Writing replaces the whole package, checking compares; a
run that fails or is interrupted leaves the old package as it was.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import DocumentError
from contract_tests.spec.settings import settings_of
from scripts.generate.package import GenerationError, write_package
from scripts.generate.swap import replace_folder, workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.spec.contract import Contract

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "qovery_job_client"
SOURCES = ROOT / "openapi"
EXIT_WRONG = 2
EXIT_STALE = 4  # not 1 or 2: a traceback exits 1, argparse exits 2


@frozen
class Difference:
    """A file of the package that differs from what is generated: stale, missing or stray."""

    state: str
    path: Path


def main(argv: Sequence[str] | None = None) -> int:
    """Generate the package, or compare it, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.generate",
        description="Generate the client from the contract, replacing the whole package.",
        epilog="exit status: 0 written, or current; 4 stale; 2 usage error; 1 internal error",
    )
    parser.add_argument(
        "--check", action="store_true", help="list the files that are stale, and write nothing"
    )
    parser.add_argument(
        "--contract",
        type=Path,
        default=PATH,
        metavar="FILE",
        help="the contract (default: openapi/job.yaml)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="the folder of the package (default: in generated/, with its name)",
    )
    args = parser.parse_args(argv)
    try:
        contract = load(args.contract)
        output = args.output or PACKAGE.with_name(settings_of(contract).package)
        if args.check:
            with tempfile.TemporaryDirectory() as scratch:
                fresh = build_package(contract, Path(scratch))
                return report(output.name, find_differences(output, fresh))
        with workspace(output) as scratch:
            replace_folder(output, build_package(contract, scratch))
    except (DocumentError, GenerationError) as error:
        print(f"scripts.generate: {error}", file=sys.stderr)
        return EXIT_WRONG
    return 0


def build_package(contract: Contract, scratch: Path) -> Path:
    """Generate the package in the empty folder `scratch`, format it, and return its folder.

    Raises:
        DocumentError: The contract has something that the client can't be made of.
        GenerationError: The generator warned about it, or its output is not valid Python.
    """
    package = scratch / PACKAGE.name
    with contextlib.redirect_stdout(io.StringIO()):  # the generator prints a temporary path
        write_package(contract, SOURCES, package)
    ruff = [sys.executable, "-P", "-m", "ruff"]  # -P: the folder holds a types.py
    plain = ["--isolated", "--no-cache", "--target-version", "py311"]
    for command in (
        [*ruff, "check", *plain, "--line-length=100", "--select=I,F401", "--fix-only", "."],
        [*ruff, "format", *plain, "--line-length=100", "."],
    ):
        done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter, fixed arguments
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise GenerationError(f"ruff can't parse the generated code: {lines[0]}")
    return package


def find_differences(package: Path, fresh: Path) -> list[Difference]:
    """Return the files of `package` that differ from `fresh`, by path."""
    ours, theirs = _files(package), _files(fresh)
    states = dict.fromkeys(theirs.keys() - ours.keys(), "missing")
    states |= dict.fromkeys(ours.keys() - theirs.keys(), "stray")
    states |= {path: "stale" for path in ours.keys() & theirs.keys() if ours[path] != theirs[path]}
    return [Difference(state, path) for path, state in sorted(states.items())]


def _files(folder: Path) -> dict[Path, bytes]:
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def report(package: str, differences: Sequence[Difference]) -> int:
    """Print each difference of a package on standard error and return the exit status."""
    for difference in differences:
        path = package / difference.path
        print(f"{difference.state}: {path} (run `make generate`)", file=sys.stderr)
    return EXIT_STALE if differences else 0
