"""The tests keep passing when the contract changes: they derive from it what they expect.

`make test-evolution` runs all fast tests on a copy for every change; the gate runs a sample.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.contract import load
from scripts.accept.change import work_out
from scripts.compare.overlay import Overlay
from scripts.compare.overlay_diff import diff_documents
from tests.accept.work_tree import copy_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract_tests.spec.values import Json

pytestmark = pytest.mark.slow

ALL = bool(os.environ.get("EVOLUTION"))
FAST = ["-m", "not slow and not fuzz", "contract_tests"]
SUITES = [*FAST, "tests", "-n", "auto"] if ALL else [*FAST, "tests/spec"]


def add_variant(schemas: Json) -> None:
    """Add a variant, like the first one."""
    job = load().job
    union, tag = schemas[job.name], job.discriminator
    first, number = next(iter(load().variants)), len(load().variants) + 1
    schemas[f"Variant{number}"] = variant = copy.deepcopy(schemas[first])
    variant["allOf"][-1]["properties"][tag]["const"] = f"VARIANT_{number}"
    reference = f"#/components/schemas/Variant{number}"
    union["oneOf"].append({"$ref": reference})
    union["discriminator"]["mapping"][f"VARIANT_{number}"] = reference


def shared_part(schemas: Json) -> Json:
    """Return the schema that all variants share."""
    variant = schemas[next(iter(load().variants))]
    return schemas[variant["allOf"][0]["$ref"].rpartition("/")[2]]


def optional_properties(schemas: Json) -> list[str]:
    """Return the names of the optional properties that all variants share."""
    shared = shared_part(schemas)
    return [name for name in shared["properties"] if name not in shared["required"]]


def require_property(schemas: Json) -> None:
    """Require the first optional property."""
    shared_part(schemas)["required"].append(optional_properties(schemas)[0])


def add_property(schemas: Json) -> None:
    """Add an optional property."""
    properties = shared_part(schemas)["properties"]
    properties[f"shade_{len(properties)}"] = {"description": "A shade.", "type": "string"}


def add_schema(schemas: Json) -> None:
    """Add an optional property that may be null and has an enum of its own."""
    name = f"Shade{len(schemas)}"
    schemas[name] = {"description": "A shade.", "type": "string", "enum": ["DARK", "LIGHT"]}
    reference = {"$ref": f"#/components/schemas/{name}"}
    shared_part(schemas)["properties"][name.lower()] = {"oneOf": [reference, {"type": "null"}]}


def remove_property(schemas: Json) -> None:
    """Remove the first optional property."""
    del shared_part(schemas)["properties"][optional_properties(schemas)[0]]


def allow_null(schemas: Json) -> None:
    """Allow null for the first optional property that has one type."""
    properties = shared_part(schemas)["properties"]
    optional = (properties[name] for name in optional_properties(schemas))
    schema = next(each for each in optional if isinstance(each.get("type"), str))
    schema["type"] = [schema["type"], "null"]


def longest_enum(schemas: Json) -> list[Json]:
    """Return the members of the longest enum."""
    return max((each.get("enum", []) for each in schemas.values()), key=len)


def add_member(schemas: Json) -> None:
    """Add a member to the longest enum."""
    members = longest_enum(schemas)
    members.append(f"MEMBER_{len(members)}")


def remove_member(schemas: Json) -> None:
    """Remove a member of the longest enum."""
    longest_enum(schemas).pop()


def first_with(schemas: Json, keyword: str) -> Json:
    """Return the first property that has a number as the value of a keyword."""
    properties = (
        inner for each in schemas.values() for inner in each.get("properties", {}).values()
    )
    return next(inner for inner in properties if isinstance(inner.get(keyword), int))


def change_bound(schemas: Json) -> None:
    """Loosen the first minimum."""
    first_with(schemas, "minimum")["minimum"] -= 1


def change_default(schemas: Json) -> None:
    """Change the first default."""
    first_with(schemas, "default")["default"] += 1


CHANGES = {
    "variant added": add_variant,
    "property required": require_property,
    "member removed": remove_member,
    "member added": add_member,
    "bound changed": change_bound,
    "property added": add_property,
    "schema added": add_schema,
    "property removed": remove_property,
    "default changed": change_default,
    "null allowed": allow_null,
}
SAMPLE = {"variant added": add_variant}


def apply(change: Callable[[Json], None], tree: Path) -> None:
    """Change the contract of the copy, its version and its changelog, as `accept` does."""
    contract, log = tree / "openapi" / "job.yaml", tree / "CHANGELOG.md"
    before = load().document.data
    after = copy.deepcopy(before)
    change(after["components"]["schemas"])
    overlay = Overlay("T", diff_documents(before, after, {}))
    done = work_out(contract.read_bytes(), "job.yaml", log.read_text("utf-8"), overlay, None)
    assert done is not None
    contract.write_bytes(done.source)
    log.write_bytes(done.changelog)


@pytest.mark.parametrize(
    "change", (CHANGES if ALL else SAMPLE).values(), ids=CHANGES if ALL else SAMPLE
)
def test_tests_pass_after_a_change(tmp_path: Path, change: Callable[[Json], None]) -> None:
    """Generation and the tests that read the contract need no edit."""
    tree = copy_project(tmp_path / "tree")
    apply(change, tree)

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
