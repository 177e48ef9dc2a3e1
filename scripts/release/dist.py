"""Build wheels and sdist, the same bytes each time: `python -m scripts.release.dist`.

What is built must agree with itself: one version in the contract, the package and the changelog,
and the contract's sha256 in the package and its metadata. It is built twice, the second time from
the unpacked sdist, so that whoever has only that can build the same.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PACKAGE = Path("generated/qovery_job_client/__init__.py")
CHANGELOG = Path("CHANGELOG.md")
TESTING = "testing"
EXIT_FAILED = 1
_RELEASE = re.compile(r"^## \[(?P<version>\d[^\]]*)\] - (?P<date>\d{4}-\d{2}-\d{2})$", re.MULTILINE)
_CONSTANT = r'^{name} = "([^"]+)"$'


class DistError(Exception):
    """What is there can't be built. Says what, where, and what to do, in one line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build into a directory; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release.dist", description=__doc__)
    parser.add_argument("--tag", help="the tag to release: `v` and the version of the contract")
    parser.add_argument("--directory", type=Path, default=ROOT / "dist")
    args = parser.parse_args(argv)
    faults = disagreements(ROOT, args.tag)
    built: dict[str, bytes] = {}
    if not faults:
        try:
            with tempfile.TemporaryDirectory() as scratch:
                built = build_twice(ROOT, Path(scratch))
        except DistError as error:
            faults = [str(error)]
    for fault in faults:
        print(f"scripts.release.dist: {fault}", file=sys.stderr)
    if faults:
        return EXIT_FAILED
    args.directory.mkdir(parents=True, exist_ok=True)
    for old in args.directory.glob("qovery_job_client*"):
        old.unlink()
    for name, content in built.items():
        (args.directory / name).write_bytes(content)
        print(f"{sha256(content).hexdigest()}  {args.directory / name}")
    return 0


def disagreements(root: Path, tag: str | None) -> list[str]:
    """What in the tree at `root` does not say the same as its contract, a line each."""
    contract = load(root / "openapi" / "job.yaml")
    package = (root / PACKAGE).read_text(encoding="utf-8")
    version, sha = _constant(package, "__version__"), _constant(package, "CONTRACT_SHA256")
    faults = []
    if version != contract.version:
        faults.append(
            f"{PACKAGE}: __version__ is {version!r}, the contract's is {contract.version!r}; "
            "run `make generate`"
        )
    if sha != contract.document.sha256:
        faults.append(f"{PACKAGE}: CONTRACT_SHA256 is of another contract; run `make generate`")
    if tag is None:
        return faults
    if tag != f"v{contract.version}":
        faults.append(f"the tag is {tag!r}; the contract's version asks for 'v{contract.version}'")
    changelog = root / CHANGELOG
    text = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
    released = _RELEASE.search(text)
    if released is None or released["version"] != contract.version:
        newest = repr(released["version"]) if released else "none"
        faults.append(
            f"{CHANGELOG}: the newest release is {newest}; expected a section "
            f"'## [{contract.version}] - YYYY-MM-DD' above the others"
        )
    return faults


def build_twice(root: Path, scratch: Path) -> dict[str, bytes]:
    """The wheels and the sdist by file name, built from `root` and again from the sdist itself.

    Raises:
        DistError: A build fails, the two differ, or the contract's sha256 is not in the wheel.
    """
    first = _build(root, scratch / "first")
    (sdist,) = (name for name in first if name.endswith(".tar.gz"))
    with tarfile.open(scratch / "first" / sdist) as archive:
        archive.extractall(scratch / "unpacked", filter="data")
    (unpacked,) = (scratch / "unpacked").iterdir()
    second = _build(unpacked, scratch / "second")
    if first.keys() != second.keys():
        raise DistError(f"built {sorted(first)}, then from the sdist {sorted(second)}")
    for name in first:
        if first[name] != second[name]:
            raise DistError(f"{name}: built from the sdist it has other bytes; what is left out?")
    (wheel,) = (name for name in first if name.endswith(".whl") and "_testing-" not in name)
    _check_metadata(scratch / "first" / wheel, load(root / "openapi" / "job.yaml").document.sha256)
    return first


def _build(source: Path, target: Path) -> dict[str, bytes]:
    """The client's wheel and sdist, and the wheel for the tests of its users."""
    _hatch(source, target)
    if (source / TESTING).is_dir():
        _hatch(source / TESTING, target, "-t", "wheel")
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def _hatch(source: Path, target: Path, *more: str) -> None:
    # Without SOURCE_DATE_EPOCH hatchling writes a fixed time: the files alone decide the bytes.
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    built = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "hatchling", "build", "--directory", str(target), *more],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        why = (built.stderr or built.stdout).strip().splitlines()
        raise DistError(f"hatchling failed: {why[-1] if why else 'it says nothing'}")


def _check_metadata(wheel: Path, sha: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        if sha not in archive.read(name).decode():
            raise DistError(
                f"{wheel.name}: its metadata lacks the contract's sha256; see pyproject"
            )


def _constant(source: str, name: str) -> str | None:
    found = re.search(_CONSTANT.format(name=name), source, re.MULTILINE)
    return found[1] if found else None


if __name__ == "__main__":
    sys.exit(main())
