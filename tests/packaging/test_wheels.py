"""The wheels, installed without a checkout."""

from __future__ import annotations

import ast
import json
import shutil
import tomllib
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from tests.packaging.environments import ROOT, build_wheel, environment, required, run
from tests.recorded import NAMES, text

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheels")]

EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())
# -I: neither the working directory nor the environment's variables add anything to import.
ISOLATED = ("-I", "-W", "error")


def test_runtime_dependencies(client_wheel: Path) -> None:
    """Everything else belongs to an extra."""
    needed = [Requirement(text) for text in required(client_wheel) if "extra ==" not in text]

    assert sorted(requirement.name for requirement in needed) == ["attrs", "httpx", "msgspec"]


@pytest.mark.parametrize("name", NAMES)
def test_the_client_alone_decodes_a_job(alone: Path, tmp_path: Path, name: str) -> None:
    """The client and its requirements suffice."""
    payload = tmp_path / "job.json"
    payload.write_bytes(text(name))
    script = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from qovery_job_client import decode_job\n"
        "job = decode_job(json.loads(Path(sys.argv[1]).read_text('utf-8')))\n"
        "print(type(job).__name__, job.id)\n"
    )
    body = json.loads(text(name))
    variant = {"CRON": "CronJob", "LIFECYCLE": "LifecycleJob"}[body["job_type"]]

    printed = run([alone, *ISOLATED, "-c", script, payload])

    assert printed.split() == [variant, body["id"]]


def test_nothing_else_is_there_to_import(alone: Path) -> None:
    """The environments of these tests contain nothing else."""
    script = (
        "from importlib.metadata import distributions\n"
        "print(*{d.name.lower() for d in distributions()})\n"
    )

    printed = run([alone, *ISOLATED, "-c", script]).split()

    allowed = {"anyio", "certifi", "h11", "httpcore", "idna", "sniffio", "typing_extensions"}
    assert {"qovery-job-client", "attrs", "httpx", "msgspec"} <= set(printed)
    assert set(printed) - {"qovery-job-client", "attrs", "httpx", "msgspec"} <= allowed


def test_the_client_is_typed_for_its_importers(client_wheel: Path) -> None:
    """The wheel has `py.typed`, and no file outside its package."""
    with ZipFile(client_wheel) as archive:
        names = archive.namelist()

    assert "qovery_job_client/py.typed" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"qovery_job_client"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example_passes_with_the_wheels_alone(
    example: Path, client_wheel: Path, testing_wheel: Path, tmp_path: Path
) -> None:
    """Its own tests pass, and find the plugin by its entry point."""
    project = tmp_path / example.name
    shutil.copytree(example, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    settings = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    also = [*settings["project"]["dependencies"], *settings["dependency-groups"]["test"]]
    python = environment(tmp_path / "venv", [client_wheel, testing_wheel], also)

    printed = run([python, "-P", "-m", "pytest", "-p", "no:cacheprovider"], project)

    assert "qovery-job-client-testing" in printed  # in pytest's own list of plugins
    assert "passed" in printed


def test_testing_wheel_is_self_contained(testing_wheel: Path) -> None:
    """It has one package, which imports nothing from this repository."""
    with ZipFile(testing_wheel) as archive:
        sources = {
            name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".py")
        }
    roots = {
        (name, (module or "").partition(".")[0])
        for name, source in sources.items()
        for node in ast.walk(ast.parse(source))
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert not [pair for pair in roots if pair[1] in {"contract_tests", "scripts", "tests"}]
    assert {name.partition("/")[0] for name in sources} == {"qovery_job_client_testing"}


def test_both_wheels_are_of_one_version(client_wheel: Path, testing_wheel: Path) -> None:
    """The wheel for tests requires the client of the same version."""
    version = client_wheel.name.split("-")[1]

    assert testing_wheel.name.split("-")[1] == version
    assert f"qovery-job-client=={version}" in required(testing_wheel)


def test_testing_is_an_extra_of_the_client(client_wheel: Path) -> None:
    """`pip install qovery-job-client[testing]` installs both."""
    offered = [text for text in required(client_wheel) if text.startswith("qovery-job-client-")]

    assert offered == ["qovery-job-client-testing; extra == 'testing'"]


def test_testing_wheel_is_reproducible(testing_wheel: Path, tmp_path: Path) -> None:
    """A build from a copy in another folder is equal."""
    for folder in ("testing", "contract_tests", "openapi", "generated"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )

    again = build_wheel(tmp_path / "testing", tmp_path)

    assert again.read_bytes() == testing_wheel.read_bytes()


@pytest.mark.parametrize("folder", ["testing", "drift"])
def test_distributions_have_the_same_license(folder: str) -> None:
    """A project cannot name a license outside its folder, so the file is copied."""
    assert (ROOT / folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
