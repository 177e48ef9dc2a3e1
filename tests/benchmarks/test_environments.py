"""Peers: installed once, never half, and a reason where they can't be had."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from benchmarks import environments
from benchmarks.contest import PeerError
from benchmarks.environments import LOCKS, Peers
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

CONTRACT = load()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str | Path]]:
    """The commands that would install or generate, none of which is run."""
    run: list[Sequence[str | Path]] = []
    monkeypatch.setattr(environments, "_run", run.append)
    return run


@pytest.mark.parametrize(
    ("have", "reason"),
    [
        (lambda peers: peers.prism(), "node and npm are not on this machine"),
        (lambda peers: peers.openapi_generator(), "java is not on this machine"),
    ],
)
def test_tool_that_is_not_there_is_the_reason(
    have: Callable[[Peers], object],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is said before anything is installed."""
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(PeerError, match=reason):
        have(Peers(tmp_path, CONTRACT, install=True))

    assert list(tmp_path.iterdir()) == []


def test_quick_run_installs_nothing(tmp_path: Path, commands: list[Sequence[str | Path]]) -> None:
    """Whatever would need the network is left out."""
    peers = Peers(tmp_path, CONTRACT, install=False)

    for have in (peers.prism, peers.openapi_generator, lambda: peers.datamodel("kind", "name")):
        with pytest.raises(PeerError, match="not measured in the quick mode"):
            have()

    assert commands == []


def test_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By pip, with hashes, from a lock; a second run finds it."""
    peers = Peers(tmp_path, CONTRACT, install=True)
    commands: list[Sequence[str | Path]] = []

    def make(command: Sequence[str | Path]) -> None:
        commands.append(command)
        if "venv" in command:
            (tmp_path / str(command[-1])).mkdir()

    monkeypatch.setattr(environments, "_run", make)

    first = peers.python("clients")
    again = peers.python("clients")

    assert first == again
    assert len(commands) == 2
    assert {"--require-hashes", LOCKS / "clients.txt"} <= set(commands[1])


def test_what_was_broken_off_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an environment is never taken for a whole one."""
    peers = Peers(tmp_path, CONTRACT, install=False)
    made: list[Path] = []

    def fail(command: Sequence[str | Path]) -> None:
        folder = peers.folder / str(command[-1])
        folder.mkdir()
        made.append(folder)
        if len(made) == 1:
            raise PeerError("it broke off")

    monkeypatch.setattr(environments, "_run", fail)
    with pytest.raises(PeerError, match="it broke off"):
        peers.stock()

    folder = peers.stock()

    assert len(made) == 2
    assert folder == made[1].parent


def test_locks_have_hashes_and_no_index() -> None:
    """What is installed is what was measured, from wherever packages come here."""
    locks = {path.name: path.read_text("utf-8") for path in LOCKS.glob("*.txt")}
    prism = (LOCKS / "prism" / "package-lock.json").read_text("utf-8")

    assert {"clients.txt", "generators.txt", "openai.txt"} <= locks.keys()
    for text in locks.values():
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert all(line.endswith("\\") for line in pins)
        assert "://" not in text
    assert '"resolved"' not in prism
    assert '"integrity"' in prism
