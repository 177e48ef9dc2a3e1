"""`python -m scripts.accept` on a small work tree: all of a change, or nothing of it.

The tree has a generator and checks of its own, a few lines each; the real ones are taken in
`test_taken_in.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contract_tests.spec.contract import PATH
from contract_tests.spec.document import read
from scripts.accept.command import changed, main
from scripts.compare.overlay import Action, Overlay, written
from tests.accept.test_transaction import contents, outside_journal

REPOSITORY = Path(__file__).parents[2]
GENERATOR = "scripts/generate/__main__.py"
GENERATE = """
import pathlib, sys
source = pathlib.Path("openapi/job.yaml").read_text()
out = pathlib.Path("generated/client.py")
text = f"lines = {len(source.splitlines())}\\n"
if "--check" in sys.argv:
    sys.exit(0 if out.read_text() == text else 4)
out.write_text(text)
"""
CHECK = "def test_contract() -> None:\n    assert {condition}\n"
MEMBER = Action("$.components.schemas.RegistryKind.enum", "seen", update="NEW_CR")
LOG = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- All.\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work tree: the real contract, a generator of one line, a check that holds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # half of the time of each run
    tree = tmp_path / "tree"
    for name, text in {
        "openapi/job.yaml": PATH.read_text(encoding="utf-8"),
        "generated/client.py": "lines = 0\n",
        "generated/stray.py": "",
        GENERATOR: GENERATE,
        "contract_tests/test_it.py": CHECK.format(condition=True),
        "CHANGELOG.md": LOG,
    }.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tree


def overlay(tree: Path, *actions: Action) -> str:
    """The path of an overlay with these actions."""
    path = tree.parent / "overlay.yaml"
    path.write_text(written(Overlay("T", actions)), encoding="utf-8")
    return str(path)


def test_change_is_taken_in(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Contract, client, version and changelog say it, and nothing else of the contract changes."""
    before = (tree / "openapi" / "job.yaml").read_text(encoding="utf-8").splitlines()

    status = main([overlay(tree, MEMBER)], root=tree)

    after = (tree / "openapi" / "job.yaml").read_text(encoding="utf-8").splitlines()
    today = datetime.now(UTC).date().isoformat()
    assert status == 0
    assert "version 1.1.0" in capsys.readouterr().out
    assert [line for line in after if line not in before] == [
        "  version: 1.1.0",
        "        - NEW_CR",
    ]
    assert len(after) == len(before) + 1
    assert (tree / "generated" / "client.py").read_text() == f"lines = {len(after)}\n"
    assert (tree / "CHANGELOG.md").read_text(encoding="utf-8") == (
        "# Changelog\n\n## [Unreleased]\n\n"
        f"## [1.1.0] - {today}\n\n### Added\n\n"
        "- `/source/image/registry/kind`: enum member added, `NEW_CR`.\n\n"
        "## [1.0.0] - 2026-01-01\n\n### Added\n\n- All.\n"
    )


def test_second_accept_changes_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same file again is answered with a word, and no file is touched."""
    main([overlay(tree, MEMBER)], root=tree)
    once = contents(tree)

    status = main([overlay(tree, MEMBER)], root=tree)

    assert status == 0
    assert "nothing changed" in capsys.readouterr().out
    assert contents(tree) == once


BASE = "$.components.schemas.JobBase"


@pytest.mark.parametrize(
    ("actions", "version"),
    [
        ([MEMBER], "1.1.0"),
        ([Action(BASE, "", update={"properties": {"shade": {"type": "boolean"}}})], "1.1.0"),
        ([Action(f"{BASE}.required", "", update="port")], "1.1.0"),
        (
            [Action(f"{BASE}.properties.description", "", update={"type": ["string", "null"]})],
            "1.1.0",
        ),
        ([Action(f"{BASE}.properties.name", "", update={"type": ["string", "null"]})], "2.0.0"),
        ([Action(f"{BASE}.properties.cpu", "", update={"type": "string"})], "2.0.0"),
        ([Action(f"{BASE}.properties.description", "", remove=True)], "2.0.0"),
        ([Action(f"{BASE}.properties.cpu", "", update={"default": 100})], "1.0.1"),
        ([Action(f"{BASE}.properties.cpu", "", update={"description": "How much."})], "1.0.1"),
        ([MEMBER, Action(f"{BASE}.properties.cpu", "", update={"type": "string"})], "2.0.0"),
    ],
)
def test_version_follows_what_importers_see(
    tree: Path, actions: list[Action], version: str
) -> None:
    """The highest part that any of the changes raises is raised."""
    change = changed(tree, Overlay("T", tuple(actions)), date(2026, 1, 2))

    assert change is not None
    assert change.version == version
    assert f"\n  version: {version}\n" in change.contract.decode()
    assert f"\n## [{version}] - 2026-01-02\n" in change.changelog.decode()


def test_changelog_is_begun_where_there_is_none(tree: Path) -> None:
    """A first entry brings its header along."""
    (tree / "CHANGELOG.md").unlink()

    change = changed(tree, Overlay("T", (MEMBER,)), date(2026, 1, 2))

    assert change is not None
    assert change.changelog.startswith(b"# Changelog\n")
    assert b"\n## [1.1.0] - 2026-01-02\n" in change.changelog


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("contract_tests/test_it.py", CHECK.format(condition=False), "assert False"),
        (GENERATOR, "raise SystemExit('no such thing')", "no such thing"),
        (GENERATOR, "import sys\nsys.exit('--check' in sys.argv)", "ended with 1"),
        (GENERATOR, "import os, signal\nos.kill(os.getpid(), 9)", "ended with -9"),
    ],
    ids=["check", "generator", "stale", "killed"],
)
def test_refused_change_changes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, said: str
) -> None:
    """A generator or a check that fails leaves everything as it was, and is quoted."""
    (tree / file).write_text(text, encoding="utf-8")
    before = contents(tree)

    status = main([overlay(tree, MEMBER)], root=tree)

    errors = capsys.readouterr().err
    assert status == 4
    assert said in errors
    assert "nothing changed" in errors
    assert contents(tree) == before


@pytest.mark.parametrize(
    "actions",
    [
        [Action("$.components.schemas.None", "", update={"a": 1})],
        [Action("$.components.schemas.JobBase", "", update={"allOf": [{"$ref": "#/a"}]})],
        [Action("$.components.schemas.RegistryKind.enum", "", update='A"""\nimport os')],
        [Action(BASE, "", update={"properties": {"a'); print(1": {"type": "string"}}})],
        [Action(BASE, "", update={"properties": {"../../a": {"type": "string"}}})],
        [Action("$.components.schemas", "", update={"../A": {"type": "string"}})],
        [Action("$.components.schemas.JobBase", "", remove=True)],
        [Action("$.paths", "", remove=True)],
        [Action("$.info", "", update={"version": "7.0.0"})],
    ],
)
def test_overlay_that_does_not_fit_changes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str], actions: list[Action]
) -> None:
    """What can't be read afterwards, or is more than data, is refused in one line."""
    before = contents(tree)

    status = main([overlay(tree, *actions)], root=tree)

    errors = capsys.readouterr().err
    assert status == 2
    assert len(errors.splitlines()) == 1
    assert contents(tree) == before


