"""`python -m scripts.mutants`: passes when all are killed, else fails and names the survivors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from contract_tests.oracle import oracle as oracle_module
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec import formats
from contract_tests.spec.contract import load
from scripts.mutants import __main__ as command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract_tests.spec.values import Json

CONTRACT = load()


def without(node: Json, keyword: str) -> Json:
    """A judging schema in which one keyword is not judged; `if` still chooses by it."""
    if isinstance(node, list):
        return [without(item, keyword) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value if key == "if" else without(value, keyword)
        for key, value in node.items()
        if key != keyword or isinstance(value, dict)
    }


def blind_to(keyword: str) -> Callable[[Any], Oracle]:
    """An oracle that does not judge one keyword."""

    def build(contract: Any) -> Oracle:
        oracle = Oracle(contract)
        oracle._validator = jsonschema_rs.Draft202012Validator(
            without(oracle._compiled.document, keyword),
            formats=dict(formats.CHECKS),
            validate_formats=True,
        )
        return oracle

    return build


def run(folder: Path) -> int:
    """The command, without HTTP."""
    return command.main(["--in-process", "--report-dir", str(folder)])


def outcomes(folder: Path) -> list[dict[str, Any]]:
    """What it wrote about each mutant."""
    report = json.loads((folder / "mutants.json").read_text(encoding="utf-8"))
    return list(report["outcomes"])


def test_all_killed_is_zero(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With nothing wrong the status is 0, and the matrix stands in the terminal and in files."""
    monkeypatch.setattr(command, "proof", lambda _: lambda *_: True)  # proved in a test of its own

    assert run(tmp_path) == 0
    said = capsys.readouterr().out
    assert "survived:" not in said
    assert "100 %" in said
    report = json.loads((tmp_path / "mutants.json").read_text(encoding="utf-8"))
    assert (report["schema_version"], report["verdict"]) == (1, "killed")
    assert report["killed"] == report["mutants"] >= 1_500
    assert report["rules"] == len(CONTRACT.rules)
    assert report["unbroken_rules"] == []
    text = (tmp_path / "mutants.md").read_text(encoding="utf-8")
    assert "| type |" in text
    assert "Survivors" not in text


@pytest.mark.parametrize(
    ("keyword", "families", "survivor"),
    [
        ("type", {"type", "null", "spelled", "branch"}, "CronJob.name-is-integer"),
        ("required", {"missing", "renamed", "branch"}, "CronJob.gpu-missing"),
        ("enum", {"enum"}, "CronJob.service_type-unknown-member"),
        ("minimum", {"bound"}, "LifecycleJob.port-below-minimum"),
        ("minItems", {"bound"}, "command-against-minItems"),
        ("format", {"format"}, "CronJob.created_at-date-time-month-13"),
        ("additionalProperties", {"undocumented", "renamed", "branch"}, "undocumented-null"),
        ("allOf", {"branch"}, "CronJob.source.ImageSource-with-docker-too"),
    ],
)
def test_a_weaker_oracle_is_found_out(
    *,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    keyword: str,
    families: set[str],
    survivor: str,
) -> None:
    """An oracle that drops a keyword lets its mutants live: status 4, and each is named."""
    monkeypatch.setattr(command, "Oracle", blind_to(keyword))
    monkeypatch.setattr(command, "proof", lambda _: lambda *_: True)

    status = run(tmp_path)

    survivors = [outcome for outcome in outcomes(tmp_path) if not outcome["killed"]]
    assert status == 4
    assert {outcome["family"] for outcome in survivors} >= families
    said = capsys.readouterr().out
    assert all(f"survived: {outcome['name']}: expected" in said for outcome in survivors)
    assert survivor in said
    assert f"- `{survivors[0]['name']}`:" in (tmp_path / "mutants.md").read_text("utf-8")


def test_a_reader_that_is_not_strict_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So is an oracle that takes whatever Python takes for JSON."""

    def lenient(body: bytes) -> tuple[Json, list[object]]:
        return json.loads(body.replace(rb"\ud800", b"")), []

    monkeypatch.setattr(oracle_module, "parse", lenient)
    monkeypatch.setattr(command, "proof", lambda _: lambda *_: True)

    status = run(tmp_path)

    survivors = {outcome["family"] for outcome in outcomes(tmp_path) if not outcome["killed"]}
    assert (status, survivors) == (4, {"json"})


def test_a_false_alarm_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An oracle that complains about a valid twin kills nothing that is made of it."""

    class Alarmist(Oracle):
        def findings_of_body(self, body: bytes) -> list[Any]:
            found = super().findings_of_body(body)
            return found or super().findings_of_body(body[:-1] + b',"false alarm":0}')

    monkeypatch.setattr(command, "Oracle", Alarmist)
    monkeypatch.setattr(command, "proof", lambda _: lambda *_: True)

    assert run(tmp_path) == 4
    assert not any(outcome["killed"] for outcome in outcomes(tmp_path))
    assert "its twin is not clean" in capsys.readouterr().out


def test_what_is_no_fault_is_not_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mutant that the second validator finds nothing wrong with fails the run."""
    monkeypatch.setattr(command, "proof", lambda _: lambda *_: False)

    assert run(tmp_path) == 4
    assert "not proved to be a fault" in capsys.readouterr().out


def test_a_rule_without_a_mutant_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule that nobody can break is unproved, and named."""
    rule = CONTRACT.rules[0]
    monkeypatch.setattr(command, "unbroken", lambda *_: (rule,))
    monkeypatch.setattr(command, "proof", lambda _: lambda *_: True)

    assert run(tmp_path) == 4
    assert f"no mutant breaks {rule.location}" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that can't be written is one line and status 2."""
    monkeypatch.setattr(command, "in_process", lambda *_: [])
    (tmp_path / "file").write_text("")

    assert run(tmp_path / "file") == 2
    assert capsys.readouterr().err.startswith("scripts.mutants: ")
