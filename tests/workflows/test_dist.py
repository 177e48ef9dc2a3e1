"""The built distributions: reproducible, complete and of one version."""

from __future__ import annotations

import os
import shutil
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from contract_tests.spec.contract import load
from scripts.release import dist, try_wheel
from scripts.release.package_metadata import absolute

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dist")]

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
urls = { Source = "https://github.com/shelf/shelf" }

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
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with the layout of this one, all of one version."""
    monkeypatch.setattr(dist, "OTHERS", ())
    monkeypatch.delenv(dist.REPOSITORY, raising=False)
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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this project's distributions."""
    scratch = tmp_path_factory.mktemp("dist")
    dist.build_twice(ROOT, scratch)
    return scratch / "first"


def test_two_builds_are_equal(tree: Path, tmp_path: Path) -> None:
    """Neither the place nor the times and modes of files change the bytes."""
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


def test_each_wheel_has_one_package_and_complete_metadata(built: Path) -> None:
    """What PyPI shows: author, license, URLs, keywords and a description with absolute links."""
    wheels = sorted(built.glob("*.whl"))
    assert [wheel.name.partition("-")[0] for wheel in wheels] == [
        "qovery_drift",
        "qovery_job_client",
        "qovery_job_client_testing",
    ]
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            folders = {name.partition("/")[0].partition("-")[0] for name in archive.namelist()}
            (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
            metadata = HeaderParser().parsestr(archive.read(name).decode())
        assert folders == {wheel.name.partition("-")[0]}
        urls = {text.partition(",")[0] for text in metadata.get_all("Project-URL", [])}
        assert urls == {"Homepage", "Documentation", "Changelog", "Source", "Issues"}
        for field in ("Author-Email", "License-Expression", "License-File", "Keywords", "Summary"):
            assert metadata[field], field
        assert "](docs/" not in metadata.get_payload()
        assert "](examples/" not in metadata.get_payload()
        assert "from a checkout" not in metadata.get_payload()


def test_links_of_the_description_are_absolute() -> None:
    """Pages and images are linked at the release's tag; other links stay."""
    text = "[a](docs/a.md#x) ![b](docs/b.svg) [c](https://c.example) [d](#d)"

    assert absolute(text, "https://host/o/n", "v1") == (
        "[a](https://host/o/n/blob/v1/docs/a.md#x) ![b](https://host/o/n/raw/v1/docs/b.svg) "
        "[c](https://c.example) [d](#d)"
    )


def test_incomplete_sdist_is_an_error(tree: Path, tmp_path: Path) -> None:
    """Building from it would give another wheel."""
    whole, part = '"/generated/qovery_job_client"', '"/generated/qovery_job_client/__init__.py"'
    _edit(tree / "pyproject.toml", whole, part)

    with pytest.raises(dist.DistError, match="built from the sdist it differs"):
        dist.build_twice(tree, tmp_path / "scratch")


def test_failed_build_quotes_hatchling(tree: Path, tmp_path: Path) -> None:
    """The last line of hatchling says what is wrong."""
    (tree / "README.md").unlink()

    with pytest.raises(dist.DistError, match=r"hatchling failed: .*README\.md"):
        dist.build_twice(tree, tmp_path / "scratch")


def test_wheel_without_the_sha256_of_its_contract_is_an_error(tree: Path, tmp_path: Path) -> None:
    """The metadata says from which contract the package was generated."""
    _edit(tree / "pyproject.toml", "[tool.hatch.metadata.hooks.custom]", "[tool.unused]")
    _edit(tree / "pyproject.toml", 'dynamic = ["version", "readme"]', 'dynamic = ["version"]')

    with pytest.raises(dist.DistError, match="lacks the contract's sha256"):
        dist.build_twice(tree, tmp_path / "scratch")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("generated/qovery_job_client/__init__.py", "2.3.0", "2.2.0", "run `make generate`"),
        ("openapi/job.yaml", "A small", "One small", "CONTRACT_SHA256 is of another contract"),
        ("CHANGELOG.md", "[2.3.0]", "[2.2.0]", "as the newest release, got '2.2.0'"),
        ("CHANGELOG.md", "## [2.3.0]", "## [3.0]", "as the newest release, got '3.0'"),
        ("CHANGELOG.md", "## [2.3.0]", "## Version 2.3.0", "as the newest release, got none"),
        (
            "CHANGELOG.md",
            "## [2.3.0]",
            "## [Unreleased]\n\n- A note.\n\n## [2.3.0]",
            "notes under [Unreleased]; move them to [2.3.0]",
        ),
    ],
)
def test_disagreement_is_named(tree: Path, file: str, old: str, new: str, words: str) -> None:
    """Tag, contract, package and changelog have one version."""
    assert dist.disagreements(tree, "v2.3.0") == []
    _edit(tree / file, old, new)

    (error,) = dist.disagreements(tree, "v2.3.0")

    assert words in error


@pytest.mark.parametrize("tag", ["2.3.0", "v2.3", "v2.3.1"])
def test_tag_of_another_version_is_an_error(tree: Path, tag: str) -> None:
    """The tag is `v` and the version of the contract."""
    assert dist.disagreements(tree, tag) == [
        f"tag: expected 'v2.3.0', the version of the contract, got {tag!r}"
    ]


def test_urls_of_another_repository_are_an_error(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyPI must not link to a repository that did not release the package."""
    monkeypatch.setenv(dist.REPOSITORY, "somebody/fork")

    assert dist.disagreements(tree, "v2.3.0") == [
        "pyproject.toml: project.urls are not of somebody/fork"
    ]


def test_without_a_tag_the_changelog_may_be_behind(tree: Path) -> None:
    """A build between releases needs no section in the changelog."""
    (tree / "CHANGELOG.md").unlink()

    assert dist.disagreements(tree, None) == []


def test_oldest_versions_are_the_lower_bounds(tree: Path, tmp_path: Path) -> None:
    """The wheel is also tried with the oldest dependencies that it allows."""
    dist.build_twice(tree, tmp_path / "scratch")
    (wheel,) = (tmp_path / "scratch" / "first").glob("*.whl")

    assert try_wheel.oldest(wheel) == ["attrs==23.2", "httpx==0.27"]


def test_missing_wheel_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what to run first."""
    status = try_wheel.main(["--directory", str(tmp_path)])

    assert status == 1
    message = "expected one wheel of qovery_job_client, got 0; run `make dist` first"
    assert message in capsys.readouterr().err
