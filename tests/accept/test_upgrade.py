"""`python -m scripts.accept.upgrade` on a small work tree, with documents in the vendor's style."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle import deviations
from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import read
from scripts.accept.changelog import raised
from scripts.accept.check import contract_problems
from scripts.accept.upgrade import main
from tests.accept.work_tree import VERSION, commit, git, make, state
from tests.compare.documents import as_a_vendor_writes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract_tests.spec.values import Json

pytestmark = pytest.mark.slow

MINOR = raised(VERSION, "minor")
OPERATION = load().path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small work tree with the accepted divergences."""
    tree = make(tmp_path / "tree")
    shutil.copy(deviations.PATH, tree / "openapi")
    commit(tree)
    return tree


def document(tree: Path, *changes: Callable[[Json], object]) -> str:
    """Write the vendor's document with changes next to the work tree; return its path."""
    data = as_a_vendor_writes(read(PATH).data)
    for change in changes:
        change(data)
    path = tree.parent / "vendor.json"
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return str(path)


def add_member(data: Json, member: str = "NEW") -> None:
    """Add an enum member."""
    data["components"]["schemas"]["TheirServiceType"]["enum"].append(member)


def add_property(data: Json) -> None:
    """Add an optional property to all jobs."""
    data["components"]["schemas"]["TheirJobBase"]["properties"]["shade"] = {"type": "string"}


def remove_variant(data: Json) -> None:
    """Remove the last variant."""
    data["components"]["schemas"]["TheirJob"]["oneOf"].pop()


def move(data: Json) -> None:
    """Move a schema to another name, and the operation's schema into it."""
    text = json.dumps(data).replace("TheirJobBase", "Moved")
    data.clear()
    data.update(json.loads(text))


def test_same_document_is_nothing_to_do(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither is a schema that was moved; it may be done with uncommitted changes."""
    (tree / "CHANGELOG.md").write_text("# mine\n", encoding="utf-8")
    before = state(tree)

    assert main([document(tree)], root=tree) == 0
    assert main([document(tree, move)], root=tree) == 0

    assert capsys.readouterr().out.count("nothing to apply\n") == 2
    assert state(tree) == before


def test_description_is_asked_for_and_kept(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run names the line to write it in; the second one applies it and a later change."""
    proposal = tree / "reports" / "upgrade.yaml"

    assert main([document(tree, add_property)], root=tree) == 4
    errors = capsys.readouterr().err
    assert f"{proposal}:" in errors
    assert "no description of `shade`" in errors
    text = proposal.read_text(encoding="utf-8")
    proposal.write_text(text.replace("description: ''", "description: How dark."), encoding="utf-8")
    assert main([document(tree, add_property, add_member)], root=tree) == 0

    shown = capsys.readouterr().out
    assert f"\nContract {MINOR}: follow vendor.json\n" in shown
    assert "- `shade` (string) was added to jobs.\n" in shown
    assert "Nothing: the contract agrees with the document." in shown
    assert "description: How dark." in (tree / "openapi" / "job.yaml").read_text(encoding="utf-8")


def test_two_upgrades_before_a_release(tree: Path) -> None:
    """They raise the version once, and each has its line in the changelog."""
    for count in (1, 2):
        names = [f"NEW_{number}" for number in range(count)]
        changes = [lambda data, name=name: add_member(data, name) for name in names]
        assert main([document(tree, *changes)], root=tree) == 0
        commit(tree)

    assert read(tree / "openapi" / "job.yaml").data["info"]["version"] == MINOR
    log = (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [log.count(f"may be `NEW_{number}`") for number in range(2)] == [1, 1]
    assert log.index("NEW_0") < log.index("NEW_1") < log.index(f"## [{VERSION}]")


def test_branch_behind_a_release_is_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No version is given to two contracts."""
    main([document(tree, add_member)], root=tree)
    commit(tree)
    git(tree, "tag", f"v{MINOR}")
    git(tree, "reset", "--quiet", "--hard", "HEAD~1")
    before = state(tree)

    assert main([document(tree, add_member)], root=tree) == 2
    assert f"v{MINOR} is released, but not from this branch" in capsys.readouterr().err
    assert state(tree) == before

    git(tree, "checkout", "--quiet", f"v{MINOR}", "--", ".")
    assert f"v{MINOR} is released, but not from this branch" in "".join(contract_problems(tree))


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        (remove_variant, 4, "branch removed"),
        (lambda data: data.update(servers=[{"url": "https://a.example"}]), 4, "server added"),
        (lambda data: data.update(security=[]), 4, "security removed"),
        (lambda data: data["paths"][OPERATION].pop("get"), 2, "was it deleted"),
        (lambda data: data["components"].clear(), 2, "points at nothing"),
    ],
    ids=["variant", "servers", "security", "operation", "schemas"],
)
def test_change_for_a_person_changes_nothing(
    tree: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Json], object],
    status: int,
    message: str,
) -> None:
    """What can't be proposed is reported, and the status is that of what remains."""
    before = state(tree)

    assert main([document(tree, change)], root=tree) == status

    shown = capsys.readouterr()
    assert message in (shown.out if status == 4 else shown.err)
    assert state(tree) == before


def test_expired_deviation_is_not_applied(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it covered is for a person to decide again."""
    path = tree / "openapi" / "deviations.yaml"
    path.write_text(re.sub(r"20\d\d(?=-\d\d-\d\d)", "2020", path.read_text("utf-8")), "utf-8")
    commit(tree)
    before = state(tree)

    assert main([document(tree, add_member)], root=tree) == 4

    errors = capsys.readouterr().err
    assert "expired on 2020-" in errors
    assert errors.endswith("nothing changed\n")
    assert state(tree) == before


def test_proposal_that_cannot_be_written_changes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the file and the reason."""
    (tree / "reports").write_text("", encoding="utf-8")
    before = state(tree)

    assert main([document(tree, add_member)], root=tree) == 2

    error = capsys.readouterr().err
    assert error == f"scripts.accept.upgrade: {tree}/reports: File exists\n"
    assert state(tree) == before
