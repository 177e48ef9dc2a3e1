"""A small git work tree with the real contract and a generator and checks of a few lines."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from contract_tests.spec.contract import PATH
from contract_tests.spec.document import read
from scripts.accept.command import TESTS
from scripts.compare.overlay import Action, Overlay, to_yaml

REPOSITORY = Path(__file__).parents[2]
GENERATOR = "scripts/generate/__main__.py"
GENERATE = """
import pathlib
source = pathlib.Path("openapi/job.yaml").read_text()
pathlib.Path("generated/client.py").write_text(f"lines = {len(source.splitlines())}\\n")
"""
CHECK = "def test_contract() -> None:\n    assert {condition}\n"
VERSION = str(read(PATH).data["info"]["version"])
LOG = f"# Changelog\n\n## [Unreleased]\n\n## [{VERSION}] - 2026-01-01\n\n### Added\n\n- All.\n"
MEMBER = Action("$.components.schemas.RegistryKind.enum", "seen", update="NEW_CR")
BASE = "$.components.schemas.JobBase"


def file_of(tests: str) -> str:
    """Return a file of the tests that `accept` runs."""
    return tests if tests.endswith(".py") else f"{tests}/test_{Path(tests).name}.py"


def make(tree: Path) -> Path:
    """Create the work tree, committed and released."""
    for name, text in {
        "openapi/job.yaml": PATH.read_text(encoding="utf-8"),
        "generated/client.py": "lines = 0\n",
        # A regular package, so that it comes before that of the environment.
        "scripts/__init__.py": "",
        "scripts/generate/__init__.py": "",
        GENERATOR: GENERATE,
        **dict.fromkeys(map(file_of, TESTS), CHECK.format(condition=True)),
        "CHANGELOG.md": LOG,
        ".gitignore": "reports/\n__pycache__/\n",
    }.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(tree, "init", "--quiet")
    commit(tree)
    git(tree, "tag", f"v{VERSION}")
    return tree


def copy_project(tree: Path) -> Path:
    """Copy this project, as it is, into a git work tree of its own."""
    left_out = shutil.ignore_patterns(
        ".*_cache", ".git", ".hypothesis", ".venv", "__pycache__", "node_modules", "reports", "site"
    )
    shutil.copytree(REPOSITORY, tree, ignore=left_out, symlinks=True)
    git(tree, "init", "--quiet")
    commit(tree)
    return tree


def git(tree: Path, *arguments: str) -> str:
    """Run git in the work tree; return its output."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        ["git", *identity, "-c", "commit.gpgsign=false", *arguments],
        cwd=tree,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def commit(tree: Path, message: str = "Change") -> None:
    """Commit everything in the work tree."""
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", message)


def state(tree: Path) -> tuple[str, dict[str, bytes]]:
    """Return git's view of the work tree, and the content of every file outside of git."""
    status = git(tree, "status", "--porcelain")
    files = {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in sorted(tree.rglob("*"))
        if path.is_file() and not {".git", "reports", "__pycache__"} & set(path.parts)
    }
    return status, files


def write_overlay(tree: Path, *actions: Action) -> str:
    """Write an overlay with these actions next to the work tree; return its path."""
    path = tree.parent / "overlay.yaml"
    path.write_text(to_yaml(Overlay("T", actions)), encoding="utf-8")
    return str(path)
