"""A server that has grown, from the first finding to a client that knows what it grew.

The real parts: a server on loopback that answers by tomorrow's contract, this project's copy with
its generator and checks, `scripts.drift` and the generated client as programs of their own.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock_server.serving import running
from contract_tests.spec import contract as contracts
from contract_tests.spec.document import parse
from scripts.accept.command import LEFT_OUT
from tests.accept.test_transaction import contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.mock_server.serving import Running

REPOSITORY = Path(__file__).parents[2]

CLIENT = """
import json, sys
from qovery_job_client import AuthenticatedClient, ServiceType, __version__, get_job

url, *ids = sys.argv[1:]
seen = {"version": __version__, "types": [], "kinds": [], "known": [], "descriptions": []}
with AuthenticatedClient(base_url=url, token="x", strict=True) as client:
    for job_id in ids:
        job = get_job.sync(job_id, client=client)
        seen["types"].append(type(job.zone).__name__)
        seen["kinds"].append(str(job.service_type.value))
        seen["known"].append(isinstance(job.service_type, ServiceType))
        seen["descriptions"].append(job.description is None)
print(json.dumps(seen))
"""


def grown() -> contracts.Contract:
    """Tomorrow's contract: a new property, a new enum member, and a null that is really sent."""
    document = contracts.load().document
    data = copy.deepcopy(document.data)
    schemas = data["components"]["schemas"]
    base = schemas["JobBase"]
    base["properties"]["zone"] = {"type": "string"}
    base["required"].append("zone")
    base["properties"]["description"]["type"] = ["string", "null"]
    schemas["ServiceType"]["enum"].append("AGENT")
    return contracts.resolve(parse(json.dumps(data).encode(), "tomorrow.json"))


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A server that answers by tomorrow's contract."""
    with running(grown()) as server:
        yield server


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project, as it stands, somewhere else."""
    tree = tmp_path_factory.mktemp("project") / "tree"
    shutil.copytree(REPOSITORY, tree, ignore=LEFT_OUT, symlinks=True)
    return tree


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program of the copied project, knowing nothing of this one or of any live server."""
    environment = {key: value for key, value in os.environ.items() if "QOVERY" not in key}
    environment |= {"PYTHONPATH": str(tree / "generated"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def drift(tree: Path, server: Running, *more: str) -> int:
    """The status of `scripts.drift` against the server, its reports beside the copy."""
    jobs = ",".join(server.known_ids)
    arguments = ("--base-url", server.url, "--job-id", jobs, "--report-dir", str(tree.parent / "r"))
    done = run(tree, "-m", "scripts.drift", *arguments, "--budget", "3000", *more)
    print(done.stdout, done.stderr)
    return done.returncode


def test_change_is_taken_in_from_a_servers_answers(
    tree: Path, server: Running, tmp_path: Path
) -> None:
    """Proposed, accepted: drift is clean, the client knows the new shape, the version says so."""
    contract = contracts.load(tree / "openapi" / "job.yaml")
    overlay = tmp_path / "overlay.yaml"

    assert drift(tree, server, "--propose", str(overlay)) == 4
    accepted = run(tree, "-m", "scripts.accept", str(overlay))

    assert accepted.returncode == 0, accepted.stderr
    major, minor, _ = contract.version.split(".")
    following = f"{major}.{int(minor) + 1}.0"
    assert f"version {following}:" in accepted.stdout
    assert drift(tree, server) == 0
    seen = json.loads(run(tree, "-c", CLIENT, server.url, *server.known_ids).stdout)
    assert seen["version"] == following
    assert set(seen["types"]) == {"str"}
    assert "AGENT" in seen["kinds"]
    assert all(seen["known"])
    assert True in seen["descriptions"]
    changelog = (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{following}] - " in changelog
    assert "`/zone`: property added" in changelog
    assert "`/service_type`: enum member added, `AGENT`" in changelog
    assert "`/description`: made nullable" in changelog

    before = contents(tree)
    again = run(tree, "-m", "scripts.accept", str(overlay))

    assert again.returncode == 0
    assert "nothing changed" in again.stdout
    assert contents(tree) == before
