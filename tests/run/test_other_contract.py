"""A run against the mock server of another contract is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.run.result import Verdict
from contract_tests.run.run import embedded_target, run_checks
from contract_tests.spec.contract import resolve
from contract_tests.spec.document import parse

TEXT = (Path(__file__).parents[1] / "mutants" / "other.yaml").read_text(encoding="utf-8")
IN_AUTHORIZATION = TEXT.replace("name: X-Key", "name: Authorization")


@pytest.mark.parametrize(
    "text",
    [IN_AUTHORIZATION, IN_AUTHORIZATION.replace('"404":', '"401":')],
    ids=["documented-404", "undocumented-404"],
)
def test_a_mock_server_is_clean(text: str) -> None:
    """A 404 for an unknown id is fine, documented or not."""
    contract = resolve(parse(text.encode(), "other.yaml"))

    with embedded_target(contract) as target:
        run = run_checks(contract, target, examples=5)

    assert (run.verdict, run.findings, run.reason) == (Verdict.CLEAN, (), None)
