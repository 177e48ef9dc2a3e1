"""Build the wheels and the sdist reproducibly: `python -m scripts.release.dist`.

Everything is built twice, the second time from the unpacked sdist, and both builds must be equal
byte for byte. The contract, the package, the changelog and the tag must agree on the version.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PACKAGE = Path("generated/qovery_job_client/__init__.py")
CHANGELOG = Path("CHANGELOG.md")
OTHERS = ("testing", "drift")  # folders of the other distributions
REPOSITORY = "GITHUB_REPOSITORY"  # set by GitHub Actions
EXIT_FAILED = 1
_RELEASE = re.compile(r"^## \[(?P<version>\d[^\]]*)\] - (?P<date>\d{4}-\d{2}-\d{2})$", re.MULTILINE)
_UNRELEASED = re.compile(r"^## \[Unreleased\]\n(?P<notes>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_CONSTANT = r'^{name} = "([^"]+)"$'


class DistError(Exception):
    """The distributions cannot be built; the message says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build into a directory and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release.dist", description=__doc__)
    parser.add_argument("--tag", help="the tag to release: `v` and the version of the contract")
    parser.add_argument("--directory", type=Path, default=ROOT / "dist")
    args = parser.parse_args(argv)
    errors = disagreements(ROOT, args.tag)
    built: dict[str, bytes] = {}
    if not errors:
        try:
            with tempfile.TemporaryDirectory() as scratch:
                built = build_twice(ROOT, Path(scratch))
        except DistError as error:
            errors = [str(error)]
    for each in errors:
        print(f"scripts.release.dist: {each}", file=sys.stderr)
    if errors:
        return EXIT_FAILED
    args.directory.mkdir(parents=True, exist_ok=True)
    for old in args.directory.glob("qovery_*"):
        old.unlink()
    for name, content in built.items():
        (args.directory / name).write_bytes(content)
        print(f"{sha256(content).hexdigest()}  {args.directory / name}")
    return 0


def disagreements(root: Path, tag: str | None) -> list[str]:
    """Return a line for each file below `root` that disagrees with the contract or the tag."""
    contract = load(root / "openapi" / "job.yaml")
    package = (root / PACKAGE).read_text(encoding="utf-8")
    version, sha = _constant(package, "__version__"), _constant(package, "CONTRACT_SHA256")
    errors = []
    if version != contract.version:
        errors.append(
            f"{PACKAGE}: expected __version__ {contract.version!r}, got {version!r}; "
            "run `make generate`"
        )
    if sha != contract.document.sha256:
        errors.append(f"{PACKAGE}: CONTRACT_SHA256 is of another contract; run `make generate`")
    if tag is not None:
        errors += _of_release(root, tag, contract.version)
    return errors


def _of_release(root: Path, tag: str, version: str) -> list[str]:
    errors = []
    if tag != f"v{version}":
        errors.append(f"tag: expected 'v{version}', the version of the contract, got {tag!r}")
    changelog = root / CHANGELOG
    text = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
    released = _RELEASE.search(text)
    if released is None or released["version"] != version:
        newest = repr(released["version"]) if released else "none"
        errors.append(
            f"{CHANGELOG}: expected '## [{version}] - YYYY-MM-DD' as the newest release, "
            f"got {newest}"
        )
    unreleased = _UNRELEASED.search(text)
    if unreleased and unreleased["notes"].strip():
        errors.append(f"{CHANGELOG}: notes under [Unreleased]; move them to [{version}]")
    repository = os.environ.get(REPOSITORY)
    for folder in ("", *OTHERS):
        file = root / folder / "pyproject.toml"
        urls = tomllib.loads(file.read_text("utf-8"))["project"].get("urls", {})
        if repository and not urls.get("Source", "").endswith(f"/{repository}"):
            errors.append(f"{file.relative_to(root)}: project.urls are not of {repository}")
    return errors


def build_twice(root: Path, scratch: Path) -> dict[str, bytes]:
    """Return the wheels and the sdist by file name, built from `root` and again from the sdist.

    Raises:
        DistError: A build fails, the two differ, or the metadata lacks the contract's sha256.
    """
    first = _build(root, scratch / "first")
    (sdist,) = (name for name in first if name.endswith(".tar.gz"))
    with tarfile.open(scratch / "first" / sdist) as archive:
        # Python before 3.11.4 has no filters.
        options: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(scratch / "unpacked", **options)  # noqa: S202 - built here
    (unpacked,) = (scratch / "unpacked").iterdir()
    second = _build(unpacked, scratch / "second")
    if first.keys() != second.keys():
        raise DistError(f"built {sorted(first)}, but {sorted(second)} from the sdist")
    for name in first:
        if first[name] != second[name]:
            raise DistError(f"{name}: built from the sdist it differs; does the sdist lack a file?")
    (wheel,) = (scratch / "first").glob("qovery_job_client-*.whl")
    _check_metadata(wheel, load(root / "openapi" / "job.yaml").document.sha256)
    return first


def _build(source: Path, target: Path) -> dict[str, bytes]:
    """Build the wheel and sdist of the client, and the wheels of the other distributions."""
    _hatch(source, target)
    for folder in OTHERS:
        if (source / folder).is_dir():
            _hatch(source / folder, target, "-t", "wheel")
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def _hatch(source: Path, target: Path, *more: str) -> None:
    # Without SOURCE_DATE_EPOCH hatchling writes a fixed time, so only the files decide the bytes.
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
        output = (built.stderr or built.stdout).strip().splitlines()
        raise DistError(f"{source.name}: hatchling failed: {output[-1] if output else 'no output'}")


def _check_metadata(wheel: Path, sha: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        if sha not in archive.read(name).decode():
            raise DistError(f"{wheel.name}: the metadata lacks the contract's sha256")


def _constant(source: str, name: str) -> str | None:
    found = re.search(_CONSTANT.format(name=name), source, re.MULTILINE)
    return found[1] if found else None


if __name__ == "__main__":
    sys.exit(main())
