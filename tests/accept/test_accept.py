"""`python -m scripts.accept` on a small work tree: all of a change, or none of it.

The real generator and checks run in `test_real_change.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.contract import PATH
from contract_tests.spec.document import parse, read
from scripts.accept.change import work_out
from scripts.accept.changelog import raised
from scripts.accept.command import main
from scripts.compare.overlay import Action, Overlay
from tests.accept.work_tree import (
    BASE,
    CHECK,
    GENERATOR,
    LOG,
    MEMBER,
    VERSION,
    commit,
    git,
    make,
    state,
    write_overlay,
)

if TYPE_CHECKING:
    from scripts.accept.change import ContractChange
    from scripts.compare.impact import Bump

pytestmark = pytest.mark.slow

CONTRACT_TESTS = "contract_tests/test_contract_tests.py"
REPOSITORY = Path(__file__).parents[2]
MINOR = raised(VERSION, "minor")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small work tree, committed."""
    return make(tmp_path / "tree")


def test_change_is_applied(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Contract, client, version and changelog change, and nothing else of the contract."""
    before = (tree / "openapi" / "job.yaml").read_text(encoding="utf-8").splitlines()

    status = main([write_overlay(tree, MEMBER)], root=tree)

    after = (tree / "openapi" / "job.yaml").read_text(encoding="utf-8").splitlines()
    assert status == 0
    assert f"version {MINOR}: 3 files changed and staged" in capsys.readouterr().out
    assert [line for line in after if line not in before] == [
        f"  version: {MINOR}",
        "        - NEW_CR",
    ]
    assert len(after) == len(before) + 1
    assert (tree / "generated" / "client.py").read_text() == f"lines = {len(after)}\n"
    assert (tree / "CHANGELOG.md").read_text(encoding="utf-8") == (
        "# Changelog\n\n## [Unreleased]\n\n### Added\n\n"
        "- `kind` of `source.image.registry` may be `NEW_CR`.\n\n"
        f"## [{VERSION}] - 2026-01-01\n\n### Added\n\n- All.\n"
    )
    assert git(tree, "status", "--porcelain").splitlines() == [
        "M  CHANGELOG.md",
        "M  generated/client.py",
        "M  openapi/job.yaml",
    ]


def test_second_accept_changes_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Applying the same file again reports that there is nothing to do."""
    main([write_overlay(tree, MEMBER)], root=tree)
    commit(tree)
    once = state(tree)

    status = main([write_overlay(tree, MEMBER)], root=tree)

    assert status == 0
    assert "nothing changed" in capsys.readouterr().out
    assert state(tree) == once


def described(**schema: object) -> Action:
    """An action that adds a property to all jobs."""
    return Action(
        BASE, "", update={"properties": {"shade": {"description": "How dark.", **schema}}}
    )


def worked_out(*actions: Action, log: str = LOG) -> ContractChange:
    """What the actions do to the contract, whose present state is released."""
    change = work_out(PATH.read_bytes(), "job.yaml", log, Overlay("T", actions), None)
    assert change is not None
    return change


@pytest.mark.parametrize(
    ("actions", "bump"),
    [
        ([MEMBER], "minor"),
        ([described(type="boolean")], "minor"),
        ([Action(f"{BASE}.required", "", update="port")], "minor"),
        (
            [Action(f"{BASE}.properties.description", "", update={"type": ["string", "null"]})],
            "minor",
        ),
        ([Action(f"{BASE}.properties.name", "", update={"type": ["string", "null"]})], "major"),
        ([Action(f"{BASE}.properties.name", "", update={"type": "integer"})], "major"),
        ([Action(f"{BASE}.properties.description", "", remove=True)], "major"),
        ([Action(f"{BASE}.properties.cpu", "", update={"default": 100})], "patch"),
        ([Action(f"{BASE}.properties.cpu", "", update={"description": "How much."})], "patch"),
        ([MEMBER, Action(f"{BASE}.properties.name", "", update={"type": "integer"})], "major"),
    ],
    ids=[
        "member",
        "property",
        "required",
        "optional nullable",
        "required nullable",
        "type",
        "removed",
        "default",
        "description",
        "two",
    ],
)
def test_version_follows_impact(actions: list[Action], bump: Bump) -> None:
    """The change with the greatest impact on importers decides."""
    change = worked_out(*actions)

    assert change.version == raised(VERSION, bump)
    assert f"\n  version: {change.version}\n" in change.source.decode()


def test_version_is_relative_to_the_last_release(tree: Path) -> None:
    """Two additive changes before a release are one minor; a breaking one is then a major."""
    versions = []
    for action in (
        MEMBER,
        described(type="boolean"),
        Action(f"{BASE}.properties.name", "", update={"default": "a"}),
        Action(f"{BASE}.properties.name", "", update={"type": "integer", "default": 1}),
    ):
        main([write_overlay(tree, action)], root=tree)
        commit(tree)
        versions.append(str(read(tree / "openapi" / "job.yaml").data["info"]["version"]))

    major = raised(VERSION, "major")
    assert versions == [MINOR, MINOR, MINOR, major]
    log = (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    assert log.count("### Added") == 2  # once for the release, once for what is unreleased
    assert "- `shade` (boolean) was added to jobs.\n" in log


def test_missing_changelog_is_created() -> None:
    """The first entry comes with the file's header."""
    log = worked_out(MEMBER, log="").changelog.decode()

    assert log.startswith("# Changelog\n")
    assert "## [Unreleased]\n\n### Added\n\n- `kind`" in log


def test_missing_description_is_reported(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The overlay's line is named; with --draft the change is applied without it."""
    update = {"properties": {"shade": {"description": "", "type": "boolean"}}}
    overlay = write_overlay(tree, Action(BASE, "", update=update))
    before = state(tree)
    lines = Path(overlay).read_text(encoding="utf-8").splitlines()
    line = 1 + lines.index("          description: ''")

    status = main([overlay], root=tree)

    assert status == 4
    assert f"overlay.yaml:{line}: no description of `shade`" in capsys.readouterr().err
    assert state(tree) == before
    assert main([overlay, "--draft"], root=tree) == 0
    assert "write the description of /components/schemas/JobBase" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (CONTRACT_TESTS, CHECK.format(condition=False), "assert False"),
        ("tests/oracle/test_oracle.py", CHECK.format(condition=False), "assert False"),
        (GENERATOR, "raise SystemExit('no such thing')", "no such thing"),
        (GENERATOR, "import os, signal\nos.kill(os.getpid(), 9)", "exit status -9"),
    ],
    ids=["contract test", "fast test", "generator", "killed"],
)
def test_rejected_change_changes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, message: str
) -> None:
    """The output of a generator or check that fails is shown."""
    (tree / file).write_text(text, encoding="utf-8")
    commit(tree)
    before = state(tree)

    status = main([write_overlay(tree, MEMBER)], root=tree)

    errors = capsys.readouterr().err
    assert status == 4
    assert message in errors
    assert "nothing changed" in errors
    assert state(tree) == before


