"""Build hooks: the files and dependencies of the wheel of `qovery_job_client_testing`.

In the repository its modules import `contract_tests`. The wheel must work alone and must not
install a package with such a common name, so the modules that it needs are copied into a private
package, with rewritten imports, together with the contract. Nothing is copied in the repository.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "qovery_job_client_testing"
PRIVATE = f"{PACKAGE}/_copied"
SHARED = "contract_tests"
CONTRACT = "openapi/job.yaml"
_IMPORT = re.compile(rf"^(\s*from |\s*import ){SHARED}\b", re.MULTILINE)


class ClientHook(MetadataHookInterface):
    """Adds the client of the same version to the dependencies."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the dependencies to `metadata`."""
        client = f"qovery-job-client=={metadata['version']}"
        metadata["dependencies"] = [client, *self.config["requires"]]


class CopyHook(BuildHookInterface[Any]):
    """Adds the package's modules, and those that they need, to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add each file to the wheel."""
        del version
        self._scratch = TemporaryDirectory()
        root = Path(self.root).parent
        for place, content in files(root).items():
            path = Path(self._scratch.name) / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            build_data["force_include"][str(path)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the copies."""
        del version, build_data, artifact_path
        self._scratch.cleanup()


def files(root: Path) -> dict[str, bytes]:
    """Return the files of the wheel by path; `root` is the repository."""
    own = root / "testing" / PACKAGE
    modules = {f"{PACKAGE}/{path.name}": path for path in sorted(own.glob("*.py"))}
    modules |= {
        f"{PRIVATE}/{path.relative_to(root).as_posix()}": path
        for path in sorted(_leaned_on(root, list(modules.values())))
    }
    made = {place: _rewritten(path) for place, path in modules.items()}
    made[f"{PRIVATE}/__init__.py"] = b'"""Copied when the wheel was built; private."""\n'
    made[f"{PRIVATE}/{CONTRACT}"] = (root / CONTRACT).read_bytes()
    made[f"{PACKAGE}/py.typed"] = b""
    return made


def _rewritten(path: Path) -> bytes:
    target = PRIVATE.replace("/", ".")
    return _IMPORT.sub(rf"\g<1>{target}.{SHARED}", path.read_text(encoding="utf-8")).encode()


def _leaned_on(root: Path, modules: list[Path]) -> set[Path]:
    """Return the modules of `contract_tests` that `modules` import, directly or not."""
    found: set[Path] = set()
    waiting = list(modules)
    while waiting:
        for name in _imports(waiting.pop()):
            for path in _of_module(root, name):
                if path not in found:
                    found.add(path)
                    waiting.append(path)
    return found


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _of_module(root: Path, name: str) -> Iterator[Path]:
    """Return the file of a module in `contract_tests`, and those of its parent packages."""
    parts = name.split(".")
    if parts[0] != SHARED:
        return
    for end in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:end])
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.exists():
                yield path
