"""The score of the mutants: what survives is reported, by `python -m scripts.mutants` too."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from contract_tests.instances.population import population
from contract_tests.mutants.catalogue import catalogue
from contract_tests.mutants.score import score
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from scripts.mutants import __main__ as command

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.mutants.bodies import BodyMutant
    from contract_tests.mutants.score import Outcome
    from contract_tests.oracle.finding import Finding

CONTRACT = load()
ORACLE = Oracle(CONTRACT)


@cache
def bodies() -> list[BodyMutant]:
    """Return every body mutant."""
    return list(catalogue(CONTRACT, population(CONTRACT)).bodies.values())


@cache
def findings(body: bytes) -> list[Finding]:
    """Return what the oracle finds, which no test changes."""
    return ORACLE.findings_of_body(body)


@pytest.mark.parametrize(
    ("keyword", "families"),
    [
        ("type", {"type", "null", "spelled", "branch", "pair"}),
        ("required", {"missing", "renamed", "branch", "pair"}),
        ("enum", {"enum"}),
        ("minimum", {"bound", "pair"}),
        ("minItems", {"bound"}),
        ("format", {"format", "pair"}),
        ("additionalProperties", {"undocumented", "renamed", "branch", "pair"}),
        ("oneOf", {"branch"}),
        ("duplicate-key", {"json"}),
    ],
)
def test_mutants_survive_a_weaker_oracle(keyword: str, families: set[str]) -> None:
    """Without the findings of one keyword, the mutants that break it survive, and no others."""

    def find(body: bytes) -> list[Finding]:
        return [each for each in findings(body) if each.keyword != keyword]

    outcomes = list(score(bodies(), find, lambda *_: True))

    broken = {mutant.name for mutant in bodies() if keyword in {e.keyword for e in mutant.expected}}
    survivors = [outcome for outcome in outcomes if not outcome.killed]
    assert {outcome.name for outcome in survivors} == broken
    assert {outcome.family for outcome in survivors} == families


def test_a_finding_that_hides_another_is_a_survivor() -> None:
    """Of two faults at one object, both must be reported."""

    def find(body: bytes) -> list[Finding]:
        found = findings(body)
        return list({(each.kind, each.location, each.keyword): each for each in found}.values())

    outcomes = list(score(bodies(), find, lambda *_: True))

    assert {each.family for each in outcomes if not each.killed} == {"pair"}


def test_a_false_alarm_kills_nothing() -> None:
    """A mutant does not count if its valid twin has findings."""

    def find(body: bytes) -> list[Finding]:
        found = findings(body)
        return found or ORACLE.findings_of_body(body[:-1] + b',"false alarm":0}')

    outcomes = list(score(bodies(), find, lambda *_: True))

    assert all(str(each.reason).startswith("its twin has findings") for each in outcomes)


def test_a_body_that_is_valid_for_a_second_validator_is_a_survivor() -> None:
    """A mutant must be a fault for certain."""
    outcomes = list(score(bodies(), findings, lambda *_: False))

    assert {each.reason for each in outcomes} == {"not proved to be a fault"}


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, outcomes: list[Outcome]) -> int:
    """Run the command on given outcomes."""
    monkeypatch.setattr(command, "in_process", lambda *_: outcomes)
    return command.main(["--in-process", "--report-dir", str(folder)])


@pytest.fixture(scope="module")
def killed() -> list[Outcome]:
    """The outcomes of a sound oracle."""
    return list(score(bodies(), findings, lambda *_: True))


def test_all_killed_is_zero(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    killed: list[Outcome],
) -> None:
    """The matrix is printed and written to files."""
    assert run(monkeypatch, tmp_path, killed) == 0
    printed = capsys.readouterr().out
    assert "survived:" not in printed
    assert "100 %" in printed
    report = json.loads((tmp_path / "mutants.json").read_text(encoding="utf-8"))
    assert (report["schema_version"], report["verdict"]) == (1, "killed")
    assert report["killed"] == report["mutants"] >= 3_000
    assert report["rules"] == len(CONTRACT.rules)
    assert report["unbroken_rules"] == []
    text = (tmp_path / "mutants.md").read_text(encoding="utf-8")
    assert "| type |" in text
    assert "Survivors" not in text


def test_a_survivor_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 4, and the terminal and the files say what was expected."""
    outcomes = list(score(list(bodies())[:1], lambda _: [], lambda *_: True))

    assert run(monkeypatch, tmp_path, outcomes) == 4
    (survivor,) = outcomes
    assert f"survived: {survivor.name}: expected" in capsys.readouterr().out
    assert f"- `{survivor.name}`:" in (tmp_path / "mutants.md").read_text("utf-8")


def test_a_rule_without_a_mutant_is_named(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    killed: list[Outcome],
) -> None:
    """The exit status is 4."""
    rule = CONTRACT.rules[0]
    monkeypatch.setattr(command, "unbroken", lambda *_: (rule,))

    assert run(monkeypatch, tmp_path, killed) == 4
    assert f"no mutant breaks {rule.location}" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line and exit status 2."""
    (tmp_path / "file").write_text("")

    assert run(monkeypatch, tmp_path / "file", []) == 2
    assert capsys.readouterr().err.startswith("scripts.mutants: ")