@pytest.mark.parametrize(
    "actions",
    [
        [Action("$.components.schemas.None", "", update={"a": 1})],
        [Action(BASE, "", update={"allOf": [{"$ref": "#/a"}]})],
        [Action("$.components.schemas.RegistryKind.enum", "", update='A"""\nimport os')],
        [Action(BASE, "", update={"properties": {"a'); print(1": {"type": "string"}}})],
        [Action(BASE, "", update={"properties": {"../../a": {"type": "string"}}})],
        [Action("$.components.schemas", "", update={"../A": {"type": "string"}})],
        [Action(BASE, "", remove=True)],
        [Action("$.paths", "", remove=True)],
        [Action("$.info", "", update={"version": "7.0.0"})],
        [Action("$.info", "", update={"title": "Other"})],
        [Action("$.servers[0]", "", update={"url": "https://other.example"})],
        [Action("$.servers", "", update={"url": "https://other.example"})],
        [Action("$.components.securitySchemes.apiKey", "", update={"name": "X-Other"})],
        [Action("$.security", "", update={})],
        [Action("$.paths.*", "", update={"servers": [{"url": "https://other.example"}]})],
        [Action("$.paths.*.get", "", update={"servers": [{"url": "https://other.example"}]})],
        [Action("$.paths.*.get", "", update={"security": []})],
        [Action("$.paths", "", update={"/b/{id}": {"delete": {}}})],
        [Action("$.paths.*", "", update={"delete": {"responses": {}}})],
    ],
    ids=lambda actions: f"{actions[0].target} {actions[0].update}"[:60],
)
def test_invalid_overlay_changes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str], actions: list[Action]
) -> None:
    """A change that is invalid, unsafe or decides where a token is sent is a one-line error."""
    before = state(tree)

    status = main([write_overlay(tree, *actions)], root=tree)

    errors = capsys.readouterr().err
    assert status == 2
    assert len(errors.splitlines()) == 1
    assert state(tree) == before


