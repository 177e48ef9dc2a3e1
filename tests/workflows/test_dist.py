"""What is built: the same bytes each time, whole, and of one version."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from contract_tests.spec.contract import load
from scripts.release import dist, try_wheel

ROOT = Path(__file__).parents[2]
pytest.importorskip("hatchling")

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "qovery-job-client"
dynamic = ["version", "readme"]
requires-python = ">=3.11"
dependencies = ["attrs>=23.2", "httpx>=0.27,<1"]

[tool.hatch.version]
path = "generated/qovery_job_client/__init__.py"

[tool.hatch.metadata.hooks.custom]
path = "scripts/release/package_metadata.py"

[tool.hatch.build.targets.wheel]
packages = ["generated/qovery_job_client"]

[tool.hatch.build.targets.sdist]
include = [
    "/generated/qovery_job_client",
    "/openapi",
    "/scripts/release/package_metadata.py",
    "/README.md",
]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project laid out as this one, all of one version."""
    root = tmp_path / "tree"
    package = root / "generated" / "qovery_job_client"
    for folder in (package, root / "openapi", root / "scripts" / "release"):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "tests/report/shelf.yaml", root / "openapi" / "job.yaml")
    shutil.copy(ROOT / "scripts/release/package_metadata.py", root / "scripts/release")
    contract = load(root / "openapi" / "job.yaml")
    (package / "__init__.py").write_text(
        f'__version__ = "{contract.version}"\nCONTRACT_SHA256 = "{contract.document.sha256}"\n'
    )
    (package / "py.typed").touch()
    (root / "README.md").write_text("# Shelf\n")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## [2.3.0] - 2026-05-01\n")
    (root / "pyproject.toml").write_text(PYPROJECT)
    return root


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_two_builds_give_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    """Elsewhere, at another time, from files with other times and modes."""
    first = dist.build_twice(tree, tmp_path / "one")
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tree, elsewhere)
    for path in elsewhere.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)

    second = dist.build_twice(elsewhere, tmp_path / "two")

    assert sorted(first) == [
        "qovery_job_client-2.3.0-py3-none-any.whl",
        "qovery_job_client-2.3.0.tar.gz",
    ]
    assert first == second


def test_this_project_builds(tmp_path: Path) -> None:
    """Wheels and sdist agree, each holds its package alone, the metadata names the contract."""
    built = dist.build_twice(ROOT, tmp_path)

    wheels = sorted(name for name in built if name.endswith(".whl"))
    assert [wheel.partition("-")[0] for wheel in wheels] == [
        "qovery_job_client",
        "qovery_job_client_testing",
    ]
    for wheel in wheels:
        with zipfile.ZipFile(tmp_path / "first" / wheel) as archive:
            folders = {name.partition("/")[0].partition("-")[0] for name in archive.namelist()}
        assert folders == {wheel.partition("-")[0]}


def test_an_sdist_that_lacks_something_is_refused(tree: Path, tmp_path: Path) -> None:
    """Who builds from it would get another wheel."""
    whole, part = '"/generated/qovery_job_client"', '"/generated/qovery_job_client/__init__.py"'
    _edit(tree / "pyproject.toml", whole, part)

    with pytest.raises(dist.DistError, match="built from the sdist it has other bytes"):
        dist.build_twice(tree, tmp_path / "scratch")


def test_a_build_that_fails_says_why(tree: Path, tmp_path: Path) -> None:
    """In hatchling's words."""
    (tree / "README.md").unlink()

    with pytest.raises(dist.DistError, match=r"hatchling failed: .*README\.md"):
        dist.build_twice(tree, tmp_path / "scratch")


def test_a_wheel_that_does_not_name_its_contract_is_refused(tree: Path, tmp_path: Path) -> None:
    """Its metadata says which contract it was made of."""
    _edit(tree / "pyproject.toml", "[tool.hatch.metadata.hooks.custom]", "[tool.unused]")
    _edit(tree / "pyproject.toml", 'dynamic = ["version", "readme"]', 'dynamic = ["version"]')

    with pytest.raises(dist.DistError, match="lacks the contract's sha256"):
        dist.build_twice(tree, tmp_path / "scratch")


def test_one_version_everywhere_is_no_disagreement(tree: Path) -> None:
    """Tag, contract, package and changelog."""
    assert dist.disagreements(tree, "v2.3.0") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("generated/qovery_job_client/__init__.py", "2.3.0", "2.2.0", "run `make generate`"),
        ("openapi/job.yaml", "A small", "One small", "CONTRACT_SHA256 is of another contract"),
        ("CHANGELOG.md", "[2.3.0]", "[2.2.0]", "the newest release is '2.2.0'"),
        ("CHANGELOG.md", "[2.3.0]", "[Unreleased]", "the newest release is none"),
    ],
)
def test_a_disagreement_is_named(tree: Path, file: str, old: str, new: str, words: str) -> None:
    """With what to do about it."""
    _edit(tree / file, old, new)

    (fault,) = dist.disagreements(tree, "v2.3.0")

    assert words in fault


@pytest.mark.parametrize("tag", ["2.3.0", "v2.3", "v2.3.1"])
def test_a_tag_of_another_version_is_refused(tree: Path, tag: str) -> None:
    """A release is what its tag says."""
    (fault,) = dist.disagreements(tree, tag)

    assert "asks for 'v2.3.0'" in fault


def test_without_a_tag_the_changelog_may_be_behind(tree: Path) -> None:
    """Between releases a build is only tried."""
    (tree / "CHANGELOG.md").unlink()

    assert dist.disagreements(tree, None) == []


def test_the_oldest_versions_are_the_lower_bounds(tree: Path, tmp_path: Path) -> None:
    """What an importer may have, at the least."""
    dist.build_twice(tree, tmp_path / "scratch")
    (wheel,) = (tmp_path / "scratch" / "first").glob("*.whl")

    assert try_wheel.oldest(wheel) == ["attrs==23.2", "httpx==0.27"]


def test_no_wheel_to_try_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what to run first."""
    status = try_wheel.main(["--directory", str(tmp_path)])

    assert status == 1
    assert "0 wheels; run `make dist` first" in capsys.readouterr().err
