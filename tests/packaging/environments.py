"""Wheels built from this tree, and environments with exactly what the wheels require.

Nothing is downloaded: requirements are linked from the environment that runs the tests, and what
the metadata lacks is missing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.metadata import Distribution

ROOT = Path(__file__).parents[2]


def build_wheel(project: Path, directory: Path) -> Path:
    """Build the wheel of a project with the installed build backend."""
    before = set(directory.glob("*.whl"))
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", directory], project)
    (wheel,) = set(directory.glob("*.whl")) - before
    return wheel


def environment(directory: Path, wheels: Sequence[Path], also: Sequence[str] = ()) -> Path:
    """Create a virtual environment and return its `python`.

    Args:
        directory: Its folder.
        wheels: The wheels to install, with all that they require.
        also: Further requirements.
    """
    venv.create(directory, symlinks=True)
    python = directory / "bin" / "python"
    (place,) = run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    ).splitlines()
    uv = Path(sys.executable).with_name("uv")
    options: list[str | Path] = [
        "--quiet",
        "--no-cache",
        "--offline",
        "--no-config",
        "--python",
        python,
    ]
    run([uv, "pip", "install", *options, "--no-index", "--no-deps", *wheels])
    own: set[str] = {canonicalize_name(wheel.name.partition("-")[0]) for wheel in wheels}
    texts = [*also, *(line for wheel in wheels for line in required(wheel))]
    for found in closure(texts, own):
        link(found, Path(place))
    run([uv, "pip", "check", *options])
    return python


def required(wheel: Path) -> list[str]:
    """Return the requirements in the metadata of a wheel."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode()).get_all("Requires-Dist", [])


def closure(texts: Iterable[str], own: set[str]) -> list[Distribution]:
    """Return the distributions that are required, directly or not, except `own`."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(text), "") for text in texts]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": extra})
        if not wanted or name in own or name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise AssertionError(f"{requirement} is required, and the lock has none") from None
        version = found[name].version
        assert requirement.specifier.contains(version), f"{requirement} is required, not {version}"
        extras = ["", *requirement.extras]
        waiting += [
            (Requirement(text), extra) for text in found[name].requires or () for extra in extras
        ]
    return list(found.values())


def link(found: Distribution, place: Path) -> None:
    """Make one installed distribution importable from the folder `place`."""
    for name in _top_levels(found):
        source, target = Path(str(found.locate_file(name))), place / name
        if target.exists():
            continue
        if target.suffix == ".dist-info":  # uv overlooks a link to one
            shutil.copytree(source, target)
        else:
            target.symlink_to(source)


def _top_levels(found: Distribution) -> Iterator[str]:
    purelib = Path(sysconfig.get_path("purelib"))
    for file in found.files or ():
        if (purelib / file).exists() and file.parts[0] not in {"..", "__pycache__"}:
            yield file.parts[0]


def run(command: Sequence[str | Path], cwd: Path | None = None) -> str:
    """Run a command, which must succeed, and return its output."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