@pytest.mark.parametrize("text", ["a\u202eb", "a\x1b[2J", "a\u200bb", "a\ufeffb"])
def test_invisible_text_is_refused(tree: Path, text: str) -> None:
    """A reviewer must be able to see all of a change."""
    action = Action(f"{BASE}.properties.cpu", "", update={"description": text})
    before = state(tree)

    assert main([write_overlay(tree, action)], root=tree) == 2
    assert state(tree) == before


@pytest.mark.parametrize("text", ['a"""\n{{ 1 }}`<script>; rm -rf $(HOME)', "#: |", "---\n...\n"])
def test_description_is_data(text: str) -> None:
    """A description may contain anything; the changelog never quotes one."""
    action = Action(f"{BASE}.properties.cpu", text, update={"description": text})

    change = worked_out(action)

    data = parse(change.source, "job.yaml").data
    assert data["components"]["schemas"]["JobBase"]["properties"]["cpu"]["description"] == text
    assert text not in change.changelog.decode()


@pytest.mark.parametrize("name", ["openapi/job.yaml", "openapi/new.yaml", "generated/client.py"])
def test_uncommitted_change_is_refused(
    tree: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Nothing that git could not restore is overwritten."""
    with (tree / name).open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    before = state(tree)

    assert main([write_overlay(tree, MEMBER)], root=tree) == 2
    assert f"uncommitted changes in {name}" in capsys.readouterr().err
    assert state(tree) == before


@pytest.mark.parametrize("name", ["openapi", "generated/client.py", "CHANGELOG.md"])
def test_symbolic_link_is_refused(
    tree: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Nothing outside of the work tree is written."""
    outside = tree.parent / "outside"
    (tree / name).rename(outside)
    (tree / name).symlink_to(outside)
    commit(tree)
    before = state(tree)

    assert main([write_overlay(tree, MEMBER)], root=tree) == 2
    assert f"{name}: a symbolic link" in capsys.readouterr().err
    assert state(tree) == before


def test_folder_without_git_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Outside of a git work tree nothing can be applied at once."""
    assert main([write_overlay(tmp_path / "tree", MEMBER)], root=tmp_path) == 2
    assert "not a git work tree" in capsys.readouterr().err


def test_checks_get_no_live_server(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a token nor a URL in the environment reaches the checks."""
    monkeypatch.setenv("QOVERY_API_TOKEN", "secret")
    monkeypatch.setenv("QOVERY_API_URL", "https://live.example")
    condition = "not [name for name in __import__('os').environ if name.startswith('QOVERY')]"
    (tree / CONTRACT_TESTS).write_text(CHECK.format(condition=condition))
    commit(tree)

    assert main([write_overlay(tree, MEMBER)], root=tree) == 0


def test_invalid_overlay_file_is_a_usage_error(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The contract itself is not an overlay."""
    assert main([str(PATH)], root=tree) == 2
    assert "expected an OpenAPI Overlay" in capsys.readouterr().err
