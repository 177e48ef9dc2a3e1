"""The import rules of `docs/architecture.md`, compared with the sources."""

from __future__ import annotations

import ast
import re
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "qovery_job_client"
TOPS = ("contract_tests", "scripts")
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
ROW = re.compile(r"^\| `((?:contract_tests|scripts)[.\w]*)` \| [^|]+ \| (.*?) ?\|$", re.MULTILINE)


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


def package_of(name: str) -> str | None:
    """The package of the project that the module `name` belongs to, if it is one of ours."""
    top, _, rest = name.partition(".")
    if top not in TOPS or not rest:
        return None
    package = f"{top}.{rest.partition('.')[0]}"
    return package if (ROOT / package.replace(".", "/")).is_dir() else top


def documented() -> dict[str, set[str]]:
    """The packages of the page's table, and which others each of them may import."""
    rows = ROW.findall(PAGE)
    # `mutants` is a package of both: a row means the first.
    short = {name.rpartition(".")[2]: name for name, _ in reversed(rows) if "." in name}
    return {
        name: {short[word] for word in re.findall(r"`(\w+)`", allowed)}
        if "every package" not in allowed
        else {other for other, _ in rows if other != name}
        for name, allowed in rows
    }


def actual() -> dict[str, set[str]]:
    """The packages of the sources, and which others each of them imports."""
    edges: dict[str, set[str]] = {}
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            package = package_of(module) or top
            found = {other for name in imports(path) if (other := package_of(name))}
            edges.setdefault(package, set()).update(found - {package, *TOPS})
    return edges


def test_imports_follow_the_documented_layers() -> None:
    """Each package imports only what `docs/architecture.md` allows, and each has a row there."""
    allowed = documented()

    found = {
        f"{package} imports {other}"
        for package, others in actual().items()
        for other in others - allowed.get(package, set())
    }

    assert found == set()
    assert allowed.keys() >= actual().keys() - {"scripts"}


def test_imports_are_acyclic() -> None:
    """The packages can be sorted, so that each can be understood with those before it alone."""
    assert list(TopologicalSorter(actual()).static_order())


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        # The client and the oracle would share one misreading of the contract.
        ("contract_tests", (PACKAGE, f"{PACKAGE}_testing", "scripts", "benchmarks")),
        ("generated", ("scripts", "contract_tests", "generated", "benchmarks")),
        ("openapi/runtime", ("scripts", "contract_tests", "generated", "benchmarks")),
        ("scripts", ("generated", PACKAGE, "tests", "benchmarks")),
        ("testing", ("scripts", "tests", "generated")),
        ("tests", ("generated",)),
    ],
)
def test_folders_do_not_import(folder: str, forbidden: tuple[str, ...]) -> None:
    """A folder imports none of those that may import it."""
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in sorted(imports(path))
        if any(name == root or name.startswith(f"{root}.") for root in forbidden)
    ]

    assert found == []


def test_the_package_needs_attrs_httpx_and_msgspec_only() -> None:
    """The client's required dependencies stay few."""
    own = {PACKAGE, "attr", "attrs", "httpx", "msgspec", *sys.stdlib_module_names}

    roots = {
        name.partition(".")[0]
        for path in sorted((ROOT / "generated").rglob("*.py"))
        for name in imports(path)
    }

    # httpx brings anyio; the others are optional, imported only on demand.
    assert roots - own <= {"anyio", "httpcore", "httpx2", "httpx_aiohttp", "orjson"}
