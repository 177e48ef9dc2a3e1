"""From a finding about a changed server to a client that supports the change.

Everything is real: a server on loopback that follows tomorrow's contract, a copy of this project
with its generator and checks, and `scripts.drift` and the generated client as processes.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock_server.serving import running
from contract_tests.spec import contract as contracts
from contract_tests.spec.document import parse
from scripts.accept.changelog import raised
from tests.accept.work_tree import commit, copy_project, state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_tests.mock_server.serving import Running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real-change")]

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
    base["properties"]["zone"] = {"type": "string", "description": "Its zone."}
    base["required"].append("zone")
    base["properties"]["description"]["type"] = ["string", "null"]
    schemas["ServiceType"]["enum"].append("AGENT")
    return contracts.resolve(parse(json.dumps(data).encode(), "tomorrow.json"))


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A server that follows tomorrow's contract."""
    with running(grown()) as server:
        yield server


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this project."""
    return copy_project(tmp_path_factory.mktemp("project") / "tree")


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
    """The status of `scripts.drift` against the server, with its reports next to the copy."""
    jobs = ",".join(server.known_ids)
    arguments = ("--base-url", server.url, "--job-id", jobs, "--report-dir", str(tree.parent / "r"))
    done = run(tree, "-m", "scripts.drift", *arguments, "--budget", "3000", *more)
    print(done.stdout, done.stderr)
    return done.returncode


def test_drift_becomes_a_change_of_the_contract(
    tree: Path, server: Running, tmp_path: Path
) -> None:
    """After propose and accept, drift is clean and the client has the new shape."""
    version = contracts.load(tree / "openapi" / "job.yaml").version
    overlay = tmp_path / "overlay.yaml"

    assert drift(tree, server, "--propose", str(overlay)) == 4
    rejected = run(tree, "-m", "scripts.accept", str(overlay))
    assert rejected.returncode == 4
    assert "no description of `zone`" in rejected.stderr
    text = overlay.read_text(encoding="utf-8")
    overlay.write_text(text.replace("description: ''", "description: Where it runs."))
    accepted = run(tree, "-m", "scripts.accept", str(overlay))

    assert accepted.returncode == 0, accepted.stderr
    following = raised(version, "minor")  # the copy's first commit is its last release
    assert f"version {following}:" in accepted.stdout
    assert drift(tree, server) == 0
    seen = json.loads(run(tree, "-c", CLIENT, server.url, *server.known_ids).stdout)
    assert seen["version"] == following
    assert set(seen["types"]) == {"str"}
    assert "AGENT" in seen["kinds"]
    assert all(seen["known"])
    assert True in seen["descriptions"]
    changelog = (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "- `zone` (string, always present) was added to jobs.\n" in changelog
    assert "- `service_type` of jobs may be `AGENT`.\n" in changelog
    assert "- `description` of jobs may be null.\n" in changelog

    commit(tree)
    before = state(tree)
    again = run(tree, "-m", "scripts.accept", str(overlay))

    assert again.returncode == 0
    assert "nothing changed" in again.stdout
    assert state(tree) == before
