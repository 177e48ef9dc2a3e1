"""Which part of the project may import which, read from the source."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "qovery_job_client"


def imports(path: Path) -> set[str]:
    """The full names of the modules that the file at `path` imports."""
    found: set[str] = set()
    place = path.relative_to(ROOT / "generated" if "generated" in path.parts else ROOT)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = place.with_suffix("").parts[: -node.level or None]
            base = ".".join((*package, node.module or "") if node.level else (node.module or "",))
            found.add(base.strip("."))
            found.update(f"{base}.{alias.name}".strip(".") for alias in node.names)
    return found


def offenders(folder: str, *forbidden: str) -> list[str]:
    """The files below `folder` that import any of `forbidden`."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in sorted(imports(path))
        if any(name == root or name.startswith(f"{root}.") for root in forbidden)
    ]


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        # They would share one misreading of the contract.
        ("contract_tests", (PACKAGE, f"{PACKAGE}_testing", "scripts", "benchmarks")),
        ("generated", ("scripts", "contract_tests", "generated", "benchmarks")),
        ("openapi/runtime", ("scripts", "contract_tests", "generated", "benchmarks")),
        ("scripts", ("generated", PACKAGE, "tests", "benchmarks")),
        ("testing", ("scripts", "tests", "generated")),
        ("tests", ("generated",)),
    ],
)
def test_no_arrow_points_the_wrong_way(folder: str, forbidden: tuple[str, ...]) -> None:
    """A part imports nothing that may lean on it, and nobody imports by the folder's name."""
    allowed = "contract_tests/test_client.py imports " + PACKAGE

    found = [line for line in offenders(folder, *forbidden) if not line.startswith(allowed)]

    assert found == []


def test_the_package_needs_attrs_and_httpx_alone() -> None:
    """What importers install beside the client stays short."""
    own = {PACKAGE, "attr", "attrs", "httpx", *sys.stdlib_module_names}

    roots = {
        name.partition(".")[0]
        for path in sorted((ROOT / "generated").rglob("*.py"))
        for name in imports(path)
    }

    # httpx brings anyio; the other two are extras, imported only where somebody asked for them.
    assert roots - own <= {"anyio", "orjson", "httpx_aiohttp"}
