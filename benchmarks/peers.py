"""Install the peers, and generate their clients from the contract."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from benchmarks import documents
from benchmarks.measure import Unavailable
from benchmarks.processes import ROOT, run
from scripts.peers.servers import NotAvailableError, install_prism

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

HERE = Path(__file__).parent
LOCKS = (ROOT / "requirements.lock", HERE / "peers.txt")
NOT_INSTALLED = "not installed in quick mode"
NAMED = (
    "attrs",
    "cattrs",
    "datamodel-code-generator",
    "httpx",
    "jsonschema",
    "jsonschema-rs",
    "msgspec",
    "openapi-generator-cli",
    "openapi-python-client",
    "pydantic",
    "requests",
    "schemathesis",
)


def interpreter(cache: Path) -> Path:
    """Return the Python of the environment with all peers, and create it where it is missing.

    Raises:
        Unavailable: It cannot be installed.
    """
    folder = cache / f"env-{_digest(*(lock.read_bytes() for lock in LOCKS), sys.version.encode())}"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        print(f"installing the peers into {folder}", file=sys.stderr)
        files: list[str | Path] = [word for lock in LOCKS for word in ("--requirement", lock)]
        run([sys.executable, "-m", "venv", "--clear", folder])
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"]
        run([*install, "--python", python, *files])
        (folder / ".ready").touch()
    return python


def versions() -> str:
    """Return the releases of the installed peers."""
    return ", ".join(f"{name} {version(name)}" for name in NAMED)


def make_importable(folder: Path) -> None:
    """Import from `folder` in this process and in those that it starts."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        paths = [*filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)), str(folder)]
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)


@frozen
class Peers:
    """Peers that are generated or installed on demand, each once.

    Attributes:
        cache: The folder that holds them.
        contract: The document that code is generated from.
        quick: Whether to use only what the project's own environment holds.
    """

    cache: Path
    contract: Contract
    quick: bool

    def stock(self) -> None:
        """Make `stock_client` importable, the output of openapi-python-client."""
        folder = self._folder("stock", documents.plain(self.contract))
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
        target = folder / "stock_client"
        self._generate(
            folder, [*command, "--path", folder / "document.json", "--output-path", target]
        )

    def openapi_generator(self) -> None:
        """Make `openapi_generator_client` importable, the output of openapi-generator."""
        self._need("java")
        folder = self._folder("openapi-generator", documents.without_nulls(self.contract))
        generator = Path(sys.executable).with_name("openapi-generator-cli")
        options = ["-g", "python", "--additional-properties=packageName=openapi_generator_client"]
        self._generate(
            folder,
            [generator, "generate", *options, "-i", folder / "document.json", "-o", folder],
        )

    def datamodel(self, kind: str, name: str) -> None:
        """Make the module `name` importable, models of `kind` by datamodel-code-generator."""
        self._need()
        simplify = documents.without_bare_unions if "msgspec" in kind else documents.without_nulls
        folder = self._folder(name, simplify(self.contract))
        command: list[str | Path] = [
            *(Path(sys.executable).with_name("datamodel-codegen"), "--input-file-type", "openapi"),
            *("--input", folder / "document.json", "--output", folder / f"{name}.py"),
            *("--output-model-type", kind, "--target-python-version", "3.11"),
            *("--formatters", "builtin", "--use-annotated", "--use-standard-primitive-types"),
        ]
        if "pydantic" not in kind:
            command += ["--output-datetime-class", "datetime"]
        self._generate(folder, command)

    def prism(self, *arguments: str | Path) -> list[str | Path]:
        """Return the command line of Prism, listening on `{port}`."""
        self._need()
        try:
            program, _ = install_prism(self.cache)
        except NotAvailableError as error:
            raise Unavailable(str(error)) from error
        verb, *rest = arguments
        where = ("--host", "127.0.0.1", "--port", "{port}", "--verboseLevel", "fatal")
        return ["node", program, str(verb), *where, *rest]

    def _need(self, *programs: str) -> None:
        if self.quick:
            raise Unavailable(NOT_INSTALLED)
        for program in programs:
            if shutil.which(program) is None:
                raise Unavailable(f"{program} is not installed")

    def _folder(self, name: str, document: Json) -> Path:
        text = documents.encoded(document)
        locks = [lock.read_bytes() for lock in LOCKS]
        folder = self.cache / f"{name}-{_digest(text.encode(), *locks)}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "document.json").write_text(text, "utf-8")
        return folder

    def _generate(self, folder: Path, command: Sequence[str | Path]) -> None:
        if not (folder / ".ready").exists():
            bin_folder = str(Path(sys.executable).parent)
            run(command, env={"PATH": os.pathsep.join([bin_folder, os.environ["PATH"]])})
            (folder / ".ready").touch()
        make_importable(folder)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    print(interpreter(ROOT / ".bench"))
