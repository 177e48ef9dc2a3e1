"""The wheel of qovery-drift; tests/docs/test_commands.py runs it without a checkout."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from tests.packaging.environments import ROOT, build_wheel, required

if TYPE_CHECKING:
    from pathlib import Path


def test_requirements_are_those_of_the_repository(tmp_path: Path) -> None:
    """The lock tests the versions that the wheel asks for."""
    wheel = build_wheel(ROOT / "drift", tmp_path)
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]

    names = {Requirement(text).name for text in required(wheel)}

    assert {Requirement(text).name for text in groups["contract"]} <= names
