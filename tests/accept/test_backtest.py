"""The back-test on a short history that is derived from the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contract_tests.spec.contract import PATH
from contract_tests.spec.document import read
from scripts.backtest.__main__ import back_test, main
from tests.compare.documents import as_a_vendor_writes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from contract_tests.spec.values import Json


def history(folder: Path, *changes: Callable[[Json], object]) -> Path:
    """Write the contract as a vendor's document, and again after each change."""
    data = as_a_vendor_writes(read(PATH).data)
    for number, change in enumerate([lambda _: None, *changes], 1):
        change(data["components"]["schemas"])
        path = folder / f"{number:02}-2026-01-{number:02}-abc.json"
        path.write_text(json.dumps(data), encoding="utf-8")
    return folder


def add_member(schemas: Json) -> None:
    """Add an enum member."""
    schemas["TheirServiceType"]["enum"].append("NEW")


def reword(schemas: Json) -> None:
    """Change descriptions only."""
    schemas["TheirServiceType"]["description"] = "Other words."


def tighten(schemas: Json) -> None:
    """Add a bound that no instance shows."""
    schemas["TheirJobBase"]["properties"]["cpu"]["maximum"] = 10**9


def test_history_is_replayed(tmp_path: Path) -> None:
    """Each step has its changes, their severity and bump, and what either job detects."""
    steps = back_test(history(tmp_path, add_member, reword, tighten))

    assert [
        (str(step.day), step.severity, step.bump, step.found_live, step.changed) for step in steps
    ] == [
        ("2026-01-02", "additive", "minor", True, ("/service_type",)),
        ("2026-01-03", None, None, False, ()),
        ("2026-01-04", "documentation", "patch", False, ("/cpu",)),
    ]
    assert not any(step.missed or step.alarms or step.false_findings for step in steps)


def test_page_and_picture_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They have facts and dates, and no text of the vendor."""
    page, picture = tmp_path / "page.md", tmp_path / "picture.svg"
    folder = tmp_path / "history"
    folder.mkdir()
    history(folder, add_member, reword)

    status = main([str(folder), "--page", str(page), "--picture", str(picture)])

    assert status == 0
    assert "1 of 1 with a change detected" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8") + picture.read_text(encoding="utf-8")
    assert "| 2026-01-02 | enum member added: `/service_type` | additive | minor |" in text
    assert "Other words" not in text


def test_directory_without_versions_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One version is not a history."""
    assert main([str(history(tmp_path))]) == 2
    assert "expected two or more" in capsys.readouterr().err