def test_checks_know_no_live_server(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a token nor an address of the environment reaches the checks."""
    monkeypatch.setenv("QOVERY_API_TOKEN", "secret")
    monkeypatch.setenv("QOVERY_API_URL", "https://live.example")
    condition = "not [name for name in __import__('os').environ if name.startswith('QOVERY')]"
    (tree / "contract_tests" / "test_it.py").write_text(CHECK.format(condition=condition))

    assert main([overlay(tree, MEMBER)], root=tree) == 0


RUN = "import sys; from pathlib import Path; from scripts.accept.command import main; sys.exit(main([sys.argv[1]], root=Path(sys.argv[2])))"  # noqa: E501


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_kill_in_the_middle_changes_nothing(tree: Path, number: signal.Signals) -> None:
    """A run that is ended while it generates leaves the tree as it was."""
    marker = tree.parent / "generating"
    slow = f"import pathlib, time\npathlib.Path({str(marker)!r}).touch()\ntime.sleep(60)\n"
    (tree / GENERATOR).write_text(slow, encoding="utf-8")
    before = contents(tree)
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, overlay(tree, MEMBER), str(tree)],
        cwd=REPOSITORY,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tree.parent)},
    )
    end = time.monotonic() + 30
    while not marker.exists():
        assert time.monotonic() < end, "it never began to generate"
        time.sleep(0.01)

    os.killpg(process.pid, number)
    status = process.wait(30)

    assert status != 0
    assert outside_journal(tree) == before


def test_full_disk_changes_nothing(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no room for the new files, the old ones stay."""
    before = contents(tree)

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    status = main([overlay(tree, MEMBER)], root=tree)

    assert status == 2
    assert "No space left on device; nothing changed" in capsys.readouterr().err
    assert contents(tree) == before


def test_file_that_is_no_overlay_is_wrong_use(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The contract itself is no overlay."""
    assert main([str(PATH)], root=tree) == 2
    assert "expected an OpenAPI Overlay" in capsys.readouterr().err


@pytest.mark.parametrize("text", ['a"""\n{{ 1 }}`<script>; rm -rf $(HOME)', "#: |", "---\n...\n"])
def test_description_is_data(tree: Path, text: str) -> None:
    """A description may say anything; it stays a description, and the changelog quotes none."""
    action = Action(f"{BASE}.properties.cpu", text, update={"description": text})

    assert main([overlay(tree, action)], root=tree) == 0

    data = read(tree / "openapi" / "job.yaml").data
    assert data["components"]["schemas"]["JobBase"]["properties"]["cpu"]["description"] == text
    assert text not in (tree / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["a\u202eb", "a\x1b[2J", "a\u200bb", "a\ufeffb"])
def test_text_that_can_not_be_seen_is_refused(tree: Path, text: str) -> None:
    """Whoever reads the diff must see all of it."""
    action = Action(f"{BASE}.properties.cpu", "", update={"description": text})
    before = contents(tree)

    assert main([overlay(tree, action)], root=tree) == 2
    assert contents(tree) == before
