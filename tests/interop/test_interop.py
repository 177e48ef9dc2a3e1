"""Generators that importers may use instead of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from contract_tests.spec.contract import PATH, load
from scripts.interop.cases import cases
from scripts.interop.tools import ALL, YES, measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_the_stock_generator_distinguishes_the_variants(tmp_path: Path) -> None:
    """openapi-python-client without our templates decodes each job to its own variant."""
    given = cases(load())

    row = measure(ALL[0], PATH, given, tmp_path)

    count = len(given.valid)
    assert (row.generates, row.compiles, row.right) == (YES, YES, f"{count} of {count}")


@pytest.mark.slow
def test_a_job_of_another_variant_is_not_counted(tmp_path: Path) -> None:
    """A job decoded to another class than that of its variant is not right."""
    given = cases(load())
    wrong = evolve(given, valid=tuple(("Other", body) for _, body in given.valid))

    row = measure(ALL[0], PATH, wrong, tmp_path)

    assert row.right == f"0 of {len(given.valid)}"


@pytest.mark.slow
def test_a_contract_that_the_generator_refuses_is_reported(tmp_path: Path) -> None:
    """The row names the step that failed, without a path of the machine."""
    document = tmp_path / "empty.yaml"
    document.write_text("openapi: 3.1.0\n", "utf-8")

    row = measure(ALL[0], document, cases(load()), tmp_path)

    assert row.generates.startswith("no: ")
    assert str(tmp_path) not in row.generates
