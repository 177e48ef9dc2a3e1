"""What the benchmark measures beside ours: installed into environments of its own, all pinned.

Everything goes into a folder that git ignores, under a name that holds a hash of what it was made
of; a second run finds it there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from benchmarks import documents
from benchmarks.contest import PeerError
from benchmarks.processes import ROOT, environment, last_words, started

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from contract_tests.spec.contract import Contract

    # A document and a folder, to the command that generates code of the one into the other.
    _Make: TypeAlias = Callable[[Path, Path], list[str | Path]]

LOCKS = Path(__file__).parent / "peers"
NEEDS_NETWORK = "not measured in the quick mode: it would have to be installed"
PRISM = "@stoplight/prism-cli"
REDOCLY = "@redocly/cli"
# Peers that the project's own lock brings.
OWN = (
    "openapi-python-client",
    "schemathesis",
    "jsonschema",
    "jsonschema-rs",
    "httpx",
    "attrs",
    "uvicorn",
    "uvloop",
)


@frozen
class Peers:
    """Where peers are, or are put.

    Attributes:
        folder: The cache.
        contract: What code is generated from.
        install: Whether to install anything; else only what the project's own environment has
            takes part.
    """

    folder: Path
    contract: Contract
    install: bool

    def python(self, name: str | None) -> Path:
        """The interpreter of the environment `name`, None for the project's own.

        Raises:
            PeerError: It can't be installed.
        """
        if name is None or not self.install:
            return Path(sys.executable)
        lock = LOCKS / f"{name}.txt"
        folder = self.folder / f"{name}-{_digest(lock.read_bytes(), sys.version.encode())}"
        python = folder / "bin" / "python"
        if not _is_ready(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", folder])
            install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            _run([python, *install, "--require-hashes", "--requirement", lock])
            _mark_ready(folder)
        return python

    def node(self, source: Path, command: str) -> list[str | Path]:
        """The command line of `command`, a package that the lock in `source` brings.

        Raises:
            PeerError: It can't be installed.
        """
        if not self.install:
            raise PeerError(NEEDS_NETWORK)
        if shutil.which("npm") is None or shutil.which("node") is None:
            raise PeerError("node and npm are not on this machine")
        files = [source / "package.json", source / "package-lock.json"]
        digest = _digest(*(file.read_bytes() for file in files))
        folder = self.folder / f"{source.name}-{digest}"
        if not _is_ready(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for file in files:
                shutil.copy(file, folder)
            quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
            _run(["npm", "ci", "--prefix", folder, *quiet])
            _mark_ready(folder)
        return ["node", (folder / "node_modules" / ".bin" / command).resolve()]

    def prism(self) -> list[str | Path]:
        """The command line of Prism; raises as `node` does."""
        return self.node(LOCKS / "prism", "prism")

    def stock(self) -> Path:
        """The folder of `stock_client`, what openapi-python-client makes by itself.

        Raises:
            PeerError: It makes nothing.
        """

        def make(document: Path, folder: Path) -> list[str | Path]:
            return [
                *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
                *("--path", document, "--output-path", folder / "stock_client"),
            ]

        text = documents.encoded(documents.plain(self.contract))
        return self._generated("stock", text, make, version("openapi-python-client"))

    def openapi_generator(self) -> Path:
        """The folder of `openapi_generator_client`, made by openapi-generator.

        Raises:
            PeerError: It, or java, can't be had.
        """
        if not self.install:
            raise PeerError(NEEDS_NETWORK)
        if shutil.which("java") is None:
            raise PeerError("java is not on this machine")
        generator = self.python("generators").with_name("openapi-generator-cli")

        def make(document: Path, folder: Path) -> list[str | Path]:
            name = "packageName=openapi_generator_client"
            out = ("-o", folder, f"--additional-properties={name}")
            return [generator, "generate", "-g", "python", "-i", document, *out]

        text = documents.encoded(documents.without_nulls(self.contract))
        return self._generated("openapi-generator", text, make, _pin("openapi-generator-cli"))

    def datamodel(self, kind: str, name: str) -> Path:
        """The folder of the module `name`, models of `kind` by datamodel-code-generator.

        Raises:
            PeerError: It can't be had.
        """
        if not self.install:
            raise PeerError(NEEDS_NETWORK)
        generator = self.python("generators").with_name("datamodel-codegen")

        def make(document: Path, folder: Path) -> list[str | Path]:
            return [
                *(generator, "--input", document, "--input-file-type", "openapi"),
                *("--output-model-type", kind, "--output", folder / f"{name}.py"),
                *("--target-python-version", "3.11", "--formatters", "builtin"),
                *("--use-annotated", "--use-standard-primitive-types"),
                *(() if "pydantic" in kind else ("--output-datetime-class", "datetime")),
            ]

        bare = "msgspec" in kind
        shape = documents.without_bare_unions if bare else documents.without_nulls
        text = documents.encoded(shape(self.contract))
        return self._generated(name, text, make, _pin("datamodel-code-generator"))

    def _generated(self, name: str, text: str, make: _Make, pin: str) -> Path:
        folder = self.folder / f"{name}-{_digest(text.encode(), pin.encode())}"
        if not _is_ready(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            document = folder / "document.json"
            document.write_text(text, "utf-8")
            _run(make(document, folder))
            _mark_ready(folder)
        return folder

    def versions(self) -> dict[str, str]:
        """The releases of what takes part, by name."""
        found = {name: version(name) for name in OWN}
        if self.install:
            for path in sorted(LOCKS.glob("*.in")):
                names = [line for line in path.read_text("utf-8").splitlines() if line[:1] != "#"]
                found |= {name: _pin(name) for name in names}
            for folder, name in ((LOCKS / "prism", PRISM), (ROOT / "tools", REDOCLY)):
                package = json.loads((folder / "package.json").read_text("utf-8"))
                wanted = package.get("dependencies", {}) | package.get("devDependencies", {})
                found[name] = wanted[name]
            if shutil.which("node"):
                found["node"] = _says(["node", "--version"])
        return dict(sorted(found.items()))


@cache
def _pin(name: str) -> str:
    """The release of a package that our locks name."""
    for lock in sorted(LOCKS.glob("*.txt")):
        found = re.search(rf"^{re.escape(name)}==([^ ;]+)", lock.read_text("utf-8"), re.MULTILINE)
        if found:
            return found[1]
    raise LookupError(f"no lock of benchmarks/peers pins {name}")


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:12]


def _is_ready(folder: Path) -> bool:
    return (folder / ".ready").exists()


def _mark_ready(folder: Path) -> None:
    (folder / ".ready").touch()


def _run(command: Sequence[str | Path]) -> None:
    """Run a command that installs or generates.

    Raises:
        PeerError: It fails.
    """
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**environment(ROOT / ".bench"), "PATH": beside}
    try:
        with started(command, env=env) as (process, said):
            process.communicate()
            if process.returncode:
                name = Path(command[0]).name
                raise PeerError(f"{name} ended with {process.returncode}: {last_words(said)}")
    except OSError as error:
        raise PeerError(f"{command[0]}: {error.strerror}") from error


def _says(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
