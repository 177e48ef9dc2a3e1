"""The command: the same bytes always, the whole package or nothing, and what is stale is named."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract_tests.spec.contract import PATH, load
from scripts.generate import command
from scripts.generate.command import PACKAGE, ROOT, main
from tests.generation.generated import contract, write

THING = {"type": "object", "properties": {"name": {"type": "string"}}}


def digest(folder: Path) -> dict[str, str]:
    """Every file below `folder` and the sum of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to be spoiled."""
    copy = tmp_path / "generated" / "qovery_job_client"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_package_in_the_repository_is_current() -> None:
    """What is checked in is what the sources generate."""
    assert main(["--check"]) == 0


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_output_depends_on_nothing_but_the_sources(tmp_path: Path, seed: str) -> None:
    """Any hash seed, any working folder, any output folder: the same bytes."""
    output = tmp_path / "deep" / "er" / "package"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "LANG": "C"}

    subprocess.run(
        [sys.executable, "-m", "scripts.generate", "--output", str(output)],
        cwd=tmp_path,
        env=environment,
        check=True,
    )

    assert digest(output) == digest(PACKAGE)


def test_every_file_says_where_it_is_from() -> None:
    """Contract version and sum, and that it is not to be edited, stand at the top of each."""
    whole = load()
    sums = (f"(contract {whole.version}, sha256", whole.document.sha256, "Do not edit")

    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            top = "\n".join(path.read_text("utf-8").splitlines()[:3])
            assert all(part in top for part in sums), path


def test_check_names_what_is_stale_missing_and_stray(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file that differs is named, nothing is written, and the status is 4."""
    (package / "client.py").write_text("changed")
    (package / "api" / "__init__.py").unlink()
    (package / "old.py").write_text("stray")
    before = digest(package)

    status = main(["--check", "--output", str(package)])

    assert status == 4
    assert capsys.readouterr().err.splitlines() == [
        "missing: qovery_job_client/api/__init__.py (run `make generate`)",
        "stale: qovery_job_client/client.py (run `make generate`)",
        "stray: qovery_job_client/old.py (run `make generate`)",
    ]
    assert digest(package) == before


def test_check_of_no_package_names_every_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder is stale too."""
    assert main(["--check", "--output", str(tmp_path / "none")]) == 4
    assert capsys.readouterr().err.count("missing: ") == len(digest(PACKAGE))


def test_writing_replaces_the_whole_package(package: Path) -> None:
    """What does not belong there is gone, and nothing is left beside it."""
    (package / "old.py").write_text("stray")
    (package / "client.py").unlink()

    assert main(["--output", str(package)]) == 0

    assert digest(package) == digest(PACKAGE)
    assert list(package.parent.iterdir()) == [package]


class Interrupted(BaseException):
    """Somebody pressed Ctrl-C."""


@pytest.mark.parametrize("step", ["write_package", "replace_tree"])
def test_interrupted_run_leaves_the_package_alone(
    package: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whenever it stops, the old package is there whole."""

    def stop(*_: object) -> None:
        raise Interrupted

    monkeypatch.setattr(command, step, stop)

    with pytest.raises(Interrupted):
        main(["--output", str(package)])

    assert digest(package) == digest(PACKAGE)
    assert list(package.parent.iterdir()) == [package]


def test_failed_swap_puts_the_package_back(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename that fails halfway is undone."""
    fresh = tmp_path / "generated" / ".new" / "qovery_job_client"
    fresh.mkdir(parents=True)
    real = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if self == fresh:
            raise Interrupted
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failing)

    with pytest.raises(Interrupted):
        command.replace_tree(fresh, package)

    assert digest(package) == digest(PACKAGE)


def without(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The document without some of its parts."""
    return {key: value for key, value in document.items() if key not in keys}


GOOD = contract({"Thing": THING})
NAMELESS = {"type": "object", "properties": {"inner": THING}}
UNKNOWN_TYPE = {"type": "object", "properties": {"a": {"type": "strin"}}}
BAD = [
    ("no YAML", "a: [", "not YAML"),
    ("other version", {**GOOD, "openapi": "3.0.3"}, "expected an OpenAPI 3.1 document"),
    ("no operation", {**GOOD, "paths": {"/x": {}}}, "expected one `get`"),
    (
        "cycle",
        contract(
            {
                "Thing": {
                    "type": "object",
                    "properties": {"a": {"$ref": "#/components/schemas/Thing"}},
                }
            }
        ),
        "cycle",
    ),
    ("dangling", contract({"Thing": {"$ref": "#/components/schemas/None"}}), "points at nothing"),
    ("no name", contract({"Thing": NAMELESS}), "that has no name; move it to"),
    ("scalar", contract({"Thing": {"type": "string"}}), "no named object or union"),
    ("unknown type", contract({"Thing": UNKNOWN_TYPE}), "contract"),
    (
        "pattern",
        contract(
            {"Thing": {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}}
        ),
        "none of Python's",
    ),
]


@pytest.mark.parametrize(
    ("bad", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_bad_contract_is_one_line_and_nothing_written(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Any, words: str
) -> None:
    """What is wrong is said in a line, the status is 2, and the old package stays."""
    path = tmp_path / "bad.yaml"
    path.write_text(bad) if isinstance(bad, str) else path.write_bytes(
        write(bad, tmp_path).read_bytes()
    )

    status = main(["--contract", str(path), "--output", str(package)])

    error = capsys.readouterr().err
    assert status == 2
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert words in error
    assert digest(package) == digest(PACKAGE)
    assert [item.name for item in package.parent.iterdir()] == [package.name]


def test_missing_contract_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that leads nowhere is named."""
    assert main(["--contract", str(tmp_path / "none.yaml"), "--check"]) == 2
    assert "none.yaml" in capsys.readouterr().err


def test_warning_of_the_generator_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the generator drops with a warning is an error here, not a hole in the client."""
    document = contract({"Thing": THING})
    document["components"]["schemas"]["Thing"]["properties"]["a"] = {
        "type": "integer",
        "default": "x",
    }

    status = main(["--contract", str(write(document, tmp_path)), "--output", str(tmp_path / "x")])

    assert status == 2
    assert "the generator refuses the contract" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_default_contract_is_the_projects() -> None:
    """Without an argument the project's own contract is meant."""
    assert PATH.name == "job.yaml"
    assert PACKAGE.parent.name == "generated"
