"""The tests keep passing when the contract changes: they derive from it what they expect.

`make test-evolution` runs more tests on a copy for every change; the gate runs a sample.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from contract_tests.spec.contract import load
from tests.accept.work_tree import copy_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract_tests.spec.values import Json

pytestmark = pytest.mark.slow

ALL = bool(os.environ.get("EVOLUTION"))
SUITES = (
    ["contract_tests", "tests/spec", "tests/oracle", "tests/mock_server", "tests/mutants"]
    if ALL
    else ["contract_tests", "tests/spec"]
)


def add_variant(schemas: Json) -> None:
    """Add a third variant, like the first one."""
    job = load().job
    union, tag = schemas[job.name], job.discriminator
    first = next(iter(load().variants))
    schemas["ThirdVariant"] = variant = copy.deepcopy(schemas[first])
    variant["allOf"][-1]["properties"][tag]["const"] = "THIRD"
    reference = "#/components/schemas/ThirdVariant"
    union["oneOf"].append({"$ref": reference})
    union["discriminator"]["mapping"]["THIRD"] = reference


def require_property(schemas: Json) -> None:
    """Require the first optional property of the part that all variants share."""
    variant = schemas[next(iter(load().variants))]
    shared = schemas[variant["allOf"][0]["$ref"].rpartition("/")[2]]
    optional = [name for name in shared["properties"] if name not in shared["required"]]
    shared["required"].append(optional[0])


def remove_member(schemas: Json) -> None:
    """Remove a member of the longest enum."""
    max((each.get("enum", []) for each in schemas.values()), key=len).pop()


def change_bound(schemas: Json) -> None:
    """Loosen the first minimum."""
    properties = [
        inner for each in schemas.values() for inner in each.get("properties", {}).values()
    ]
    next(inner for inner in properties if "minimum" in inner)["minimum"] -= 1


CHANGES = {
    "variant added": add_variant,
    "property required": require_property,
    "member removed": remove_member,
    "bound changed": change_bound,
}
SAMPLE = {"variant added": add_variant}


@pytest.mark.parametrize(
    "change", (CHANGES if ALL else SAMPLE).values(), ids=CHANGES if ALL else SAMPLE
)
def test_tests_pass_after_a_change(tmp_path: Path, change: Callable[[Json], None]) -> None:
    """Generation and the tests that read the contract need no edit."""
    tree = copy_project(tmp_path / "tree")
    contract = tree / "openapi" / "job.yaml"
    data = copy.deepcopy(load().document.data)
    change(data["components"]["schemas"])
    contract.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")

    run(tree, "-m", "scripts.generate")
    run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES)


def run(tree: Path, *arguments: str) -> None:
    """Run a module of the copy; show its output if it fails."""
    environment = {key: value for key, value in os.environ.items() if "QOVERY" not in key}
    environment |= {"PYTHONPATH": str(tree / "generated"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("EVOLUTION", None)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
