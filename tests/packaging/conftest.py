"""The wheels of this tree, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.packaging.environments import ROOT, build_wheel, environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def client_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of qovery-job-client."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def testing_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of qovery-job-client-testing."""
    return build_wheel(ROOT / "testing", tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def alone(client_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the client and what it requires, nothing else."""
    return environment(tmp_path_factory.mktemp("alone") / "venv", [client_wheel])
