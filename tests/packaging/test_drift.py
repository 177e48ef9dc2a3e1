"""The wheel of qovery-drift, installed without a checkout."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from tests.packaging.environments import ROOT, build_wheel, environment, required, run

if TYPE_CHECKING:
    from pathlib import Path


def test_command_runs_without_a_checkout(tmp_path: Path) -> None:
    """Its declared dependencies suffice, and the reports go to the working directory."""
    wheel = build_wheel(ROOT / "drift", tmp_path)
    python = environment(tmp_path / "venv", [wheel])

    printed = run([python.with_name("qovery-drift")], tmp_path)

    assert "clean" in printed
    report = json.loads((tmp_path / "reports" / "drift.json").read_text("utf-8"))
    assert report["verdict"] == "clean"


def test_requirements_are_those_of_the_repository(tmp_path: Path) -> None:
    """The lock tests the versions that the wheel asks for."""
    wheel = build_wheel(ROOT / "drift", tmp_path)
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]

    names = {Requirement(text).name for text in required(wheel)}

    assert {Requirement(text).name for text in groups["contract"]} <= names
